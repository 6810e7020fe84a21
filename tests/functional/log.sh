# SPDX-License-Identifier: ISC
#
# The log: a file that is rotated, levels, and that a log which takes nothing more
# (a full disk, a pipe that nobody reads) stops no service; what was lost is
# counted and said when there is room again.
#
# Faults: F105 F106 F107
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

REAL=$ECHOD
file=$TMP/echod.log

# One line, from the process that serves, and what it says: a process alone warns of
# a signal that it cannot obey, a worker takes note of one that is not for it.
warn()
{
	if [ "$WORKERS" = 0 ]; then
		kill -USR2 "$PID"
	else
		kill -HUP "$(busiest)"
	fi
	# The second echo comes a turn later: then the signal has been dealt with, and the
	# next one is not taken for the same.
	echoes "$FD" && echoes "$FD"
}
WARNED='replaced \(USR2\)|for the supervisor'

lines() # REGEX FILE
{
	grep -Ec -- "$1" "$2"
}

lost() # FILE: how many lines it says were lost, to whomever
{
	sed -n 's/.*warn: log: \([0-9]*\) lines were lost$/\1/p' "$1" |
	    awk '{ sum += $1 } END { if (NR > 0) print sum }'
}

rotation()
{
	rm -f "$file"*
	start_echod -o "log=file:$file" || return
	connect
	like 'file: a line has time, program, pid and level' "$(head -n 1 "$file")" \
	    "^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z echod\\[$PID\\] (warn|info): "
	unlike 'file: stderr has nothing of it' "$(cat "$LOG")" 'ready|listening'
	mv "$file" "$file.1"
	warn
	is 'renamed: the line goes to the old file' "$(lines "$WARNED" "$file.1")" 1
	kill -USR1 "$PID"
	ok 'USR1: a new file, which begins so' wait_for has_line "$file" 'info: log: opened again'
	echoes "$FD" # who answers has heard of it
	warn
	is 'USR1: the line goes to the new file' "$(lines "$WARNED" "$file")" 1
	is 'USR1: and not to the old one' "$(lines "$WARNED" "$file.1")" 1

	mv "$file" "$file.2"
	mkdir "$file"
	kill -USR1 "$PID"
	ok 'USR1 that fails: says so in the file it has' wait_for has_line "$file.2" \
	    "error: log: cannot open file:$file again: Is a directory; going on with the old one"
	echoes "$FD"
	warn
	is 'USR1 that fails: goes on with the file it has' "$(lines "$WARNED" "$file.2")" 2
	rmdir "$file"
	hang_up "$FD"
	stop_echod
}

levels()
{
	local level warnings infos per_worker

	while read -r level warnings infos per_worker; do
		[ "$WORKERS" = 0 ] || infos=$per_worker warnings=$((infos > 0))
		rm -f "$file"
		start_echod -L "$level" -o "log=file:$file" || return
		connect
		warn
		kill -USR1 "$PID"
		echoes "$FD"
		hang_up "$FD"
		stop_echod
		is "log-level $level: of the process that serves" "$(lines "$WARNED" "$file")" "$warnings"
		is "log-level $level: infos" \
		    "$(lines ' info: (listening|.* ready|log:|worker|stopped)' "$file")" "$infos"
	done <<-E
		error 0 0 0
		warn 1 0 0
		info 1 4 6
		debug 1 4 6
	E
}

to_syslog()
{
	start_echod -o log=syslog || return
	connect
	warn
	ok 'syslog: echoes' echoes "$FD"
	unlike 'syslog: stderr has nothing of it' "$(cat "$LOG")" "$WARNED|ready"
	hang_up "$FD"
	stop_echod
}

full_device()
{
	[ -c /dev/full ] || {
		skip '/dev/full' 'is missing'
		return
	}
	start_echod -o log=file:/dev/full || return
	connect
	warn
	ok '/dev/full: the service goes on' echoes "$FD"
	hang_up "$FD"
	stop_echod
}

full_disk()
{
	local disk=$TMP/disk

	mkdir -p "$disk"
	if ! is_root || ! mount -t tmpfs -o size=64k echod-story "$disk" 2>/dev/null; then
		skip 'full disk' 'needs root, and to be allowed to mount'
		return
	fi
	trap 'status=$?; umount -l "$TMP/disk" 2>/dev/null; finish $status' EXIT
	if start_echod -o "log=file:$disk/log"; then
		connect
		cat /dev/zero >"$disk/filler" 2>/dev/null
		# What is left of the page that the file has begun.
		while ! tail -c 1 "$disk/log" | grep -q . && [ "$(stat -c %s "$disk/log")" -lt 4096 ]; do
			warn
		done
		for _ in 1 2 3 4 5 6 7; do
			warn || fail 'full disk: an echo'
		done
		ok 'full disk: the service goes on' echoes "$FD"
		is 'full disk: nothing can be said of it yet' "$(lost "$disk/log")" ''
		rm "$disk/filler"
		warn
		like 'full disk: says how many lines were lost' "$(lost "$disk/log")" '^([89]|10)$'
		is 'full disk: what was cut stands in a line of its own' \
		    "$(grep -Ec '.20[0-9-]{8}T.* echod\[' "$disk/log")" 0
		is 'full disk: then the line that was to be written' \
		    "$(tail -n 1 "$disk/log" | grep -Ec "Z echod\\[[0-9]*\\] (warn|info): .*($WARNED)")" 1
		hang_up "$FD"
		stop_echod
	fi
	umount "$disk"
}

# As much as a limit of file sizes allows.
limited_size()
{
	local pid

	has prlimit || {
		skip 'limit of file sizes' 'prlimit is not installed'
		return
	}
	rm -f "$file"
	start_echod -o "log=file:$file" || return
	connect
	pid=$(busiest)
	prlimit --pid "$pid" --fsize="$(stat -c %s "$file"):unlimited"
	for _ in 1 2 3; do
		warn || fail 'limit of file sizes: an echo'
	done
	prlimit --pid "$pid" --fsize=unlimited
	warn
	is 'limit of file sizes: says how many lines were lost' "$(lost "$file")" 3
	hang_up "$FD"
	stop_echod
}

# stderr is a pipe that nobody reads.
full_pipe()
{
	local reader cat sent

	rm -f "$TMP/pipe" "$TMP/read"
	mkfifo "$TMP/pipe"
	# shellcheck disable=SC2016
	printf '#!/bin/bash\nexec "%s" "$@" 2>"%s"\n' "$REAL" "$TMP/pipe" >"$TMP/piped"
	chmod +x "$TMP/piped"
	exec {reader}<>"$TMP/pipe"
	head -c 61440 /dev/zero | tr '\0' '\n' >&"$reader"
	ECHOD=$TMP/piped start_echod || return
	connect
	for ((sent = 0; sent < 100; sent++)); do
		warn || fail 'pipe that nobody reads: an echo'
	done
	ok 'pipe that nobody reads: the service goes on' echoes "$FD"
	cat <&"$reader" >"$TMP/read" {FD}>&- &
	cat=$!
	while [ $sent -lt 5000 ] && ! has_line "$TMP/read" 'lines were lost'; do
		((sent++))
		warn
	done
	like 'read again: says how many lines were lost' "$(lost "$TMP/read")" '^[1-9][0-9]*$'
	kill -USR1 "$PID"
	wait_for has_line "$TMP/read" 'opened again'
	is 'read again: no line is missing in the count' \
	    "$(($(lost "$TMP/read") + $(lines "root|listening|ready|$WARNED" "$TMP/read")))" \
	    $((sent + 2 + $(is_root && echo 1 || echo 0)))
	hang_up "$FD"
	stop_echod
	kill $cat
	exec {reader}>&-
}

for_workers rotation
for_workers levels
for_workers to_syslog
for_workers full_device
for_workers full_disk
for_workers limited_size
for_workers full_pipe
