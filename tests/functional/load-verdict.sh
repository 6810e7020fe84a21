#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-verdict.sh -- what a run is judged by, and the exit code that comes of it:
# assertions, tolerated errors, trust; and numbers that are the same however the load
# was shared out.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq

brief="-d 400ms -w 100ms -c 8"

exits() # STATUS NAME ARGS...
{
	local status=$1 name=$2

	shift 2
	# shellcheck disable=SC2086 # options
	load $brief "$@"
	is "$name: exit $status" "$STATUS" "$status"
	is "$name: the JSON has the same" "$(number .exit_code)" "$status"
}

BACKEND=epoll
start_echod || exit 1

# ---- assertions ----

exits 0 'what holds' --assert 'p50<10s' --assert 'rate>=10' --assert errors==0 \
    --assert 'violations==0' --assert 'fairness>0.1' --assert 'connect.max<5s' "$ADDR"
is 'what holds: all of it' "$(number '[.assertions[].pass] | all and length == 6')" true
like 'what holds: says so' "$(said)" 'assert p50<10s PASS \([0-9.]+[mu]s\) rate>=10 PASS'
exits 4 'what does not hold' --assert 'p50<10s' --assert 'p50<1ns' "$ADDR"
is 'what does not hold: which it is' "$(number '[.assertions[].pass]|tostring')" '[true,false]'
like 'what does not hold: says so' "$(said)" \
    'p50<1ns FAIL .*result 1 failed assertion.*; exit 4: not what was expected'
exits 4 'too few samples' -n 100 --assert 'p99.99<10s' "$ADDR"
like 'too few samples: says so' "$(said)" 'p99.99<10s FAIL \(too few samples\)'

# ---- trust ----

# Some of them are under way in the end.
ask=(-r 10M -c 1 -w 0 --drain 100ms --max-errors 100%)
exits 0 'more than one process can' "${ask[@]}" "$ADDR"
is 'more than one process can: not trustworthy' "$(number .trustworthy)" false
like 'more than one process can: says why' "$(said)" \
    '-> not trustworthy .*warning W_[A-Z_]+ '
is 'more than one process can: the rate was not achieved' "$(number \
    '[.warnings[] | select(.serious) | .code] | index("W_RATE_NOT_ACHIEVED") != null')" true
exits 5 'the same, strictly' "${ask[@]}" --strict "$ADDR"
like 'the same, strictly: says so' "$(said)" 'exit 5: not trustworthy, and --strict'
exits 4 'an assertion counts more' "${ask[@]}" --strict --assert 'p50<1ns' "$ADDR"

# On a processor that somebody has who is far more important.
starved()
{
	local cpu hog

	if ! has taskset || [ ! -e /proc/self/schedstat ]; then
		skip 'no processor' 'there is no taskset, or no /proc/self/schedstat'
		return
	fi
	cpu=$(taskset -cp $$ | sed 's/^.*[^0-9]//')
	taskset -c "$cpu" nice -n 5 bash -c 'while :; do :; done' &
	hog=$!
	RUN=$TMP/run.json
	rm -f "$RUN"
	OUT=$(bounded taskset -c "$cpu" nice -n 19 "$ECHOLOAD" --no-progress -j "$RUN" -w 0 -c 8 \
	    -d 2s --strict "$ADDR" 2>&1)
	STATUS=$?
	kill "$hog"
	wait "$hog" 2>/dev/null
	is 'no processor: exit 5' "$STATUS" 5
	is 'no processor: for most of the time' "$(number '.client.waiting_pct > 25')" true
	like 'no processor: says so' "$(said)" \
	    'waiting for one [0-9]+%.*-> not trustworthy .*warning W_NO_PROCESSOR '
}
starved

# ---- compared with another run, whatever else is to be said of it ----

faster='.requests.verified_in_time *= 1000'
# With echoes that had taken a second, too.
slower='.requests.verified_in_time = 1 | .latency.service.histogram |=
    (.max_ns = 1074790399 | .counts = [[1073741824, 1074790399, .count]])'
exits 0 'before' "$ADDR"
jq -c "$faster" "$RUN" >"$TMP/fast.json"
jq -c "$slower" "$RUN" >"$TMP/slow.json"
exits 0 'before, too fast to be true' "${ask[@]}" "$ADDR"
jq -c "$faster" "$RUN" >"$TMP/late.json"
exits 0 'better than before' --compare "$TMP/slow.json" "$ADDR"
exits 4 'worse than before' --compare "$TMP/fast.json" "$ADDR"
like 'worse than before: says so' "$(said)" 'exit 4: .* compare rate .* REGRESSION'
exits 1 'not to be compared' -p 2 --compare "$TMP/fast.json" "$ADDR"
like 'not to be compared: says why' "$(said)" 'cannot be compared: pipeline 1 and 2'
exits 4 'an assertion failed, too' --assert 'p50<1ns' --compare "$TMP/slow.json" "$ADDR"
like 'an assertion failed, too: compared' "$(said)" 'compare rate '
exits 4 'worse counts more than no trust' "${ask[@]}" --strict --compare "$TMP/late.json" "$ADDR"
exits 1 'no report can be written' -q --csv "$TMP/no/such.csv" "$ADDR"

# ---- however it was shared out ----

for processes in 1 3; do
	exits 0 "-t $processes" -t $processes -n 3001 -d 10m -i 100ms "$ADDR"
	is "-t $processes: as many as were asked for" "$(number .requests.verified)" 3001
	is "-t $processes: each is in the histogram, once" "$(number \
	    '.latency.service | [.count, ([.histogram.counts[][2]] | add)] | tostring')" '[3001,3001]'
	is "-t $processes: each is of a connection" "$(number \
	    '[.fairness.msgs_sorted[]] | [length, add] | tostring')" '[8,3001]'
	is "-t $processes: each is of an interval" "$(number \
	    '([.intervals[].msgs] | add) == .requests.verified_in_time')" true
	is "-t $processes: the sum is that of the mean" "$(number '.latency.service |
	    (.histogram.sum_ns / .count - .mean_ns) | fabs <= 0.5')" true
done
for run in 1 2; do
	exits 0 "seed 7, $run" -c 1 -w 0 -n 500 -d 10m -m exp:300 --seed 7 "$ADDR"
	bytes[run]=$(number .integrity.verified_bytes)
done
is 'the same seed, the same sizes' "${bytes[1]}" "${bytes[2]}"
exits 0 'seed 8' -c 1 -w 0 -n 500 -m exp:300 --seed 8 "$ADDR"
is 'another seed, other sizes' "$([ "$(number .integrity.verified_bytes)" != "${bytes[1]}" ]; echo $?)" 0

# ---- errors that are tolerated ----

start_broken close 640
exits 4 'errors' --think 5ms "$BROKEN_ADDR"
exits 0 'so many errors' --think 5ms --max-errors 1000 "$BROKEN_ADDR"
exits 0 'such a share' --think 5ms --max-errors 50% "$BROKEN_ADDR"
exits 4 'a lesser share' --think 5ms --max-errors 0.01% "$BROKEN_ADDR"
stop_broken
# One target of two is not there: the ramp tolerates as much.
gone=127.0.0.1:1
# shellcheck disable=SC2086 # options
load $brief -c 4 "$ADDR" "$gone"
is 'not all there: exit 1' "$STATUS" 1
exits 0 'not all there, tolerated' --max-errors 100% -c 4 "$ADDR" "$gone"
is 'not all there, tolerated: the others have their echoes' "$(number \
    '[.requests.verified > 100, .fairness.starved, .errors.by_kind.connect_refused > 1] | tostring')" \
    '[true,2,true]'
exits 0 'not all there, each once' --max-errors 100% -c 4 --mode crr "$ADDR" "$gone"
at_least 'not all there, each once: they do not wait for each other' \
    "$(number .requests.verified)" 40
# shellcheck disable=SC2086 # options
load $brief --max-errors 1 -c 4 "$ADDR" "$gone"
is 'more are not there than is tolerated: exit 1' "$STATUS" 1
exits 1 'nobody is there, tolerated' --max-errors 100% -c 4 "$gone"
start_broken corrupt 640
exits 3 'wrong bytes are never tolerated' --max-errors 100% --assert 'p50<1ns' --strict "$BROKEN_ADDR"
stop_broken

# ---- several servers, and a ramp ----

first=$PID target=$ADDR
start_echod -l "unix:$TMP/echo" -l 127.0.0.1:0 || exit 1
load -c 9 -d 500ms -w 0 --connect-rate 50 "$target" "tcp://${ADDRS[1]}" "unix:$TMP/echo"
is 'three targets: exit 0' "$STATUS" 0
is 'three targets: nobody is left out' "$(number .fairness.starved)" 0
at_least 'a ramp at 50 a second: 8 gaps of 20 ms' "$(number .phases.ramp_ns)" 160000000
stop_echod
like 'three targets: the second server has its two thirds' "$(tail -n 1 "$LOG")" 'connections 6 '
PID=$first
stop_echod
