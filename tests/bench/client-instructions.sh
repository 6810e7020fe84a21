#!/bin/sh
# SPDX-License-Identifier: ISC
# Instructions that echoload spends in user space on a round trip of 64 bytes, all of
# them compared, with 64 connections: by callgrind, as the difference of a long run
# and a short one.  KEEP=FILE: the profile of the long run's load process.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need valgrind
short=2000 long=22000
bare_start

# instructions MESSAGES: of all its processes, into $total.
instructions() {
	rm -f "$tmp"/profile.*
	valgrind -q --tool=callgrind --trace-children=yes --callgrind-out-file="$tmp/profile.%p" \
		"$echoload" -n "$1" -c 64 --seed 1 -w 0 -d 1h --no-progress -q \
		"127.0.0.1:$port" >/dev/null 2>"$tmp/log" || {
		cat "$tmp/log" >&2
		die "echoload failed"
	}
	total=$(sed -n 's/^totals: *//p' "$tmp"/profile.* | awk '{ sum += $1 } END { print sum }')
}

instructions $short
before=$total
instructions $long
each=$(calculate 1 "($total - $before) / ($long - $short)")
verdict "echoload: instructions a verified round trip" "$each" '<=' 900
test -z "${KEEP-}" || cp "$(grep -l 'client_\|load_' "$tmp"/profile.* | tail -n 1)" "$KEEP"
exit $missed
