# shellcheck shell=bash
# Completion of kexec-try for bash: the subcommands, and the options of each, as its
# --help tells them; files elsewhere.

_kexec_try() {
	local word=${COMP_WORDS[COMP_CWORD]} words=

	if [ "$COMP_CWORD" = 1 ]; then
		words=$(kexec-try --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
	elif [[ $word == -* ]]; then
		words=$(kexec-try "${COMP_WORDS[1]}" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u) || words=
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _kexec_try kexec-try
