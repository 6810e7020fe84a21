# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# refused.sh -- for stories about starts that have to fail: how they fail, what
# they say, and that they have touched nothing.
#
# The directory $nest changes its time when anything is bound in it, even if it
# is removed at once.

nest=$TMP/nest
mkdir "$nest"

# Run echod, which must refuse to start: with this exit status, one line on
# stderr for each line of PATTERNS (regexes for the whole line), nothing on
# stdout, nothing bound.  It is asked for a socket in the nest before the ARGS.
refuses() # NAME STATUS PATTERNS ARGS...
{
	local name=$1 want=$2 patterns=$3 problems='' before status line i=0 said

	shift 3
	before=$(stat -c %y "$nest")
	bounded "$ECHOD" -c "$TMP/empty.conf" -l "unix:$nest/socket" "$@" \
	    </dev/null >"$TMP/stdout" 2>"$TMP/stderr"
	status=$?
	[ $status -eq "$want" ] || problems+="exit status $status, not $want"$'\n'
	[ ! -s "$TMP/stdout" ] || problems+="stdout: $(head -c 500 "$TMP/stdout")"$'\n'
	[ "$(stat -c %y "$nest")" = "$before" ] || problems+=$'something was bound\n'
	# Under make coverage, another user may not write down what has run.
	mapfile -t said < <(grep -v '^profiling:' "$TMP/stderr")
	while read -r line; do
		grep -Eqx -- "$line" <<<"${said[i]-}" ||
		    problems+="line $((i + 1)) of stderr is not: $line"$'\n'
		((i++))
	done <<<"$patterns"
	[ ${#said[@]} -eq $i ] || problems+="${#said[@]} lines on stderr, not $i"$'\n'
	if [ -z "$problems" ]; then
		pass "$name"
	else
		fail "$name" "$problems" "stderr:" "$(head -c 2000 "$TMP/stderr")"
	fi
}

is_root()
{
	[ "$(id -u)" -eq 0 ]
}
