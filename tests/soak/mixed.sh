#!/bin/bash
# SPDX-License-Identifier: ISC
#
# All kinds of peers at once, for long: light ones whose every byte is verified,
# flooders, some who never read, half-closers, resetters, garbage.  In the end come
# the slopes of memory and descriptors: flat.

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq

# Least squares of the second column by the first, per hour.
slope() # FILE COLUMN
{
	awk -v c="$2" '{ n++; x += $1; y += $c; xx += $1 * $1; xy += $1 * $c }
		END { d = n * xx - x * x; printf("%.0f", (d > 0 ? 3600 * (n * xy - x * y) / d : 0)) }' "$1"
}

one_round()
{
	start_peer never never -n 20 -q 300 "$ADDR" || return
	start_peer flooder flood "$ADDR" || return
	"$PEER" reset -n 30 -s 200000 "$ADDR" || fail 'resetters'
	head -c 30000 /dev/urandom | timeout 5 nc "$HOST" "$PORT" >/dev/null &
	load -d 2s -w 0 -c 30 -r 1000 -m 1..3000 "$ADDR"
	wrong=$((wrong + $(number .integrity.violations)))
	load -d 1s -w 0 -c 10 --mode halfclose -m 1..50000 "$ADDR"
	wrong=$((wrong + $(number .integrity.violations)))
	load -d 1s -w 0 -c 10 --mode crr --close rst "$ADDR"
	wrong=$((wrong + $(number .integrity.violations)))
	tell_peer flooder
	tell_peer never
	peer_ends_well 'every byte of the flood was right' flooder >"$TMP/said"
	grep -q '^ok' "$TMP/said" || fail 'flooder' "$(cat "$TMP/said")"
	wait "${pid_of_peer[never]}"
	wait_for has_fds "$PID" "${fds_of[$PID]}"
}

story()
{
	local until=$((SECONDS + each)) wrong=0 rounds=0 began=$SECONDS

	start_echod -o stall-timeout=10s -o idle-timeout=30s || return
	one_round
	: >"$TMP/samples"
	while [ $SECONDS -lt $until ] || [ $rounds -lt 2 ]; do
		one_round
		((rounds++))
		echo "$((SECONDS - began)) $(resident) $(fds)" >>"$TMP/samples"
	done
	is 'no byte was wrong' $wrong 0
	is 'descriptors: as many as at the start' "$(fds)" "${fds_of[$PID]}"
	figure "$rounds rounds; memory $(slope "$TMP/samples" 2) KiB/h, descriptors" \
	    "$(slope "$TMP/samples" 3) /h"
	# A slope takes some minutes before it means anything; growth does not.
	is_sanitized || at_most 'memory: growth (KiB)' $(($(tail -n 1 "$TMP/samples" | cut -d' ' -f2) -
	    $(head -n 1 "$TMP/samples" | cut -d' ' -f2))) $((SECONDS - began < 1800 ? 512 : 1024))
	stop_echod
}

for_backends story
