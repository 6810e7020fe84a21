#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Peers and networks at their worst, one after the other: each fault has its number in
# tests/FAULTS.md.  What is left in the end is what there was in the beginning.
#
# Faults: F14 F17 F22 F24 F33 F37 F41 F42 F45 F49 F51 F52 F62 F120

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

# All byte values, and what means something to somebody: echoed, and never logged.
any_bytes()
{
	local i

	start_echod -L debug || return
	{
		for ((i = 0; i < 256; i++)); do
			# shellcheck disable=SC2059 # that is what it is for
			printf "\\x$(printf %x "$i")"
		done
		printf 'PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\nGET / HTTP/1.0\r\n\r\n\377\373\001%%n%%s'
		printf 'not-for-the-log \033]0;title\007\n2026 crit: fake\n'
	} >"$TMP/bytes"
	bounded nc -N "$HOST" "$PORT" <"$TMP/bytes" >"$TMP/echo"
	same_file 'F51 F52: any bytes come back as they are' "$TMP/echo" "$TMP/bytes"
	stop_echod
	unlike 'F51: and are not in the log' "$(cat -v "$LOG")" 'not-for-the-log|PROXY|fake|title'
}

signals_and_times()
{
	start_echod -o idle-timeout=2s || return
	connect
	kill -PIPE "$PID"
	ok 'F22: SIGPIPE changes nothing' echoes "$FD"

	# It has been deaf, not the peer silent.
	kill -STOP "$PID"
	echo 'said meanwhile' >&"$FD"
	sleep 3.5 # longer than the timeout and its slack
	kill -CONT "$PID"
	IFS= read -r -t "$PATIENCE" -u "$FD" got
	is 'F62: stopped for longer than idle-timeout: nobody is thrown out for it' "$got" \
	    'said meanwhile'
	hang_up "$FD"
	stop_echod
	like 'F62: none was idle' "$(tail -n 1 "$LOG")" ' idle 0'
}

round_trips()
{
	start_echod || return
	start_peer light rounds -n 1 -r 20000 -s 1 "$ADDR" || return
	peer_ends_well 'F24: 20,000 round trips of one byte' light
	is_sanitized || at_most 'F24: none waits for a timer of the kernel (ms)' \
	    "$(peer_said light 'round:')" 1000
	ok 'F33: receive buffers of 2 KiB' bounded "$PEER" echo -n 4 -b 2048 -B 4096 -s 300000 "$ADDR"
	stop_echod
}

# A byte every now and then is progress.
slow_drain()
{
	start_echod -o stall-timeout=1s || return
	ok 'F37: one that reads little by little is not cut off' bounded \
	    "$PEER" echo -b 4096 -s 400000 -p 4000 -d 30000 "$ADDR"
	stop_echod
	like 'F37: none has stalled' "$(tail -n 1 "$LOG")" ' stalled 0'
}

# The peer's kernel forgets the connection: neither FIN nor RST comes.
vanish()
{
	if ! has perl || ! is_root; then
		skip 'F41' 'needs root and perl'
		return
	fi
	start_echod -o idle-timeout=1s || return
	ok 'F41: a peer vanishes' bounded perl -MSocket -e '
		socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
		connect($s, sockaddr_in($ARGV[1], inet_aton($ARGV[0]))) or die;
		syswrite($s, "x"); sysread($s, my $x, 1) == 1 or die;
		setsockopt($s, 6, 19, pack("i", 1)) or die "TCP_REPAIR: $!"; close($s)' \
	    "$HOST" "$PORT"
	ok 'F41: its connection is closed in the end' wait_for has_fds "$PID" "${fds_of[$PID]}"
	stop_echod
	like 'F41: as idle' "$(tail -n 1 "$LOG")" ' idle 1'
}

kill_socket()
{
	start_echod || return
	connect
	ok 'F42: is served' echoes "$FD"
	if ss -K dst 127.0.0.1 dport = ":$PORT" >"$TMP/killed" 2>&1 && ends_now "$FD"; then
		ok 'F42: killed by the administrator: closed' wait_for has_fds "$PID" \
		    "${fds_of[$PID]}"
		connect_again
	else
		skip 'F42' 'ss -K is not to be had: root, and a kernel with INET_DIAG_DESTROY'
	fi
	stop_echod
}

ends_now() # FD
{
	local got

	! IFS= read -r -t 2 -u "$1" got 2>/dev/null && [ $? -le 128 ]
}

connect_again()
{
	hang_up "$FD"
	connect
	ok 'and the next one is served' echoes "$FD"
	hang_up "$FD"
}

# More than the queue holds, while nobody accepts: the kernel puts some off, for as long
# as they try, and echod serves whoever it gets.
backlog()
{
	local pid pids=() i served=0 others=0

	start_echod -o backlog=1 || return
	kill -STOP "$PID"
	for ((i = 0; i < 20; i++)); do
		echo "line $i" | timeout 8 nc -N -w 8 "$HOST" "$PORT" >"$TMP/backlog.$i" 2>&1 &
		pids+=($!)
	done
	wait_for queue_is_full
	kill -CONT "$PID"
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	for ((i = 0; i < 20; i++)); do
		case $(cat "$TMP/backlog.$i") in
		"line $i") ((served++)) ;;
		?*) ((others++)) ;;
		esac
	done
	at_least 'F45: 20 at once, and a queue of 1: those that get in are served' $served 2
	is 'F45: none gets anything but its echo' $others 0
	connect
	ok 'F45: the next one is served' echoes "$FD"
	hang_up "$FD"
	stop_echod
}

queue_is_full()
{
	[ "$(ss -tlnH "( sport = :$OWN_PORT )" | awk '{ print $2 }')" -ge 2 ]
}

# Two echos that talk to each other: a byte that never comes to rest.
echo_loop()
{
	local one first bridge

	start_echod || return
	one=$ADDR first=$PID
	start_echod || return
	(
		exec {a}<>"/dev/tcp/${one%:*}/${one##*:}" {b}<>"/dev/tcp/$HOST/$PORT"
		printf x >&"$a"
		cat <&"$a" >&"$b" &
		cat <&"$b" >&"$a"
	) &
	bridge=$!
	connect
	ok 'F49: two echos in a circle: others are served' echoes "$FD"
	ok 'F49: and still are' echoes "$FD"
	hang_up "$FD"
	expect_clients
	busy_of[$first]=yes
	kill -INT "$PID" "$first"
	wait_for is_gone "$bridge" || kill "$bridge"
	await_exit "$PID"
	is 'F49: and it ends when it is told to' "$STATUS" 0
	await_exit "$first"
}

close_once()
{
	if ! has strace || ! strace -o "$TMP/true" true 2>/dev/null; then
		skip 'F17' 'needs strace, and to be allowed to trace'
		return
	fi
	to_be_traced start_echod -o idle-timeout=1s || return
	strace -qq -p "$PID" -o "$TMP/closes" -e trace=close &
	wait_for is_traced
	"$PEER" reset -n 20 -s 50000 "$ADDR"
	"$PEER" echo -n 20 -s 50000 "$ADDR"
	connect
	has_ended "$FD"
	hang_up "$FD"
	stop_echod
	wait $!
	at_least 'F14 F17: closed, all in all' "$(grep -c '= 0$' "$TMP/closes")" 41
	is 'F17: nothing is closed twice' "$(grep -c EBADF "$TMP/closes")" 0
}

is_traced()
{
	[ "$(status_of "$PID" TracerPid)" != 0 ]
}

slow_link()
{
	if ! is_root || ! has tc || ! unshare -n true 2>/dev/null; then
		skip 'F120' 'needs root, tc, and to be allowed to make a network namespace'
		return
	fi
	unshare -n bash -c 'ip link set lo up && ip link set lo mtu 1500 && ip route change local 127.0.0.1 dev lo advmss 88 table local
		tc qdisc add dev lo root tbf rate 4mbit burst 32kbit latency 400ms || exit 42
		mkfifo "$2/slow"
		"$1" -c /dev/null -l 127.0.0.1:0 --ready-fd 3 3>"$2/slow" 2>"$2/slow.log" &
		read -r addr <"$2/slow"
		timeout 60 "$3" echo -n 3 -s 50000 "$addr"
		status=$?
		kill $!
		wait $! && exit $status' slow "$ECHOD" "$TMP" "$PEER"
	case $? in
	42) skip 'F120' 'this kernel has no tbf' ;;
	0) pass 'F33 F120: segments of 88 bytes, 4 Mbit/s, packets lost: every byte' ;;
	*) fail 'F33 F120: segments of 88 bytes, 4 Mbit/s, packets lost: every byte' \
	    "$(cat "$TMP/slow.log")" ;;
	esac
}

any_bytes
signals_and_times
for_backends round_trips
slow_drain
vanish
kill_socket
backlog
echo_loop
close_once
slow_link
