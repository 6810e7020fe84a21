# SPDX-License-Identifier: ISC
#
# How it ends, with clients at work: TERM serves those who are there until they
# leave or drain-timeout is over, a second TERM and INT end at once, QUIT waits as
# long as it takes.  Exit status 0 in all cases, and nothing that was echoed is lost.
#
# Faults: F32
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

need nc

loads=()

# Clients that send as fast as they can and take what comes.
load()
{
	local before

	before=$(fds)
	for _ in 1 2; do
		nc "$HOST" "$PORT" </dev/zero >/dev/null 2>&1 {FD}>&- &
		loads+=($!)
	done
	wait_for has_descriptors $((before + 2))
}

has_descriptors() # AT_LEAST
{
	[ "$(fds)" -ge "$1" ]
}

unload()
{
	[ ${#loads[@]} -gt 0 ] || return
	kill "${loads[@]}" 2>/dev/null
	wait "${loads[@]}" 2>/dev/null
	loads=()
}

# Start, with a client that is connected and two that make load.
start_busy() # ARGS...
{
	start_echod "$@" || return
	connect
	ok 'a client is served' echoes "$FD"
	load
}

# The three, and those who only tried; each worker speaks for itself.
waits_for_some()
{
	local sum

	sum=$(sed -n 's/.*drain: waiting for those connected to leave: //p' "$LOG" | paste -sd +)
	[ $((${sum:-0})) -ge 3 ]
}

ends() # NAME
{
	ended_echod
	is "$1: exit status" "$STATUS" 0
	ok "$1: nobody listens" is_refused "$HOST" "$OWN_PORT"
	unload
}

idle()
{
	local signal

	for signal in TERM INT QUIT; do
		start_echod -o drain-timeout=1h || return
		stop_echod "$PID" $signal
		is "$signal without a client: exit status" "$STATUS" 0
	done
}

term()
{
	start_busy -o drain-timeout=1h || return
	kill -TERM "$PID"
	ok 'TERM: new clients are refused' wait_for is_refused "$HOST" "$OWN_PORT"
	ok 'TERM: those connected are served' echoes "$FD"
	ok 'TERM: says for how many it waits' waits_for_some
	unload
	ok 'TERM: to the last one' echoes "$FD"
	hang_up "$FD"
	ends 'TERM, all have left'

	start_busy -o drain-timeout=1h || return
	kill -TERM "$PID"
	ok 'second TERM: after the first' wait_for is_refused "$HOST" "$OWN_PORT"
	kill -TERM "$PID"
	ends 'second TERM'
	hang_up "$FD"

	start_busy -o drain-timeout=1h || return
	kill -INT "$PID"
	ends INT
	hang_up "$FD"

	start_busy -o drain-timeout=1h || return
	kill -TERM "$PID"
	ok 'INT after TERM: first TERM' wait_for is_refused "$HOST" "$OWN_PORT"
	kill -INT "$PID"
	ends 'INT after TERM'
	hang_up "$FD"
}

# Those who do not leave.
limit()
{
	start_echod -o drain-timeout=3s || return
	make_bytes 20000 "$TMP/sent"
	connect
	ok 'drain-timeout: a client is served' echoes "$FD"
	cat "$TMP/sent" >&"$FD"
	kill -TERM "$PID"
	ok 'drain-timeout: new clients are refused' wait_for is_refused "$HOST" "$OWN_PORT"
	bounded cat <&"$FD" >"$TMP/got" 2>"$TMP/stderr"
	is 'drain-timeout: the client gets an end, not a reset' "$(cat "$TMP/stderr")" ''
	same_file 'drain-timeout: nothing that was echoed is lost' "$TMP/got" "$TMP/sent"
	hang_up "$FD"
	ends 'drain-timeout, the client leaves when told goodbye'
	like 'drain-timeout: says so' "$(cat "$LOG")" 'info: drain: saying goodbye to those still connected: 1$'
	unlike 'drain-timeout: who left by then is not cut off' "$(cat "$LOG")" 'cutting off'
	like 'drain-timeout: counts it' "$(cat "$LOG")" 'stopped: .* drained 1,'

	start_busy -o drain-timeout=1s || return
	cat "$TMP/sent" >&"$FD"
	kill -TERM "$PID"
	ends 'drain-timeout, nobody leaves'
	like 'drain-timeout: says that it cuts off' "$(cat "$LOG")" 'warn: drain: drain-timeout is over; cutting off those still connected: [1-3]$'
	bounded cat <&"$FD" >"$TMP/got" 2>"$TMP/stderr"
	is 'drain-timeout, nobody leaves: no reset for the silent one' "$(cat "$TMP/stderr")" ''
	same_file 'drain-timeout, nobody leaves: it gets all of its echo' "$TMP/got" "$TMP/sent"
	hang_up "$FD"

	start_busy -o drain-timeout=0 || return
	kill -TERM "$PID"
	ends 'drain-timeout of 0'
	hang_up "$FD"
}

quit()
{
	local i

	start_busy -o drain-timeout=200ms || return
	kill -QUIT "$PID"
	ok 'QUIT: new clients are refused' wait_for is_refused "$HOST" "$OWN_PORT"
	for i in {1..10}; do # together five times the drain-timeout
		sleep 0.1
		echoes "$FD" || fail "QUIT: serves on, $i"
	done
	ok 'QUIT: waits without a limit' echoes "$FD"
	kill -TERM "$PID"
	ok 'TERM after QUIT: sets the limit' has_ended "$FD"
	ends 'TERM after QUIT'
	hang_up "$FD"

	start_busy || return
	kill -QUIT "$PID"
	ok 'QUIT: new clients are refused, again' wait_for is_refused "$HOST" "$OWN_PORT"
	unload
	hang_up "$FD"
	ends 'QUIT, all have left'
}

summary()
{
	local first peak=2 fair='' tls=''

	[ -z "${ECHOD_TLS:-}" ] || tls=', TLS full 3, resumed 0, unfinished 0 \(.*\), cut 0, floods 0'
	[ "$WORKERS" = 0 ] || peak='[23]' fair=', accept fairness \(max/mean\) [12]\.[0-9]{2}'
	start_echod || return
	connect
	first=$FD
	connect
	echoes "$first" 123456789
	echoes "$FD" 1234
	hang_up "$first"
	hang_up "$FD"
	wait_for has_fds "$PID" "${fds_of[$PID]}"
	connect
	echoes "$FD" 1
	hang_up "$FD"
	stop_echod
	like 'the last line has the numbers' "$(tail -n 1 "$LOG")" \
	    "info: stopped: connections 3 \\(peak $peak\\), bytes in 17, bytes out 17, refused 0 \\(memory 0, backend 0, source 0, rate 0, denied 0\\), reset 0, failed 0, idle 0, stalled 0, aged 0, drained 0, rests 0, pauses 0$tls, seconds [0-9]+\\.[0-9]{3}$fair\$"
}

# What does not stop it.
goes_on()
{
	start_echod || return
	connect
	kill -HUP "$PID"
	ok 'HUP: serves on' echoes "$FD"
	ok 'HUP: a reload' wait_for has_line "$LOG" 'info: reloaded'
	if [ "$WORKERS" = 0 ]; then
		kill -USR2 "$PID"
		ok 'USR2: serves on' echoes "$FD"
		like 'USR2: a warning' "$(cat "$LOG")" \
		    'warn: a process alone cannot be replaced \(USR2\)'
	fi
	hang_up "$FD"
	stop_echod
}

for_workers idle
for_backends term
for_workers limit
for_workers quit
for_workers summary
for_workers goes_on
