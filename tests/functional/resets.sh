#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Peers that reset their connections in the middle of it leave nothing behind,
# and nobody else notices.
#
# Faults: F14 F28 F29

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

story()
{
	local seed

	start_echod || return
	start_peer healthy rounds -s 1000 -r 0 "$ADDR" || return
	for seed in 1 2 3 4; do
		ok "50 connections are reset (seed $seed)" \
		    bounded "$PEER" reset -n 50 -s 300000 -S $seed "$ADDR"
	done
	wait_for carries 1
	wait_for has_fds "$PID" $((fds_of[$PID] + 1))
	is "their descriptors are closed" "$(fds)" $((fds_of[$PID] + 1))
	tell_peer healthy
	peer_ends_well "one that behaves is served as before" healthy
	stop_echod
	like "none has failed otherwise" "$(cat "$LOG")" 'connections 201 .* failed 0,'
}

for_backends story
