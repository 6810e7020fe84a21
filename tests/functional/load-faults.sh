#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-faults.sh -- an echo server that is wrong is caught, whatever it does wrong:
# the right class, connection and offset named, the right exit code, and accounts
# that balance.
#
# Faults: F127

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
need jq

brief="-d 300ms -w 100ms -T 500ms -c 4"

# A violation: exit 3, counted in its class, with a message that names it.
is_caught() # FAULT CLASS WORDS [ARGS...]
{
	local fault=$1 class=$2 words=$3

	shift 3
	start_broken "$fault" 6400
	# shellcheck disable=SC2086 # options
	load $brief "$@" "$BROKEN_ADDR"
	stop_broken
	is "$fault: exit 3" "$STATUS" 3
	is "$fault: counted as $class" "$(number ".integrity.by_kind.$class > 0")" true
	like "$fault: says which connection and offset" \
	    "$(number '.integrity.examples[]')" "connection [0-9]+: $words"
	like "$fault: the report for people says so, too" "$(said)" "connection [0-9]+: $words"
	balances "$fault"
}

# A failure of the server's that loses nothing: exit 4.
is_counted() # FAULT KIND WORDS [ARGS...]
{
	local fault=$1 kind=$2 words=$3

	shift 3
	start_broken "$fault" 6400
	# shellcheck disable=SC2086 # options
	load $brief "$@" "$BROKEN_ADDR"
	stop_broken
	is "$fault: exit 4" "$STATUS" 4
	is "$fault: counted as $kind" "$(number ".errors.by_kind.$kind > 0")" true
	is "$fault: no violation" "$(number '.integrity.violations')" 0
	like "$fault: says where" "$(number '.errors.examples[]')" "connection [0-9]+: $words"
	balances "$fault"
}

start_broken none
# shellcheck disable=SC2086 # options
load $brief "$BROKEN_ADDR"
stop_broken
is "one that is right: exit 0" "$STATUS" 0
is "one that is right: every byte is verified" \
    "$(number '.integrity | .violations == 0 and .verified_bytes > 6400')" true
balances "one that is right"

bytes='want( [0-9a-f]{2})+, got( [0-9a-f]{2})+'
is_caught corrupt corrupt "corrupt at offset [0-9]+: $bytes"
# In the middle of the message that ends with byte 6400, and the lowest bit of it.
read -r at want got < <(number '.integrity.examples[0]' |
	sed -n 's/^.*at offset \([0-9]*\): want \(..\).* got \(..\).*$/\1 \2 \3/p')
is "corrupt: the offset is that of the byte" "$at" $((6400 - 64 + 32))
is "corrupt: what was expected and what came" $((0x$want ^ 0x$got)) 1
is_caught missing corrupt "corrupt at offset [0-9]+: $bytes.*1 bytes are missing" -p 8
is_caught duplicate stale "stale at offset [0-9]+: $bytes.*its own from 32 bytes before"
is_caught stale stale "stale at offset [0-9]+: $bytes.*its own from [0-9]+ bytes before"
is_caught extra surplus "1 bytes more than were sent, at offset [0-9]+"
is_caught swap crosstalk "crosstalk at offset [0-9]+: $bytes.*of connection [0-9]+"
is_caught early truncated "ended at offset [0-9]+, [0-9]+ bytes owed"
is_caught half truncated "ended at offset [0-9]+, [0-9]+ bytes owed"
is_caught reset truncated "ended at offset [0-9]+, [0-9]+ bytes owed"
is_caught die truncated "ended at offset [0-9]+, [0-9]+ bytes owed"
is "die: and then nobody is there" "$(number '.errors.by_kind.connect_refused > 0')" true
is_caught corrupt corrupt "corrupt at offset [0-9]+: $bytes" -t 2
is_caught corrupt corrupt "corrupt at offset [0-9]+: $bytes" -r 2000
is_caught late late_data "4 bytes more than were sent, after its end" --mode halfclose -m 1k

is_counted mute request_timeout 'no echo in 0.5 s, [0-9]+ bytes owed at offset [0-9]+' -w 0
is_counted missing request_timeout 'no echo in 0.5 s, 1 bytes owed at offset [0-9]+' -w 0
is_counted close early_close 'closed by the server after [0-9]+ bytes, none owed' \
    --think 20ms -d 3s

# Mute from the first byte on, or frozen: no echo is no success, however short the wait.
barren() # NAME STATUS ARGS...
{
	local name=$1 status=$2

	shift 2
	load -d 300ms -w 0 -c 5 "$@"
	is "$name: exit $status" "$STATUS $(number .exit_code)" "$status $status"
	is "$name: nothing was verified" "$(number .requests.verified)" 0
	is "$name: not trustworthy" "$(number .trustworthy)" false
	like "$name: says so" "$(said)" \
	    "not trustworthy.*warning W_NO_ECHO .*result nothing came back.*exit $status: "
	balances "$name"
}
start_broken mute 0
barren 'mute, given up' 1 -T 100ms "$BROKEN_ADDR"
barren 'mute, until the end' 1 --drain 100ms "$BROKEN_ADDR"
is 'mute, until the end: each request is an error' "$(number \
    '[.errors.total, .errors.by_kind.unfinished, .requests.unfinished] | tostring')" '[5,5,5]'
barren 'mute, whatever is tolerated' 1 --drain 100ms --max-errors 100% "$BROKEN_ADDR"
stop_broken
# Four of a hundred and more do not come back: these are errors, and may be tolerated.
for tolerated in 0:4 3:4 4:0; do
	start_broken mute 6400
	load -d 300ms -w 0 -c 4 --drain 100ms --max-errors ${tolerated%:*} "$BROKEN_ADDR"
	stop_broken
	is "mute later, ${tolerated%:*} tolerated: exit ${tolerated#*:}" "$STATUS" ${tolerated#*:}
	is "mute later: four are errors" "$(number \
	    '[.errors.total, .requests.unfinished] | tostring')" '[4,4]'
	balances "mute later"
done

# Late is not wrong: it is in the histogram.
start_broken delay
load -d 1s -w 0 -T 5s -c 1 "$BROKEN_ADDR"
stop_broken
is "delay: exit 0" "$STATUS" 0
at_least "delay: 300 ms are measured as such" "$(number '.latency.service.min_ns')" 300000000

# Nobody there at all.
start_broken none
stop_broken
load -d 300ms "$BROKEN_ADDR"
is "refused: exit 1" "$STATUS" 1
like "refused: says so" "$OUT" "connection [0-9]+: cannot connect: Connection refused"
