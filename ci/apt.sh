# shellcheck shell=bash
# A private apt: its own lists and cache, no root needed, nothing of the
# machine's own apt changed. The archives are those that the machine is set up
# for, with the suites we need added. Sourced by ci/fetch, and by
# ci/debian-root for an architecture other than the machine's.

# shellcheck source=ci/network.sh
. "${top:?source ci/lib.sh first}/ci/network.sh"

apt_architecture=${apt_architecture-}
apt_dir=${cache:?source ci/lib.sh first}/apt${apt_architecture:+-$apt_architecture}

apt_get() {
	apt-get -c "$apt_dir/apt.conf" "$@"
}

# apt_refresh [now]: fetch the lists, unless that was done minutes ago.
apt_refresh() {
	local log=$cache/log/apt.log
	if [ "${1:-}" != now ] && [ -n "$(find "$apt_dir/stamp" -mmin -10 2>/dev/null)" ]; then
		return
	fi
	say "fetching package lists (log: $log)"
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial" "$cache/log"
	rm -f "$apt_dir/stamp"
	: >"$log"
	write_conf
	write_sources 2>>"$log"
	# One suite that cannot be had is no reason to give up on the others.
	if apt_get update >>"$log" 2>&1; then
		touch "$apt_dir/stamp"
	elif ! unreachable "$log"; then
		say "warning: not all package lists could be fetched (log: $log)"
	fi
	# apt-get takes old lists for a success
	if unreachable "$log"; then
		rm -f "$apt_dir/stamp"
	fi
}

write_conf() {
	cat >"$apt_dir/apt.conf" <<-EOF
		Dir::Etc::sourcelist "$apt_dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$apt_dir/lists";
		Dir::Cache "$apt_dir/cache";
		// _apt could not read a cache in root's home
		APT::Sandbox::User "root";
		// the machine's hooks are for the machine's own lists
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	EOF
	if [ -n "$apt_architecture" ]; then
		: >"$apt_dir/status" # of which nothing is installed
		cat >>"$apt_dir/apt.conf" <<-EOF
			Dir::State::status "$apt_dir/status";
			APT::Architecture "$apt_architecture";
			#clear APT::Architectures;
			APT::Architectures { "$apt_architecture"; };
			APT::Install-Recommends "false";
		EOF
	fi
}

# The suites that we take sources and Debian's user space from, and those that
# are asked, too, once a source is in none of them: what sid had, testing or
# experimental may still have, or a stable release has it again.
usual_suites="bookworm bookworm-backports bookworm-security trixie sid"
# shellcheck disable=SC2034 # ci/fetch asks these
more_suites="trixie-backports trixie-security testing experimental"
suites=$usual_suites

# write_sources: the suites that we need, from the machine's own archives.
write_sources() {
	local known debian security keyring suite archive options
	known=$(archives)
	debian=$(address_of Debian <<<"$known")
	security=$(address_of Debian-Security <<<"$known")
	keyring=$(keyring)
	for suite in $suites; do
		archive=$debian
		options=${keyring:+signed-by=$keyring}
		case $suite in
			*-security) archive=$security ;;
			# Many mirrors of these lag behind. What we take from them has its
			# checksum in ci/sources, or is a kernel that no device runs, of which
			# an older one will do too, so that an old list can do no harm.
			sid | testing | experimental) options="$options check-valid-until=no" ;;
		esac
		options=${options:+[${options# }] }
		if [ -z "$archive" ]; then
			continue # the machine's apt knows none
		fi
		if [ -z "$apt_architecture" ]; then
			echo "deb $options$archive $suite main"
			echo "deb-src $options$archive $suite main"
		elif [ "$suite" = bookworm ]; then
			echo "deb $options$archive $suite main"
		fi
	done >"$apt_dir/sources.list"
}

# keyring: the file of Debian's keys; without one, apt has its own.
keyring() {
	local file
	for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
		if [ -e "$file" ]; then
			printf '%s\n' "$file"
			return
		fi
	done
}

# suites_asked: those that apt has a list of, in words.
suites_asked() {
	awk '$1 == "deb" { print $(NF - 1) }' "$apt_dir/sources.list" | paste -sd ' '
}

# archives: what the machine's apt is set up for, as LABEL|COMPONENT|ADDRESS.
# apt knows the labels only once it has fetched lists: where the machine never
# has, they are fetched to a place of our own.
archives() {
	local known own=$apt_dir/machine-lists
	known=$(index_targets)
	if [ -z "$(address_of Debian <<<"$known")" ]; then
		mkdir -p "$own/partial"
		apt-get -o "Dir::State::lists=$own" update >&2 || true # what it got, counts
		known=$(index_targets -o "Dir::State::lists=$own")
	fi
	printf '%s\n' "$known"
}

index_targets() {
	# shellcheck disable=SC2016 # apt expands these, not the shell
	apt-get "$@" indextargets --format '$(LABEL)|$(COMPONENT)|$(REPO_URI)'
}

# address_of LABEL: from what `archives` printed.
address_of() {
	awk -F'|' -v label="$1" '$1 == label && $2 == "main" { print $3; exit }'
}

# versions PACKAGE INDEX PATTERN: the versions of PACKAGE that an index,
# Packages or Sources, holds and whose upstream part matches PATTERN, the
# newest first.
versions() {
	local version upstream
	apt-cache -c "$apt_dir/apt.conf" madison "$1" |
		awk -v package="$1" -v kind="$2" '$1 == package && $NF == kind { print $3 }' |
		sort -Vru | while read -r version; do
		upstream=${version#*:}
		# shellcheck disable=SC2254 # a pattern is wanted
		case ${upstream%-*} in
			$3) printf '%s\n' "$version" ;;
		esac
	done
}
