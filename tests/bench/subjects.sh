# shellcheck shell=sh disable=SC2034,SC2154 # shared with bench.sh
# SPDX-License-Identifier: ISC
# What the bench measures: each a server of its own on a port of its own, started
# anew for each case.

# One line each for those that are always there, and those that were asked for.
subject_lines() {
	result subject bare reference "bare epoll loop"
	result subject bare-again control "bare loop, again"
	for subject in $subjects; do
		result subject "$subject" ours "$subject"
	done
}

# Processors of a server of so many processes: all but the client's, if there are any.
server_processors() { # PROCESSES
	all=$(processors | grep -vx "$client_cpu" | head -n "$1" | paste -sd, -)
	echo "${all:-$server_cpu}"
}

# BACKEND or BACKEND,KEY=VALUE...: the settings are options of echod.
start_ours() { # SUBJECT
	workers=$(echo "$1" | tr ',' '\n' | sed -n 's/^workers=//p')
	case $workers in
	'' | 0 | *[!0-9]*) workers=1 ;;
	esac
	# shellcheck disable=SC2046 # they are words
	echod_start taskset -c "$(server_processors "$workers")" -- \
		-b $(echo "$1" | sed 's/,/ -o /g')
}

# Sets pid and port; or why not.
subject_start() { # SUBJECT
	forks=
	case $1 in
	bare | bare-again) bare_start taskset -c "$server_cpu" ;;
	peer-*) peer_start "${1#peer-}" || return 1 ;;
	*) start_ours "$1" ;;
	esac
	echo "pid=$pid port=$port forks=$forks" >"$tmp/subject.$1"
}

# What it was when it was started.
subject_is() { # SUBJECT
	# shellcheck disable=SC1090
	. "$tmp/subject.$1"
}

# It echoes this load right, with all those at its side that the case wants.
subject_serves() {
	if [ "$besides" -gt 0 ]; then
		word=
		taskset -c "$client_cpu" "$crowd" hold "$besides" "$port" <"$tmp/hold" \
			>"$tmp/held" 2>"$tmp/complaint" &
		servers="$servers $!"
		read -r word <"$tmp/held"
		if [ "$word" != held ]; then
			why="does not hold $besides connections: $(head -n 1 "$tmp/complaint")"
			return 1
		fi
	fi
	# shellcheck disable=SC2086 # it is words
	run_echoload 0.1 "127.0.0.1:$port" $load
}

# Those that have ended themselves in the meantime are gone all the same.
subjects_stop() {
	# shellcheck disable=SC2086
	kill $servers 2>/dev/null
	wait
	servers=
}

mkfifo "$tmp/hold" "$tmp/held"
exec 4<>"$tmp/hold" # an end of it that stays open
