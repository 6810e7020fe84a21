#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-unanswered.sh -- what a server that freezes never answers is in the percentiles
# all the same, whether it timed out, was given up with another, or could not be sent;
# and a timeout is the server's, not that of a queue before it.
#
# Faults: F128

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq

# While it measures; sets OUT, STATUS and RUN, as load() does.
freeze() # AFTER SECONDS ARGS...
{
	local after=$1 seconds=$2

	shift 2
	RUN=$TMP/run.json
	rm -f "$RUN" "$TMP/progress"
	bounded "$ECHOLOAD" -w 100ms -i 500ms -j "$RUN" "$@" "$ADDR" >"$TMP/out" 2>"$TMP/progress" &
	wait_for has_line "$TMP/progress" " ${after}[0-9.]*/[0-9]s "
	kill -STOP "$PID"
	sleep "$seconds" # the freeze itself
	kill -CONT "$PID"
	wait $!
	STATUS=$?
	OUT=$(<"$TMP/out")
}

assertion() # NUMBER: of the last run
{
	number ".assertions[$1] | [.pass, .at_least] | tostring"
}

BACKEND=epoll
start_echod || exit 1
expect_clients

# Of 1,000 a second over ten connections only the first of each is over a second old when
# these are given up.
freeze 1 1.9 -r 1000 -c 10 -d 4s -T 1s --max-errors 100% --assert 'p50<10s' --assert 'p90<10s'
balances "given up"
at_least "given up: requests of which one timed out, and the others with it" \
    "$(number .requests.failed)" 500
is "given up: all of them are in the histogram, at their age" "$(number '.requests as $r |
    .latency | [.response.censored - $r.never_sent, .service.censored] ==
    [$r.timeout + $r.failed + $r.unfinished, $r.timeout + $r.failed + $r.unfinished]')" true
at_least "given up: their ages are those of the freeze" "$(number \
    '[.latency.response.censored_histogram.counts[] | select(.[0] > 100000000) | .[2]] | add')" 400
is "given up: the 90th percentile is at least so much, and no upper bound holds" \
    "$(assertion 1)" '[false,true]'
like "given up: it is marked" "$(said)" 'response [0-9]+ ≥[^ ]+ [^ ]+ ≥'

# One under way on each, the others wait for it in echoload: they have never been sent.
freeze 2 1.5 -r 1000 -c 10 --max-inflight 1 -d 3s --drain 300ms --max-errors 100% \
    --assert 'p50<10s' --assert 'p90<50ms'
balances "held back"
at_least "held back: requests that were never sent" "$(number .requests.never_sent)" 300
is "held back: they count with the time that they waited for" "$(number '.requests as $r |
    .latency | [.response.censored - .service.censored, .response.max_ns > 300000000] ==
    [$r.never_sent, true]')" true
is "held back: the 90th percentile is at least so much" "$(assertion 1)" '[false,true]'
like "held back: echoload does not take it upon itself" "$(number \
    '.warnings[] | select(.code == "W_RATE_NOT_ACHIEVED") | .text')" \
    'others were held back by --max-inflight'

# Far more than can be had, one at a time: the queue is old, each request is young.
load -r 1M -c 1 --max-inflight 1 -w 0 -d 1s -T 300ms --drain 100ms --max-errors 100% "$ADDR"
balances "a queue"
is "a queue: no request times out for having waited in it" "$(number \
    '[.errors.by_kind.request_timeout, .requests.timeout] | tostring')" '[0,0]'
at_least "a queue: but its wait counts" "$(number .latency.response.max_ns)" 300000000
