#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# More peers than max-connections: they are not refused, they wait, and are
# served when somebody leaves.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
need ss

has_waiting() # COUNT: in the kernel's queue
{
	[ "$(ss -tlnH "( sport = :$PORT )" | awk '{ print $2 }')" = "$1" ]
}

story()
{
	start_echod -o max-connections=3 || return
	start_peer first hold -n 3 "$ADDR" || return
	launch_peer more hold -n 2 "$ADDR"
	ok "two more are connected, and wait" wait_for has_waiting 2
	is "no more than three are served" "$(fds)" $((fds_of[$PID] + 3))
	is "the two have no echo yet" "$(cat "$TMP/more.out")" ''
	tell_peer first
	peer_ends_well "the three have all of their echo" first
	ok "when they leave the two are served" wait_for peer_has_begun more
	tell_peer more
	peer_ends_well "the two have all of theirs" more
	stop_echod
	like "it was never more than three" "$(cat "$LOG")" 'connections 5 \(peak 3\)'
}

for_backends story
