# shellcheck shell=sh disable=SC2034 # what it sets is for those who read it in
# SPDX-License-Identifier: ISC
# What the figures have in common: a server to measure, and a verdict.
#
# They run in the build tree.  Each figure is a ratio, or a number that does not
# depend on how fast the machine is; only the time to be ready is in milliseconds.
set -u
backends=${BACKENDS:-select poll epoll epoll-et}
echod=${ECHOD:-src/echod}
bare=tests/bench/bare
pingpong=tests/bench/pingpong
crowd=tests/bench/crowd
echoload=${ECHOLOAD:-src/echoload}
compare=tests/bench/compare
client_size=tests/bench/client_size
tmp=$(mktemp -d)
servers=
started=0
missed=0

# shellcheck disable=SC2086 # they are words
at_end() {
	test -z "$servers" || kill -9 $servers 2>/dev/null
	rm -rf "$tmp"
}
trap at_end EXIT
trap 'exit 1' INT TERM HUP PIPE
mkfifo "$tmp/ready"

die() {
	echo "$0: $*" >&2
	exit 1
}

need() {
	for tool; do
		command -v "$tool" >/dev/null || die "needs $tool"
	done
}

# Processors we may use, one a line.
processors() {
	taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' |
		awk -F- '{ for (i = $1; i <= (NF > 1 ? $2 : $1); i++) print i }'
}

# The server has one for itself, the client another: the first and the last, which are
# the least likely to be two threads of one core.
take_processors() {
	need taskset
	server_cpu=$(processors | head -n 1)
	client_cpu=$(processors | tail -n 1)
}

need_two_processors() {
	take_processors
	[ "$server_cpu" != "$client_cpu" ] || die "needs two processors"
}

# raise_descriptors WANTED: for all that is started; what there are now is in $files.
# shellcheck disable=SC3045 # dash has it as bash has
raise_descriptors() {
	files=$(ulimit -H -n)
	if [ "$files" = unlimited ] || [ "$files" -gt "$1" ]; then
		files=$1
	fi
	ulimit -S -n "$files"
}

# echod_start [WRAPPER...] -- [OPTION...]: sets pid and port, when it is ready.  $listen,
# if set, is the option that says where it listens.
echod_start() {
	started=$((started + 1))
	wrapper=
	while [ "$1" != -- ]; do
		wrapper="$wrapper $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	$wrapper "$echod" -L error ${listen--l 127.0.0.1:0} -p "$tmp/pid$started" --ready-fd 3 "$@" \
		3>"$tmp/ready" 2>"$tmp/log" &
	child=$!
	servers="$servers $child"
	read -r address <"$tmp/ready" || {
		cat "$tmp/log" >&2
		die "echod did not start"
	}
	port=${address##*:}
	pid=$(cat "$tmp/pid$started")
	servers="$servers $pid"
}

# Ends what echod_start has started last: politely, for its reports.
echod_stop() {
	kill -TERM "$pid"
	wait "$child" || {
		cat "$tmp/log" >&2
		die "echod ended with status $?"
	}
	servers=
}

# bare_start [WRAPPER...]: the same of a bare loop.
bare_start() {
	"$@" "$bare" >"$tmp/ready" &
	child=$!
	pid=$child
	servers="$servers $child"
	read -r port <"$tmp/ready" || die "bare did not start"
}

# Nanoseconds on a processor, of all threads and of child processes.
spent() {
	for process in "$1" $(cat "/proc/$1/task"/*/children); do
		cat "/proc/$process/task"/*/schedstat
	done 2>/dev/null | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

# field NAME: the value of NAME=VALUE in the line on standard input.
field() {
	tr ' ' '\n' | sed -n "s/^$1=//p"
}

median() {
	sort -g | awk '{ v[NR] = $1 }
		END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

calculate() {
	awk "BEGIN { printf \"%.$1f\", $2 }"
}

# verdict WHAT VALUE RELATION BOUND: one line, and missed=1 if it is a FAIL.
verdict() {
	if awk "BEGIN { exit !($2 $3 $4) }"; then
		printf 'PASS  %-58s %10s  (%s %s)\n' "$1" "$2" "$3" "$4"
	else
		printf 'FAIL  %-58s %10s  (%s %s)\n' "$1" "$2" "$3" "$4"
		missed=1
	fi
}

# for_info WHAT VALUE: a number that has no bound.
for_info() {
	printf '      %-58s %10s\n' "$1" "$2"
}

# Resident memory, exactly: what /proc/PID/status says may be some pages behind.
resident() {
	awk '$1 == "Rss:" { print $2 * 1024 }' "/proc/$1/smaps_rollup"
}

descriptors() {
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

# until_descriptors PID N: wait until it has no more than N; not 0 if it never has.
until_descriptors() {
	deadline=$(($(date +%s) + 30))
	while [ "$(descriptors "$1")" -gt "$2" ]; do
		[ "$(date +%s)" -lt "$deadline" ] || return 1
	done
}
