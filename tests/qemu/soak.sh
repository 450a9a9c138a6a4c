# shellcheck shell=bash
# Shared by the soaks: tries picked at random from a printed seed, dealt out to as
# many machines as the host plays at a time, and a table of how they ended. Sourced
# after lib.sh by a script that sets kinds=, the kinds of tries, and defines two
# functions. `about_to_try` is called once, when the old system is up. `try_kind`
# plays one try of kind $kind. It sets $end to the system in which the try ended,
# $may_end to those in which it may end, and $told to what happened.
# shellcheck disable=SC2154 # machine, top, images, console and flash are of lib.sh

# shellcheck source=tests/qemu/jobs.sh
. "$top/tests/qemu/jobs.sh"

# below N: a random number from 0 to N - 1, as $number.
below() {
	number=$(((RANDOM * 32768 + RANDOM) % $1))
}

# milliseconds N: waits that long.
milliseconds() {
	sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
}

# whole_old: the old system and its files are intact, and the flash is unchanged.
whole_old() {
	is "$(on_device hostname)" old "the old system is there"
	files_read_well
	flash_unchanged
}

# play_try NUMBER: plays one try. It depends on the seed and on NUMBER alone.
play_try() {
	RANDOM=$(printf '%s.%s' "$seed" "$1" | cksum | cut -d ' ' -f 1)
	below ${#kinds[@]}
	kind=${kinds[number]}
	# shellcheck disable=SC2034 # step is for lib.sh
	step="try $1 of seed $seed, $kind"
	try_kind
	if [[ " $may_end " != *" $end "* ]]; then
		fail "it ended in the $end system"
	fi
	if [ "$end" = new ]; then
		is "$(on_device hostname)" new "the new system is there"
		reboot_to_old
	fi
	whole_old
	printf '%s %s\n' "$kind" "$end" >>"$tally"
	printf '%s: %s; %s\n' "$1" "$told" "$end"
}

# play_share SHARE SHARES: plays every SHARES-th try, on a machine of its own.
play_share() {
	local i

	scenario "$soak_name-$seed-$1"
	about_to_try
	for ((i = first + $1; i < first + tries; i += $2)); do
		play_try "$i"
	done
}

# play_shares SHARES: plays all shares side by side, and returns their status.
play_shares() {
	local share pids=() pid status=0

	for ((share = 0; share < $1; share++)); do
		setpriv --pdeathsig TERM -- "$0" --share "$share" "$1" "$tries" "$seed" "$first" </dev/null &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1 # it has said why
	done
	return "$status"
}

# count KIND END
count() {
	grep -cx "$1 $2" "$tally" || true # none is 0
}

print_table() {
	local old new

	printf '\n%-22s %5s %5s %5s\n' kind tries old new
	for kind in "${kinds[@]}"; do
		old=$(count "$kind" old)
		new=$(count "$kind" new)
		printf '%-22s %5d %5d %5d\n' "$kind" $((old + new)) "$old" "$new"
	done
}

# deal_out: plays all tries, and prints the table and the result.
deal_out() {
	local shares status=0 done_tries

	shares=${JOBS:-$(jobs_on "$machine")}
	if [ "$shares" -gt "$tries" ]; then
		shares=$tries
	fi
	flash_sum=$(sum_of "$images/flash.img")
	: >"$tally"
	echo "$tries tries on $machine, seed $seed, on $shares machines at a time"
	play_shares "$shares" || status=$?
	print_table
	done_tries=$(wc -l <"$tally")
	if [ "$status" != 0 ] || [ "$done_tries" != "$tries" ]; then
		echo "$done_tries of $tries tries ended as they may; see above for the others, seed $seed" >&2
		exit 1
	fi
	echo "0 of $tries tries ended in neither system; the flash is as it was: $flash_sum"
}

# soak NAME [TRIES [SEED [FIRST]]]: the command line.
soak() {
	local share='' shares

	soak_name=$1
	shift
	case ${1-} in
		--help)
			sed -n -e '1d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0"
			exit 0
			;;
		--share)
			share=$2
			shares=$3
			shift 3
			;;
	esac
	tries=${1:-20}
	seed=${2:-$RANDOM}
	first=${3:-1}
	tally=$images/$soak_name.tally
	if [ -n "$share" ]; then
		play_share "$share" "$shares"
	else
		deal_out
	fi
}
