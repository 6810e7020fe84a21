# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# life.sh -- for stories about the life of the process: connections that the story
# holds by itself, and looks at what the kernel knows of a process.

REAL_ECHOD=$ECHOD

# Start it by a line of shell, in which "$@" is the command.
start_by() # SHELL ARGS...
{
	printf '#!/bin/bash\nset -- "%s" "$@"\n%s\n' "$REAL_ECHOD" "$1" >"$TMP/surrounded"
	chmod +x "$TMP/surrounded"
	shift
	ECHOD=$TMP/surrounded start_echod "$@"
}

# A connection to $HOST and $PORT, as descriptor number $FD.
connect()
{
	exec {FD}<>"/dev/tcp/${HOST//[][]/}/$PORT"
}

hang_up() # FD
{
	local fd=$1

	exec {fd}>&-
}

# Whether a line sent over a connection is the next that comes back.
echoes() # FD [LINE]
{
	local line=${2-hello $RANDOM} got

	printf '%s\n' "$line" >&"$1" && IFS= read -r -t "$PATIENCE" -u "$1" got &&
	    [ "$got" = "$line" ]
}

# Whether a connection has come to its end, with nothing before that.
has_ended() # FD
{
	local got=

	! IFS= read -r -t "$PATIENCE" -u "$1" got && [ $? -le 128 ] && [ -z "$got" ]
}

is_refused() # HOST PORT
{
	! (: <>"/dev/tcp/$1/$2") 2>/dev/null
}

is_root()
{
	[ "$(id -u)" -eq 0 ]
}

has_ipv6()
{
	grep -qs '^0*1 ' /proc/net/if_inet6
}

# What a descriptor of a process is, as /proc says it.
descriptor() # PID FD
{
	readlink "/proc/$1/fd/$2"
}

# Of an instance with one connection: the process that has it.
busiest()
{
	local pid

	for pid in $(workers_of); do
		echo "$(fds_in "$pid") $pid"
	done | sort -n | tail -n 1 | cut -d ' ' -f 2
}

status_of() # PID FIELD of /proc/PID/status
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# Processor time used so far, in ticks of 10 ms.
ticks() # PID
{
	local stat

	read -r stat <"/proc/$1/stat"
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	echo $((${12} + ${13}))
}
