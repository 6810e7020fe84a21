#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-progress.sh -- what echoload says while it runs: a line that changes on a
# terminal, lines without control characters elsewhere, and stdout is for the report.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq script stty

BACKEND=epoll
start_echod || exit 1

run() # ARGS...: OUT, ERR
{
	bounded "$ECHOLOAD" "$@" "$ADDR" >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
	OUT=$(<"$TMP/out") ERR=$(<"$TMP/err")
}

# ---- elsewhere ----

run -d 1s -w 600ms -i 250ms -c 20 --connect-rate 40
is 'lines: exit 0' "$STATUS" 0
is 'lines: no control character' "$(LC_ALL=C grep -c '[[:cntrl:]]' "$TMP/err")" 0
is 'lines: each begins with the time' "$(grep -cvE '^ *[0-9]+\.[0-9]s  [a-z0-9]' "$TMP/err")" 0
like 'lines: of the ramp' "$ERR" 's  ramp [0-9.]+s  [0-9]+/20 conn$'
like 'lines: of the warm-up' "$ERR" 's  warm-up [0-9.]+/0\.6s  20 conn$'
like 'lines: of the measured phase' "$ERR" \
    's  [0-9.]+/1s  20 conn  [0-9.]+[kM]? msg/s  p50 [0-9.]+[mu]s p99 [0-9.]+[mu]?s max [0-9.]+[mu]?s  err 0  cpu [0-9]+%'
is 'lines: one for each interval' "$(grep -c 'msg/s' "$TMP/err")" 4
is 'the report is on stdout, alone' "$(grep -c '^throughput' "$TMP/out") $(grep -c conn/s "$TMP/out")" '1 0'
is 'the report has 80 columns' "$(grep -cE '^.{81}' "$TMP/out")" 0
unlike 'no colour in a file' "$OUT" $'\e'

run -d 500ms -w 0 -i 100ms -r 2000 -c 4
like 'open loop: the rate that was asked for, and lag' "$ERR" '/2000 msg/s .*  lag [0-9.]+[mun]?s'

for quiet in --no-progress -q; do
	run -d 300ms -w 0 -i 100ms -c 2 $quiet
	is "$quiet: nothing on stderr" "$ERR" ''
done
is '-q: nothing on stdout' "$OUT" ''

run -d 300ms -w 0 -c 2 -j -
ok '-j -: stdout is JSON, and nothing else' jq -e .requests.verified "$TMP/out"
like '-j -: the report is on stderr' "$ERR" '^throughput'
run -d 300ms -w 0 -c 2 -q --csv -
is '--csv -: a head and a row' "$(head -n 1 "$TMP/out" | grep -c ,) $(wc -l <"$TMP/out")" '1 2'
run -d 300ms -w 0 -c 2 -q --hgrm -
like '--hgrm -: its head' "$OUT" '^ +Value +Percentile +TotalCount'
run -d 300ms -w 0 -c 2 --color always
like '--color always: is painted' "$OUT" $'\e\\['

# ---- on a terminal ----

# What a terminal would get, of so many columns.
on_terminal() # COLUMNS COMMAND
{
	SHELL=/bin/sh bounded script -qec "stty cols $1; exec $2" /dev/null \
	    >"$TMP/typescript" 2>&1 </dev/null
	STATUS=$?
}

for columns in 80 100; do
	on_terminal $columns "'$ECHOLOAD' -r 2k -d 1s -w 300ms -i 250ms -c 4 '$ADDR' >'$TMP/out'"
	is "$columns columns: exit 0" "$STATUS" 0
	tr '\r' '\n' <"$TMP/typescript" | grep . >"$TMP/live"
	at_least "$columns columns: the line changes" "$(sort -u "$TMP/live" | wc -l)" 4
	is "$columns columns: it fits" "$(grep -cE "^.{$columns}" "$TMP/live")" 0
	is "$columns columns: it covers what was there before" "$(grep -cvE "^.{$((columns - 1))}" "$TMP/live")" 0
	is "$columns columns: it is one line" "$(wc -l <"$TMP/typescript")" 0
	is "$columns columns: no word of it in the report" "$(grep -c $'\r' "$TMP/out")" 0
	like "$columns columns: it is wiped off in the end" "$(tr '\r' '#' <"$TMP/typescript")" \
	    "# {$((columns - 1))}#\$"
done
like 'more columns: more is said' "$(cat "$TMP/live")" 'err 0  lag [0-9.]+[mun]?s  cpu [0-9]+%'
on_terminal 80 "'$ECHOLOAD' -d 300ms -w 0 -c 4 --no-progress '$ADDR'"
like 'the report is painted' "$(cat "$TMP/typescript")" $'\e\\['
NO_COLOR=1 on_terminal 80 "'$ECHOLOAD' -d 300ms -w 0 -c 4 --no-progress '$ADDR'"
unlike 'not if NO_COLOR is set' "$(cat "$TMP/typescript")" $'\e\\['
