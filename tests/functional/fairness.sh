#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# One peer that floods takes nothing from the others but its share of a turn.
#
# Faults: F47

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

story()
{
	start_echod || return
	start_peer flooder flood "$ADDR" || return
	start_peer light rounds -n 20 -r 50 -s 100 "$ADDR" || return
	peer_ends_well "20 others do 50 round trips meanwhile" light
	# A turn takes well under a millisecond; the rest is for busy machines.
	at_most "the slowest of them took (ms)" "$(peer_said light 'round:')" 2000
	tell_peer flooder
	peer_ends_well "every byte of the flood was right" flooder
	at_least "and there were many of them" "$(sed -n 's/ bytes$//p' "$TMP/flooder.out")" 100000
}

for_backends story
