#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A thousand light connections, and one that sends all it can: the light ones wait at
# most 5 ms longer.
#
# Faults: F47

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq

light()
{
	load -d $((each / 3 + 1))s -w 2s -c 1000 -r 1000 --connect-rate 2000 "$ADDR"
	p99
}

story()
{
	local alone with

	start_echod -o max-connections=2000 || return
	alone=$(light)
	start_peer flooder flood "$ADDR" || return
	with=$(light)
	tell_peer flooder
	peer_ends_well 'every byte of the flood was right' flooder
	at_most 'light ones: p99 (us), at most 5 ms more than without the flood' \
	    "$with" $((alone + 5000))
	figure "p99 $alone us without the flood, $with us with it;" \
	    "$(sed -n 's/ bytes$//p' "$TMP/flooder.out") bytes of flood"
	stop_echod
}

for_backends story
