#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-omission.sh -- a server that freezes does not get the load it missed for
# nothing: in an open loop those that were due meanwhile count their waiting.
#
# Faults: F128

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq

freeze() # SECONDS OF ARGS...: so long, in a run of so many
{
	local seconds=$1 of=$2

	shift 2
	RUN=$TMP/run.json
	rm -f "$TMP/progress"
	"$ECHOLOAD" -d "${of}s" -w 200ms -c 10 -j "$RUN" "$@" "$ADDR" >"$TMP/out" 2>"$TMP/progress" &
	wait_for has_line "$TMP/progress" " [0-9.]+/${of}s "	# a second has been measured
	kill -STOP "$PID"
	sleep "$seconds"	# the freeze itself
	kill -CONT "$PID"
	wait $!
	STATUS=$?
}

slow() # CLOCK NS: how many took longer
{
	number "[.latency.$1.histogram.counts[] | select(.[0] > $2) | .[2]] | add // 0"
}

BACKEND=epoll
start_echod || exit 1
# Of 1,000 a second, 200 are due in 200 ms, and wait 200 ms to none.
freeze 0.2 10 -r 1000
is "open loop: exit 0" "$STATUS" 0
balances "open loop"
at_least "open loop: those that waited 20 ms or more" "$(slow response 20000000)" 150
at_least "open loop: those that waited 100 ms or more" "$(slow response 100000000)" 75
# No more than were due, but for what else the machine does.
at_most "open loop: and no others" "$(slow response 20000000)" 400
at_least "open loop: the longest waited for all of it" "$(number .latency.response.max_ns)" 190000000
is "open loop: some waited for a part of it" \
    "$(number "$(slow response 20000000) > $(slow response 100000000)")" true

# With one under way on a connection the others wait in echoload: that counts, too.
freeze 0.2 4 -r 1000 --max-inflight 1
balances "one in flight"
at_least "one in flight: those that waited 20 ms or more" "$(slow response 20000000)" 150
is "one in flight: most of them were sent late" \
    "$(number "$(slow service 20000000) * 2 < $(slow response 20000000)")" true

# A closed loop cannot know what it did not send; but it says that it does not.
freeze 2.5 4 -c 10
is "closed loop: exit 0" "$STATUS" 0
at_most "closed loop: those that waited, one a connection" "$(slow service 100000000)" 20
like "closed loop: says that omission is likely" "$(tr -s '\n ' '  ' <"$TMP/out")" 'W_COORDINATED_OMISSION'
