# SPDX-License-Identifier: ISC
#
# Whatever surrounds it at the start, a directory that is gone, an open umask, no
# environment, signals that are ignored or blocked, descriptors left open, or to be
# process 1, changes nothing.
#
# Faults: F93 F94 F100
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

serves() # NAME
{
	connect
	ok "$1: echoes" echoes "$FD"
	hang_up "$FD"
}

files()
{
	umask 000
	start_by 'exec "$@"' -p "$TMP/pid" -o "log=file:$TMP/log" -l 127.0.0.1:0 \
	    -l "unix:$TMP/socket" || return
	umask 022
	is 'umask 000: the log is not for everybody' "$(stat -c %a "$TMP/log")" 640
	is 'umask 000: nobody else writes the pid file' "$(stat -c %a "$TMP/pid")" 640
	is 'the unix socket is for everybody' "$(stat -c %a "$TMP/socket")" 666
	stop_echod
	umask 077
	start_by 'exec "$@"' -l 127.0.0.1:0 -l "unix:$TMP/socket" || return
	umask 022
	is 'umask 077: the unix socket is for everybody' "$(stat -c %a "$TMP/socket")" 666
	stop_echod

	# shellcheck disable=SC2016
	start_by 'mkdir "$STORY_MARK/gone" && cd "$STORY_MARK/gone" && rmdir "$STORY_MARK/gone" &&
	    exec "$@"' || return
	serves 'the working directory is gone'
	stop_echod
	start_by 'exec env -i "$@"' || return
	serves 'no environment'
	stop_echod
}

signals()
{
	local pid

	start_by 'trap "" TERM INT QUIT HUP USR1 USR2 CHLD ALRM; exec "$@"' || return
	serves 'signals ignored'
	# Those from 1 to 31, for the C library has two above to itself: PIPE and XFSZ are left.
	for pid in $(processes_of); do
		is 'signals ignored: but not those we need' \
		    $((0x$(status_of "$pid" SigIgn) & 0x7fffffff)) $((0x1001000))
	done
	stop_echod
	if has perl; then
		start_by 'exec perl -MPOSIX -e "sigprocmask(SIG_BLOCK, POSIX::SigSet->new(1 .. 31)); exec @ARGV" "$@"' ||
		    return
		for pid in $(processes_of); do
			is 'signals blocked: none is' "$(status_of "$pid" SigBlk)" 0000000000000000
		done
		serves 'signals blocked'
		stop_echod
	else
		skip 'signals blocked' 'perl is not installed'
	fi
}

# Whether some process of the instance has this file open.
has_open() # FILE
{
	local pid

	for pid in $(processes_of); do
		find "/proc/$pid/fd" -lname "$1"
	done | grep -q .
}

descriptors()
{
	echo junk >"$TMP/junk"
	# shellcheck disable=SC2016
	start_by 'junk="$STORY_MARK/junk"; exec 4<"$junk" 7>>"$junk" 63<"$junk" 200<"$junk" &&
	    exec "$@"' -l 127.0.0.1:0 -l "unix:$TMP/socket" || return
	ok 'descriptors that nobody asked for: closed' wait_for eval '! has_open "$TMP/junk"'
	serves 'descriptors that nobody asked for'
	stop_echod
	start_by 'exec 7<"$STORY_MARK/junk" 0<&7 && exec "$@"' || return
	ok 'a file as stdin: stays' has_open "$TMP/junk"
	stop_echod
}

process_1()
{
	local init

	if ! is_root || ! unshare -pf true 2>/dev/null; then
		skip 'as process 1' 'needs root, and to be allowed to make a pid namespace'
		return
	fi
	# The shell waits for it, ends as it does, and lets the ready descriptor go.
	start_by "exec unshare -p bash -c '\"\$@\" & exec 3>&-; wait \$!' - \"\$@\"" \
	    -p "$TMP/pid" || return
	init=$(<"/proc/$PID/task/$PID/children")
	init=${init% }
	is 'as process 1: it is' "$(cat "$TMP/pid")" 1
	serves 'as process 1'
	kill -TERM "$init"
	ended_echod
	is 'as process 1: TERM ends it, with exit status' "$STATUS" 0
}

for_workers files
for_workers signals
for_workers descriptors
for_workers process_1
