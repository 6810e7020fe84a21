#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# telnet, which people reach for first, and its Synch, which goes out as urgent
# data.  On an edge-triggered backend it is easy to stall on that.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
need telnet ss

escape=$(printf '\035')
out=$TMP/telnet.out

has_received() # BYTES: echod, by the kernel's count
{
	ss -tinHO state established "( sport = :$PORT )" | grep -q "bytes_received:$1 "
}

# Into telnet, which must have read a line before it sees the next.
type() # TEXT BYTES_IN_ALL
{
	printf '%s\n' "$1" >&"$keyboard"
	wait_for has_received "$2" || fail "echod has $2 bytes of telnet"
}

comes_back() # LINE
{
	if wait_for has_line "$out" "^(telnet> )?$1\$"; then
		pass "'$1' comes back"
	else
		fail "'$1' comes back" "got:" "$(cat -v "$out")"
	fi
}

story()
{
	local telnet keyboard

	start_echod || return
	rm -f "$out" "$TMP/keyboard"
	mkfifo "$TMP/keyboard"
	telnet "$HOST" "$PORT" <"$TMP/keyboard" >"$out" 2>&1 &
	telnet=$!
	exec {keyboard}>"$TMP/keyboard"
	type one 5 # and CR LF
	comes_back one
	type "${escape}send synch" 7
	type two 12
	comes_back two
	type "${escape}send synch" 14
	type "${escape}send synch" 16
	type three 23
	comes_back three
	exec {keyboard}>&- # it ends with its stdin
	wait_for is_gone $telnet || kill -KILL $telnet
	wait $telnet
	stop_echod
	like "so does each Synch" "$(cat "$LOG")" 'bytes in 23, bytes out 23,'
}

for_backends story
