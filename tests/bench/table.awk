# The figures of bench.t as a table to read.
#
# Usage: awk -v machine=NAME -f table.awk FIGURES
{
	figure[$1, $2, $3] = $4
	if ($1 == "instructions" && $2 == "map-file")
		size[sizes++] = $3
}

function added(quantity, how, mib) {
	return figure[quantity, how, mib] - figure[quantity, "none", 0]
}

function load_line(mib,    map, initrd, bare) {
	map = added("instructions", "map-file", mib)
	initrd = added("instructions", "initrd", mib)
	bare = figure["instructions", "bare", mib] - figure["instructions", "bare-none", 0]
	printf "%8d  %10.2f  %10.2f  %10.2f  %7.3f  %7.3f  %12d  %10d\n", mib, map / 1e6,
		initrd / 1e6, bare / 1e6, map / initrd, map / bare,
		added("anon", "map-file", mib), added("anon", "initrd", mib)
}

function mib_of(how, name) {
	return figure["memory", how, name] / 1024
}

function memory_line(name, what) {
	printf "%-44s  %8.2f  %9.2f  %10.2f\n", what, mib_of("map-file", name),
		mib_of("initramfs", name), mib_of("map-file", name) - mib_of("initramfs", name)
}

END {
	printf "What kexec -l costs more with a file than without one\n"
	printf "(machine %s; without: %.2f million instructions, %d KiB)\n\n", machine,
		figure["instructions", "none", 0] / 1e6, figure["anon", "none", 0]
	print "              millions of instructions         map file beside    anonymous KiB, at most"
	print "file, MiB  --map-file    --initrd   bare call   --initrd    bare    --map-file    --initrd"
	for (i = 0; i < sizes; i++)
		load_line(size[i])

	printf "\nMemory of a new system with %.2f MiB of files as its root, MiB\n", figure["root", "files", "KiB"] / 1024
	printf "(%d MiB of RAM, read from /proc/meminfo once it is up)\n\n", figure["memory", "machine", "RAM"] / 1024
	print "                                              map file  initramfs  difference"
	printf "%-44s  %8.2f  %9.2f\n", "the root as sent (squashfs; cpio.gz)",
		figure["root", "map-file", "KiB"] / 1024, figure["root", "initramfs", "KiB"] / 1024
	memory_line("MemTotal", "MemTotal, the map file already taken off")
	memory_line("MemFree", "MemFree")
	memory_line("MemAvailable", "MemAvailable, what programs can still have")
	print "\nThe map file keeps its RAM for good, compressed as it is. The cpio.gz is given\nback once it is unpacked, but every file of it stays in RAM as it is."
}
