#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A system that has little left, or lacks what others take for granted: echod serves,
# or says why it does not, and its service is the same.
#
# Faults: F11 F12 F16 F111 F114 F116 F117 F118

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"

REAL=$ECHOD

# Start it by a line of shell, in which "$@" is the command.
start_by() # SHELL ARGS...
{
	printf '#!/bin/bash\nset -- "%s" "$@"\n%s\n' "$REAL" "$1" >"$TMP/surrounded"
	chmod +x "$TMP/surrounded"
	shift
	ECHOD=$TMP/surrounded start_echod "$@"
}

serves() # NAME
{
	connect
	ok "$1: echoes" echoes "$FD"
	hang_up "$FD"
}

# As many as it may serve are there: its own work needs no descriptor of theirs.
full()
{
	local held=() i

	start_by 'ulimit -n 64; exec "$@"' -o "log=file:$TMP/full.log" || return
	for ((i = 0; i < 40; i++)); do
		connect
		held+=("$FD")
	done
	ok 'F11: at the limit of descriptors: is served' echoes "${held[0]}"
	rm "$TMP/full.log"
	kill -USR1 "$PID"
	ok 'F11: the log is opened again' wait_for has_line "$TMP/full.log" 'log: opened again'
	ok 'F11: is still served' echoes "${held[0]}"
	for FD in "${held[@]}"; do
		hang_up "$FD"
	done
	stop_echod
	unlike 'F11: it never came to the last descriptor' "$(cat "$LOG" "$TMP/full.log")" \
	    'cannot accept'
}

# Descriptors that others have left open are neither used nor in the way.
inherited()
{
	echo secret >"$TMP/secret"
	# shellcheck disable=SC2016
	start_by 'ulimit -n 4096; exec 50<"$STORY_MARK/secret"
		for ((i = 100; i < 1100; i++)); do eval "exec $i</dev/null"; done; exec "$@"' \
	    -b select -o max-connections=200 || return
	serves 'F12: select, and 1,000 descriptors inherited'
	is 'F16: a file that was left open is not open any more' \
	    "$(find "/proc/$PID/fd" -lname '*secret' | wc -l)" 0
	stop_echod
}

limits()
{
	if is_sanitized; then
		skip 'F111 F114' 'a sanitizer needs more address space and stack'
		return
	fi
	start_by 'ulimit -v 40000; exec "$@"' || return
	serves 'F111: 40 MB of address space'
	stop_echod
	start_by 'ulimit -s 64; exec "$@"' || return
	serves 'F114: a stack of 64 KiB'
	stop_echod
}

# In a mount namespace of its own.
mounts()
{
	if ! is_root || ! unshare -m true 2>/dev/null; then
		skip 'F116 F117 F118' 'needs root, and to be allowed to make a mount namespace'
		return
	fi
	if is_sanitized; then
		skip 'F117' 'a sanitizer needs /proc'
	else
		# shellcheck disable=SC2016
		start_by 'exec unshare -m bash -c "umount -l /proc && exec \"\$@\"" - "$@"' || return
		serves 'F117: no /proc'
		stop_echod
	fi
	# shellcheck disable=SC2016
	start_by 'exec unshare -m bash -c "mount -o remount,ro,bind / && exec \"\$@\"" - "$@"' ||
		return
	serves 'F118: a root that cannot be written'
	stop_echod

	mkdir "$TMP/full"
	# shellcheck disable=SC2016
	may_fail=1 start_by 'exec unshare -m bash -c "
		mount -t tmpfs -o size=4k,nr_inodes=2 none \"\$STORY_MARK/full\"
		head -c 4096 /dev/zero >\"\$STORY_MARK/full/file\"
		exec \"\$@\"" - "$@"' -p "$TMP/full/pid"
	is 'F116: no room for the pid file: exit status' "$STATUS" 71
	like 'F116: and it is said' "$(cat "$LOG")" 'pid-file: cannot open .*: No space left'
}

full
inherited
limits
mounts
