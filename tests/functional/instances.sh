# SPDX-License-Identifier: ISC
#
# Two that want the same: the pid file, the port, the path of a unix socket.  The
# first goes on untouched, the second says what is in its way; and what a crash
# has left behind is in nobody's way.
#
# Faults: F95 F96 F97
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

pid_file=$TMP/pid
path=$TMP/socket

# A start that has to fail.
refused() # NAME STATUS REGEX ARGS...
{
	local name=$1 want=$2 regex=$3

	shift 3
	bounded "$ECHOD" -c "$TMP/empty.conf" "$@" </dev/null >/dev/null 2>"$TMP/stderr"
	is "$name: exit status" $? "$want"
	like "$name: says why" "$(cat "$TMP/stderr")" "$regex"
}

# The only instance dies without a word; its workers notice.
crash()
{
	kill -KILL "$PID"
	wait "$PID" 2>/dev/null
	instances=()
}

# The instance of start_echod serves as if nothing had been.
untouched() # NAME
{
	connect
	ok "$1: the first goes on" echoes "$FD"
	hang_up "$FD"
}

echoes_on() # PATH
{
	[ "$(echo hello | bounded nc -U -N "$1")" = hello ]
}

with_pid_file()
{
	start_echod -p "$pid_file" || return
	is 'pid file: the pid' "$(cat "$pid_file")" "$PID"
	is 'pid file: not for others to write' "$(stat -c %a "$pid_file" | grep -c '[2367].$\|[2367]$')" 0
	refused 'second with the pid file' 69 \
	    "error: already running: process $PID holds the pid file $pid_file" \
	    -p "$pid_file" -l "unix:$path"
	ok 'second with the pid file: has bound nothing' [ ! -e "$path" ]
	is 'second with the pid file: the file is as before' "$(cat "$pid_file")" "$PID"
	untouched 'second with the pid file'
	stop_echod
	ok 'pid file: removed at the end' [ ! -e "$pid_file" ]

	echo 1 >"$pid_file" # of a process that is not ours, and does not lock it
	start_echod -p "$pid_file" || return
	is 'stale pid file: taken over' "$(cat "$pid_file")" "$PID"
	rm "$pid_file"
	echo other >"$pid_file"
	stop_echod
	is 'pid file of somebody else: not removed' "$(cat "$pid_file")" other

	start_echod -p "$pid_file" || return
	crash
	start_echod -p "$pid_file" || return
	is 'pid file after a crash: taken over' "$(cat "$pid_file")" "$PID"
	stop_echod
	ln -sf "$TMP/elsewhere" "$TMP/link"
	refused 'pid file that is a link' 64 'error: pid-file: cannot open .*: Too many levels' \
	    -p "$TMP/link" -l 127.0.0.1:0
	is 'pid file that is a link: nothing made' "$(ls "$TMP/elsewhere" 2>/dev/null)" ''
}

has_lived_or_died() # PIDS...: all but one have ended
{
	local pid alive=0

	for pid; do
		is_gone "$pid" || ((alive++))
	done
	[ $alive -le 1 ]
}

four_at_once()
{
	local i pid pids=() alive=()

	rm -f "$pid_file"
	for i in 1 2 3 4; do
		"$ECHOD" -c "$TMP/empty.conf" -l 127.0.0.1:0 -n "$WORKERS" -p "$pid_file" \
		    </dev/null >/dev/null 2>"$TMP/stderr.$i" &
		pids+=($!)
	done
	ok 'four at once: all but one end' wait_for has_lived_or_died "${pids[@]}"
	for pid in "${pids[@]}"; do
		if is_gone "$pid"; then
			wait "$pid"
			is 'four at once: exit status of a loser' $? 69
		else
			alive+=("$pid")
		fi
	done
	is 'four at once: one lives' ${#alive[@]} 1
	ok 'four at once: it writes the pid file' wait_for has_line "$pid_file" "^${alive[0]}$"
	kill -TERM "${alive[@]}"
	wait "${alive[0]}"
	is 'four at once: exit status of the winner' $? 0
}

same_port()
{
	start_echod || return
	refused 'second on the port' 69 \
	    "error: cannot listen on $ADDR: Address already in use; 'ss -lp' shows who has it" \
	    -l "$ADDR" -l "unix:$path"
	untouched 'second on the port'
	refused 'second on the port, after another address' 69 'Address already in use' \
	    -l "unix:$path" -l "$ADDR"
	ok 'second on the port, after another address: that is let go' [ ! -e "$path" ]
	connect # whoever closes first has the kernel keep the port for a minute
	echoes "$FD"
	expect_clients
	stop_echod "$PID" INT
	start_echod -l "$ADDR" || return
	pass 'the port can be had again at once'
	hang_up "$FD"
	stop_echod
}

unix_socket()
{
	local first

	need nc
	start_echod -l "unix:$path" || return
	first=$PID
	ok 'unix socket: echoes' echoes_on "$path"
	refused 'second on the unix socket' 69 "error: cannot listen on unix:$path: Address already in use" \
	    -l "unix:$path"
	ok 'second on the unix socket: the first goes on' echoes_on "$path"
	crash
	ok 'unix socket after a crash: is there' [ -S "$path" ]
	start_echod -l "unix:$path" || return
	ok 'unix socket after a crash: taken over' echoes_on "$path"
	stop_echod
	ok 'unix socket: removed at the end' [ ! -e "$path" ]

	start_echod -l "unix:$path" || return
	first=$PID
	rm "$path"
	start_echod -l "unix:$path" || return
	stop_echod "$first"
	ok 'unix socket of somebody else: not removed' echoes_on "$path"
	stop_echod

	echo data >"$path"
	refused 'a file in place of the unix socket' 69 'Address already in use' -l "unix:$path"
	is 'a file in place of the unix socket: is not touched' "$(cat "$path")" data
	rm "$path"
	start_echod -l "unix:@$TMP" || return
	refused 'second on the abstract socket' 69 "unix:@$TMP: Address already in use" -l "unix:@$TMP"
	stop_echod
}

for_workers with_pid_file
for_workers four_at_once
for_workers same_port
for_workers unix_socket
