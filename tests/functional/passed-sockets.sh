# SPDX-License-Identifier: ISC
#
# Sockets that a service manager has opened (LISTEN_FDS): listen "fd:NAME".
#
# Faults: F123
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

need python3
"$ECHOD" -V | grep -q '^libsystemd: built in' || skip_all 'built without libsystemd'

# As ECHOD: an echod with these sockets.
passed() # NAME=WHAT...
{
	printf '#!/bin/bash\nexec python3 "%s" pass %s -- "%s" "$@"\n' "${0%/*}/manager.py" "$*" \
	    "$REAL" >"$TMP/with-sockets"
	chmod +x "$TMP/with-sockets"
	ECHOD=$TMP/with-sockets
}

REAL=$ECHOD

echo_at() # ADDRESS
{
	case $1 in
	unix:*) bounded nc -N -U "${1#unix:}" <<<"$1" ;;
	*) bounded nc -N "$(tr -d '[]' <<<"${1%:*}")" "${1##*:}" <<<"$1" ;;
	esac
}

serves()
{
	local addr specs=(echo=tcp "path=unix:$TMP/socket") n=2

	if has_ipv6; then
		specs+=(echo=tcp6)
		n=3
	else
		skip 'two sockets of one name' 'this system has no IPv6'
	fi
	passed "${specs[@]}"
	start_echod -l fd:path -l fd:echo || return
	is 'listens on all that were passed' ${#ADDRS[@]} $n
	for addr in "${ADDRS[@]}"; do
		is "echoes at ${addr%%:*}" "$(echo_at "$addr")" "$addr"
	done
	stop_echod
	ok 'the path stays: it is not ours' [ -S "$TMP/socket" ]
	rm "$TMP/socket"
}

# Urgent data in its place is what a socket of our own would give.
same_options()
{
	passed echo=tcp
	start_echod -l fd:echo || return
	is 'accepted sockets have our options' "$(bounded python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.send(b"ab", socket.MSG_OOB)
print(s.makefile("r").read(2))' "$PORT")" ab
	stop_echod
}

together()
{
	printf 'listen "fd:echo" { backlog = 5 }\nlisten "127.0.0.1:0" { }\n' >"$TMP/conf"
	passed echo=tcp
	is 'in the settings file, too' "$(bounded "$ECHOD" -c "$TMP/conf" -T | grep ^listen)" \
	    "$(printf 'listen "fd:echo" {\nlisten "127.0.0.1:0" {')"
	start_echod -l fd:echo -l 127.0.0.1:0 || return
	is 'beside one of our own' ${#ADDRS[@]} 2
	is 'both echo' "$(echo_at "${ADDRS[0]}") $(echo_at "${ADDRS[1]}")" "${ADDRS[*]}"
	stop_echod
	passed one=tcp two=tcp one=tcp
	is 'nothing is asked for: all that were passed' \
	    "$(bounded "$ECHOD" -c "$TMP/empty.conf" -T | grep ^listen)" \
	    "$(printf 'listen "fd:one" {\nlisten "fd:two" {')"
}

# The settings let go of it, and want it back: it is still the service manager's, and
# what connected meanwhile is served then.
comes_and_goes() # WORKERS
{
	local fd said="$1 workers: given up and taken again"

	printf 'workers = %s\nlisten "fd:echo" { }\n' "$1" >"$TMP/conf"
	passed echo=tcp
	in_file=1 start_echod -c "$TMP/conf" || return
	is "$said: echoes" "$(echo_at "$ADDR")" "$ADDR"
	sed -i s/fd:echo/127.0.0.1:0/ "$TMP/conf"
	kill -HUP "$PID"
	ok "$said: a stray" wait_for has_line "$LOG" 'was passed as "echo", but nothing listens'
	ok "$said: given up" wait_for has_line "$LOG" 'info: reloaded: '
	wait_for has_number 1 || return
	connect
	printf 'hello\n' >&"$FD"
	fd=$FD
	sed -i s/127.0.0.1:0/fd:echo/ "$TMP/conf"
	kill -HUP "$PID"
	ok "$said: taken again" wait_for has_number 2
	is "$said: who waited is served" "$(timeout "$PATIENCE" head -n 1 <&"$fd")" hello
	is "$said: echoes again" "$(echo_at "$ADDR")" "$ADDR"
	hang_up "$fd"
	stop_echod
	ECHOD=$REAL
}

has_number() # COUNT: of reloads
{
	[ "$(grep -c 'info: reloaded: ' "$LOG")" -ge "$1" ]
}

stray()
{
	passed echo=tcp other=tcp
	start_echod -l fd:echo || return
	like 'a socket that nothing listens on' "$(cat "$LOG")" \
	    'warn: the socket on 127\.0\.0\.1:[0-9]+ was passed as "other", but nothing listens on it'
	stop_echod
}

refused() # NAME STATUS REGEX ARGS...
{
	local name=$1 want=$2 regex=$3 said

	shift 3
	said=$(bounded "$ECHOD" -c "$TMP/empty.conf" "$@" 2>&1)
	is "$name: status" $? "$want"
	like "$name: says why" "$said" "$regex"
}

refusals()
{
	passed echo=tcp
	refused 'another name' 69 'cannot listen on fd:other: no socket of that name' -l fd:other
	refused 'no name' 64 '"fd:" is not an address to listen on: want fd:NAME' -l fd:
	refused 'twice' 64 'is given twice' -l fd:echo -l fd:echo
	LISTEN_PID=1 refused 'meant for another process' 69 'no socket of that name' -l fd:echo
	LISTEN_FDS=99 refused 'more promised than passed' 69 'cannot use what was passed to us' \
	    -l fd:echo
	passed echo=udp
	refused 'a datagram socket' 69 'passed as "echo", is not a stream socket that listens' \
	    -l fd:echo
	passed echo=idle
	refused 'one that does not listen' 69 'is not a stream socket that listens' -l fd:echo
	ECHOD=$REAL
	refused 'nothing was passed' 69 'no socket of that name' -l fd:echo
}

serves
same_options
together
comes_and_goes 0
comes_and_goes 2
stray
refusals
