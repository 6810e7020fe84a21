#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# saved-runs.sh -- what echoload does with runs that were saved as JSON: pages of
# several, two that become one, and a comparison with one of before.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq

# A sub-command: STATUS, and OUT (both streams).
sub() # ARGS...
{
	OUT=$(bounded "$ECHOLOAD" "$@" 2>&1)
	STATUS=$?
}

of() # FILE JQ-EXPRESSION
{
	jq -c "$2" "$1"
}

sum() # JQ-EXPRESSION: of both runs
{
	jq -s "map($1) | add" "$A" "$B"
}

A=$TMP/a.json B=$TMP/b.json ALL=$TMP/all.json

# Two at the same time, each with a half of the load.
start_echod || exit 1
for half in "$A" "$B"; do
	bounded "$ECHOLOAD" --no-progress -q -c 4 -d 1s -w 200ms -i 100ms -r 1000 -j "$half" \
	    --seed ${#half} "$ADDR" &
	halves+=" $!"
done
for pid in $halves; do
	wait "$pid"
	is "half of the load: exit 0" $? 0
done

sub merge "$A" "$B" -j "$ALL"
is "merge: exit 0" "$STATUS" 0
is "merge: all requests" "$(of "$ALL" .requests.verified)" "$(sum .requests.verified)"
is "merge: all samples" "$(of "$ALL" .latency.response.count)" "$(sum .latency.response.count)"
is "merge: all of them in the histogram" \
    "$(of "$ALL" '[.latency.response.histogram.counts[][2]] | add')" \
    "$(sum '[.latency.response.histogram.counts[][2]] | add')"
is "merge: the longest is the longest of both" "$(of "$ALL" .latency.response.max_ns)" \
    "$(jq -s 'map(.latency.response.max_ns) | max' "$A" "$B")"
is "merge: what was asked, together" "$(of "$ALL" '.throughput.asked_msgs_per_s == 2000')" true
is "merge: connections" "$(of "$ALL" '.fairness.msgs_sorted | length')" 8
sub merge "$ALL" -j "$TMP/again.json"
is "merge: one alone stays as it is" \
    "$(jq -cS 'del(.config.argv, .steady, .client)' "$TMP/again.json")" \
    "$(jq -cS 'del(.config.argv, .steady, .client)' "$ALL")"

sub report "$A" "$B" "$ALL" -o "$TMP/cmp.html"
is "report: exit 0" "$STATUS" 0
is "report: figures" "$(grep -c '<figure id=' "$TMP/cmp.html")" 6
is "report: the data of all" "$(grep -c 'type="application/json"' "$TMP/cmp.html")" 3
sub report "$A" -o -
like "report: to stdout" "$OUT" '^</html>'

# As if all echoes of the run of before had taken a second.
jq -c '.latency.response.histogram |=
    (.max_ns = 1074790399 | .counts = [[1073741824, 1074790399, .count]])' "$A" >"$TMP/slow.json"
load -c 4 -d 1s -w 200ms -i 100ms -r 1000 --compare "$TMP/slow.json" --max-regress 50% "$ADDR"
is "compare: better: exit 0" "$STATUS" 0
like "compare: says how much" "$OUT" 'compare +p50 +1\.07s -> .* ok'
# As if the run of before had been ten times as fast.
jq -c '.requests.verified_in_time *= 10' "$A" >"$TMP/fast.json"
load -c 4 -d 1s -w 200ms -i 100ms -r 1000 --compare "$TMP/fast.json" "$ADDR"
is "compare: much worse: exit 4" "$STATUS" 4
like "compare: says so" "$OUT" 'compare +rate .* REGRESSION'
load -c 5 -d 500ms -w 100ms -r 1000 --compare "$A" "$ADDR"
is "compare: with another load: exit 1" "$STATUS" 1
like "compare: says why" "$OUT" 'cannot be compared: connections 4 and 5'
stop_echod

# ---- what cannot be done ----

jq -c '.config.pipeline = 16' "$B" >"$TMP/other.json"
sub merge "$A" "$TMP/other.json" -j "$ALL"
is "merge: of unlike runs: exit 1" "$STATUS" 1
like "merge: says in what they differ" "$OUT" 'do not fit together: pipeline 1 and 16'
head -c 1000 "$A" >"$TMP/half.json"
sub report "$TMP/half.json" -o "$TMP/cmp.html"
is "report: of half a file: exit 1" "$STATUS" 1
like "report: says where it ends" "$OUT" 'half\.json:[0-9]+: '
sub report "$TMP/none.json" -o "$TMP/cmp.html"
is "report: of no file: exit 1" "$STATUS" 1
sub report "$A" -o "$TMP/no/such/cmp.html"
is "report: to nowhere: exit 1" "$STATUS" 1
sub report "$A"
is "report: without a file to write: exit 2" "$STATUS" 2
sub merge -j "$ALL"
is "merge: of nothing: exit 2" "$STATUS" 2
if [ -e /dev/full ]; then
	sub report "$A" -o /dev/full
	is "report: to a full disk: exit 1" "$STATUS" 1
fi
