#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A peer that takes its echo slowly: 64 MB come through, to the byte; and when it
# half-closes while its echo is blocked, all that is still to come does come.
#
# Faults: F23 F27 F54

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

bytes=$((64 << 20))
! is_sanitized || bytes=$((16 << 20))

queued=8 buffer=(-B $((32 << 20)))
[ "$(id -u)" = 0 ] || queued=1 buffer=() # for a larger send buffer one has to be root

story()
{
	start_echod || return
	ok "$((bytes >> 20)) MB through a reader of small pieces" \
	    bounded "$PEER" echo -s $bytes -b 8192 -p 16384 -d 50 "$ADDR"

	start_peer blocked never -s $((queued << 20)) "${buffer[@]}" -b 4096 -f "$ADDR" || return
	is "$queued MB are sent before the first is read" \
	    "$(peer_said blocked ready:)" $((queued << 20))
	tell_peer blocked
	peer_ends_well "they come back after the half-close" blocked
}

for_backends story
