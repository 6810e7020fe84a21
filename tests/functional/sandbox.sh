#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The sandbox of workers: it bites, says what it bit, and nobody notices it who does
# what workers do.  A build that cannot have it says so, and refuses sandbox = on.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
# shellcheck source=load.sh
. "${0%/*}/load.sh"
# shellcheck source=supervised.sh
. "${0%/*}/supervised.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"

need strace jq openssl sslscan

in_the_sandbox='libseccomp: [0-9.]+; workers are in a sandbox, with Landlock [0-9]+ here$'

has_sandbox()
{
	bounded "$ECHOD" -V | grep -Eq "$in_the_sandbox"
}

has_landlock()
{
	! bounded "$ECHOD" -V | grep -q 'Landlock 0'
}

seccomp_of() # PID...: the modes, each once; 2 is a filter
{
	local pid

	for pid; do
		status_of "$pid" Seccomp
	done | sort -u
}

self_test() # WHAT REGEX
{
	local said

	said=$(bounded "$ECHOD" "--self-test=$1")
	is "--self-test=$1: exit status" $? 0
	like "--self-test=$1: says what happened" "$said" "$2"
}

self_tests()
{
	self_test open '^open: the sandbox killed it, for open(at2?)? \(system call [0-9]+\)$'
	self_test exec '^exec: the sandbox killed it, for execve \(system call [0-9]+\)$'
	self_test socket '^socket: the sandbox killed it, for socket \(system call [0-9]+\)$'
	if has_landlock; then
		self_test files '^files: Landlock refused it: Permission denied$'
	else
		skip '--self-test=files' 'this kernel has no Landlock'
	fi
	bounded "$ECHOD" --self-test=fork >/dev/null 2>"$TMP/stderr"
	is '--self-test=fork: exit status' $? 64
	like '--self-test=fork: says what there is' "$(cat "$TMP/stderr")" \
	    'want open, exec, socket or files'
}

# Who is in it.
members()
{
	local pid

	start_echod -n 2 || return
	# shellcheck disable=SC2046 # pids
	is 'workers: their system calls are filtered' "$(seccomp_of $(workers))" 2
	for pid in $(workers); do
		is 'workers: can gain nothing by exec' "$(status_of "$pid" NoNewPrivs)" 1
	done
	is 'the supervisor: is free' "$(seccomp_of "$PID")" 0
	stop_echod
	start_echod -n 2 -o sandbox=off || return
	# shellcheck disable=SC2046
	is 'sandbox=off: workers are free' "$(seccomp_of $(workers))" 0
	stop_echod
	start_echod -n 2 -o sandbox=on || return
	# shellcheck disable=SC2046
	is 'sandbox=on: workers are in it' "$(seccomp_of $(workers))" 2
	stop_echod
	start_echod || return
	is 'a process alone is free' "$(seccomp_of "$PID")" 0
	stop_echod
	bounded "$ECHOD" -c "$TMP/empty.conf" -t -o sandbox=on 2>"$TMP/stderr"
	is 'sandbox=on, alone: exit status' $? 64
	like 'sandbox=on, alone: says why not' "$(cat "$TMP/stderr")" '^echod: sandbox: on needs workers'
}

is_traced() # PID
{
	[ "$(status_of "$1" TracerPid)" != 0 ]
}

# What a new worker tells the kernel, in this order.
system_calls()
{
	local walls='PR_SET_NO_NEW_PRIVS landlock_restrict_self SECCOMP_SET_MODE_FILTER' tracer

	has_landlock || walls=${walls/landlock_restrict_self /}
	to_be_traced start_echod -n 1 || return
	strace -f -qq -p "$PID" -o "$TMP/calls" -e trace=prctl,landlock_restrict_self,seccomp &
	tracer=$!
	ok 'strace has the supervisor' wait_for is_traced "$PID"
	kill -KILL "$(workers)"
	expect_error 'was killed by signal 9, Killed'
	ok 'the next worker puts up its walls' wait_for has_line "$TMP/calls" \
	    'SECCOMP_SET_MODE_FILTER.* = 0$'
	kill $tracer
	wait $tracer
	# libseccomp asks the kernel what it can, and so calls in vain first.
	is 'in the right order' "$(grep ' = 0$' "$TMP/calls" |
	    grep -oE "${walls// /|}" | awk '!seen[$0]++' | paste -sd ' ')" "$walls"
	stop_echod
}

# A system that does not let them in, as some containers' do not.
refused_by_the_system()
{
	local tracer

	to_be_traced start_echod -n 1 || return
	strace -f -qq -p "$PID" -o "$TMP/calls" -e trace=prctl -e inject=prctl:error=EPERM &
	tracer=$!
	ok 'strace has the supervisor' wait_for is_traced "$PID"
	kill -KILL "$(workers)"
	expect_error 'was killed by signal 9, Killed'
	ok 'refused: the log tells' wait_for has_line "$LOG" \
	    'warn: sandbox: Operation not permitted; going on without$'
	connect
	ok 'refused: it serves' echoes "$FD"
	hang_up "$FD"
	kill $tracer
	wait $tracer
	stop_echod
}

# strace makes another call of its next recv(), as whoever has taken it over might.
forbidden_call()
{
	local victim tracer

	to_be_traced start_echod -n 1 || return
	victim=$(workers)
	connect
	strace -qq -p "$victim" -e inject=recvfrom:error=EINTR:syscall=getuid -e trace=recvfrom,getuid \
	    2>"$TMP/strace" >&2 &
	tracer=$!
	ok 'strace has it' wait_for is_traced "$victim"
	printf 'hello\n' >&"$FD"
	expect_error 'was killed by its sandbox'
	ok 'a forbidden call: the log tells' wait_for has_line "$LOG" \
	    'was killed by its sandbox'
	wait $tracer
	hang_up "$FD"
	like 'a forbidden call: who, and what it was' "$(cat "$LOG")" \
	    "warn: worker 0 \(process $victim\) was killed by its sandbox, signal 31: getuid \(system call [0-9]+\) is forbidden$"
	connect
	ok 'a forbidden call: the next worker serves' echoes "$FD"
	unlike 'a forbidden call: it is another' "$(workers)" "^$victim\$"
	hang_up "$FD"
	# Not so of a signal that somebody has sent.
	kill -SYS "$(workers)"
	expect_error 'was killed by signal 31, Bad system call'
	ok 'SIGSYS from outside: the log tells' wait_for has_line "$LOG" \
	    'worker 0 \(process [0-9]+\) was killed by signal 31, Bad system call$'
	# What strace itself does is let through: a call that it takes out, and an error.
	connect
	ok 'the next worker serves' echoes "$FD"
	victim=$(workers)
	strace -qq -p "$victim" -e inject=recvfrom:error=EINTR:when=1 -e trace=recvfrom \
	    2>"$TMP/strace" >&2 &
	tracer=$!
	ok 'strace has it' wait_for is_traced "$victim"
	ok 'a call that strace takes out kills nobody' echoes "$FD"
	like 'and it did take it out' "$(cat "$TMP/strace")" 'EINTR .*\(INJECTED\)'
	hang_up "$FD"
	kill $tracer
	wait $tracer
	is 'and it is the same worker' "$(workers)" "$victim"
	stop_echod
}

has_log_lines() # REGEX COUNT
{
	[ "$(grep -Ec "$1" "$TMP/log")" -ge "$2" ]
}

# All that workers do in their lives, with echoload as a witness.
served()
{
	local loader

	rm -f "$TMP/log" "$TMP/log.1"
	start_echod -L debug -o "log=file:$TMP/log" -l 127.0.0.1:0 -l "unix:$TMP/socket" || return
	bounded "$ECHOLOAD" --no-progress -c 20 -d 1s --warmup 0s -j "$TMP/tcp.json" "$ADDR" \
	    >"$TMP/loaded" 2>&1 &
	loader=$!
	connect
	ok 'echoes' echoes "$FD"
	mv "$TMP/log" "$TMP/log.1"
	kill -USR1 "$PID"
	ok 'the log is opened again' wait_for has_line "$TMP/log" 'log: opened again'
	kill -HUP "$PID"
	ok 'a reload' wait_for has_line "$TMP/log" 'reloaded: generation 2 serves'
	ok 'the workers that drain write to the new log' wait_for has_log_lines \
	    'drain: waiting for those connected' 1
	kill -USR2 "$PID"
	ok 'another program' wait_for has_line "$TMP/log" 'has taken over'
	ok 'and its workers' wait_for has_line "$TMP/log" 'reloaded: generation 3 serves'
	ok 'who was connected before is served' echoes "$FD"
	hang_up "$FD"
	wait $loader
	is 'the load over TCP: all verified' $? 0
	load --mode crr -c 10 -d 500ms --warmup 0s "unix:$TMP/socket"
	is 'the load over a unix socket: all verified' "$STATUS" 0
	# shellcheck disable=SC2046
	is 'all workers are in the sandbox' "$(seccomp_of $(workers))" 2
	unlike 'nobody was killed' "$(cat "$TMP/log.1" "$TMP/log" "$LOG")" 'killed'
	stop_echod
}

# OpenSSL's ways: handshakes of all kinds, resumed ones, certificates of clients that
# are good and bad, what is not TLS at all, and other keys meanwhile.
over_tls()
{
	local client=(openssl s_client -tls1_2)

	if ! has_tls; then
		skip 'TLS' 'this echod was built without OpenSSL'
		return
	fi
	make_certificate server
	start_tls_echod server 'client-verify = optional' "client-ca = \"$CERTS/server.crt\"" -- \
	    -n 1 -L debug || return
	client+=(-connect "$ADDR")
	like 'TLS: resumed' "$(bounded "${client[@]}" -reconnect <<<hello 2>&1)" '^Reused, TLSv1.2'
	bounded "${client[@]}" -cert "$CERTS/server.crt" -key "$CERTS/server.key" <<<hello \
	    >"$TMP/good" 2>&1
	like 'TLS: the certificate of a client' "$(cat "$TMP/good")" '^New, TLSv1.2'
	make_certificate stranger
	bounded "${client[@]}" -cert "$CERTS/stranger.crt" -key "$CERTS/stranger.key" <<<hello \
	    >"$TMP/bad" 2>&1
	like 'TLS: that of a stranger is refused' "$(cat "$TMP/bad")" 'alert unknown ca'
	bounded sslscan --no-colour "$ADDR" >"$TMP/scan" 2>&1
	like 'TLS: scanned' "$(cat "$TMP/scan")" 'Accepted +TLSv1.3|Preferred +TLSv1.3'
	kill -HUP "$PID"
	ok 'TLS: a reload' wait_for has_line "$LOG" 'reloaded: generation 2 serves'
	connect
	printf 'GET / HTTP/1.0\r\n\r\n' >&"$FD"
	bounded cat <&"$FD" >/dev/null
	hang_up "$FD"
	like 'TLS 1.3, too' "$(bounded openssl s_client -connect "$ADDR" <<<hello 2>&1)" '^New, TLSv1.3'
	unlike 'TLS: nobody was killed' "$(cat "$LOG")" 'killed'
	stop_echod
	at_least 'TLS: what was none is counted' "$(summed_up 'not TLS')" 1
}

# A daemon that collects what syslog(3) sends: $TMP/syslog; SYSLOGD.
start_syslogd()
{
	socat -u UNIX-RECV:/dev/log,unlink-early STDOUT >>"$TMP/syslog" &
	SYSLOGD=$!
	wait_for test -S /dev/log
}

stop_syslogd()
{
	kill $SYSLOGD
	wait $SYSLOGD 2>/dev/null
	rm -f /dev/log
}

# A line of each worker.
make_workers_log()
{
	local pid

	for pid in $(workers); do
		kill -USR1 "$pid"
	done
}

syslog_has() # COUNT
{
	[ "$(grep -ao 'is for the supervisor; nothing was done' "$TMP/syslog" | wc -l)" -ge "$1" ]
}

log_daemon()
{
	if ! is_root || [ -e /dev/log ] || ! has socat; then
		skip 'syslog' 'needs root, socat, and a system that has no log daemon'
		return
	fi
	: >"$TMP/syslog"
	start_syslogd
	start_echod -n 2 -o log=syslog || { stop_syslogd; return; }
	make_workers_log
	ok 'syslog: workers write' wait_for syslog_has 2
	stop_syslogd
	make_workers_log # is lost
	connect
	ok 'syslog: without a log daemon they serve' echoes "$FD"
	hang_up "$FD" # or the daemon would inherit it
	start_syslogd
	make_workers_log
	ok 'syslog: and they find its successor' wait_for syslog_has 4
	connect
	ok 'syslog: and serve' echoes "$FD"
	hang_up "$FD"
	stop_echod
	stop_syslogd
	unlike 'syslog: nobody was killed' "$(cat "$TMP/syslog")" 'killed'
}

# This build cannot: it says so, and goes on without.
without()
{
	local said

	like '-V says why' "$(bounded "$ECHOD" -V)" '^libseccomp: .*; the sandbox of workers '
	said=$(bounded "$ECHOD" --self-test=open)
	is '--self-test: exit status' $? 69
	like '--self-test: says why' "$said" '^open: cannot be tried: the sandbox '
	bounded "$ECHOD" -c "$TMP/empty.conf" -t -n 1 -o sandbox=on 2>"$TMP/stderr"
	is 'sandbox=on: exit status' $? 64
	like 'sandbox=on: says why' "$(cat "$TMP/stderr")" '"on" (needs a build|does not work)'
	start_echod -n 1 -L debug || return
	like 'the log says why' "$(cat "$LOG")" 'debug: sandbox: none; it '
	is 'workers are free' "$(seccomp_of "$(workers)")" 0
	stop_echod
}

under_valgrind()
{
	like 'under valgrind it is off' \
	    "$(LD_PRELOAD=/nowhere/vgpreload_core.so bounded "$ECHOD" -V 2>/dev/null)" \
	    '; the sandbox of workers does not work under valgrind$'
}

if has_sandbox; then
	self_tests
	members
	system_calls
	refused_by_the_system
	forbidden_call
	ECHOD_WORKERS=2 ECHOD_BACKENDS=${ECHOD_BACKENDS:-select poll epoll epoll-et} for_backends served
	over_tls
	log_daemon
	under_valgrind
else
	without
fi
