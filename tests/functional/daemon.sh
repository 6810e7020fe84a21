# SPDX-License-Identifier: ISC
#
# -D: the command returns when the daemon accepts connections, or has failed and
# said why; and -s talks to it.
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

# -> status, PID, HOST, PORT; what the command said is in $TMP/said
detach() # ARGS...
{
	PID=''
	rm -f "$TMP/pid"
	# Through a pipe: if the daemon kept it open we would wait for good.
	bounded "$ECHOD" -c "$TMP/empty.conf" -D -l 127.0.0.1:0 -n "$WORKERS" \
	    -p "$TMP/pid" "$@" --ready-fd 3 3>"$TMP/ready" 2>&1 </dev/null | bounded cat >"$TMP/said"
	state=("${PIPESTATUS[@]}")
	status=${state[0]}
	[ "${state[1]}" = 0 ] || fail 'lets go of stdout and stderr'
	[ ! -s "$TMP/pid" ] || PID=$(<"$TMP/pid")
	ADDR=$(head -n 1 "$TMP/ready")
	HOST=${ADDR%:*} PORT=${ADDR##*:}
}

signal() # ACTION
{
	ok "-s $1" bounded "$ECHOD" -c "$TMP/empty.conf" -p "$TMP/pid" -s "$1"
}

gone_for_good()
{
	ok 'stopped: the process is gone' wait_for is_gone "$PID"
	ok 'stopped: the pid file is gone' [ ! -e "$TMP/pid" ]
	ok 'stopped: nobody listens' is_refused "$HOST" "$PORT"
}

lives()
{
	local fd pid log=$TMP/daemon.log

	detach -o "log=file:$log"
	is 'status' "$status" 0
	is_refused "$HOST" "$PORT" && fail 'accepts when the command has returned' && return
	pass 'accepts when the command has returned'
	connect
	ok 'echoes' echoes "$FD"
	hang_up "$FD"
	for pid in $(processes_of); do
		for fd in 0 1 2; do
			is "descriptor $fd" "$(descriptor "$pid" $fd)" /dev/null
		done
	done
	unlike 'is not in the session of who started it' "$(cut -d ' ' -f 6 "/proc/$PID/stat")" \
	    "^$(cut -d ' ' -f 6 /proc/$$/stat)\$"
	is 'the directory stays' "$(readlink "/proc/$PID/cwd")" "$PWD"
	like 'the log is in the file' "$(cat "$log")" 'info: listening on 127\.0\.0\.1:'
	mv "$log" "$log.1"
	signal reopen
	ok '-s reopen: a new log file' wait_for [ -e "$log" ]
	signal stop
	gone_for_good
	like 'the end is in the new file' "$(cat "$log")" 'info: stopped: connections 2 '
	detach -o "log=file:$log"
	connect
	echoes "$FD"
	signal quit
	ok '-s quit: waits' wait_for is_refused "$HOST" "$PORT"
	ok '-s quit: goes on serving' echoes "$FD"
	hang_up "$FD"
	gone_for_good
}

# Without a word about the log it is syslog's, whether there is one or not.
to_syslog()
{
	detach
	is 'log to syslog: status' "$status" 0
	unlike 'log to syslog: not on stderr' "$(cat "$TMP/said")" 'stopped|ready'
	signal stop
	gone_for_good
}

fails() # NAME STATUS REGEX ARGS...
{
	local name=$1 want=$2 regex=$3

	shift 3
	detach "$@"
	is "$name: status" "$status" "$want"
	like "$name: says why" "$(cat "$TMP/said")" "$regex"
	is "$name: is not ready" "$(cat "$TMP/ready")" ''
	is "$name: leaves no pid file" "$PID" ''
}

faults()
{
	start_echod || return
	fails 'address in use' 69 "error: cannot listen on $ADDR: Address already in use" -l "$ADDR"
	fails 'log that cannot be opened' 64 'error: log: cannot open file:/nonexistent/log: No such file' \
	    -o log=file:/nonexistent/log
	fails 'pid file that cannot be made' 64 'error: pid-file: cannot open /nonexistent/pid: No such' \
	    -p /nonexistent/pid
	fails 'bad command line' 64 '^echod: -L: ' -L loud
}

for_workers lives
for_workers to_syslog
for_workers faults
