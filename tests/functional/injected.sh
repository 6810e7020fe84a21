#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Single system calls that fail, or are interrupted by a
# signal, by strace: what concerns one connection costs that one, what passes is
# waited out, and only what is final ends it.
#
# Faults: F02 F03 F04 F05 F06 F07 F08 F09 F19 F20 F21 F59 F61

ECHOD_WORKERS=0 # one process is traced
# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
need strace
strace -o "$TMP/true" true 2>/dev/null || skip_all 'tracing is not allowed here'

is_traced()
{
	[ "$(status_of "$PID" TracerPid)" != 0 ]
}

# Start it, and from now on let strace do what the expression says.
inject() # EXPRESSION ARGS...
{
	local how=$1

	shift
	to_be_traced start_echod "$@" || return
	strace -qq -p "$PID" -o "$TMP/trace" -e "trace=${how%%:*}" -e "inject=$how" &
	TRACER=$!
	wait_for is_traced
}

# The tracer ends by itself.
end_traced() # FUNCTION ARGS...
{
	"$@"
	wait "$TRACER"
}

was_injected()
{
	at_least "$1: it has come to that" "$(grep -c INJECTED "$TMP/trace")" 1
}

# It is as if nothing had been.
passes() # NUMBER EXPRESSION
{
	inject "$2" || return
	connect
	ok "$1: $2: is served" echoes "$FD"
	ok "$1: $2: is still served" echoes "$FD"
	hang_up "$FD"
	was_injected "$1: $2"
	end_traced stop_echod
	unlike "$1: $2: nothing about it in the log" "$(cat "$LOG")" 'cannot accept|failed 1| reset 1'
}

# It rests, says so once, and goes on.
rests() # NUMBER ERROR WORDS
{
	inject "accept4:error=$2:when=1..3" || return
	connect
	ok "$1: accept4: $2 three times: then it is served" echoes "$FD"
	hang_up "$FD"
	was_injected "$1: $2"
	end_traced stop_echod
	is "$1: accept4: $2: one line" "$(grep -c "warn: cannot accept: $3" "$LOG")" 1
	like "$1: accept4: $2: the rests are counted" "$(tail -n 1 "$LOG")" ' rests 3'
}

# One connection is lost, quietly, and no other.
costs_one() # NUMBER EXPRESSION COUNTED
{
	inject "$2" || return
	connect
	echo 'lost' >&"$FD"
	ok "$1: $2: that connection ends" ends "$FD"
	hang_up "$FD"
	connect
	ok "$1: $2: the next one is served" echoes "$FD"
	hang_up "$FD"
	was_injected "$1: $2"
	end_traced stop_echod
	unlike "$1: $2: no error in the log" "$(cat "$LOG")" ' error: '
	like "$1: $2: counted" "$(tail -n 1 "$LOG")" "$3"
}

ends() # FD: in whatever way
{
	local got=

	! IFS= read -r -t "$PATIENCE" -u "$1" got 2>/dev/null && [ -z "$got" ]
}

listener()
{
	local error

	rests 'F02 F04' EMFILE 'Too many open files'
	rests F03 ENFILE 'Too many open files in system'
	rests F04 ENOBUFS 'No buffer space available'
	rests F04 ENOMEM 'Cannot allocate memory'
	rests F09 EPERM 'Operation not permitted'
	passes F05 'accept4:error=ECONNABORTED:when=1..5'
	for error in EPROTO ENETDOWN EHOSTUNREACH EOPNOTSUPP ENONET ENOPROTOOPT ETIMEDOUT; do
		passes F06 "accept4:error=$error:when=1..2"
	done

	inject accept4:error=EINVAL:when=1 || return
	expect_error 'a listening socket is gone: Invalid argument'
	expect_error 'none is left to listen on'
	connect
	end_traced ended_echod
	hang_up "$FD"
	is 'F08: the only listening socket is broken: exit status' "$STATUS" 71
	inject accept4:error=EBADF:when=1 -l 127.0.0.1:0 -l "unix:$TMP/socket" || return
	expect_error 'a listening socket is gone: Bad file descriptor'
	connect
	ok 'F08: one of two is broken: it is said' wait_for has_line "$LOG" 'is gone: Bad'
	hang_up "$FD"
	end_traced stop_echod
}

connections()
{
	local error

	for error in EPIPE ECONNRESET; do
		costs_one F20 "sendto:error=$error:when=1" ' reset 1'
	done
	costs_one F20 recvfrom:error=ECONNRESET:when=1 ' reset 1'
	for error in ETIMEDOUT EHOSTUNREACH ENETUNREACH; do
		costs_one F20 "sendto:error=$error:when=1" ' failed 1'
	done
	costs_one F20 recvfrom:error=ETIMEDOUT:when=1 ' failed 1'
	costs_one F21 sendto:error=ENOBUFS:when=1 ' failed 1'
	costs_one F21 sendto:error=ENOMEM:when=1 ' failed 1'
}

# The call in which each backend waits.
waits()
{
	local call=$BACKEND

	case $call in
	epoll) call=epoll_wait ;;
	epoll-et) call=poll,epoll_wait ;;
	select) call=select,pselect6 ;;
	esac
	passes F07 "$call:error=EINTR:when=1+2"
	passes F07 recvfrom:error=EINTR:when=1+2
	passes F07 sendto:error=EINTR:when=1+2
	passes F07 accept4:error=EINTR:when=1+2
	# By edge it would be a lie; short-io.sh has what is true there.
	[ "$BACKEND" = epoll-et ] || passes F19 recvfrom:error=EAGAIN:when=2

	inject "$call:signal=SIGUSR1:when=2+3" -o "log=file:$TMP/file.$BACKEND" || return
	connect
	ok 'F61: a signal when it begins to wait: is served' echoes "$FD"
	ok 'F61: and heard' wait_for has_line "$TMP/file.$BACKEND" 'log: opened again'
	hang_up "$FD"
	end_traced stop_echod
}

watches()
{
	case $BACKEND in
	epoll) costs_one F59 epoll_ctl:error=ENOSPC:when=1 ' failed 1' ;;
	epoll-et) costs_one F59 epoll_ctl:error=ENOSPC:when=1 ' refused 1' ;;
	esac
}

BACKEND=poll
listener
connections
ECHOD_WORKERS=0 # the faults are those of one process
for_backends waits
for_backends watches
