#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# 2,000 connections at once, on every backend: more than the 1,024 descriptors
# that select(2) is known for.
#
# Faults: F56

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

ulimit -n 2200 2>/dev/null || skip_all "the limit of descriptors is $(ulimit -Hn), not 2200"

story()
{
	local peak='peak 2000'

	[ "$WORKERS" = 0 ] || peak='peak [0-9]+' # of each, added
	start_echod -o max-connections=2100 || return
	start_peer crowd hold -n 2000 -s 10000 "$ADDR" || return
	is "2,000 are open" "$(fds)" $((fds_of[$PID] + 2000))
	tell_peer crowd
	peer_ends_well "each has its 10,000 bytes and its end" crowd
	ok "and once more" bounded "$PEER" echo -n 2000 -s 10 "$ADDR"
	stop_echod
	like "the log knows of 4,000" "$(cat "$LOG")" \
	    "stopped: connections 4000 \\($peak\\), bytes in 20022000, bytes out 20022000,"
}

for_backends story
