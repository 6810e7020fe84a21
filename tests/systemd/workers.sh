# SPDX-License-Identifier: ISC
#
# echod.service with worker processes: a reload that is good, one that is bad, both
# under load; a worker that is stopped, and a supervisor that is.
. "${0%/*}/lib.sh"
. "${0%/*}/../functional/life.sh"
. "${0%/*}/under-load.sh"

HOST=127.0.0.1 PORT=7007

settings() # LINE...
{
	printf '%s\n' 'workers = 2' 'listen "127.0.0.1:7007" { }' "$@" >"$CONF/echod.conf"
}

children() # PID
{
	tr ' ' '\n' <"/proc/$1/task/$1/children" | sort
}

starts()
{
	settings
	ok 'start, with two workers' systemctl start echod
	is 'ready means ready' "$(echo_of hello $HOST $PORT)" hello
	ok 'it says how it is' wait_for status_is \
	    '^serving: generation 1, workers 2, connections [0-9]+, accepted [0-9]+$'
}

good_reloads()
{
	local i

	connect
	echoes "$FD"
	for i in 1 2 3; do
		settings "idle-timeout = ${i}m"
		ok "good reload $i" systemctl reload echod
	done
}

bad_reloads()
{
	local i

	settings 'idle-timeout = 90'
	for i in 1 2 3; do
		systemctl reload echod 2>/dev/null
		is "bad reload $i: fails" $? 1
		is "bad reload $i: the service goes on" "$(property ActiveState)" active
	done
}

reloads()
{
	local pid

	pid=$(main_pid)
	under_load good_reloads
	is 'good reloads under load: nothing is lost' "$LOAD" 0
	ok 'good reloads: who was connected still is' echoes "$FD"
	ok 'good reloads: it says so' wait_for status_is '^serving: generation 4, workers 2, '
	is 'good reloads: it is the same process' "$(main_pid)" "$pid"
	hang_up "$FD"
	under_load bad_reloads
	is 'bad reloads under load: nothing is lost' "$LOAD" 0
	like 'bad reloads: the journal has the error' "$(log_of)" \
	    "^<3>$CONF/echod.conf:3: idle-timeout: \"90\" lacks its unit"
	ok 'bad reloads: nothing has changed' wait_for status_is \
	    '^serving: generation 4, workers 2, '
	# By the signal it is the running process that reads the file.
	settings 'idle-timeout = 90'
	systemctl kill --kill-whom=main --signal=HUP echod
	ok 'a bad reload by signal: the journal has the error' wait_for complains \
	    'reload: refused; nothing has changed'
	is 'a bad reload by signal: the service goes on' "$(property ActiveState)" active
	settings
}

complains() # REGEX
{
	grep -Eq -- "$1" <<<"$(complaints_of)"
}

other_children() # PID CHILDREN: as many, but not the same
{
	local now

	now=$(children "$1")
	[ "$now" != "$2" ] && [ "$(wc -l <<<"$now")" -eq "$(wc -l <<<"$2")" ]
}

# Its heart does not beat; the supervisor's own does, and the watchdog is content.
stopped_worker()
{
	local pid before

	pid=$(main_pid)
	before=$(children "$pid")
	kill -STOP "$(head -n 1 <<<"$before")"
	ok 'a stopped worker is replaced' wait_for other_children "$pid" "$before"
	is 'a stopped worker: no restart' "$(property NRestarts) $(main_pid)" "0 $pid"
	like 'a stopped worker: the journal has it' "$(log_of)" \
	    '^<4>worker [01] \(process [0-9]+\) has not answered for 5 seconds; ending it'
	ok 'a stopped worker: two serve' wait_for status_is '^serving: .* workers 2, '
}

killed_worker()
{
	local pid before

	pid=$(main_pid)
	before=$(children "$pid")
	kill -KILL "$(head -n 1 <<<"$before")"
	ok 'a killed worker is replaced' wait_for other_children "$pid" "$before"
	is 'a killed worker: no restart' "$(property NRestarts) $(main_pid)" "0 $pid"
}

stopped_supervisor()
{
	local pid

	pid=$(main_pid)
	kill -STOP "$pid"
	returns 'a stopped supervisor' "$pid"
	like 'a stopped supervisor: the watchdog saw it' "$(log_of)" \
	    '^<3>echod.service: Watchdog timeout \(limit 3s\)!'
}

killed_supervisor()
{
	local pid

	pid=$(main_pid)
	kill -KILL "$pid"
	returns 'a killed supervisor' "$pid"
}

ends()
{
	connect
	echoes "$FD"
	systemctl --no-block stop echod
	ok 'stop: it says so' wait_for status_is '^stopping: '
	ok 'stop: serves those it has' echoes "$FD"
	hang_up "$FD"
	ok 'stop: over, when they have left' wait_for has_ended_well
}

mkdir -p "$CONF"
patient_for 3
starts
reloads
check_replacement '^serving: generation 5, workers 2, '
killed_worker
stopped_worker
stopped_supervisor
killed_supervisor
ends
