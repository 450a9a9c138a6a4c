# The figures of bench.t as a plot: an SVG of three panels.
#
# Usage: awk -v machine=NAME -f plot.awk FIGURES >FILE.svg
{
	figure[$1, $2, $3] = $4
	if ($1 == "instructions" && $2 == "map-file")
		size[sizes++] = $3
}

function added(quantity, how, mib) {
	return figure[quantity, how, mib] - figure[quantity, "none", 0]
}

function text(x, y, class, words) {
	printf "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, words
}

function line(x1, y1, x2, y2, class) {
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class
}

# The least of 1, 2 and 5 times a power of ten that divides TOP into at most 6.
function tick_of(top,    step, factor) {
	for (step = 0.001; ; step *= 10)
		for (factor = 1; factor <= 5; factor += factor == 1 ? 1 : 3)
			if (step * factor * 6 >= top)
				return step * factor
}

# The frame of a panel: its title, and lines across for every tick up to TOP.
function frame(title, unit, top,    value, step) {
	text(left, 30, "title", title)
	text(left, 48, "note", unit)
	step = tick_of(top)
	for (value = 0; value <= top; value += step) {
		line(left, y_of(value, top), left + width, y_of(value, top), value ? "grid" : "axis")
		text(left - 6, y_of(value, top) + 4, "number end", value)
	}
}

function y_of(value, top) {
	return bottom - value / top * height
}

function x_of(mib) {
	return left + mib / size[sizes - 1] * width
}

# One curve from nothing at 0 MiB, with its name beside its end.
function curve(quantity, how, unit, top,    i, path, x, y) {
	path = sprintf("M%.1f %.1f", x_of(0), y_of(0, top))
	for (i = 0; i < sizes; i++) {
		x = x_of(size[i])
		y = y_of(added(quantity, how, size[i]) / unit, top)
		path = path sprintf("L%.1f %.1f", x, y)
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" class=\"dot %s\"/>\n", x, y, how
	}
	printf "<path d=\"%s\" class=\"curve %s\"/>\n", path, how
	text(x - 10, y - 10, "name end " how, "--" how)
}

function curves(title, unit_name, quantity, unit,    i, top) {
	top = added(quantity, "initrd", size[sizes - 1]) / unit * 1.1
	frame(title, unit_name, top)
	for (i = 0; i < sizes; i++)
		text(x_of(size[i]), bottom + 18, "number middle", size[i])
	text(left + width / 2, bottom + 38, "note middle", "size of the file, MiB")
	curve(quantity, "initrd", unit, top)
	curve(quantity, "map-file", unit, top)
}

function ram_mib() {
	return figure["memory", "machine", "RAM"] / 1024
}

function taken(how) {
	return ram_mib() - figure["memory", how, "MemAvailable"] / 1024
}

function bar(position, how, class, top,    x, y) {
	x = left + width * position - 30
	y = y_of(taken(how), top)
	printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"60\" height=\"%.1f\" class=\"%s\"/>\n", x, y, bottom - y, class
	text(x + 30, y - 6, "number middle", sprintf("%.1f", taken(how)))
	text(x + 30, bottom + 18, "number middle", how == "map-file" ? "map file" : how)
}

function bars(    top) {
	top = taken("initramfs") * 1.15
	frame("Memory the new system takes", "MiB of " ram_mib() " that are not MemAvailable", top)
	bar(0.28, "map-file", "map-file", top)
	bar(0.72, "initramfs", "initrd", top)
	text(left + width / 2, bottom + 38, "note middle",
		sprintf("its root, %.1f MiB of files", figure["root", "files", "KiB"] / 1024))
}

END {
	width = 260
	height = 240
	bottom = 310
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1040 370\" width=\"1040\" height=\"370\">"
	print "<title>--map-file beside --initrd on the machine " machine "</title>"
	print "<style>"
	print "text { font: 12px sans-serif; fill: #333 }"
	print ".title { font-size: 14px; font-weight: bold } .note { fill: #666 }"
	print ".end { text-anchor: end } .middle { text-anchor: middle }"
	print ".axis { stroke: #333 } .grid { stroke: #ddd }"
	print ".curve { fill: none; stroke-width: 2 }"
	print ".curve.map-file { stroke: #0b6e4f } .curve.initrd { stroke: #b3541e }"
	print ".dot.map-file, rect.map-file, .name.map-file { fill: #0b6e4f }"
	print ".dot.initrd, rect.initrd, .name.initrd { fill: #b3541e }"
	print "</style>"
	print "<rect width=\"1040\" height=\"370\" fill=\"#fff\"/>"
	left = 60
	curves("Instructions added to kexec -l", "millions", "instructions", 1e6)
	left = 410
	curves("Anonymous memory added, peak", "MiB", "anon", 1024)
	left = 750
	bars()
	print "</svg>"
}
