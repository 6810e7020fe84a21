# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154,SC2004 # stories use what is set here
#
# supervised.sh -- for stories about a supervisor, its workers and reloads, on top of
# lib.sh, life.sh and load.sh: an instance with a settings file and a pid file, and
# load in the background.

CONF=$TMP/echod.conf
PIDFILE=$TMP/pid

# What the settings file has.
settings() # LINE...
{
	printf '%s\n' "$@" >"$CONF"
}

# Start with those settings, the addresses among them.
start_from_file() # ARGS...
{
	in_file=1 start_echod -c "$CONF" -p "$PIDFILE" "$@"
}

# Ask for a reload; STATUS is its exit status, SAID what it said.  It is the instance
# that reads the settings: whoever asks has an empty file.
reload()
{
	SAID=$(bounded "$ECHOD" -c "$TMP/empty.conf" -p "$PIDFILE" -s reload 2>&1)
	STATUS=$?
}

reloads() # NAME
{
	reload
	is "$1: the reload says it is done" "$STATUS${SAID:+ $SAID}" 0
}

# The instance rightly has another number of descriptors than at its start.
expect_fds_now()
{
	fds_of[$PID]=$(fds)
}

# An error that comes only now and then.
allow_error() # REGEX
{
	if grep -Eqs "echod\[[0-9]+\] error: .*$1" "${log_of[$PID]}"; then
		expect_error "$1"
	fi
}

# ---- workers ----

workers() # [PID]: their processes, the oldest first
{
	local all

	read -r -a all 2>/dev/null <"/proc/${1:-$PID}/task/${1:-$PID}/children"
	echo "${all[@]}"
}

title() # PID
{
	tr -d '\0' 2>/dev/null <"/proc/$1/cmdline"
}

# Those of the last generation.
serving()
{
	local pid generation last=0 found=()

	for pid in $(workers); do
		generation=$(title "$pid" | sed -n 's/.*(generation \([0-9]*\)).*/\1/p')
		[ -n "$generation" ] || continue
		if [ "$generation" -gt "$last" ]; then
			last=$generation found=()
		fi
		[ "$generation" -lt "$last" ] || found+=("$pid")
	done
	echo "${found[@]}"
}

has_workers() # COUNT: of any generation
{
	local all

	read -r -a all <<<"$(workers)"
	[ ${#all[@]} -eq "$1" ]
}

serve() # COUNT: of the last generation
{
	local all

	read -r -a all <<<"$(serving)"
	[ ${#all[@]} -eq "$1" ]
}

# Everything that a reload which is refused must leave alone.
snapshot()
{
	local pid

	for pid in $PID $(workers); do
		echo "$pid $(title "$pid")"
		find "/proc/$pid/fd" -lname '*' -printf '%f -> %l\n' | sort -n
	done
}

# Gone, but for whoever adopts orphans, who may take his time to ask for the status.
is_over() # PID...
{
	local pid

	for pid; do
		is_gone "$pid" || [[ $(status_of "$pid" State) == Z* ]] || return 1
	done
}

is_traced() # PID
{
	[ "$(status_of "$1" TracerPid)" != 0 ]
}

is_stopped() # PID...
{
	local pid

	for pid; do
		[[ $(status_of "$pid" State) == T* ]] || return 1
	done
}

# ---- load in the background ----

declare -A pid_of_load run_of_load

figure() # WORDS...: which make soak shows, too
{
	note "figure: $*"
}

# Until it is told to end.  It has begun when its connections are there.
start_load() # NAME CONNECTIONS ARGS...
{
	local name=$1 count=$2

	shift 2
	run_of_load[$name]=$TMP/$name.json
	"$ECHOLOAD" -d 1h -w 0 --no-progress -q -j "${run_of_load[$name]}" -c "$count" "$@" \
	    >"$TMP/$name.out" 2>&1 &
	pid_of_load[$name]=$!
}

end_load() # NAME
{
	local pid=${pid_of_load[$1]}

	kill -INT "$pid" 2>/dev/null
	wait_for is_gone "$pid" || kill -KILL "$pid"
	wait "$pid"
	STATUS=$?
	[ -s "${run_of_load[$1]}" ] || fail "$1: there is a report" "$(cat "$TMP/$1.out")"
}

# What the kernel says of those that came and went, or came and stay.
has_closed() # COUNT
{
	[ "$(ss -Htn state time-wait "dport = :$PORT" | wc -l)" -ge "$1" ]
}

has_established() # COUNT
{
	[ "$(ss -Htn state established "sport = :$PORT" | wc -l)" -ge "$1" ]
}

of_load() # NAME JQ-EXPRESSION
{
	jq -r "$2" "${run_of_load[$1]}"
}

# Milliseconds.
longest_wait() # NAME: for an echo
{
	of_load "$1" '.latency as $l | $l[$l.headline].max_ns / 1e6 | ceil'
}

# Every byte right, nobody refused, reset or kept waiting: for a second, or two where
# others work, too, of whom make check does not know.
lost_nothing() # NAME
{
	is "$1: no errors" "$(of_load "$1" .errors.total)" 0 || of_load "$1" '.errors'
	is "$1: every byte came back right" "$(of_load "$1" '.integrity.violations')" 0
	is "$1: every request was answered" \
	    "$(of_load "$1" '.requests | .failed + .timeout')" 0
	at_most "$1: nobody waited for long (ms)" "$(longest_wait "$1")" "${STALL:-2000}"
}
