# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# lib.sh -- what every story shares: TAP, a directory of its own, instances of
# echod, and an epilogue that looks at each of them when it has ended.
#
# A story is a bash script, run in the build directory (make check does so):
#
#	. "${0%/*}/lib.sh"
#	story() {
#		start_echod -o idle-timeout=1s	# and now $HOST, $PORT, $PID
#		is "what it is" "$got" "$expected"
#	}
#	for_backends story
#
# for_backends tells it for a process alone, and then for a supervisor with two
# workers.  $PID is the process that was started, workers_of those that serve.
#
# Every echod is stopped and looked at in the end, whether the story asks for it
# (stop_echod) or not: exit status 0, no descriptor more than at its start, no
# error in its log that expect_error has not announced, no worker that has died,
# statistics that add up, no word of a sanitizer, no process left over.
#
# With ECHOD_TLS=1.2 or 1.3 an instance whose address is not given listens over TLS, and
# HOST, PORT and ADDR are those of a tunnel to it (tests/tls_peer), for clients that
# speak no TLS; OWN_PORT is its own.
#
# Environment: ECHOD the program; ECHOD_BACKENDS those to try, "select poll epoll
# epoll-et" by default, but with workers only the last two; ECHOD_WORKERS how many
# workers, "0 2" by default; PATIENCE seconds before a wait has failed (60); KEEP=1
# leaves the directory of the story where it is.

set -u
export LC_ALL=C

ECHOD=${ECHOD:-$PWD/src/echod}
PEER=${PEER:-$PWD/tests/peer}
PATIENCE=${PATIENCE:-60}
BACKEND=
WORKERS=0
WORDS=			# before the name of each check: the backend, or what for_each says

TMP=$(mktemp -d "${TMPDIR:-/tmp}/echod-story.XXXXXX") || exit 99
STORY_MARK=$TMP		# in the environment of all that we start
export STORY_MARK
: >"$TMP/empty.conf"

tap_count=0 tap_failed=0
instances=()		# pids of those that still have to end
tunnels=()		# pids
declare -A log_of fds_of errors_of busy_of
made=0

# ---- TAP ----

pass() # NAME
{
	echo "ok $((++tap_count)) - ${WORDS:+$WORDS: }$1"
}

note() # LINE...
{
	printf '%s\n' "$@" | sed 's/^/# /'
}

fail() # NAME [LINE...]
{
	echo "not ok $((++tap_count)) - ${WORDS:+$WORDS: }$1"
	((tap_failed++))
	shift
	[ $# -eq 0 ] || note "$@"
}

skip() # NAME REASON
{
	echo "ok $((++tap_count)) - ${WORDS:+$WORDS: }$1 # SKIP $2"
}

skip_all() # REASON
{
	trap - EXIT
	rm -rf "$TMP"
	echo "1..0 # SKIP $1"
	exit 0
}

has() # TOOL
{
	command -v "$1" >/dev/null
}

need() # TOOL...: without them there is no story
{
	local tool

	for tool; do
		has "$tool" || skip_all "$tool is not installed"
	done
}

is() # NAME GOT EXPECTED
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "expected: $3" "got:      $2"
	fi
}

like() # NAME TEXT REGEX (as of grep -E)
{
	if grep -Eq -- "$3" <<<"$2"; then
		pass "$1"
	else
		fail "$1" "expected a match of: $3" "got: $2"
	fi
}

unlike() # NAME TEXT REGEX
{
	if grep -Eq -- "$3" <<<"$2"; then
		fail "$1" "expected no match of: $3" "got: $2"
	else
		pass "$1"
	fi
}

at_most() # NAME NUMBER LIMIT
{
	if [[ $2 =~ ^-?[0-9]+$ ]] && [ "$2" -le "$3" ]; then
		pass "$1"
	else
		fail "$1" "expected: at most $3" "got:      $2"
	fi
}

at_least() # NAME NUMBER LIMIT
{
	if [[ $2 =~ ^-?[0-9]+$ ]] && [ "$2" -ge "$3" ]; then
		pass "$1"
	else
		fail "$1" "expected: at least $3" "got:      $2"
	fi
}

same_file() # NAME GOT EXPECTED
{
	local diff

	if diff=$(cmp "$2" "$3" 2>&1); then
		pass "$1"
	else
		fail "$1" "expected: what is in $3, $(stat -c %s "$3") bytes" \
		    "got:      $(stat -c %s "$2") bytes; $diff"
	fi
}

ok() # NAME COMMAND...: it exits with 0
{
	local name=$1 out status

	shift
	out=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "expected: '$*' exits with 0" "got:      $status" "$out"
	fi
}

# ---- waiting ----

# A command that may hang: ends it when patience does (status 124).
bounded() # COMMAND...
{
	timeout -k 5 "$PATIENCE" "$@"
}

# Until a command succeeds.  Its status, and silence, when it never does.
wait_for() # COMMAND...
{
	local end=$((SECONDS + PATIENCE))

	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

is_gone() # PID
{
	! kill -0 "$1" 2>/dev/null
}

has_fds() # PID COUNT: or is no more
{
	is_gone "$1" || [ "$(fds "$1")" = "$2" ]
}

has_line() # FILE REGEX
{
	grep -Eqs -- "$2" "$1"
}

# ---- looking at a process ----

fds_in() # PID: how many descriptors are open in one process
{
	local all=("/proc/$1/fd"/*)

	echo ${#all[@]}
}

title_of() # PID: what ps(1) shows
{
	local title=''

	{ IFS= read -r -d '' title <"/proc/$1/cmdline"; } 2>/dev/null
	echo "$title"
}

# The processes that serve, of every generation: of a process alone itself.
workers_of() # [PID]
{
	local pid=${1:-$PID} children=''

	if [[ $(title_of "$pid") == 'echod: supervisor'* ]]; then
		{ read -r children <"/proc/$pid/task/$pid/children"; } 2>/dev/null
		echo "$children"
	else
		echo "$pid"
	fi
}

processes_of() # [PID]: all of an instance, with its supervisor
{
	echo "${1:-$PID} $(workers_of "${1:-$PID}")" | tr ' ' '\n' | sort -nu
}

fds() # [PID]: how many descriptors are open in an instance
{
	local pid sum=0

	for pid in $(processes_of "${1:-$PID}"); do
		sum=$((sum + $(fds_in "$pid")))
	done
	echo $sum
}

rss() # [PID]: resident, KiB, in all that serve
{
	local pid

	for pid in $(workers_of "${1:-$PID}"); do
		cat "/proc/$pid/status"
	done | awk '/^VmRSS:/ { sum += $2 } END { print sum }'
}

is_sanitized() # the echod under test: memory and time mean little then
{
	grep -qs __asan_init "$ECHOD"
}

to_be_traced() # COMMAND...: whose sanitizer then cannot look for leaks
{
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 "$@"
}

# ---- instances ----

takes() # OPTION_LETTER LONG_NAME ARGS...: is it among the arguments
{
	local arg letter=$1 long=$2

	shift 2
	for arg; do
		[[ $arg == -$letter* && $arg != --* || $arg == --$long || $arg == --$long=* ]] &&
		    return 0
	done
	return 1
}

# A certificate and a file that has an address over TLS, once for all instances.
tls_settings_file()
{
	local file=$TMP/over-tls

	[ ! -e "$file.conf" ] || return
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
	    -subj /CN=echod -keyout "$file.key" -out "$file.crt" 2>"$file.err" ||
	    fail 'openssl makes a certificate' "$(cat "$file.err")"
	printf 'listen "127.0.0.1:0" { tls = on certificate = "%s" key = "%s" }\n' \
	    "$file.crt" "$file.key" >"$file.conf"
}

tunnel_has_begun() # FILE PID
{
	has_line "$1" '^ready' || is_gone "$2"
}

start_tunnel() # to ADDR: from now on that is the tunnel's
{
	local said=$TMP/tunnel.$made

	"${PEER%/*}/tls_peer" tunnel "$ECHOD_TLS" "$ADDR" >"$said" 2>&1 </dev/null &
	tunnels+=($!)
	wait_for tunnel_has_begun "$said" $!
	PORT=$(sed -n 's/^ready: //p' "$said")
	ADDR=$HOST:$PORT
}

# Whoever wrote and left may still be on the way to the server.
carries() # AT_MOST: connections, the tunnel, if there is one
{
	local carriers=()

	[ ${#tunnels[@]} -gt 0 ] || return 0
	read -r -a carriers <"/proc/${tunnels[-1]}/task/${tunnels[-1]}/children"
	[ ${#carriers[@]} -le "$1" ] &&
		[ "$(ss -Hltn "sport = :$PORT" | awk '{ n += $2 } END { print n + 0 }')" = 0 ]
}

stop_tunnels()
{
	local pid

	for pid in "${tunnels[@]}"; do
		kill "$pid"
		wait "$pid" 2>/dev/null
	done
	tunnels=()
}

# Start one, wait until it is ready, and set
#	PID, LOG (its stderr), ADDRS (all it listens on), ADDR (the first of them),
#	HOST, PORT and OWN_PORT (of ADDR)
# It listens on 127.0.0.1:0, has an empty settings file, and the backend and workers
# of for_backends, unless told otherwise; in_file=1: the settings file has the
# addresses.  Returns 1, PID empty and STATUS set, if it
# did not become ready: a failure unless may_fail=1.
start_echod() # ARGS...
{
	local ready="$TMP/ready.$((++made))" fd line args=()

	local over_tls=

	if [ -n "${ECHOD_TLS:-}" ] && ! takes c config "$@" && ! takes l listen "$@"; then
		over_tls=yes in_file=1
		tls_settings_file
		args+=(-c "$TMP/over-tls.conf")
	fi
	[ -n "$over_tls" ] || takes c config "$@" || args+=(-c "$TMP/empty.conf")
	[ -n "${in_file:-}" ] || takes l listen "$@" || args+=(-l 127.0.0.1:0)
	takes b backend "$@" || [ -z "$BACKEND" ] || args+=(-b "$BACKEND")
	takes n workers "$@" || [ "$WORKERS" = 0 ] || args+=(-n "$WORKERS")
	LOG="$TMP/log.$made"
	mkfifo "$ready"
	"$ECHOD" "${args[@]}" "$@" --ready-fd 3 3>"$ready" 2>>"$LOG" \
	    >"$TMP/stdout.$made" </dev/null &
	PID=$!
	exec {fd}<"$ready"
	ADDRS=()
	while read -r -t "$PATIENCE" -u "$fd" line; do
		ADDRS+=("$line")
	done
	exec {fd}<&-
	rm "$ready"
	if [ ${#ADDRS[@]} -eq 0 ]; then
		wait_for is_gone $PID || kill -KILL $PID
		wait $PID
		STATUS=$?
		PID=
		[ "${may_fail:-0}" = 1 ] ||
		    fail "echod ${args[*]} $* becomes ready" "exit status $STATUS" "$(cat "$LOG")"
		return 1
	fi
	ADDR=${ADDRS[0]} HOST=${ADDRS[0]%:*} PORT=${ADDRS[0]##*:} OWN_PORT=${ADDRS[0]##*:}
	[ -z "$over_tls" ] || start_tunnel
	instances+=("$PID")
	log_of[$PID]=$LOG
	fds_of[$PID]=$(fds $PID)
	errors_of[$PID]=
	busy_of[$PID]=
}

# One error in the log of the running instance is right, and has to come.
expect_error() # REGEX
{
	errors_of[$PID]+="$1"$'\n'
}

# The running instance will end while clients are connected.
expect_clients()
{
	busy_of[$PID]=yes
}

# What each worker has accepted is what all have: where the log says it at all.
check_sums() # LOG
{
	awk '
	/ info: worker [0-9]+: connections / { n++; sum += $7 }
	/ info: stopped: connections / { total = $6; fair = / accept fairness /; ended = 1 }
	END {
		if (ended && (n > 0) != fair)
			print "accept fairness without workers, or workers without it"
		if (ended && n > 0 && sum != total)
			print "the workers accepted " sum " connections, and all together " total
	}' "$1"
}

complaints_of_log() # PID
{
	local log=${log_of[$1]} pattern errors

	errors=$(grep -E 'echod\[[0-9]+\] (error: |warn: worker [0-9]+ \()' "$log")
	while read -r pattern; do
		[ -n "$pattern" ] || continue
		if grep -Eq -- "$pattern" <<<"$errors"; then
			errors=$(grep -Ev -- "$pattern" <<<"$errors")
		else
			echo "the log lacks the error that was expected: $pattern"
		fi
	done <<<"${errors_of[$1]}"
	[ -z "$errors" ] || printf 'error in the log: %s\n' "$errors"
	grep -E 'Sanitizer|runtime error' "$log"
	check_sums "$log"
}

# The supervisor is the last to leave.
orphans() # WORKERS...
{
	local pid

	for pid; do
		[[ $(title_of "$pid") != 'echod: worker'* ]] ||
		    echo "process $pid has outlived its supervisor: $(title_of "$pid")"
	done
}

# An instance that ends by itself, or was told to: STATUS is its exit status.
# A failure only if it does not end, or its log has what nobody expected.
await_exit() # [PID]
{
	local pid=${1:-$PID} i workers

	problems=
	read -ra workers <<<"$(workers_of "$pid")"
	if ! wait_for is_gone "$pid"; then
		problems+="still runs after $PATIENCE seconds"$'\n'
		kill -ABRT "$pid"
		wait_for is_gone "$pid" || kill -KILL "$pid"
	fi
	wait "$pid"
	STATUS=$?
	for i in "${!instances[@]}"; do
		[ "${instances[i]}" != "$pid" ] || unset "instances[i]"
	done
	problems+=$(orphans "${workers[@]}")$(complaints_of_log "$pid")
}

say_how_it_ended() # PID
{
	if [ -z "$problems" ]; then
		pass "echod ended well"
	else
		fail "echod ended well" "$problems" "the end of its log:" "$(tail "${log_of[$1]}")"
	fi
}

# Say TERM, or another signal, and look at how it ends.
stop_echod() # [PID [SIGNAL]]
{
	local pid=${1:-$PID} i before=''

	if is_gone "$pid"; then
		before+="was gone before it was stopped"$'\n'
	elif [ -z "${busy_of[$pid]}" ] && ! wait_for has_fds "$pid" "${fds_of[$pid]}"; then
		before+="$(fds "$pid") descriptors are open, ${fds_of[$pid]} at its start"$'\n'
		before+=$(for i in $(processes_of "$pid"); do
			find "/proc/$i/fd" -lname '*' -printf "$i: %f -> %l\n" | tail -n 5
		done)$'\n'
	fi
	kill -"${2:-TERM}" "$pid" 2>/dev/null
	await_exit "$pid"
	problems=$before$problems
	[ $STATUS -eq 0 ] || problems+=$'\n'"exit status $STATUS"
	say_how_it_ended "$pid"
}

# One that ends by itself; the story looks at STATUS.
ended_echod() # [PID]
{
	await_exit "${1:-$PID}"
	say_how_it_ended "${1:-$PID}"
}

stop_all()
{
	local pid

	for pid in "${instances[@]}"; do
		stop_echod "$pid"
	done
	stop_tunnels
}

# ---- the story ----

go_over() # BACKENDS BACKENDS_WITH_WORKERS FUNCTION ARGS...
{
	local alone=${ECHOD_BACKENDS:-$1} several=${ECHOD_BACKENDS:-$2} backends

	shift 2
	for WORKERS in ${ECHOD_WORKERS:-0 2}; do
		backends=$several
		[ "$WORKERS" != 0 ] || backends=$alone
		for BACKEND in $backends; do
			WORDS=${BACKEND#auto}
			[ "$WORKERS" = 0 ] || WORDS+="${WORDS:+, }$WORKERS workers"
			"$@"
			stop_all
		done
	done
	BACKEND='' WORKERS=0 WORDS=''
}

# On every backend; with workers, whose reactor is the same, on the two that matter.
for_backends() # FUNCTION ARGS...
{
	go_over 'select poll epoll epoll-et' 'epoll epoll-et' "$@"
}

# Where the backend does not matter, alone and with workers.
for_workers() # FUNCTION ARGS...
{
	go_over auto auto "$@"
}

# Bytes in which each place looks different: made of the number of each line.
make_bytes() # COUNT FILE
{
	seq -f %08.0f 1 $(($1 / 9 + 1)) | head -c "$1" >"$2"
}

# Whoever has the mark in its environment, or, since a title is written over that,
# a title and a file of the story.
leftovers()
{
	local file pid

	find /proc/[0-9]*/fd -lname "$TMP/*" 2>/dev/null | cut -d / -f 3 | sort -u |
	    while read -r pid; do
		[[ $(title_of "$pid") != 'echod: '* ]] || echo "$pid $(title_of "$pid")"
	done
	for file in /proc/[0-9]*/environ; do
		pid=${file//[!0-9]/}
		if tr '\0' '\n' 2>/dev/null <"$file" | grep -qxF "STORY_MARK=$TMP"; then
			echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		fi
	done 2>/dev/null
}

# The epilogue.  Whoever comes here with a status other than 0 fell on the way.
finish() # STATUS
{
	local left pid

	trap - EXIT
	WORDS=''
	stop_all
	[ "$1" -eq 0 ] || fail "the story comes to its end" "exit status $1"
	unset STORY_MARK
	left=$(leftovers)
	if [ -n "$left" ]; then
		fail "no process is left over" "$left"
		while read -r pid _; do
			kill -KILL "$pid"
		done <<<"$left"
	fi
	echo "1..$tap_count"
	[ -n "${KEEP:-}" ] || rm -rf "$TMP"
	exit $((tap_failed > 0))
}
trap 'finish $?' EXIT
trap 'exit 1' INT TERM HUP
