#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-ends.sh -- a run that is ended early reports what there was until then, with
# accounts that balance, whoever ends it; and one that lost a process says so.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq setsid

# In a process group of its own, as from a terminal; LOAD is it, and its group.
launch() # ARGS...
{
	RUN=$TMP/run.json
	rm -f "$RUN" "$TMP/progress"
	setsid "$ECHOLOAD" -j "$RUN" "$@" >"$TMP/out" 2>"$TMP/progress" &
	LOAD=$!
}

landed() # sets STATUS
{
	if ! wait_for is_gone "$LOAD"; then
		fail "echoload ends" "it still runs"
		kill -KILL -- "-$LOAD"
	fi
	wait "$LOAD"
	STATUS=$?
	OUT=$(<"$TMP/out")
}

is_measuring()
{
	grep -Eqs '^ +[0-9.]+s  +[0-9.]+/' "$TMP/progress"
}

reports_so_far() # NAME STATUS
{
	is "$1: exit $2" "$STATUS" "$2"
	is "$1: the JSON knows" "$(number '[.interrupted, .exit_code]|tostring')" "[true,$2]"
	like "$1: so does the report for people" "$(said)" "interrupted .*result .*exit $2: interrupted"
	is "$1: what was there is told" "$(number '.requests.verified > 100 and
	    .latency.service.count >= .requests.verified and .throughput.msgs_per_s > 0')" true
	is "$1: it did not last as long as was asked" "$(number '.phases.measured_ns < 50e9')" true
	balances "$1"
}

load_processes()
{
	local all

	read -ra all <"/proc/$LOAD/task/$LOAD/children"
	[ ${#all[@]} -ge "$1" ] && echo "${all[@]}"
}

BACKEND=epoll
start_echod || exit 1

for signal in INT:130 TERM:143; do
	for processes in 1 2; do
		launch -d 60s -w 0 -i 100ms -c 8 -t $processes "$ADDR"
		wait_for is_measuring
		kill -"${signal%:*}" "$LOAD"
		landed
		reports_so_far "$signal with $processes" "${signal#*:}"
	done
	# As Ctrl-C, or timeout(1): the load processes hear of it, too.
	launch -d 60s -w 0 -i 100ms -c 8 -t 2 "$ADDR"
	wait_for is_measuring
	kill -"${signal%:*}" -- "-$LOAD"
	landed
	reports_so_far "$signal to the whole group" "${signal#*:}"
done

launch -d 60s -w 0 -i 100ms -r 1000 -c 8 --assert 'p99<1ns' --strict "$ADDR"
wait_for is_measuring
kill -INT "$LOAD"
landed
reports_so_far "an assertion that would fail" 130
is "an open loop: what was due later was never asked for" "$(number \
    '.requests.scheduled < 50000')" true

# What begins while the end is being set belongs to one side of it: look at it often.
unbalanced=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	launch -d 60s -w 0 -i 100ms -c 64 -t 2 --connect-rate 10k "$ADDR"
	wait_for is_measuring
	kill -INT "$LOAD"
	landed
	[ "$STATUS $(number '.requests | .started == .verified')" = '130 true' ] || ((unbalanced++))
done
is "ten times: runs whose accounts do not balance" $unbalanced 0

# Before anything was measured.
launch -d 60s -w 60s -i 100ms -c 8 "$ADDR"
wait_for has_line "$TMP/progress" warm-up
kill -INT "$LOAD"
landed
is "in the warm-up: exit 130" "$STATUS" 130
is "in the warm-up: nothing was measured" "$(number '.requests.scheduled')" 0

launch -d 60s -c 100 --connect-rate 1 "$ADDR"
wait_for load_processes 1 >/dev/null
kill -INT "$LOAD"
landed
is "in the ramp: exit 130" "$STATUS" 130

# One asks it to stop, and it waits for what is under way; two do not let it.
expect_clients
kill -STOP "$PID"
launch -d 60s -w 0 -T 60s -i 100ms -c 8 "$ADDR"
# Connections come about by the kernel, and requests are sent: nothing comes back.
wait_for is_measuring
kill -INT "$LOAD"
wait_for has_line "$TMP/progress" drain
kill -INT "$LOAD"
landed
kill -CONT "$PID"
is "twice: exit 130" "$STATUS" 130
is "twice: what was under way is unfinished" "$(number '.requests.unfinished')" 8
like "twice: percentiles are lower bounds" "$(number '.latency.service.censored')" 8
balances "twice"

launch -d 60s -w 0 -i 100ms -c 8 -t 2 "$ADDR"
wait_for is_measuring
children=$(load_processes 2)
kill -KILL "${children#* }"
landed
is "a load process is killed: exit 1" "$STATUS" 1
like "a load process is killed: says which, and by what" "$(cat "$TMP/progress")" \
    'could not run: .*load process 1 was killed by signal 9'
