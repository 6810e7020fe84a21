#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# leash.sh -- the supervisor is killed: its workers notice at once, accept no more,
# serve those connected, and end; and another instance can have the address.
#
# Faults: F89
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"
. "${0%/*}/load.sh"
. "${0%/*}/supervised.sh"

need jq ss

# The supervisor is gone, and nobody is to blame.
bury()
{
	await_exit
	is 'it was killed' "$STATUS" 137
}

# Until nobody listens, in ms.
notice()
{
	local began=${EPOCHREALTIME/./}

	kill -KILL "$PID"
	while ! is_refused "$HOST" "$PORT"; do
		[ $((${EPOCHREALTIME/./} - began)) -lt 10000000 ] || break
	done
	noticed=$(((${EPOCHREALTIME/./} - began) / 1000))
}

alone() # ACCEPT
{
	local orphans pid

	WORDS="$BACKEND, accept = $1"
	settings 'workers = 2' "accept = $1" 'drain-timeout = 1h' 'listen 127.0.0.1:0 { }'
	start_from_file || return
	connect
	ok 'a client is served' echoes "$FD"
	orphans=$(workers)
	notice
	figure "nobody listens after $noticed ms"
	at_most 'they accept no more, 50 ms later (1,000, where others work, too)' "$noticed" 1000
	bury
	ok 'who is connected is served on' echoes "$FD"
	ok 'they say why' has_line "$LOG" 'warn: the supervisor is gone; draining'
	hang_up "$FD"
	for pid in $orphans; do
		ok 'then they end' wait_for is_over "$pid"
	done
}

# Those who do not leave are told goodbye when the time is over.
limited()
{
	local orphans pid

	WORDS='with a client that stays'
	settings 'workers = 2' 'drain-timeout = 1s' 'listen 127.0.0.1:0 { }'
	start_from_file || return
	connect
	ok 'a client is served' echoes "$FD"
	orphans=$(workers)
	kill -KILL "$PID"
	bury
	ok 'it gets an end, not a reset' has_ended "$FD"
	hang_up "$FD"
	for pid in $orphans; do
		ok 'they end' wait_for is_over "$pid"
	done
}

# Started at once, on the same addresses, with the same pid file; the clients of the
# old one are still there.
another()
{
	local dead orphans pid old

	WORDS='another instance'
	settings 'workers = 2' 'drain-timeout = 1h' 'listen 127.0.0.1:0 { }'
	start_from_file -l "unix:$TMP/socket" -l 127.0.0.1:0 || return
	ADDR=${ADDRS[1]} PORT=${ADDRS[1]##*:} HOST=127.0.0.1
	settings 'workers = 2' "listen $ADDR { }" "listen unix:$TMP/socket { }"
	start_load short 20 --mode crr -r 500 "$ADDR" # before there is $old to inherit
	ok 'load is under way' wait_for has_closed 50
	connect
	old=$FD
	ok 'a client is served' echoes "$old"
	orphans=$(workers)
	dead=$PID
	kill -KILL "$dead"
	start_from_file || return
	pass 'begins at once'
	connect
	ok 'serves' echoes "$FD"
	hang_up "$FD"
	ok 'so do the orphans' echoes "$old"
	hang_up "$old"
	for pid in $orphans; do
		ok 'the orphans end' wait_for is_over "$pid"
	done
	end_load short
	is 'every byte was right' "$(of_load short .integrity.by_kind |
	    jq '.corrupt + .stale + .crosstalk + .surplus + .late_data')" 0
	note "meanwhile: $(of_load short '.errors.by_kind | tostring')"
	stop_echod
	PID=$dead
	bury
}

for BACKEND in ${ECHOD_BACKENDS:-select poll epoll epoll-et}; do
	alone reuseport
	alone shared
done
BACKEND=
limited
another
