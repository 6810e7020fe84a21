#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-modes.sh -- every kind of load gets its echo, whole, from every backend.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq

brief="-d 400ms -w 100ms"

works() # NAME ARGS...
{
	local name=$1

	shift
	# shellcheck disable=SC2086 # options
	load $brief "$@"
	is "$name: exit 0" "$STATUS" 0
	is "$name: echoes came, and none was wrong or lost" "$(number \
	    '.requests.verified > 0 and .integrity.violations == 0 and .errors.total == 0')" true
	balances "$name"
}

story()
{
	start_echod || return
	works "closed loop" "$ADDR"
	works "pipelined" -p 16 "$ADDR"
	works "open loop" -r 2000 "$ADDR"
	is "open loop: as many as were asked for" \
	    "$(number '.requests.scheduled == 800')" true
	works "poisson arrivals" -r 2000 --arrival poisson "$ADDR"
	works "bursts" -r 2000 --arrival burst:20 --max-inflight 1 "$ADDR"
	works "connect for each request" --mode crr -c 8 "$ADDR"
	works "connect for each request, on schedule" --mode crr -r 200 -c 8 "$ADDR"
	works "100 requests a connection" --requests-per-conn 100 -c 8 "$ADDR"
	works "stream" --mode stream -c 2 "$ADDR"
	works "idle" --mode idle -c 100 --think 50ms "$ADDR"
	works "half-close" --mode halfclose -m 100k -c 8 "$ADDR"
	works "think" --think 5ms -c 8 "$ADDR"
	works "sizes" -m choice:1@50,1000@40,70k@10 "$ADDR"
	works "two processes" -t 2 "$ADDR"
	works "so many requests" -n 1000 -c 7 "$ADDR"
	is "so many requests: as many as were asked for" "$(number '.requests.verified')" 1000
	works "sources" -B 127.0.0.2,127.0.0.3,127.0.1.0/28 "$ADDR"
	works "reset on close" --mode crr --close rst -c 8 "$ADDR"
	works "one read in ten" --verify sample:10 "$ADDR"
}
for_backends story

unix_and_several()
{
	start_echod -l "unix:$TMP/a" -l 127.0.0.1:0 || return
	works "unix socket" "unix:$TMP/a"
	works "several targets" "unix:$TMP/a" "tcp://${ADDRS[1]}"
}
# Without a duration the schedule has no end; the requests have.
no_duration()
{
	start_echod || return
	load -n 500 -c 4 -w 0 -r 2000 "$ADDR"
	is "open loop, so many requests: exit 0" "$STATUS" 0
	is "open loop, so many requests: as many as were asked for" \
	    "$(number '.requests | .scheduled == 500 and .verified == 500')" true
	balances "open loop, so many requests"
}
# Some processes have no share of them.
few_requests()
{
	local loop

	start_echod || return
	for loop in '' '-r 200' '--mode crr'; do
		# shellcheck disable=SC2086 # options
		load -t 4 -c 4 -n 3 -w 100ms $loop "$ADDR"
		is "fewer requests than processes, ${loop:-closed}: exit 0" "$STATUS" 0
		is "fewer requests than processes, ${loop:-closed}: as many as were asked for" \
		    "$(number '.requests.verified')" 3
	done
	load -t 2 -c 2 -n 1 -w 0 "$ADDR"
	is "one request: no more" "$STATUS $(number '.requests.started')" '0 1'
}
BACKEND=epoll
no_duration
few_requests
unix_and_several
