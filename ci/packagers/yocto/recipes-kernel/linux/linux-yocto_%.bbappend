require kexec-map-file.inc
