#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# reload-storm.sh -- reload after reload, every second one of a broken file, while
# 2,500 connections a second come and go and 500 stay: nobody notices.
#
# RELOADS: how many (200); make soak has more.
#
# Faults: F99
. "${0%/*}/own-net.sh"
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"
. "${0%/*}/load.sh"
. "${0%/*}/supervised.sh"

need jq ss ip nstat

rate=2500 long=500 reloads=200
is_sanitized && rate=300 long=50 reloads=20
RELOADS=${RELOADS:-$reloads}

at='listen 127.0.0.1:0 { }'
# After fewer sockets than before the next reload has to wait, so these are but three.
changes=('workers = 3' 'backend = epoll-et' 'idle-timeout = 10m' 'accept = shared' \
    'backlog = 1000' 'backend = poll' 'kernel-buffers = auto' 'stall-timeout = 0' \
    'workers = 1' 'cpu-affinity = auto')

bad_file()
{
	settings 'workers = 2' "$at" 'nonsense = 4'
}

good_file() # NUMBER
{
	settings 'drain-timeout = 1h' 'workers = 2' "$at" # and then what is changed
	if (($1 % 2)); then
		local change=${changes[$1 / 2 % ${#changes[@]}]}

		sed -i "/^${change%% =*} /d" "$CONF"
		echo "$change" >>"$CONF"
	fi
}

both() # of a pair, alternately
{
	local i failed=0

	for ((i = 0; i < $1; i++)); do
		if ((i % 2)); then
			good_file $((i / 2))
			reload
			[ "$STATUS" = 0 ] || ((failed++))
		else
			bad_file
			reload
			[ "$STATUS" = 78 ] || ((failed++))
		fi
	done
	return $failed
}

plain() # back to where it began
{
	good_file 0
	reload
}

# Of the supervisor alone.
memory()
{
	status_of "$PID" VmRSS | tr -d ' kB'
}

has_fds_itself() # COUNT
{
	[ "$(fds_in "$PID")" -eq "$1" ]
}

story()
{
	local fds rss began elapsed

	good_file 0
	start_from_file || return
	ok 'the first reloads' both 4
	plain
	ok 'the workers of before have gone' wait_for has_workers 2
	start_load long $long --think 200ms "$ADDR"
	ok 'all are connected' wait_for has_established $long
	start_load short 100 --mode crr -r $rate -B 127.1.0.0/26 "$ADDR"
	ok 'short ones come and go' wait_for has_closed 100
	fds=$(fds_in "$PID") rss=$(memory)
	began=${EPOCHREALTIME/./}
	ok "$RELOADS reloads, each with the answer that is due" both "$RELOADS"
	elapsed=$(((${EPOCHREALTIME/./} - began) / 1000))
	plain
	end_load short
	end_load long
	lost_nothing short
	lost_nothing long
	nothing_was_sent_twice load
	at_least '2,000 new connections a second' \
	    "$(of_load short '.throughput.msgs_per_s | round')" $((rate * 8 / 10))
	is 'the long connections are those of the beginning' \
	    "$(of_load long .connections.established)" $long
	ok 'the workers of before have gone again' wait_for has_workers 2
	ok 'the supervisor has no more descriptors' wait_for has_fds_itself "$fds"
	is_sanitized || at_most 'nor more memory, KiB' $(($(memory) - rss)) 512
	figure "$RELOADS reloads in $elapsed ms; supervisor: $fds -> $(fds_in "$PID") descriptors, $rss -> $(memory) KiB"
	figure "$(of_load short .connections.established) short connections, longest wait $(longest_wait short) ms"
	figure "$long long ones, $(of_load long .requests.verified) echoes, longest wait $(longest_wait long) ms"
	expect_error 'nonsense: unknown setting'
	expect_error 'reload: refused'
	expect_fds_now
	stop_echod
}

story
