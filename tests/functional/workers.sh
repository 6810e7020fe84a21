#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What there is only with workers: their titles, their processors, the sockets they
# share, who writes the log, and how what they have done is added up.
#
# Faults: F64 F65 F85 F86

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
need ss taskset

titles() # of all workers, a line each
{
	local pid

	for pid in $(workers_of); do
		title_of "$pid"
	done | sort
}

shows() # REGEX, in the title of one
{
	titles | grep -Exq -- "$1"
}

workers_are() # COUNT
{
	[ "$(workers_of | wc -w)" = "$1" ]
}

they_have_titles()
{
	start_echod -n 3 || return
	is 'title of the supervisor' "$(title_of "$PID")" 'echod: supervisor'
	is 'titles of the workers' "$(titles | paste -sd ,)" "$(printf 'echod: worker %s (generation 1),' \
	    0 1 2 | sed 's/,$//')"
	like 'ps(1) shows them' "$(ps -o args= -p "$(workers_of | tr ' ' ,)")" \
	    '^echod: worker 2 \(generation 1\)$'
	connect
	ok 'one is connected' echoes "$FD"
	kill -HUP "$PID"
	ok 'the next generation' wait_for shows 'echod: worker 2 \(generation 2\)'
	ok 'the one before, which drains' wait_for shows \
	    'echod: worker [012] \(generation 1\) draining 1'
	hang_up "$FD"
	ok 'it ends with its last connection' wait_for workers_are 3
	is 'then the titles are' "$(titles | paste -sd ,)" "$(printf 'echod: worker %s (generation 2),' \
	    0 1 2 | sed 's/,$//')"
	stop_echod
}

# The numbers of a list of processors as the kernel writes it, "0,2-3": each.
expand() # LIST
{
	local part

	for part in ${1//,/ }; do
		seq "${part%-*}" "${part#*-}"
	done
}

cpus_of_workers()
{
	local pid

	for pid in $(workers_of); do
		echo "$(title_of "$pid") $(status_of "$pid" Cpus_allowed_list)"
	done | sort | sed 's/.* //' | paste -sd ' '
}

they_are_pinned()
{
	local all last

	mapfile -t all < <(expand "$(status_of $$ Cpus_allowed_list)")
	last=${all[-1]}
	start_echod -n 3 || return
	is 'cpu-affinity=off: anywhere' "$(cpus_of_workers | tr ' ' '\n' | sort -u)" \
	    "$(status_of $$ Cpus_allowed_list)"
	stop_echod
	start_echod -n 3 -o cpu-affinity=auto || return
	is 'cpu-affinity=auto: one each, going round' "$(cpus_of_workers)" \
	    "${all[0]} ${all[1 % ${#all[@]}]} ${all[2 % ${#all[@]}]}"
	is 'cpu-affinity=auto: the supervisor anywhere' "$(status_of "$PID" Cpus_allowed_list)" \
	    "$(status_of $$ Cpus_allowed_list)"
	stop_echod
	start_echod -n 3 -o "cpu-affinity=$last" || return
	is 'cpu-affinity=LIST: no other' "$(cpus_of_workers)" "$last $last $last"
	stop_echod
	start_by "exec taskset -c $last \"\$@\"" -n 2 -o cpu-affinity=auto || return
	is 'cpu-affinity=auto: of those that it may use' "$(cpus_of_workers)" "$last $last"
	stop_echod
	start_by "exec taskset -c $last \"\$@\"" -n auto || return
	is 'workers=auto: as many as it may use' "$(workers_of | wc -w)" 1
	stop_echod
	start_echod -n auto || return
	is 'workers=auto: all' "$(workers_of | wc -w)" ${#all[@]}
	stop_echod
}

listening() # PORT: how many sockets
{
	ss -tlnH "( sport = :$1 )" | wc -l
}

# Of those who wait at one socket whoever is awake takes the next.
they_share()
{
	local first

	start_echod -o accept=reuseport -l 127.0.0.1:0 -l "unix:$TMP/socket" || return
	is 'accept=reuseport: a socket for each' "$(listening "$PORT")" "$WORKERS"
	ok 'accept=reuseport: all are served' bounded "$PEER" echo -n 50 -s 1000 "$ADDR"
	is 'a unix socket is shared' "$(ss -xlnH | grep -c " $TMP/socket ")" 1
	ok 'a unix socket: all are served' bounded "$PEER" echo -n 50 -s 1000 "${ADDRS[1]}"
	stop_echod

	start_echod -o accept=shared || return
	is 'accept=shared: one socket' "$(listening "$PORT")" 1
	ok 'accept=shared: all are served' bounded "$PEER" echo -n 50 -s 1000 "$ADDR"
	read -r first _ <<<"$(workers_of)"
	kill -STOP "$first"
	ok 'accept=shared: one is stopped, and nobody waits' bounded "$PEER" echo -n 20 -s 1000 "$ADDR"
	kill -CONT "$first"
	stop_echod
}

# A signal that is not for it has it say something.
has_spoken() # FILE PID
{
	has_line "$1" "echod\\[$2\\] info: Hangup is for the supervisor"
}

their_log()
{
	local log=$TMP/workers.log pid

	start_echod -n 3 -o "log=file:$log" || return
	mv "$log" "$log.1"
	kill -USR1 "$PID"
	ok 'USR1: a new log' wait_for has_line "$log" 'log: opened again'
	for pid in $(workers_of); do
		# Only who is waiting for nothing has heard of the new file.
		ok 'USR1: the worker has the new log' wait_for has_file "$pid" "$log"
		kill -HUP "$pid"
		ok 'USR1: the worker writes to it' wait_for has_spoken "$log" "$pid"
		ok 'USR1: the worker has let go of the old one' eval \
		    '! has_file "$pid" "$log.1"'
	done
	unlike 'USR1: nothing more went to the old one' "$(cat "$log.1")" 'Hangup'
	stop_echod
}

has_file() # PID FILE
{
	find "/proc/$1/fd" -lname "$2" | grep -q .
}

# Workers that take their time to begin.
ready_when_all_accept()
{
	local pid fd line

	if is_sanitized; then
		skip 'ready when all accept' 'a sanitizer and strace do not go together'
		return
	fi
	if ! strace -o /dev/null true 2>/dev/null; then
		skip 'ready when all accept' 'strace is not installed, or not allowed'
		return
	fi
	# Not by start_echod, which reads to the end: strace has the descriptor, too.
	mkfifo "$TMP/fifo"
	strace -D -f -qq -o /dev/null -e trace=sched_setaffinity \
	    -e inject=sched_setaffinity:delay_enter=700000 \
	    "$ECHOD" -c "$TMP/empty.conf" -l 127.0.0.1:0 -n 3 -b epoll -o cpu-affinity=auto \
	    --ready-fd 3 3>"$TMP/fifo" </dev/null 2>"$TMP/slow.log" &
	PID=$!
	exec {fd}<"$TMP/fifo"
	IFS= read -r -t "$PATIENCE" -u "$fd" line
	like 'slow to begin: ready in the end' "$line" '^127\.0\.0\.1:'
	for pid in $(workers_of); do
		like 'ready: the worker watches its socket' "$(cat "/proc/$pid/fdinfo"/*)" '^tfd:'
	done
	is 'ready: all were there' "$(workers_of | wc -w)" 3
	exec {fd}<&-
	kill -TERM $PID
	wait $PID
	is 'slow to begin: exit status' $? 0
}

# Of lines "worker N: connections C (peak P), bytes in B, ...".
sum_of() # WORDS
{
	sed -n "s/.* info: worker [0-9]*: .*$1 \([0-9]*\).*/\1/p" "$LOG" | paste -sd + | bc
}

fairness() # of the lines of workers: most / mean
{
	sed -n 's/.* info: worker [0-9]*: connections \([0-9]*\) .*/\1/p' "$LOG" |
	    awk '{ sum += $1; if ($1 > most) most = $1 }
		END { printf("%.2f", sum > 0 ? most * NR / sum : 1) }'
}

they_are_added_up()
{
	local first

	start_echod -n 2 || return
	ok '30 connections' bounded "$PEER" echo -n 30 -s 1000 "$ADDR"
	wait_for has_fds "$PID" "${fds_of[$PID]}"
	read -r first _ <<<"$(workers_of)"
	expect_error 'worker [01] \(process [0-9]+\) was killed by signal 9, Killed'
	kill -KILL "$first"
	ok 'a worker was killed, and has a successor' wait_for has_other_worker "$first"
	ok '20 more' bounded "$PEER" echo -n 20 -s 1000 "$ADDR"
	stop_echod
	is 'a line for each' "$(grep -c ' info: worker [01]: connections ' "$LOG")" 2
	is 'connections: what all have done' "$(sum_of connections)" 50
	is 'bytes: what all have done, the dead as well' "$(sum_of 'bytes out')" \
	    "$(sed -n 's/.* stopped: .* bytes out \([0-9]*\),.*/\1/p' "$LOG")"
	is 'fairness: the most over the mean' \
	    "$(sed -n 's/.* accept fairness (max\/mean) //p' "$LOG")" "$(fairness)"

	printf 'workers = 1\n' >"$TMP/settings.conf"
	WORKERS=0 start_echod -c "$TMP/settings.conf" || return # as the file says
	printf 'workers = 3\n' >"$TMP/settings.conf"
	kill -HUP "$PID"
	ok 'a reload: more workers' wait_for has_line "$LOG" 'reloaded: generation 2 serves'
	ok '20 connections' bounded "$PEER" echo -n 20 -s 1000 "$ADDR"
	ok 'the one before has gone' wait_for workers_are 3
	fds_of[$PID]=$(fds)
	stop_echod
	is 'a line for each that there was' "$(grep -c ' info: worker [012]: connections ' "$LOG")" 3

	start_echod -n 2 || return
	stop_echod
	like 'nobody came: that was fair' "$(tail -n 1 "$LOG")" 'accept fairness \(max/mean\) 1\.00$'
}

has_other_worker() # PID: not that one, but two that are ready
{
	[[ " $(workers_of) " != *" $1 "* ]] && workers_are 2 && [ "$(fds)" = "${fds_of[$PID]}" ]
}

WORKERS=2
they_have_titles
they_are_pinned
their_log
ready_when_all_accept
they_are_added_up
ECHOD_WORKERS=2 for_backends they_share
