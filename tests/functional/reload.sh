#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# reload.sh -- the settings are put in force as a whole, or not at all; whoever is
# connected, or about to be, does not notice; and -s reload tells what came of it.
#
# Faults: F99 F126
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"
. "${0%/*}/load.sh"
. "${0%/*}/supervised.sh"

need ss jq strace

at='listen 127.0.0.1:0 { }'

# Good, then bad in every way, then good again, with a client that stays.
good_and_bad() # WORKERS
{
	local before

	WORDS="$BACKEND, workers = $1"
	settings "workers = $1" "$at"
	start_from_file || return
	connect
	ok 'a client is served' echoes "$FD"
	reloads 'nothing has changed'
	ok 'the client is served on' echoes "$FD"
	settings "workers = $1" 'idle-timeout = 10m' 'backlog = 77' "$at"
	reloads 'something has changed'
	ok 'and on' echoes "$FD"
	ok 'so are new ones' is_echoed

	[ "$1" -eq 0 ] || ok 'the workers that drain are those with clients' wait_for has_workers $(($1 + 1))
	wait_for no_retirement
	before=$(snapshot)
	settings "workers = $1" "$at" 'nonsense = 4' 'idle-timeout = soon'
	reload
	is 'unknown and wrong: exit status' "$STATUS" 78
	like 'unknown and wrong: file, line and name, and what is allowed' "$SAID" \
	    "^$CONF:3: nonsense: unknown setting"
	like 'unknown and wrong: all of it' "$SAID" "^$CONF:4: idle-timeout: "
	is 'unknown and wrong: and no more' "$(wc -l <<<"$SAID")" 2
	expect_error 'echod.conf:3: nonsense'
	expect_error 'echod.conf:4: idle-timeout'
	settings 'listen {'
	reload
	is 'no syntax: exit status' "$STATUS" 78
	like 'no syntax: the file and the line' "$SAID" "^$CONF:1: "
	expect_error 'echod.conf:1: '
	settings "workers = $1" "$at" 'listen 192.0.2.7:7 { }'
	reload
	is 'an address that is not ours: exit status' "$STATUS" 69
	like 'an address that is not ours: which' "$SAID" '^cannot listen on 192\.0\.2\.7:7: '
	expect_error 'cannot listen on 192'
	settings "workers = $1" "$at" 'max-connections = 9999999' 'listen unix:/nowhere/at/all { }'
	reload
	like 'limits that are not there, or no directory: exit status' "$STATUS" '^(69|78)$'
	expect_error '(max-connections|/nowhere)'
	rm "$CONF"
	reload
	like 'no file: exit status' "$STATUS" '^(66|78)$'
	like 'no file: which' "$SAID" "$CONF"
	expect_error 'echod.conf: '
	expect_error 'reload: refused; nothing has changed'
	is 'the same processes, with the same descriptors' "$(snapshot)" "$before"
	ok 'the client is served as before' echoes "$FD"

	settings "workers = $1" "$at"
	reloads 'good again'
	ok 'the client has not noticed' echoes "$FD"
	hang_up "$FD"
	[ "$1" -eq 0 ] || ok 'who has no client left, goes' wait_for has_workers "$1"
	stop_echod
}

is_echoed()
{
	local FD

	connect && echoes "$FD" && hang_up "$FD"
}

# Sockets that were to go have gone: nothing that a refused reload could be blamed for.
no_retirement()
{
	[ "$(listening "$PORT")" -le "$(wc -w <<<"$(serving)")" ] || [ -z "$(serving)" ]
}

# How many sockets listen on a port.
listening() # PORT
{
	ss -Hltn "sport = :$1" | wc -l
}

# -1, or how many of a listening socket's peers wait; and its backlog.
waiting() # PORT
{
	ss -Hltn "sport = :$1" | awk '{ n += $2 } END { print NR ? n : -1 }'
}

backlog() # PORT
{
	ss -Hltn "sport = :$1" | awk '{ print $3 }' | sort -u
}

# ---- what changes ----

# By what the kernel knows of a worker with a client: select or poll (which leave
# no trace), epoll, epoll-et.
waits_by() # PID
{
	local fd

	fd=$(find "/proc/$1/fd" -lname 'anon_inode:?eventpoll?' -printf '%f' -quit)
	if [ -z "$fd" ]; then
		echo 'select or poll'
	elif grep -Eq 'events: 8[0-9a-f]{7}' "/proc/$1/fdinfo/$fd"; then
		echo epoll-et
	else
		echo epoll
	fi
}

# Of those that serve, by how they wait for a client that is connected.
backend_in_use()
{
	local pid FD

	connect
	echoes "$FD"
	for pid in $(serving); do
		waits_by "$pid"
	done | sort | tail -n 1 # only one of them has the client
	hang_up "$FD"
}

first_worker()
{
	local first

	read -r first _ <<<"$(serving)"
	echo "$first"
}

# How echod's end of a connection is set up.
end_of() # FD, of ours
{
	local port

	port=$(ss -Htnp "dport = :$PORT" | grep "pid=$$,fd=$1)" | awk '{ sub(/.*:/, "", $4); print $4 }')
	ss -Htnm "sport = :$PORT and dport = :$port" | tr '\n' ' '
}

numbers()
{
	local n backends=(select 'select or poll' epoll epoll poll 'select or poll' epoll-et epoll-et)

	settings 'workers = 2' "$at"
	start_from_file -o log-level=debug || return
	is 'two sockets for two workers' "$(listening "$PORT")" 2
	for n in 4 1 3 2; do
		settings "workers = $n" "$at"
		reloads "workers = $n"
		ok "$n workers serve" wait_for serve "$n"
		ok "$n workers: the others are gone" wait_for has_workers "$n"
		ok "$n workers, $n sockets" wait_for is_listening "$n"
		for _ in {1..8}; do
			is_echoed || fail "$n workers: serve"
		done
	done
	settings 'workers = 2' 'accept = shared' "$at"
	reloads 'accept = shared'
	ok 'accept = shared: one socket' wait_for is_listening 1
	ok 'accept = shared: serves' is_echoed
	settings 'workers = 3' 'accept = shared' "$at"
	reloads 'accept = shared, workers = 3'
	is 'accept = shared, workers = 3: one socket' "$(listening "$PORT")" 1
	settings 'workers = 2' 'accept = reuseport' "$at"
	reloads 'accept = reuseport'
	is 'accept = reuseport: two sockets' "$(listening "$PORT")" 2
	ok 'accept = reuseport: serves' is_echoed
	for ((n = 0; n < ${#backends[@]}; n += 2)); do
		settings 'workers = 2' "backend = ${backends[n]}" "$at"
		reloads "backend = ${backends[n]}"
		is "backend = ${backends[n]}: is used" "$(backend_in_use)" "${backends[n + 1]}"
		ok "backend = ${backends[n]}: serves" is_echoed
	done
	stop_echod
}

is_listening() # COUNT
{
	[ "$(listening "$PORT")" -eq "$1" ]
}

# What can be changed of one process as well as of several.
options_change() # WORKERS
{
	local first second user uid

	WORDS="workers = $1"
	settings "workers = $1" 'max-connections = 1' "$at"
	start_from_file -o drain-timeout=1h || return
	connect
	first=$FD
	ok 'max-connections = 1: one is served' echoes "$first"
	connect
	second=$FD
	printf 'I wait\n' >&"$second"
	settings "workers = $1" 'max-connections = 50' 'backlog = 77' 'kernel-buffers = auto' "$at"
	is 'backlog: before' "$(backlog "$PORT")" 4096
	like 'kernel-buffers: bounded' "$(end_of "$first")" 'rb73728,'
	reloads 'more connections, backlog, kernel-buffers'
	IFS= read -r -t "$PATIENCE" -u "$second" got
	is 'max-connections: who waited is served' "$got" 'I wait'
	is 'backlog: after' "$(backlog "$PORT")" 77
	hang_up "$second"
	connect
	second=$FD
	ok 'kernel-buffers: a new connection' echoes "$second"
	unlike 'kernel-buffers: is not bounded' "$(end_of "$second")" 'rb73728,'
	hang_up "$second"
	hang_up "$first"

	settings "workers = $1" 'idle-timeout = 200ms' "$at"
	reloads 'idle-timeout'
	connect
	ok 'idle-timeout: is in force' has_ended "$FD"
	hang_up "$FD"
	settings "workers = $1" 'cpu-affinity = auto' "log = file:$TMP/other.log" 'log-level = debug' "$at"
	reloads 'cpu-affinity, log, log-level'
	ok 'log: another file' wait_for has_line "$TMP/other.log" 'info: reloaded'
	if [ "$1" -gt 0 ]; then
		like 'cpu-affinity: one processor' "$(status_of "$(first_worker)" Cpus_allowed_list)" '^[0-9]+$'
		ok 'log-level: debug' wait_for has_line "$TMP/other.log" 'debug: worker'
	fi
	rm "$TMP/other.log"
	expect_fds_now
	stop_echod
}

# Those that come with a supervisor, which is still root.
user_changes()
{
	local user=nobody

	WORDS=user
	if ! is_root; then
		skip 'the user changes' 'not root'
		return
	fi
	settings 'workers = 2' "$at"
	start_from_file || return
	is 'root at first' "$(status_of "$(first_worker)" Uid)" $'0\t0\t0\t0'
	settings 'workers = 2' "user = $user" "$at"
	reloads 'user'
	is 'the workers are somebody else' "$(status_of "$(first_worker)" Uid | cut -f 1)" "$(id -u $user)"
	is 'the supervisor is not' "$(status_of "$PID" Uid | cut -f 1)" 0
	settings 'workers = 2' 'user = daemon' "$at"
	reloads 'another user'
	is 'and another' "$(status_of "$(first_worker)" Uid | cut -f 1)" "$(id -u daemon)"
	ok 'serves' is_echoed
	stop_echod
}

# What a process that goes on cannot change.
fixed() # WORKERS SETTING VALUE
{
	local before

	WORDS="workers = $1, $2 = $3"
	settings "workers = $1" "pid-file = $PIDFILE" "$at"
	in_file=1 start_echod -c "$CONF" || return
	before=$(snapshot)
	case $2 in
	workers) settings "workers = $3" "pid-file = $PIDFILE" "$at" ;;
	pid-file) settings "workers = $1" "pid-file = $3" "$at" ;;
	*) settings "workers = $1" "pid-file = $PIDFILE" "$2 = $3" "$at" ;;
	esac
	reload
	is 'is refused' "$STATUS" 78
	like 'says which setting, and what to do' "$SAID" "$2: restart to change"
	expect_error "$2: restart to change"
	expect_error 'reload: refused; nothing has changed'
	is 'nothing has changed' "$(snapshot)" "$before"
	ok 'serves' is_echoed
	stop_echod
}

# ---- listening sockets ----

# Of an address that was given port 0 of its own.
port_of() # IP
{
	ss -Hltnp "src $1" | grep "pid=$PID," | awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u
}

talks_to() # socat's word for an address
{
	[ "$(echo hello | bounded socat -t "$PATIENCE" - "$1" 2>&1)" = hello ]
}

refuses_now() # socat's word
{
	! talks_to "$1" 2>/dev/null
}

addresses_change() # WORKERS
{
	local other

	WORDS="workers = $1, addresses"
	settings "workers = $1" "$at"
	start_from_file || return
	settings "workers = $1" "$at" 'listen 127.0.0.2:0 { }' "listen unix:$TMP/socket { }" \
	    "listen unix:@$TMP { }"
	reloads 'added'
	other=$(port_of 127.0.0.2)
	ok 'the first one still serves' is_echoed
	ok 'TCP serves' talks_to "TCP:127.0.0.2:$other"
	ok 'a path serves' talks_to "UNIX-CONNECT:$TMP/socket"
	ok 'an abstract one serves' talks_to "ABSTRACT-CONNECT:$TMP"
	reloads 'the same again'
	is 'a port that was chosen stays' "$(port_of 127.0.0.2)" "$other"
	ok 'TCP serves on' talks_to "TCP:127.0.0.2:$other"
	ok 'the path serves on' talks_to "UNIX-CONNECT:$TMP/socket"
	ok 'the abstract one serves on' talks_to "ABSTRACT-CONNECT:$TMP"
	settings "workers = $1" "$at"
	reloads 'removed'
	ok 'a path is removed' [ ! -e "$TMP/socket" ]
	ok 'an abstract one is refused' wait_for refuses_now "ABSTRACT-CONNECT:$TMP"
	ok 'TCP is refused in the end' wait_for is_refused 127.0.0.2 "$other"
	ok 'the first one serves to the end' is_echoed
	settings "workers = $1" "$at" "listen unix:$TMP/socket { }" "listen 127.0.0.2:$other { }"
	reloads 'back again'
	ok 'TCP serves again' talks_to "TCP:127.0.0.2:$other"
	ok 'the path serves again' talks_to "UNIX-CONNECT:$TMP/socket"
	expect_fds_now
	stop_echod
	ok 'the path is gone in the end' [ ! -e "$TMP/socket" ]
}

# They have sent, and nobody has accepted them yet, when their address goes.
accepted_empty() # WORKERS ADDRESS_LINE...
{
	local host port held=() fd i

	WORDS="workers = $1, $2"
	host=${2#listen } host=${host%%:*}
	settings "workers = $1" "$at" "$2"
	start_from_file || return
	port=$(port_of "$host")
	# shellcheck disable=SC2046 # a list
	hold_still $(workers) || return
	for i in {1..20}; do
		exec {fd}<>"/dev/tcp/$host/$port"
		printf 'I am number %d\n' "$i" >&"$fd"
		held+=("$fd")
	done
	is 'they wait' "$(waiting "$port")" 20
	settings "workers = $1" "$at"
	if [ "$1" -eq 0 ]; then
		kill -HUP "$PID"
	else
		reloads 'their address goes'
	fi
	go_on
	for i in "${!held[@]}"; do
		IFS= read -r -t "$PATIENCE" -u "${held[i]}" got
		[ "$got" = "I am number $((i + 1))" ] || fail "number $((i + 1)) is served" "$got"
		fd=${held[i]}
		exec {fd}>&-
	done
	pass 'all have been served'
	ok 'and then it is refused' wait_for is_refused "$host" "$port"
	expect_fds_now
	stop_echod
}

# Stop workers, or the process alone.
hold_still() # WORKER...
{
	held_still=("${@:-$PID}")
	kill -STOP "${held_still[@]}"
	wait_for is_stopped "${held_still[@]}"
}

go_on()
{
	kill -CONT "${held_still[@]}"
}

# ---- several at once ----

# From now on, new workers are slow to begin.
slow_down()
{
	strace -f -qq -o "$TMP/strace" -e trace=epoll_create1 \
	    -e inject=epoll_create1:delay_enter=1500000 -p "$PID" 2>"$TMP/strace.err" &
	tracer=$!
	wait_for is_traced "$PID" || fail 'strace attaches' "$(cat "$TMP/strace.err")"
}

speed_up()
{
	kill "$tracer"
	wait "$tracer" 2>/dev/null
}

ask() # NAME
{
	(reload; echo "$STATUS $SAID" >"$TMP/answer.$1") &
	asker=$!
}

answer() # NAME
{
	wait_for [ -s "$TMP/answer.$1" ]
	cat "$TMP/answer.$1"
}

# While one is under way: HUP after HUP, and two who ask.
coalesced()
{
	local askers=()

	WORDS='during a reload'
	BACKEND=epoll
	settings 'workers = 2' "$at"
	to_be_traced start_from_file || return
	slow_down
	ask first
	askers+=("$asker")
	ok 'the first has begun' wait_for has_workers 4
	for _ in {1..20}; do
		kill -HUP "$PID"
	done
	ask second
	askers+=("$asker")
	ask third
	askers+=("$asker")
	wait "${askers[@]}"
	is 'the first is answered' "$(answer first)" '0 '
	is 'the second is answered' "$(answer second)" '0 '
	is 'the third is answered' "$(answer third)" '0 '
	ok 'all have settled' wait_for serve_only 2
	is 'there were two reloads in all' "$(grep -c 'info: reloaded' "$LOG")" 2
	speed_up
	ok 'serves' is_echoed
	stop_echod
}

serve_only() # COUNT
{
	has_workers "$1" && serve "$1"
}

term_wins()
{
	WORDS='TERM during a reload'
	settings 'workers = 2' "$at"
	to_be_traced start_from_file || return
	slow_down
	rm -f "$TMP"/answer.*
	ask first
	ok 'it has begun' wait_for has_workers 4
	kill -TERM "$PID"
	wait "$asker"
	like 'who asked is told' "$(answer first)" '^69 .*told to stop'
	speed_up
	expect_error 'told to stop'
	expect_error 'reload: refused'
	ended_echod
	is 'exit status' "$STATUS" 0
	BACKEND=
}

nobody_there()
{
	WORDS='-s reload'
	settings 'workers = 2' "$at"
	reload
	is 'without an instance' "$STATUS" 69
}

for BACKEND in ${ECHOD_BACKENDS:-select poll epoll epoll-et}; do
	good_and_bad 0
	good_and_bad 2
done
BACKEND='' WORDS=''
numbers
options_change 0
options_change 2
user_changes
fixed 0 workers 2
fixed 0 backend poll
is_root && fixed 0 user nobody
fixed 0 pid-file "$TMP/other"
fixed 2 workers 0
fixed 2 pid-file "$TMP/other"
addresses_change 0
addresses_change 2
accepted_empty 0 'listen 127.0.0.2:0 { }'
accepted_empty 2 'listen 127.0.0.2:0 { }'
coalesced
term_wins
nobody_there
