#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What a supervisor may run into: loops that are shared by mistake, signals at the
# worst moment of a fork, and those who abuse the socket at which reloads are asked for.
#
# Faults: F66 F91 F108

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
# shellcheck source=supervised.sh
. "${0%/*}/supervised.sh"
need strace

at='listen 127.0.0.1:0 { }'

# The sockets that the loops of a process wait for, by their inodes.
watched() # PID
{
	sed -n 's/^tfd: .* ino:\([0-9a-f]*\) .*/\1/p' "/proc/$1"/fdinfo/* 2>/dev/null |
		while read -r inode; do
			find "/proc/$1/fd" -lname "socket:\[$((16#$inode))\]" -printf '%l\n'
		done | sort -u
}

# A set that was made before a fork would have the sockets of both.
loops_of_their_own()
{
	local a b c fd

	settings 'workers = 3' "$at" # one socket for each
	start_from_file || return
	connect
	fd=$FD
	ok 'F66: three workers serve' echoes "$fd"
	read -r a b c <<<"$(workers)"
	at_least 'F66: one of them waits for' "$(watched "$a" | wc -l)" 2
	is 'F66: what two of them wait for' "$(comm -12 <(watched "$a") <(watched "$b")
		comm -12 <(watched "$b") <(watched "$c")
		comm -12 <(watched "$a") <(watched "$c"))" ''
	hang_up "$fd"
	stop_echod
}

# Both hear it, as they would from a terminal: it ends, or it had not begun to listen.
a_signal_at_a_fork() # SIGNAL WHEN
{
	local name="F91: $1 at fork $2" tracer status

	rm -f "$TMP/ready" # of the one before
	settings 'workers = 2' "$at"
	to_be_traced bounded strace -f -qq -o "$TMP/strace" \
	    -e trace=clone,clone3,fork,vfork \
	    -e "inject=clone,clone3,fork,vfork:signal=$1:when=$2" "$ECHOD" -c "$TMP/echod.conf" \
	    -p "$TMP/pid" --ready-fd 3 3>"$TMP/ready" 2>"$TMP/log" &
	tracer=$!
	if [ "$1" = HUP ]; then # is no reason to end
		ok "$name: it is ready" wait_for [ -s "$TMP/ready" ]
		kill -TERM "$(cat "$TMP/pid")"
	fi
	wait $tracer
	status=$?
	is "$name: exit status" "$status" 0
	is "$name: the fork was there" "$(grep -c -m 1 "$1" "$TMP/strace")" 1
	ok "$name: it says that it has stopped" has_line "$TMP/log" 'info: stopped'
	is "$name: nobody is left" "$(pgrep -f "$TMP/echod.conf")" ''
}

ask_and_say() # FILE
{
	bounded nc.openbsd -U "$PIDFILE.reload" <"$1" >/dev/null 2>&1
}

# To connect is to ask, so what is said there is not even read.
abuse()
{
	local i pids=()

	need nc.openbsd
	settings 'workers = 2' "$at"
	start_from_file || return
	is 'F108: only the owner may ask' "$(stat -c %a "$PIDFILE.reload")" 600
	make_bytes 1000000 "$TMP/noise"
	ask_and_say "$TMP/noise"
	for i in {1..100}; do
		ask_and_say /dev/null &
		pids+=($!)
	done
	connect
	ok 'F108: meanwhile others are served' echoes "$FD"
	hang_up "$FD"
	wait "${pids[@]}"
	reloads 'F108: after all of that'
	wait_for serve 2
	expect_fds_now
	connect
	ok 'F108: and others are served' echoes "$FD"
	hang_up "$FD"
	at_most 'F108: so many who asked were no reason for so many reloads' \
	    "$(grep -c 'reloaded: generation' "$LOG")" 50
	stop_echod
	ok 'F108: nothing is left' [ ! -e "$PIDFILE.reload" ]
}

loops_of_their_own
for signal in TERM INT HUP; do
	for when in 1 2; do
		a_signal_at_a_fork $signal $when
	done
done
abuse
