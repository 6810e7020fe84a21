# SPDX-License-Identifier: ISC
#
# The limit of descriptors: raised to what the settings need, refused at the start
# where that cannot be, and survived when there are no more: those who are served
# notice nothing, the others wait, and nobody burns the processor.
#
# Faults: F01 F13
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

need prlimit

soft_limit() # PID
{
	awk '/^Max open files/ { print $4 }' "/proc/$1/limits"
}

declare -A pid_of log_on addr_of served_by first_by waits_by ticks_by # by $WORDS

# The lowest number that no descriptor of the process has.
first_free() # PID
{
	local fd=0

	while [ -e "/proc/$1/fd/$fd" ] || [ -L "/proc/$1/fd/$fd" ]; do
		((fd++))
	done
	echo "$fd"
}

# All first, for each inherits the connections that the story has.  Workers share
# their socket, so that whoever has a descriptor can serve who waits.
start()
{
	start_echod -o accept=shared || exit
	pid_of[$WORDS]=$PID log_on[$WORDS]=$LOG addr_of[$WORDS]=$ADDR
	instances=() # they outlive this part of the story
}

ticks_of_all() # PID
{
	local pid sum=0

	for pid in $(workers_of "$1"); do
		sum=$((sum + $(ticks "$pid")))
	done
	echo $sum
}

limit_all() # PID [LIMIT]: no more than they have, if nothing is said
{
	local pid

	for pid in $(workers_of "$1"); do
		# Not less than is open: poll(2) fails when it watches more than the limit.
		prlimit --pid "$pid" --nofile="${2:-$(first_free "$pid")}:"
	done
}

# Two are served, for a third there is no descriptor.
exhaust()
{
	PID=${pid_of[$WORDS]} LOG=${log_on[$WORDS]} ADDR=${addr_of[$WORDS]}
	HOST=${ADDR%:*} PORT=${ADDR##*:}
	connect
	first_by[$WORDS]=$FD
	connect
	served_by[$WORDS]=$FD
	ok 'is served' echoes "$FD"
	ok 'is served, too' echoes "${first_by[$WORDS]}"
	limit_all "$PID"
	connect
	echo 'I wait' >&"$FD"
	waits_by[$WORDS]=$FD
	ok 'no descriptor is left' wait_for has_line "$LOG" 'warn: cannot accept: Too many open files'
	ticks_by[$WORDS]=$(ticks_of_all "$PID")
}

# After five seconds of it.
survive()
{
	local got

	PID=${pid_of[$WORDS]} LOG=${log_on[$WORDS]}
	is_sanitized || at_most 'ticks of 10 ms, in 5 s' $(($(ticks_of_all "$PID") - ${ticks_by[$WORDS]})) \
	    $((25 * $(workers_of | wc -w)))
	at_most 'one line in the log, of each process' "$(grep -c 'cannot accept' "$LOG")" \
	    "$(workers_of | wc -w)"
	ok 'the served one is served' echoes "${served_by[$WORDS]}"
	hang_up "${first_by[$WORDS]}"
	IFS= read -r -t "$PATIENCE" -u "${waits_by[$WORDS]}" got
	is 'one leaves: the waiting one is served' "$got" 'I wait'
	ok 'the served one is still served' echoes "${served_by[$WORDS]}"
	hang_up "${waits_by[$WORDS]}"
	hang_up "${served_by[$WORDS]}"
	limit_all "$PID" 256
	instances+=("$PID")
	stop_echod
	like 'the rests are counted' "$(tail -n 1 "$LOG")" ' rests [1-9]'
	instances=()
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
	limited 200:200 -l 127.0.0.1:0 -o max-connections=1000 -n 2
	is 'with workers, those of the supervisor count: exit status' $? 78
	like 'with workers, those of the supervisor count' "$(cat "$TMP/stderr")" \
	    'max-connections: 1000 connections need 1041 descriptors, and the limit is 200;'
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

for_backends start
for_backends exhaust
sleep 5 # how much time they use in it is the question
for_backends survive
at_the_start
no_way_on
