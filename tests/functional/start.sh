# SPDX-License-Identifier: ISC
#
# The start: whatever echod is given for stdin, stdout and stderr no client ever
# gets a line of its log; and --ready-fd says the addresses, each in a line.
#
# Faults: F15
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

REAL=$ECHOD

# No log line, and none of the descriptors that log lines go to, is a client's.
is_apart() # NAME
{
	local fd pid name=$1 fds=()

	for pid in $(processes_of); do
		for fd in 0 1 2; do
			unlike "$name: descriptor $fd" "$(descriptor "$pid" $fd)" '^socket|^anon_inode|^$'
		done
	done
	for _ in 1 2 3 4; do
		connect
		fds+=("$FD")
		echoes "$FD" || fail "$name: an echo"
	done
	kill -HUP "$PID" # is answered with a line
	kill -USR1 "$PID"
	for fd in "${fds[@]}"; do
		echoes "$fd" 'and again' || fail "$name: another echo"
		hang_up "$fd"
	done
}

# In each way to start without some of the three.
closed_stdio()
{
	local closed

	for closed in '' '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		printf '#!/bin/bash\nexec "%s" "$@" %s\n' "$REAL" "$closed" >"$TMP/closed"
		chmod +x "$TMP/closed"
		ECHOD=$TMP/closed start_echod -L debug || continue
		is_apart "started with ${closed:-all open}"
		stop_echod
	done
}

# Started by hand, for lib.sh has the ready descriptor elsewhere.
ready_on() # FD
{
	local fd=$1 reader

	mkfifo "$TMP/fifo"
	# shellcheck disable=SC2094
	eval '"$ECHOD" -c "$TMP/empty.conf" -l 127.0.0.1:0 -n $WORKERS -L error --ready-fd "$fd" '"$fd"'>"$TMP/fifo" </dev/null &'
	PID=$!
	exec {reader}<"$TMP/fifo"
	IFS= read -r -t "$PATIENCE" -u "$reader" ADDR
	like "--ready-fd $fd: an address" "$ADDR" '^127\.0\.0\.1:[1-9][0-9]*$'
	ok "--ready-fd $fd: nothing more, and closed" has_ended "$reader"
	exec {reader}<&-
	rm "$TMP/fifo"
	HOST=127.0.0.1 PORT=${ADDR##*:}
	is_apart "--ready-fd $fd"
	kill -TERM $PID
	wait $PID
	is "--ready-fd $fd: exit status" $? 0
}

addresses()
{
	local addr expected=('127\.0\.0\.1:[1-9][0-9]*' '0\.0\.0\.0:[1-9][0-9]*')
	local args=(-l 127.0.0.1:0 -l '*:0' -l "unix:$TMP/socket" -l "unix:@$TMP")
	local i

	! has_ipv6 || expected+=('\[::\]:[1-9][0-9]*')
	expected+=("unix:$TMP/socket" "unix:@$TMP")
	if has_ipv6; then
		args+=(-l '[::1]:0')
		expected+=('\[::1\]:[1-9][0-9]*')
	else
		skip 'ready: ::1' 'this system has no IPv6'
	fi
	start_echod "${args[@]}" || return
	is 'ready: one line for each address' ${#ADDRS[@]} ${#expected[@]}
	for i in "${!expected[@]}"; do
		like "ready: address $i" "${ADDRS[i]-}" "^${expected[i]}$"
		ok "ready: address $i can be given to -l" \
		    "$ECHOD" -t -c "$TMP/empty.conf" -l "${ADDRS[i]-}"
		like "log: address $i" "$(cat "$LOG")" "info: listening on ${expected[i]}$"
	done
	! has_ipv6 || is 'ready: * has one port' "${ADDRS[1]##*:}" "${ADDRS[2]##*:}"
	stop_echod
	is 'the path of the unix socket is gone' "$(ls "$TMP/socket" 2>/dev/null)" ''
}

ready_descriptors()
{
	local fd

	for fd in 1 2 9; do
		ready_on $fd
	done
}

for_workers closed_stdio
for_workers ready_descriptors
for_workers addresses
