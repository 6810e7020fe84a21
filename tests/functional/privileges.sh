# SPDX-License-Identifier: ISC
#
# Root binds, then becomes somebody else for good; who is not root is told what he
# may not do, with exit status 77.
#
# Faults: F97
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

need setpriv
is_root || skip_all 'needs root'
[ "$(id -u nobody 2>/dev/null)" ] || skip_all 'there is no user nobody'
uid=$(id -u nobody) gid=$(id -g nobody)

chmod 711 "$TMP"
mkdir -m 777 "$TMP/open"
mkdir -m 755 "$TMP/closed"
cp "$ECHOD" "$TMP/echod" # where nobody can reach it
chmod 755 "$TMP/echod"
chmod 644 "$TMP/empty.conf"

# Is who serves that user and group, for good?
is_now() # NAME UID GID GROUPS
{
	local pid

	for pid in $(workers_of); do
		is "$1: uids" "$(status_of "$pid" Uid)" "$2	$2	$2	$2"
		is "$1: gids" "$(status_of "$pid" Gid)" "$3	$3	$3	$3"
		is "$1: groups" "$(status_of "$pid" Groups | sed 's/ *$//')" "$4"
		is "$1: can gain nothing by exec" "$(status_of "$pid" NoNewPrivs)" 1
		like "$1: has no capability" "$(status_of "$pid" CapEff)" '^0+$'
		like "$1: and gets none back" "$(status_of "$pid" CapPrm)" '^0+$'
	done
	[ "$WORKERS" = 0 ] || is "$1: the supervisor remains root" "$(status_of "$PID" Uid)" '0	0	0	0'
}

as_nobody() # ARGS...
{
	bounded setpriv --reuid nobody --regid "$gid" --clear-groups \
	    "$TMP/echod" -c "$TMP/empty.conf" "$@" </dev/null >/dev/null 2>"$TMP/stderr"
}

# The lowest port that is free; nothing waits for it but this story.
low_port()
{
	local port

	for port in {1023..900}; do
		if is_refused 127.0.0.1 "$port"; then
			echo "$port"
			return
		fi
	done
}

becomes()
{
	local group

	rm -f "$TMP/open"/*
	start_echod -u nobody -o "log=file:$TMP/open/log" || return
	is_now '-u nobody' "$uid" "$gid" "$(id -G nobody | tr ' ' '\n' | sort -n | paste -sd ' ')"
	is '-u nobody: the log is his' "$(stat -c %U "$TMP/open/log")" nobody
	is '-u nobody: and not for everybody' "$(stat -c %a "$TMP/open/log")" 640
	mv "$TMP/open/log" "$TMP/open/log.1"
	kill -USR1 "$PID"
	ok '-u nobody: can open the log again' wait_for has_line "$TMP/open/log" 'opened again'
	unlike 'no warning about root' "$(cat "$LOG" "$TMP/open/log.1")" 'running as root'
	stop_echod

	group=$(getent group daemon | cut -d: -f 3)
	if [ -n "$group" ]; then
		start_echod -u nobody:daemon || return
		is_now '-u nobody:daemon' "$uid" "$group" "$group"
		stop_echod
		start_echod -u "$uid:$group" || return
		is_now '-u UID:GID' "$uid" "$group" "$group"
		stop_echod
	else
		skip '-u nobody:daemon' 'there is no group daemon'
	fi

	start_echod || return
	like 'root without -u: a warning' "$(cat "$LOG")" 'warn: running as root; -u NAME makes it'
	stop_echod
}

low_ports()
{
	local port

	port=$(low_port)
	start_echod -u nobody -l "127.0.0.1:$port" || return
	connect
	ok "port $port and -u: echoes" echoes "$FD"
	hang_up "$FD"
	stop_echod
	if [ "$(sysctl -n net.ipv4.ip_unprivileged_port_start 2>/dev/null || echo 1024)" -le "$port" ]; then
		skip 'low port without root' 'this system lets everybody have low ports'
		return
	fi
	as_nobody -l "127.0.0.1:$port"
	is 'low port without root: exit status' $? 77
	like 'low port without root: says why' "$(cat "$TMP/stderr")" \
	    "error: cannot listen on 127.0.0.1:$port: Permission denied; a port this low needs root or CAP"
}

may_not()
{
	as_nobody -l 127.0.0.1:0 -u root
	is '-u without root: exit status' $? 77
	like '-u without root: says why' "$(cat "$TMP/stderr")" \
	    'error: cannot become user root: Operation not permitted'
	as_nobody -l "unix:$TMP/closed/socket"
	is 'unix socket in a closed directory: exit status' $? 77
	like 'unix socket in a closed directory: says why' "$(cat "$TMP/stderr")" \
	    'Permission denied; the directory is not ours to write'
	as_nobody -l 127.0.0.1:0 -p "$TMP/closed/pid"
	is 'pid file in a closed directory: exit status' $? 77
	like 'pid file in a closed directory: says why' "$(cat "$TMP/stderr")" \
	    "error: pid-file: cannot open $TMP/closed/pid: Permission denied"
	may_fail=1 start_echod -u nobody -o "log=file:$TMP/closed/log" -l "unix:$TMP/open/socket" \
	    -p "$TMP/open/pid"
	is 'log in a closed directory: exit status' "$STATUS" 77
	like 'log in a closed directory: says why' "$(cat "$LOG")" \
	    "error: log: cannot open file:$TMP/closed/log: Permission denied"
	is 'log in a closed directory: nothing is left' "$(find "$TMP/open" -mindepth 1 ! -name 'log*')" ''
	printf '#!/bin/sh\nexec setpriv --reuid nobody --regid %s --clear-groups "%s" "$@"\n' \
	    "$gid" "$TMP/echod" >"$TMP/as_nobody"
	chmod 755 "$TMP/as_nobody"
	ECHOD=$TMP/as_nobody start_echod -u nobody || return
	pass 'one may become who one is'
	stop_echod
}

# To signal somebody else's instance.
others()
{
	start_echod -p "$TMP/open/pid" || return
	chmod 644 "$TMP/open/pid"
	as_nobody -s stop -p "$TMP/open/pid"
	is '-s to the instance of root: exit status' $? 77
	like '-s to the instance of root: says why' "$(cat "$TMP/stderr")" \
	    'echod: cannot stop the instance of .*: Operation not permitted'
	connect
	ok '-s to the instance of root: it goes on' echoes "$FD"
	hang_up "$FD"
	stop_echod
}

# What the user it has become may not remove, but a supervisor may.
pid_file_of_root()
{
	start_echod -u nobody -p "$TMP/closed/pid" -l "unix:$TMP/closed/socket" || return
	is 'pid file of root: the pid' "$(cat "$TMP/closed/pid")" "$PID"
	stop_echod
	if [ "$WORKERS" = 0 ]; then
		is 'pid file of root: empty in the end' "$(cat "$TMP/closed/pid")" ''
	else
		ok 'pid file of root: removed in the end' [ ! -e "$TMP/closed/pid" ]
	fi
	start_echod -u nobody -p "$TMP/closed/pid" -l "unix:$TMP/closed/socket" || return
	pass 'the next start takes over what could not be removed'
	stop_echod
}

for_workers becomes
for_workers low_ports
for_workers may_not
for_workers others
for_workers pid_file_of_root
