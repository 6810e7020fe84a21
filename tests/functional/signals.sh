#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# signals.sh -- signals in every order, and in storms: it ends when it is told to,
# with status 0, and nobody is left behind; or it serves on.  And four instances
# that want the same.
#
# Faults: F90
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"
. "${0%/*}/supervised.sh"

need ss

every='TERM INT QUIT HUP USR1 USR2'

start() # WORKERS [LINES...]
{
	settings "workers = $1" 'listen 127.0.0.1:0 { }' "${@:2}"
	start_from_file
}

ends() # NAME
{
	await_exit
	allow_reload_to_end
	# shellcheck disable=SC2086 # a list
	if [ -z "$problems" ] && [ $STATUS -eq 0 ] && wait_for is_over $family; then
		pass "$1: ends"
	else
		fail "$1: ends" "$problems" "status $STATUS, processes: $family" "$(cat "$LOG")"
	fi
}

# A reload under way when TERM comes is given up, which is no mistake.
allow_reload_to_end()
{
	problems=$(grep -Ev 'error: reload: (the instance is told to stop|refused)|^error in the log: *$' \
	    <<<"$problems")
}

is_end() # SIGNAL
{
	[[ $1 == TERM || $1 == INT || $1 == QUIT ]]
}

pair() # WORKERS FIRST SECOND
{
	local name="$2, $3"

	start "$1" || return
	connect
	echoes "$FD" || fail "$name: a client is served"
	family=$(workers)
	kill "-$2" "$PID"
	kill "-$3" "$PID" 2>/dev/null
	if is_end "$2" || is_end "$3"; then
		hang_up "$FD"
		ends "$name"
		return
	fi
	ok "$name: the client is served on" echoes "$FD"
	hang_up "$FD"
	connect
	ok "$name: a new one is served" echoes "$FD"
	hang_up "$FD"
	family+=" $(workers)"
	kill -TERM "$PID"
	ends "$name, and then TERM"
}

pairs() # WORKERS
{
	local first second

	WORDS="workers = $1"
	for first in $every; do
		for second in $every; do
			pair "$1" "$first" "$second"
		done
	done
}

# A thousand, as fast as they can be sent: many become one.
hups() # WORKERS
{
	local i count

	WORDS="workers = $1, a storm of HUP"
	start "$1" || return
	connect
	kill -STOP "$PID"
	wait_for is_stopped "$PID"
	for ((i = 0; i < 1000; i++)); do
		kill -HUP "$PID"
	done
	kill -CONT "$PID"
	ok 'one reload' wait_for has_line "$LOG" 'info: reloaded'
	ok 'the client is served on' echoes "$FD"
	is 'and no more' "$(grep -c 'info: reloaded' "$LOG")" 1
	for ((i = 0; i < 1000; i++)); do
		kill -HUP "$PID"
	done
	ok 'the client is served on, again' echoes "$FD"
	hang_up "$FD"
	ok 'all settle' wait_for has_workers "$1"
	count=$(grep -c 'info: reloaded' "$LOG")
	note "1,000 more became $((count - 1))"
	at_most 'of a thousand more, most are one with others' "$count" 500
	stop_echod
}

# Any, by chance, until one of them is to end it; and on.
mixed() # WORKERS SEED
{
	local i words

	WORDS="workers = $1, a storm, seed $2"
	RANDOM=$2
	read -r -a words <<<"$every"
	start "$1" || return
	family=$(workers)
	for ((i = 0; i < 100; i++)); do
		kill -"${words[3 + RANDOM % 3]}" "$PID"
	done
	for ((i = 0; i < 100; i++)); do
		kill -"${words[RANDOM % 6]}" "$PID" 2>/dev/null
	done
	kill -INT "$PID" 2>/dev/null
	ends 'all signals'
}

# TERM after QUIT sets a limit, which holds for workers, too.
limit_after_quit()
{
	WORDS='TERM after QUIT'
	start 2 'drain-timeout = 7s' || return
	connect
	ok 'a client is served' echoes "$FD"
	kill -QUIT "$PID"
	ok 'QUIT: nobody new' wait_for is_refused "$HOST" "$PORT"
	kill -TERM "$PID"
	ok 'the client gets an end, not a reset' has_ended "$FD"
	hang_up "$FD"
	ended_echod
	is 'status' "$STATUS" 0
	like 'at its time' "$(cat "$LOG")" 'drain: saying goodbye'
	unlike 'nobody was killed' "$(cat "$LOG")" 'kill'
}

# ---- several at once ----

# Four with these options: one lives, three say why and end.
four() # NAME ARGS...
{
	local name=$1 i pid pids=() statuses='' left

	shift
	for i in 1 2 3 4; do
		"$ECHOD" -c "$TMP/empty.conf" "$@" </dev/null >"$TMP/four.out" 2>"$TMP/four.$i" &
		pids+=($!)
	done
	for i in 1 2 3; do
		wait -n -p pid "${pids[@]}" # in patience: the story is bounded
		statuses+=" $?"
		left=()
		for p in "${pids[@]}"; do
			[ "$p" = "$pid" ] || left+=("$p")
		done
		pids=("${left[@]}")
	done
	is "$name: three end with 69" "$statuses" ' 69 69 69'
	is "$name: and say why" "$(cat "$TMP"/four.? | grep -Ec 'error: (cannot listen on|already running)')" 3
	connect
	ok "$name: one serves" echoes "$FD"
	hang_up "$FD"
	kill -TERM "${pids[0]}"
	wait "${pids[0]}"
	is "$name: and ends as told" $? 0
}

at_once() # WORKERS
{
	WORDS="workers = $1, four at once"
	start 0 || return
	stop_echod
	four 'the same address' -o workers="$1" -l "$ADDR"
	four 'the same pid file, too' -o workers="$1" -l "$ADDR" -p "$TMP/four.pid"
	four 'the same path' -o workers="$1" -l "$ADDR" -l "unix:$TMP/four.socket"
}

pairs 0
pairs 2
hups 0
hups 2
for seed in 1 2 3 4 5 6; do
	mixed 2 $seed
	mixed 0 $seed
done
limit_after_quit
at_once 0
at_once 2
