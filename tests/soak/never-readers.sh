#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A thousand who send and never read: after the first second memory is flat within
# 1 MiB, and others wait at most twice as long as without them (or 1 ms longer: on a
# machine that does other things as well, short times double by themselves).
#
# Faults: F36

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq
N=${NEVER_READERS:-1000}

story()
{
	local alone with low high now until

	start_echod -o max-connections=2000 -o stall-timeout=0 || return
	load -d $((each / 4 + 1))s -c 10 -r 1000 "$ADDR"
	alone=$(p99)
	start_peer deaf never -n "$N" -q 1000 "$ADDR" || return
	low=$(resident) high=$low
	until=$((SECONDS + each))
	while [ $SECONDS -lt $until ]; do
		load -d 1s -w 0 -c 10 -r 1000 "$ADDR"
		now=$(resident)
		[ "$now" -ge "$low" ] || low=$now
		[ "$now" -le "$high" ] || high=$now
	done
	load -d $((each / 4 + 1))s -c 10 -r 1000 "$ADDR"
	with=$(p99)
	is_sanitized || at_most "$N who never read: memory is flat (KiB)" $((high - low)) 1024
	at_most 'others: p99 (us), at most twice that without them' "$with" \
	    $((2 * alone > alone + 1000 ? 2 * alone : alone + 1000))
	figure "memory within $((high - low)) KiB, p99 $alone us without them, $with us with them"
	tell_peer deaf
	peer_ends_well 'they go' deaf
	stop_echod
}

for_backends story
