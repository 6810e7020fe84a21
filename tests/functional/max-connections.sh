#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# More peers than max-connections: they are not refused, they wait, and are
# served when somebody leaves.  The limit is one of each worker; here they share a
# socket, for otherwise the kernel says who waits for whom.
#
# Faults: F10

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
need ss

has_waiting() # COUNT: in the kernel's queue
{
	[ "$(ss -tlnH "( sport = :$OWN_PORT )" | awk '{ print $2 }')" = "$1" ]
}

story()
{
	local most=3

	[ "$WORKERS" = 0 ] || most=$((3 * WORKERS))
	start_echod -o max-connections=3 -o accept=shared || return
	start_peer first hold -n $most "$ADDR" || return
	launch_peer more hold -n 2 "$ADDR"
	ok "two more are connected, and wait" wait_for has_waiting 2
	is "no more than $most are served" "$(fds)" $((fds_of[$PID] + most))
	is "the two have no echo yet" "$(cat "$TMP/more.out")" ''
	tell_peer first
	peer_ends_well "those $most have all of their echo" first
	ok "when they leave the two are served" wait_for peer_has_begun more
	tell_peer more
	peer_ends_well "the two have all of theirs" more
	stop_echod
	like "it was never more than $most" "$(cat "$LOG")" "stopped: connections $((most + 2)) \\(peak $most\\)"
}

for_backends story
