#!/bin/bash
# SPDX-License-Identifier: ISC
#
# All kinds of peers at once, for long: light ones whose every byte is verified,
# flooders, some who never read, half-closers, resetters, garbage, plain and over TLS;
# under them reloads, and, where there are workers, one of them is killed in each round.
# In the end come the slopes of memory and descriptors: flat.

ECHOD_WORKERS=${ECHOD_WORKERS:-0 2}
# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
# shellcheck source=../functional/supervised.sh
. "${0%/*}/../functional/supervised.sh"
need jq
need_tls

# Least squares of the second column by the first, per hour.
slope() # FILE COLUMN
{
	awk -v c="$2" '{ n++; x += $1; y += $c; xx += $1 * $1; xy += $1 * $c }
		END { d = n * xx - x * x; printf("%.0f", (d > 0 ? 3600 * (n * xy - x * y) / d : 0)) }' "$1"
}

garbage() # ADDRESS
{
	local fd

	exec {fd}<>"/dev/tcp/${1%:*}/${1##*:}" && head -c 30000 /dev/urandom >&"$fd"
	exec {fd}>&-
} 2>/dev/null

# Those of a worker that is killed may lose what they wait for; nobody gets anything else.
light() # KINDS_OF_VIOLATIONS ARGS...
{
	load -d 1s -w 0 -k "${@:2}"
	wrong=$((wrong + $(number "$1")))
	bytes=$((bytes + $(number .integrity.verified_bytes)))
}

# It stops at once, and its clients lose their connections; others do not.
kill_one() # after 0.3 s
{
	local serving

	read -r -a serving <<<"$(serving)"
	sleep 0.3 # while there is load
	kill -KILL "${serving[rounds % ${#serving[@]}]}"
}

one_round()
{
	local any=.integrity.violations

	start_peer never never -n 20 -q 300 "$ADDR" || return
	start_peer flooder flood "$ADDR" || return
	"$PEER" reset -n 30 -s 200000 "$ADDR" || fail 'resetters'
	garbage "$ADDR"
	garbage "$TLS_ADDR"
	light "$any" -c 30 -r 1000 -m 1..3000 "$ADDR" "tls://$TLS_ADDR"
	reload
	[ $STATUS -eq 0 ] || fail 'reload' "$SAID"
	light "$any" -c 30 -r 1000 -m 1..3000 "$ADDR" "tls://$TLS_ADDR"
	light "$any" -c 10 --mode halfclose -m 1..50000 "$ADDR" "tls://$TLS_ADDR"
	light "$any" -c 10 --mode crr --close rst "$ADDR" "tls://$TLS_ADDR"
	tell_peer flooder
	tell_peer never
	peer_ends_well 'every byte of the flood was right' flooder >"$TMP/said"
	grep -q '^ok' "$TMP/said" || fail 'flooder' "$(cat "$TMP/said")"
	wait "${pid_of_peer[never]}"
	if [ "$WORKERS" -gt 0 ]; then
		kill_one &
		light '.integrity.by_kind | .corrupt + .stale + .crosstalk + .surplus + .late_data' \
		    -c 30 -r 1000 -m 1..3000 "$ADDR" "tls://$TLS_ADDR"
		wait $!
		((kills++))
		wait_for has_workers "$WORKERS" && wait_for serve "$WORKERS"
	fi
	wait_for has_fds "$PID" "${fds_of[$PID]}"
}

story()
{
	local until=$((SECONDS + each)) wrong=0 bytes=0 rounds=0 kills=0 began=$SECONDS

	start_both '' -p "$PIDFILE" -o stall-timeout=10s -o idle-timeout=30s || return
	one_round
	: >"$TMP/samples"
	while [ $SECONDS -lt $until ] || [ $rounds -lt 2 ]; do
		((rounds++))
		one_round
		echo "$((SECONDS - began)) $(resident) $(fds)" >>"$TMP/samples"
	done
	is 'no byte was wrong' $wrong 0
	is 'descriptors: as many as at the start' "$(fds)" "${fds_of[$PID]}"
	figure "$rounds rounds, $((bytes / 1048576)) MiB verified, $((rounds + 1)) reloads, $kills kills;" \
	    "memory $(slope "$TMP/samples" 2) KiB/h, descriptors $(slope "$TMP/samples" 3) /h"
	# A slope takes some minutes before it means anything; growth does not.
	is_sanitized || at_most 'memory: growth (KiB)' $(($(tail -n 1 "$TMP/samples" | cut -d' ' -f2) -
	    $(head -n 1 "$TMP/samples" | cut -d' ' -f2))) $((SECONDS - began < 1800 ? 512 : 1024))
	[ $kills -eq 0 ] || expect_error 'was killed by signal 9'
	stop_echod
}

for_backends story
