# SPDX-License-Identifier: ISC
#
# The limit of descriptors: raised to what the settings need, refused at the start
# where that cannot be, and survived when there are no more: those who are served
# notice nothing, the others wait, and nobody burns the processor.
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

need prlimit

soft_limit() # PID
{
	awk '/^Max open files/ { print $4 }' "/proc/$1/limits"
}

declare -A pid_of log_on addr_of served_by first_by waits_by ticks_by

# The lowest number that no descriptor of the process has.
first_free() # PID
{
	local fd=0

	while [ -e "/proc/$1/fd/$fd" ] || [ -L "/proc/$1/fd/$fd" ]; do
		((fd++))
	done
	echo "$fd"
}

# All first, for each inherits the connections that the story has.
start()
{
	start_echod || exit
	pid_of[$BACKEND]=$PID log_on[$BACKEND]=$LOG addr_of[$BACKEND]=$ADDR
}

# Two are served, for a third there is no descriptor.
exhaust()
{
	PID=${pid_of[$BACKEND]} LOG=${log_on[$BACKEND]} ADDR=${addr_of[$BACKEND]}
	HOST=${ADDR%:*} PORT=${ADDR##*:}
	connect
	first_by[$BACKEND]=$FD
	connect
	served_by[$BACKEND]=$FD
	ok 'is served' echoes "$FD"
	ok 'is served, too' echoes "${first_by[$BACKEND]}"
	# Not less than is open: poll(2) fails when it watches more than the limit.
	prlimit --pid "$PID" --nofile="$(first_free "$PID"):"
	connect
	echo 'I wait' >&"$FD"
	waits_by[$BACKEND]=$FD
	ok 'no descriptor is left' wait_for has_line "$LOG" 'warn: cannot accept: Too many open files'
	ticks_by[$BACKEND]=$(ticks "$PID")
}

# After five seconds of it.
survive()
{
	local got

	PID=${pid_of[$BACKEND]} LOG=${log_on[$BACKEND]}
	is_sanitized || at_most 'ticks of 10 ms, in 5 s' $(($(ticks "$PID") - ${ticks_by[$BACKEND]})) 25
	is 'one line in the log' "$(grep -c 'cannot accept' "$LOG")" 1
	ok 'the served one is served' echoes "${served_by[$BACKEND]}"
	hang_up "${first_by[$BACKEND]}"
	IFS= read -r -t "$PATIENCE" -u "${waits_by[$BACKEND]}" got
	is 'one leaves: the waiting one is served' "$got" 'I wait'
	ok 'the served one is still served' echoes "${served_by[$BACKEND]}"
	hang_up "${waits_by[$BACKEND]}"
	hang_up "${served_by[$BACKEND]}"
	prlimit --pid "$PID" --nofile=256:
	stop_echod
	like 'the rests are counted' "$(tail -n 1 "$LOG")" ' rests [1-9]'
}

# As for somebody who may not raise the hard limit.
limited() # SOFT:HARD ARGS...
{
	local limit=$1 as=()

	shift
	! is_root || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	chmod 755 "$TMP"
	cp -n "$ECHOD" "$TMP/echod"
	bounded prlimit --nofile="$limit" "${as[@]}" "$TMP/echod" -c "$TMP/empty.conf" "$@" \
	    </dev/null >"$TMP/stdout" 2>"$TMP/stderr"
}

at_the_start()
{
	local limit

	! is_root || has setpriv || {
		skip 'at the start' 'setpriv is not installed'
		return
	}
	limited 200:200 -l 127.0.0.1:0 -o max-connections=1000
	is 'more connections than descriptors: exit status' $? 78
	# Under make coverage, another user may not write down what has run.
	is 'more connections than descriptors: says why' "$(grep -v '^profiling:' "$TMP/stderr")" \
	    'echod: max-connections: 1000 connections need 1033 descriptors, and the limit is 200; raise it (ulimit -n, LimitNOFILE=) or ask for less'
	printf '\nmax-connections = 1000\n' >"$TMP/file.conf"
	limited 200:200 -l 127.0.0.1:0 -c "$TMP/file.conf"
	is 'the same from a file: exit status' $? 78
	like 'the same from a file: says where' "$(cat "$TMP/stderr")" \
	    "^$TMP/file.conf:2: max-connections: 1000 connections need 1033 descriptors, "
	limited 33:33 -l 127.0.0.1:0
	is 'no room for one: exit status' $? 78
	like 'no room for one: says why' "$(cat "$TMP/stderr")" \
	    'the limit of 33 descriptors leaves no room for a connection; it has to be 34 at least'
	limited 200:200 -t -l 127.0.0.1:0
	is 'auto takes what there is: exit status' $? 0
	like 'auto takes what there is' "$(cat "$TMP/stderr")" 'room for 167 connections$'
	limited 100:200 -t -l 127.0.0.1:0 -o max-connections=150
	is 'the soft limit is raised: exit status' $? 0

	printf '#!/bin/bash\nulimit -Sn 64 && exec "%s" "$@"\n' "$ECHOD" >"$TMP/low"
	chmod +x "$TMP/low"
	ECHOD=$TMP/low start_echod -o max-connections=150 || return
	is 'the soft limit is raised to what is needed' "$(soft_limit "$PID")" 183
	stop_echod
	ECHOD=$TMP/low start_echod || return
	limit=$(ulimit -Hn)
	[ "$limit" != unlimited ] && [ "$limit" -lt 10033 ] || limit=10033
	is 'auto: the soft limit is raised, up to 10000 connections' "$(soft_limit "$PID")" "$limit"
	stop_echod
}

# Where libev has no way to go on.
no_way_on()
{
	start_echod -b poll || return
	connect
	ok 'poll: is served' echoes "$FD"
	prlimit --pid "$PID" --nofile=2:
	expect_error 'giving up: .*poll.*: Invalid argument'
	kill -USR2 "$PID" # wakes it, to wait again
	ended_echod
	is 'libev gives up: exit status' "$STATUS" 71
	is 'libev gives up: one line' "$(grep -c ' error: ' "$LOG")" 1
	hang_up "$FD"
}

backends=${ECHOD_BACKENDS:-select poll epoll epoll-et}
for BACKEND in $backends; do
	WORDS=$BACKEND
	start
done
for BACKEND in $backends; do
	WORDS=$BACKEND
	exhaust
done
sleep 5 # how much time they use in it is the question
for BACKEND in $backends; do
	WORDS=$BACKEND
	survive
done
BACKEND='' WORDS=''
at_the_start
no_way_on
