#!/usr/bin/env bash
# kexec-try: a new system counts as up only when its root is the file that was sent.
# One system comes up with the root of the old one, as happens when its MTD was
# counted wrong; another has a root that is damaged in RAM. Both look well. guard
# notices, nobody can confirm them, and the old system comes back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

# device_kexec: puts the script on standard input in place of the device's kexec.
device_kexec() {
	ssh_to_device "mkdir -p /run/kexec-try/bin && cat >/run/kexec-try/bin/kexec && chmod +x /run/kexec-try/bin/kexec"
}

scenario try-root

about "The new system comes up with the root of the old one, $old_root"
device_kexec <<EOF
#!/bin/sh
for word; do
	shift
	case \$word in
		*kexec_try.id=*) word="root=$old_root rootfstype=squashfs \$(echo "\$word" | sed -E 's/(^| )root=[^ ]*//g')" ;;
		*,root) word=\${word%,root} ;;
	esac
	set -- "\$@" "\$word"
done
exec /usr/sbin/kexec "\$@"
EOF
not_confirmed "$images/bundles/try" 'not the one that was sent, or damaged: / is (mtd[0-9]+ .*, in flash|device [0-9]+:[0-9]+): back to the old system'
has "$(first_line 'Kernel command line:.* kexec_try')" " root=$old_root " "it was given that root"

about "One byte of the root, which no file is in, is not as it was sent"
device_kexec <<'EOF'
#!/bin/sh
root=/run/kexec-try/bundle/rootfs.squashfs
if [ "$1" = -l ]; then
	printf x | dd of="$root" bs=1 seek=$(($(wc -c <"$root") - 1)) conv=notrunc
fi
exec /usr/sbin/kexec "$@"
EOF
not_confirmed "$images/bundles/try" 'or damaged: / is mtd[0-9]+ "rootfs", in RAM: back to the old system'

about "The same bundle, as it was sent"
confirmed_as_sent "$images/bundles/try"

scenario_end
