# SPDX-License-Identifier: ISC
#
# echod.service from its start to its end: ready means ready, it says how it is, comes
# back when it was killed or hangs, and a stop waits for those who are connected.
. "${0%/*}/lib.sh"
. "${0%/*}/../functional/life.sh"

HOST=127.0.0.1 PORT=7007

starts()
{
	ok 'systemd finds nothing wrong with the units' systemd-analyze verify --man=no \
	    echod.service echod@lab.service echod.socket echod-activated.service
	ok 'start' systemctl start echod
	is 'ready means ready, on IPv4' "$(echo_of hello 127.0.0.1 7007)" hello
	is 'and on IPv6' "$(echo_of hello ::1 7007)" hello
	like 'it says how it is' "$(property StatusText)" \
	    '^serving: generation 1, connections 0 of [0-9]+, accepted [0-9]+$'
	connect
	echoes "$FD"
	ok 'and goes on saying so' wait_for status_is '^serving: generation 1, connections 1 .* accepted 3$'
	hang_up "$FD"
	unlike 'not as root' "$(ps -o user= -p "$(main_pid)")" root
	like 'the journal knows the level' "$(log_of)" '^<6>echod [0-9.]+ is ready: '
	is 'nothing to complain about' "$(complaints_of)" ''
}

comes_back()
{
	local pid

	pid=$(main_pid)
	kill -KILL "$pid"
	returns 'killed' "$pid"
	is 'killed: once' "$(property NRestarts)" 1

	patient_for 3
	systemctl restart echod
	pid=$(main_pid)
	kill -STOP "$pid"
	returns 'hangs' "$pid"
	journalctl --sync
	like 'hangs: the watchdog saw it' "$(journalctl --unit echod --output cat)" \
	    'Watchdog timeout \(limit 3s\)!'
}

# Longer than TimeoutStopSec, because it asks for time.
drains()
{
	local since=$SECONDS

	systemctl reset-failed echod
	connect
	echoes "$FD"
	systemctl --no-block stop echod
	ok 'stop: it says that it drains' wait_for status_is '^draining: generation [0-9]+, connections 1 '
	ok 'stop: nobody else is let in' wait_for is_refused $HOST $PORT
	ok 'stop: goes on for as long as it takes' wait_for eval "[ \$SECONDS -ge $((since + 5)) ]"
	ok 'stop: to serve those it has' echoes "$FD"
	is 'stop: systemd waits' "$(property ActiveState)" deactivating
	hang_up "$FD"
	ok 'stop: over, when they have left' wait_for has_ended_well
}

# Its last word is an error, and it is not tried again and again.
wrong_settings()
{
	mkdir -p "$CONF"
	echo 'idle-timeout = 90' >"$CONF/echod.conf"
	systemctl start echod 2>/dev/null
	is 'wrong settings: start fails' $? 1
	is 'wrong settings: with this status' "$(property ExecMainStatus)" 78
	like 'wrong settings: the journal has the error' "$(log_of)" \
	    "^<3>$CONF/echod.conf:1: idle-timeout: \"90\" lacks its unit"
	is 'wrong settings: once is enough' "$(property NRestarts)" 0
	echo 'listen "127.0.0.1:7007" { }' >"$CONF/echod.conf"
	ok 'right settings: start' systemctl start echod
	is 'right settings: are in effect' "$(echo_of yes $HOST $PORT)" yes
	ok 'right settings: and nothing else' is_refused ::1 $PORT
}

# A user that stays, for files that only echod may read.
keys()
{
	local pid

	# A name that is lent to a running service would be taken for a user.
	systemctl stop echod
	ok 'sysusers' systemd-sysusers
	ok 'tmpfiles' systemd-tmpfiles --create
	is 'the place for keys' "$(stat -c '%a %U %G' "$CONF/tls")" '750 root echod'
	systemctl start echod
	pid=$(main_pid)
	is 'is that user now' "$(stat -c %u "/proc/$pid")" "$(id -u echod)"
	is 'one from the user table' "$(grep -c '^echod:' /etc/passwd)" 1
	systemctl stop echod
}

starts
comes_back
drains
wrong_settings
keys
