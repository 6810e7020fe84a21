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

others()
{
	load -d $((each / 16 + 1))s -w 500ms -c 10 -r 1000 "$ADDR"
	p99
}

story()
{
	local best alone=() with=() low high now until i

	start_echod -o max-connections=2000 -o stall-timeout=0 || return
	for i in 1 2 3; do
		alone+=("$(others)")
		start_peer deaf never -n "$N" -q 1000 "$ADDR" || return
		low=$(resident) high=$low
		with+=("$(others)")
		until=$((SECONDS + each / 4))
		[ $i -lt 3 ] || until=$((SECONDS + each))
		while [ $SECONDS -lt $until ]; do
			now=$(resident)
			[ "$now" -ge "$low" ] || low=$now
			[ "$now" -le "$high" ] || high=$now
			sleep 0.5 # how it changes in time is the question
		done
		is_sanitized ||
			at_most "$N who never read: memory is flat (KiB)" $((high - low)) 1024
		tell_peer deaf
		peer_ends_well 'they go' deaf
	done
	best=$(least "${alone[@]}")
	at_most 'others: p99 (us), at most twice that without them' "$(least "${with[@]}")" \
	    $((2 * best > best + 1000 ? 2 * best : best + 1000))
	figure "memory within $((high - low)) KiB, p99 ${alone[*]} us without, ${with[*]} us with them"
	stop_echod
}

for_backends story
