#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# upgrade.sh -- the program is replaced under load, again and again, and nobody
# notices; one that cannot take over changes nothing.
#
# UPGRADES: how many (20).  LONG=1: also what takes long.
#
# Faults: F98
. "${0%/*}/own-net.sh"
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"
. "${0%/*}/load.sh"
. "${0%/*}/supervised.sh"

need jq ss ip nstat

UPGRADES=${UPGRADES:-20}
rate=2500 long=500
is_sanitized && rate=300 long=50

built=$ECHOD
program=$TMP/program

install_new()
{
	cp "$built" "$program.new" && mv -f "$program.new" "$program"
}

# A program that is none of ours.
install_script() # LINE...
{
	printf '%s\n' '#!/bin/sh' "$@" >"$program.new"
	chmod +x "$program.new"
	mv -f "$program.new" "$program"
}

start() # LINES...: in the settings file
{
	install_new
	ECHOD=$program
	settings 'workers = 2' 'drain-timeout = 1h' "$@" 'listen 127.0.0.1:0 { }'
	start_from_file
}

runs() # is what runs what is installed
{
	[ "$(stat -Lc %i "/proc/$PID/exe")" = "$(stat -c %i "$program")" ]
}

replaced() # COUNT: in all so far
{
	local i failed=0

	for ((i = 1; i <= $1; i++)); do
		install_new
		kill -USR2 "$PID"
		wait_for has_line "$LOG" "echod\[$PID\] info: reloaded: generation $((i + 1)) serves" ||
		    ((failed++))
		runs || ((failed++))
	done
	return $failed
}

under_load()
{
	local began elapsed served

	WORDS='under load'
	start || return
	start_load long $long --think 200ms "$ADDR"
	start_load short 100 --mode crr -r $rate -B 127.1.0.0/26 "$ADDR"
	ok 'all are connected' wait_for has_established $long
	ok 'short ones come and go' wait_for has_closed 100
	began=${EPOCHREALTIME/./}
	ok "$UPGRADES times another program, and the same process" replaced "$UPGRADES"
	elapsed=$(((${EPOCHREALTIME/./} - began) / 1000))
	end_load short
	end_load long
	lost_nothing short
	lost_nothing long
	nothing_was_sent_twice load
	is 'the long connections are those of the beginning' \
	    "$(of_load long .connections.established)" $long
	ok 'the workers of before have gone' wait_for has_workers 2
	is 'nobody was killed' "$(grep -c 'was killed' "$LOG")" 0
	figure "$UPGRADES replacements in $elapsed ms"
	figure "$(of_load short .connections.established) short connections, longest wait $(longest_wait short) ms"
	figure "$long long ones, $(of_load long .requests.verified) echoes, longest wait $(longest_wait long) ms"
	served=$(($(of_load short .connections.established) + $(of_load long .connections.established)))
	stop_echod
	# Some more: of those that were about to connect at the end.
	at_least 'the last program knows of all that were served' \
	    "$(sed -n 's/.* stopped: connections \([0-9]*\) .*/\1/p' "$LOG")" $served
}

# What USR2 finds is no good: nothing changes, and then a good one is taken.
refused() # NAME WHY
{
	ok "$1: is refused, with the reason" wait_for has_line "$LOG" "error: replacing the program: .*$2"
	expect_error "replacing the program: .*$2"
	is "$1: nothing has changed" "$(snapshot)" "$before"
	ok "$1: serves on" echoes "$FD"
}

has_refused() # COUNT: settings, so often
{
	[ "$(grep -c 'it ended with status 78; nothing has changed' "$LOG")" -ge "$1" ]
}

no_good()
{
	local before

	WORDS='no good'
	start || return
	connect
	ok 'a client is served' echoes "$FD"
	before=$(snapshot)
	install_script 'exit 3'
	kill -USR2 "$PID"
	refused 'exits' 'ended with status 3; nothing has changed'
	# shellcheck disable=SC2016 # not now
	install_script 'kill -SEGV $$'
	kill -USR2 "$PID"
	refused 'crashes' 'killed by signal 11'
	install_script 'exit 0'
	kill -USR2 "$PID"
	refused 'is something else' 'no echod that can take over'
	rm "$program"
	kill -USR2 "$PID"
	expect_error 'cannot run .*: No such file'
	refused 'is missing' 'status 127'
	if [ -n "${LONG:-}" ]; then
		install_script 'exec sleep 3600'
		kill -USR2 "$PID"
		refused 'hangs' 'killed by signal 9'
	fi
	install_new
	echo 'nonsense = 4' >>"$CONF"
	kill -USR2 "$PID"
	refused 'finds settings that are wrong' 'ended with status 78'
	ok 'finds settings that are wrong: says which' has_line "$LOG" "^$CONF:4: nonsense"
	sed -i '$d' "$CONF"
	echo "log = \"file:$TMP/nowhere/log\"" >>"$CONF"
	kill -USR2 "$PID"
	ok 'cannot open its log: is refused' wait_for has_refused 2
	expect_error 'log: cannot open'
	is 'cannot open its log: nothing has changed' "$(snapshot)" "$before"
	ok 'cannot open its log: serves on' echoes "$FD"
	sed -i '$d' "$CONF"
	kill -USR2 "$PID"
	ok 'then a good one' wait_for has_line "$LOG" 'info: reloaded: generation 2 serves'
	ok 'is what runs now' runs
	ok 'the client has not noticed' echoes "$FD"
	hang_up "$FD"
	ok 'the workers of before go when they have no client' wait_for has_workers 2
	stop_echod
}

# What a reload cannot change, this cannot, either.
another_pid_file()
{
	local before

	WORDS='another pid file'
	install_new
	settings 'workers = 2' "pid-file = $PIDFILE" 'listen 127.0.0.1:0 { }'
	ECHOD=$program in_file=1 start_echod -c "$CONF" || return
	connect
	ok 'a client is served' echoes "$FD"
	before=$(snapshot)
	sed -i "s,$PIDFILE,$TMP/another," "$CONF"
	kill -USR2 "$PID"
	refused 'is none that can be had' 'ended with status 78'
	ok 'is none that can be had: says so' has_line "$LOG" "pid-file: \"$TMP/another\" is not what this instance holds"
	expect_error 'pid-file: .* is not what'
	hang_up "$FD"
	stop_echod
}

has_taken_over() # COUNT: so often
{
	is_gone "$PID" || [ "$(grep -c 'has taken over' "$LOG")" -ge "$1" ]
}

# While the trial is under way.
meanwhile()
{
	local signal

	for signal in TERM INT QUIT; do
		WORDS="$signal during a trial"
		start || return
		install_script "echo \$\$ >'$TMP/trial'" 'exec sleep 3600'
		kill -USR2 "$PID"
		ok 'it has begun' wait_for [ -s "$TMP/trial" ]
		kill -$signal "$PID"
		ended_echod
		is 'ends' "$STATUS" 0
		ok 'so does the trial' wait_for is_over "$(cat "$TMP/trial")"
		rm "$TMP/trial"
	done

	# Whenever a signal comes, in the old program, in the new one, or between them.
	WORDS='signals in the exec'
	start || return
	(while [ ! -e "$TMP/enough" ]; do kill -USR1 "$PID"; done 2>/dev/null) &
	for signal in {1..10}; do
		kill -USR2 "$PID"
		ok "replaced, $signal" wait_for has_taken_over "$signal"
		wait_for has_workers 2
	done
	: >"$TMP/enough"
	wait $!
	kill -HUP "$PID"
	connect
	ok 'serves' echoes "$FD"
	hang_up "$FD"
	stop_echod
	WORDS=
}

under_load
no_good
another_pid_file
meanwhile
