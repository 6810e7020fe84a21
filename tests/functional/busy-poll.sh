#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# With busy-poll the loop spins before it sleeps: the echo is the same, and with
# nothing to do it does sleep.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

ticks() # of CPU, used so far
{
	local pid

	for pid in $(workers_of); do
		cat "/proc/$pid/stat"
	done | sed 's/.*) //' | awk '{ sum += $12 + $13 } END { print sum }'
}

story()
{
	local before

	start_echod -o busy-poll=200 -o idle-timeout=1s || return
	ok "1 MB on each of 50 connections" bounded "$PEER" echo -n 50 -s 1000000 "$ADDR"
	start_peer light rounds -n 5 -r 100 -s 64 "$ADDR" || return
	peer_ends_well "100 round trips on each of 5" light
	start_peer silent idle -n 5 "$ADDR" || return
	before=$(ticks)
	peer_ends_well "five say nothing for a second" silent
	at_most "that takes no CPU (ticks)" $(($(ticks) - before)) \
	    $(($(workers_of | wc -w) * $(getconf CLK_TCK) / 20))
}

for_backends story
