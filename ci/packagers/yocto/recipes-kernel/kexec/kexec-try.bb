SUMMARY = "Try a new system in RAM, go back if it fails"
DESCRIPTION = "Starts a new kernel and root file system from RAM by kexec. Unless \
somebody confirms the new system in time, a watchdog brings the old one back."
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://COPYING;md5=b234ee4d69f5fce4486a80fdaf4a4263"
RDEPENDS:${PN} = "kexec"

SRC_URI = "file://src"
S = "${UNPACKDIR}/src"
UNPACKDIR ?= "${WORKDIR}"

COMPATIBLE_HOST = "mips.*-linux"

do_compile() {
	oe_runmake
}

do_install() {
	oe_runmake install DESTDIR=${D} PREFIX=${prefix}
}
