#!/usr/bin/env bash
# A bundle (kernel, device tree, root file system) goes over ssh into the device's
# RAM, and arrives whole.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario send-bundle

about "A bundle goes over ssh into /run: tar chf - bundle | ssh root@device tar -C /run -xf -"
send_bundle good
sent=$(cd "$bundle" && sha256sum bundle/*)
arrived=$(on_device "cd /run && sha256sum bundle/*")
is "$arrived" "$sent" "every file arrived whole"
shown "$(on_device "cd /run/bundle && wc -c vmlinux dtb squashfs | awk '{ printf \"%s %s bytes  \", \$2, \$1 }'")"

scenario_end
