#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# worker-kill.sh -- workers die, and nobody but their own clients notices: what
# waits in their queues is served, they are replaced at once, and with patience
# if they keep dying.
#
# KILLS: how many under load, one each 200 ms (25); make soak has more.
# MEDIAN, WORST: how soon they have to be replaced, ms, half of them and 99 of 100: 200
# and 2000, whatever else the machine does; make soak holds to 20 and 200.
#
# Faults: F85 F86 F87
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"
. "${0%/*}/load.sh"
. "${0%/*}/supervised.sh"

need jq ss strace prlimit

KILLS=${KILLS:-25}
rate=2500 long=200
is_sanitized && rate=300 long=50

start() # LINES...: in the settings file
{
	settings 'drain-timeout = 1h' 'log-level = debug' "$@" 'listen 127.0.0.1:0 { }'
	start_from_file
}

microseconds() # of a line of the log
{
	local stamp=${1%% *}

	echo $(($(date -d "$stamp" +%s%N) / 1000))
}

# When the worker that was killed then was replaced: the first that accepts after
# the one whose end is told.  In ms, sorted.
replacement_times() # FILE: of lines "PID MICROSECONDS"
{
	local pid at index line

	while read -r pid at; do
		index=$(sed -n "s/.*warn: worker \([0-9]*\) (process $pid) was killed.*/\1/p" "$LOG")
		line=$(sed -n "/(process $pid) was killed/,\$p" "$LOG" |
		    grep -m 1 "debug: worker $index (process [0-9]*) accepts")
		echo $((($(microseconds "$line") - at) / 1000))
	done <"$1" | sort -n
}

sockets_of() # PID
{
	find "/proc/$1/fd" -lname 'socket:*' | wc -l
}

# Each is stopped first, so that what it holds can be counted.
kill_at_random() # COUNT
{
	local i all pid

	for ((i = 0; i < $1; i++)); do
		wait_for serve 4 || return
		read -r -a all <<<"$(serving)"
		pid=${all[RANDOM % ${#all[@]}]}
		kill -STOP "$pid"
		wait_for is_stopped "$pid"
		echo $(($(sockets_of "$pid") - own)) >>"$TMP/held"
		echo "$pid ${EPOCHREALTIME/./}" >>"$TMP/kills"
		kill -KILL "$pid"
		sleep 0.2 # the pace that is asked for
	done
}

# Those that break are connections of those that were killed, and none of them while
# it connects.
under_load()
{
	local times median worst own held

	WORDS='under load'
	start 'workers = 4' || return
	own=$(sockets_of "$(workers | cut -d ' ' -f 1)")
	start_load long $long --think 100ms "$ADDR"
	ok 'all are connected' wait_for has_established $long
	start_load short 100 --mode crr -r $rate -B 127.1.0.0/26 "$ADDR"
	ok 'short ones come and go' wait_for has_closed 500
	ok "$KILLS are killed" kill_at_random "$KILLS"
	ok 'four serve in the end' wait_for serve 4
	wait_for has_accepted $((KILLS + 4))
	end_load short
	end_load long
	is 'each was killed by us' "$(grep -c 'was killed by signal 9' "$LOG")" "$KILLS"
	is 'nobody was refused, or had to wait for ever' "$(of_load short \
	    '.errors.by_kind | .connect_refused + .connect_timeout + .request_timeout + .other')" 0
	is 'every byte that came was right' "$(of_load short .integrity.by_kind |
	    jq '.corrupt + .stale + .crosstalk + .surplus + .late_data')" 0
	held=$(awk '{ n += $1 } END { print n }' "$TMP/held")
	at_most 'no more broke than were with those killed' $(($(of_load short \
	    '.errors.by_kind | .reset + .early_close') + $(of_load long \
	    '.errors.by_kind | .reset + .early_close'))) "$held"
	at_least 'some broke: the kills were under load' \
	    "$(of_load long '.errors.by_kind | .reset + .early_close')" 1
	is 'long ones: nobody was refused' "$(of_load long \
	    '.errors.by_kind | .connect_refused + .connect_timeout + .request_timeout + .other')" 0
	times=$(replacement_times "$TMP/kills")
	median=$(sed -n "$(((KILLS + 1) / 2))p" <<<"$times")
	worst=$(sed -n "$(((KILLS * 99 + 99) / 100))p" <<<"$times")
	figure "$KILLS killed; replaced after ms: median $median, 99 % $worst, most $(tail -n 1 <<<"$times")"
	figure "$(of_load short .connections.established) short connections, longest wait $(longest_wait short) ms," \
	    "broken: $(of_load short '.errors.by_kind | .reset + .early_close')"
	figure "those killed had $held connections; of $long long ones broken: $(of_load long '.errors.by_kind | .reset + .early_close')"
	expect_error 'was killed by signal 9'
	is_sanitized || at_most 'replaced, ms: median' "$median" "${MEDIAN:-200}"
	at_most 'replaced, ms: 99 of 100' "$worst" "${WORST:-2000}"
	stop_echod
}

# They wait in the queue of a worker that is still, which dies without having seen them.
queue_survives() # ACCEPT
{
	local i fd held=() got lost=0

	WORDS="accept = $1, killed with a queue"
	start 'workers = 2' "accept = $1" || return
	# shellcheck disable=SC2046 # a list
	set -- $(workers)
	kill -STOP "$@"
	wait_for is_stopped "$@"
	for i in {1..50}; do
		exec {fd}<>"/dev/tcp/$HOST/$PORT"
		printf 'I am number %d\n' "$i" >&"$fd"
		held+=("$fd")
	done
	is 'they wait' "$(ss -Hltn "sport = :$PORT" | awk '{ n += $2 } END { print n }')" 50
	kill -KILL "$@"
	for i in "${!held[@]}"; do
		IFS= read -r -t "$PATIENCE" -u "${held[i]}" got
		[ "$got" = "I am number $((i + 1))" ] || ((lost++))
		hang_up "${held[i]}"
	done
	expect_error 'was killed by signal 9'
	is 'all are served by the successors' "$lost of ${#held[@]} lost" '0 of 50 lost'
	stop_echod
}

# New workers cannot begin: an address space that holds no table of theirs.
back_off()
{
	local began forks

	WORDS='dies at once'
	if is_sanitized; then
		note 'sanitizers need their address space'
		return
	fi
	start 'workers = 1' || return
	prlimit --pid "$PID" --as=4096: || return
	kill -KILL "$(workers)"
	began=$SECONDS
	ok 'it is tried again and again' wait_for has_deaths 5
	wait_for has_passed $((began + 10))
	forks=$(grep -c 'ended with status' "$LOG")
	at_most 'but at most 10 times in 10 seconds' "$forks" 10
	figure "$forks forks in 10 s"
	prlimit --pid "$PID" --as=unlimited:
	connect
	ok 'who has come meanwhile is served when one lives' echoes "$FD"
	hang_up "$FD"
	expect_error 'giving up|no memory'
	expect_error 'ended with status 71'
	expect_error 'was killed by signal 9'
	stop_echod
}

has_deaths() # COUNT
{
	[ "$(grep -c 'ended with status' "$LOG")" -ge "$1" ]
}

has_passed() # SECONDS, of this shell
{
	[ $SECONDS -ge "$1" ]
}

# fork fails, by injection; then for want of descriptors.
no_fork()
{
	local tracer

	WORDS='fork fails'
	start 'workers = 2' || return
	strace -f -qq -o "$TMP/strace" -e trace=clone,clone3,fork \
	    -e inject=clone,clone3,fork:error=EAGAIN:when=1..3 -p "$PID" 2>"$TMP/strace.err" &
	tracer=$!
	wait_for is_traced "$PID" || fail 'strace attaches' "$(cat "$TMP/strace.err")"
	kill -KILL "$(workers | cut -d ' ' -f 1)"
	ok 'is said' wait_for has_line "$LOG" 'warn: cannot start worker 0: Resource temporarily unavailable; trying again'
	ok 'and tried until it works' wait_for serve 2
	ok 'three times' [ "$(grep -c INJECTED "$TMP/strace")" = 3 ]
	kill "$tracer"
	wait "$tracer" 2>/dev/null
	connect
	ok 'serves' echoes "$FD"

	prlimit --pid "$PID" --nofile=3:
	kill -KILL "$(workers | cut -d ' ' -f 1)"
	ok 'no descriptor: the worker is gone' wait_for has_workers 1
	prlimit --pid "$PID" --nofile=1024:
	ok 'no descriptor: replaced when there are some' wait_for serve 2
	hang_up "$FD"
	expect_error 'was killed by signal 9'
	stop_echod
}

# It does not answer; ABRT is not enough for one that is stopped.
stuck()
{
	local first began

	WORDS='does not answer'
	start 'workers = 2' || return
	first=$(workers | cut -d ' ' -f 1)
	began=${EPOCHREALTIME/./}
	kill -STOP "$first"
	ok 'it is aborted' wait_for has_line "$LOG" "warn: worker 0 \(process $first\) has not answered for 5 seconds; ending it"
	ok 'it is killed' wait_for has_line "$LOG" "\(process $first\) was killed by signal (6|9)"
	ok 'it is replaced' wait_for serve 2
	at_most 'in 8 seconds (15, where others work, too)' $(((${EPOCHREALTIME/./} - began) / 1000)) 15000
	expect_error 'has not answered for 5 seconds'
	expect_error 'was killed by signal'
	figure "replaced $(((${EPOCHREALTIME/./} - began) / 1000)) ms after it was stopped"
	stop_echod
}

# By itself, as a bug would make it.
crashes()
{
	local signal held

	WORDS='crashes'
	start 'workers = 2' || return
	for signal in SEGV ABRT; do
		if is_sanitized && [ $signal = SEGV ]; then
			continue # it has a handler of its own
		fi
		connect
		held=$FD
		ok "$signal: a client is served" echoes "$held"
		kill -$signal "$(workers | cut -d ' ' -f 1)"
		ok "$signal: is said" wait_for has_line "$LOG" "was killed by signal $(kill -l $signal)"
		ok "$signal: is replaced" wait_for serve 2
		connect
		ok "$signal: the next client is served" echoes "$FD"
		hang_up "$FD"
		hang_up "$held"
		expect_error "was killed by signal $(kill -l $signal)"
	done
	stop_echod
}

accepted_last()
{
	grep 'debug: worker .* accepts' "$LOG" | tail -n 1
}

has_accepted() # COUNT: so many workers
{
	[ "$(grep -c 'debug: worker .* accepts' "$LOG")" -ge "$1" ]
}

# Told by somebody else to end, it drains, and the next one is there at once.
told_by_another()
{
	local signal first held at

	for signal in TERM QUIT; do
		WORDS="$signal for a worker"
		start 'workers = 1' || return
		connect
		held=$FD
		ok 'a client is served' echoes "$held"
		first=$(workers)
		at=${EPOCHREALTIME/./}
		kill -$signal "$first"
		ok 'another takes its place' wait_for has_accepted 2
		at_most 'at once, ms' $((($(microseconds "$(accepted_last)") - at) / 1000)) 2000
		connect
		ok 'a new client is served' echoes "$FD"
		ok 'the old client is served on' echoes "$held"
		hang_up "$held"
		ok 'then the old worker goes' wait_for is_gone "$first"
		hang_up "$FD"
		expect_error 'worker 0 .* ended with status 0'
		stop_echod
	done
	WORDS='HUP for a worker'
	start 'workers = 1' || return
	first=$(workers)
	for signal in HUP USR1 USR2; do
		kill -$signal "$first"
		ok "$signal: is not its business" wait_for has_line "$LOG" "echod\[$first\] info: .* is for the supervisor"
	done
	is 'it is still there' "$(workers)" "$first"
	stop_echod
	WORDS=
}

under_load
queue_survives reuseport
queue_survives shared
back_off
no_fork
stuck
crashes
told_by_another
