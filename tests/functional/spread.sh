#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Many connections over several workers: the kernel spreads them evenly, and all of
# them are served at once.
#
# Faults: F65

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
# shellcheck source=load.sh
. "${0%/*}/load.sh"
need jq

CROWD=40400
CLIENTS=4 # processes of the load client
SPARE=500 # descriptors that are no connections

# By chance each of 4 has 250 of 1,000 and a standard deviation of 14.
evenly()
{
	local fair

	start_echod || return
	start_peer long hold -n 1000 "$ADDR" || return
	tell_peer long
	peer_ends_well "1,000 long connections" long
	stop_echod
	fair=$(sed -n 's/.*stopped: connections 1000 .* accept fairness (max\/mean) //p' "$LOG")
	at_most "spread over $WORKERS workers, most / mean (percent)" "${fair/./}" 130
}

# What each worker had at once, at most.
peaks()
{
	sed -n 's/.* info: worker [0-9]*: connections [0-9]* (peak \([0-9]*\)).*/\1/p' "$LOG"
}

crowd()
{
	local sum

	start_echod -o max-connections=$((CROWD * 2 / WORKERS)) || return
	# On a machine with much else to do it takes its time, and that is no fault.
	load --mode idle -c $CROWD -t $CLIENTS -B 127.0.1.0/28 --connect-rate 20000 \
	    --think 2s -w 100ms -d 4s --timeout "${PATIENCE}s" \
	    --connect-timeout "${PATIENCE}s" "$ADDR"
	is "$CROWD connections over $WORKERS workers: exit status" "$STATUS" 0
	is "all were made, and none had to be made again" \
	    "$(number "[.connections.established, .connections.replaced] | @csv")" "$CROWD,0"
	is "there were more echoes than connections" "$(number ".requests.verified > $CROWD")" true
	is "each had one" "$(number .fairness.starved)" 0
	is "all were right" "$(number '.integrity.violations == 0 and .errors.total == 0')" true
	balances "$CROWD connections"
	stop_echod
	sum=$(peaks | paste -sd + | bc)
	at_least "so many were held at once" "$sum" $((CROWD))
	at_most "the most that one had" "$(peaks | sort -n | tail -1)" $((CROWD * 13 / 10 / WORKERS))
}

limit=$(((CROWD / CLIENTS) + SPARE))
WORKERS=4 ECHOD_WORKERS=4 for_backends evenly
if [ "$(ulimit -Hn)" != unlimited ] && [ "$(ulimit -Hn)" -lt $limit ]; then
	skip "$CROWD connections" "the limit of descriptors is $(ulimit -Hn), not $limit"
else
	ECHOD_WORKERS=8 for_workers crowd
fi
