#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# idle-timeout ends who says nothing, stall-timeout cuts who takes nothing, and
# neither touches anybody else.
#
# Faults: F38

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

idle()
{
	start_echod -o idle-timeout=1500ms || return
	start_peer silent idle "$ADDR" || return
	start_peer talkative idle -r 20 -i 100 "$ADDR" || return
	peer_ends_well "a silent one is told goodbye" silent
	at_least "not before its time (ms)" "$(peer_said silent after)" 1400
	peer_ends_well "one that talks stays, for 2 s, until it is silent" talkative
	at_least "and then not before its time (ms)" "$(peer_said talkative after)" 1400
	stop_echod
	like "both are in the summary" "$(cat "$LOG")" 'idle 2, stalled 0,'
}

stall()
{
	start_echod -o stall-timeout=2s -o idle-timeout=0 || return
	start_peer quiet hold "$ADDR" || return
	start_peer deaf stalled -n 3 -q 100 "$ADDR" || return
	start_peer slow never -s 2000000 -b 4096 -q 100 -f "$ADDR" || return
	tell_peer slow # it begins to read in time
	peer_ends_well "one that takes its echo late has it" slow
	peer_ends_well "those that take nothing are cut" deaf
	at_least "not before their time (ms)" "$(peer_said deaf after)" 2000
	tell_peer quiet
	peer_ends_well "one that has nothing to take stays" quiet
	stop_echod
	like "the three are in the summary" "$(cat "$LOG")" 'idle 0, stalled 3,'
}

for_backends idle
for_backends stall
