#!/bin/sh
# SPDX-License-Identifier: ISC
# echod against a bare epoll loop, and against other servers: rounds in which each
# is measured once, in random order, by echoload, which checks every byte; so each
# ratio is of two runs that were made one after the other.
#
# A round of a case is one run with each subject.  "bare, again" is a second process
# of the same bare loop: what its ratios differ from 1 is what the machine does.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=subjects.sh
. "$(dirname "$0")/subjects.sh"
# shellcheck source=peers.sh
. "$(dirname "$0")/peers.sh"
# shellcheck source=surroundings.sh
. "$(dirname "$0")/surroundings.sh"
cases=${CASES:-1 64 1000 16k pipe idle crr}
subjects=${SUBJECTS:-$backends epoll,workers=1 epoll,workers=2}
rounds=${ROUNDS:-11} seconds=${SECONDS_EACH:-0.5} seed=${SEED:-} page=${PAGE:-bench.html}
wanted_peers=${PEERS:-} keep=${KEEP:-} verdicts=
idle=${IDLE:-8000}

usage() {
	cat <<-EOF
	Usage: bench.sh [OPTION]...        in the build directory, or: make bench [NAME=VALUE]...

	  --rounds N      how often each is measured [$rounds]           ROUNDS
	  --seconds S     how long each time [$seconds]                 SECONDS_EACH
	  --cases LIST    of 1 64 1000 16k pipe idle crr [all]      CASES
	  --subjects LIST backends; also with settings of echod, as
	                  epoll,busy-poll=50                      SUBJECTS
	                  [$backends
	                  epoll,workers=1 epoll,workers=2]
	  --peers         other servers found on this machine too   PEERS=1, or names
	  --seed N        of the order, to have the same again      SEED
	  --page FILE     the page [$page]                    PAGE
	  --keep FILE     what was measured, too: see results.h     KEEP
	  --verdict CASE/SUBJECT
	                  PASS or FAIL to it, and exit 1 after a FAIL; may be repeated
	EOF
}

# case_is NAME: what load it is, what is to be reached of the bare loop's rate, what
# has to be there besides, and for how many connections a server has to have room.
case_is() {
	load="-c $1" bytes=64 bar=0.95 besides=0 room=$1 reference=bare
	case $1 in
	1) words="1 connection, 64 bytes" ;;
	64 | 1000) words="$1 connections, 64 bytes" ;;
	16k) load="-c 16 -m 16k" bytes=16384 room=16 words="16 connections, 16 KiB" ;;
	pipe) load="-c 64 -p 16" room=64 words="64 connections, 64 bytes, 16 under way on each" ;;
	idle)
		load="-c 64" besides=$idle room=$((idle + 64))
		words="64 connections, 64 bytes, beside $idle idle"
		;;
	crr)
		load="-c 16 --mode crr" bar=0.90 room=16
		words="a connection for each 64 bytes, 16 at once"
		;;
	*) die "there is no case $1" ;;
	esac
}

result() {
	(
		IFS='	'
		printf '%s\n' "$*"
	) >>"$results"
}

# Beside the case, a subject that cannot be measured in it.
leave_out() { # CASE SUBJECT WHY
	result out "$1" "$2" "$3"
	alive=$(echo "$alive" | tr ' ' '\n' | grep -vxF -e "$2" | tr '\n' ' ')
}

# Every byte is checked: a status other than 0 is a server that does not echo right.
run_echoload() { # SECONDS ADDRESS OPTION...: into $tmp/run.json; or why not into why
	milliseconds=$(calculate 0 "$1 * 1000") target=$2
	shift 2
	rm -f "$tmp/run.json"
	timeout 120 taskset -c "$client_cpu" "$echoload" --no-progress -q -d "${milliseconds}ms" \
		-w 100ms --connect-rate 100k --seed 1 -j "$tmp/run.json" "$@" "$target" \
		2>"$tmp/complaint" && return 0
	why="exit $?: $(head -n 1 "$tmp/complaint")"
	test ! -s "$tmp/run.json" || why="$why$(jq -r '[.integrity.examples[], .errors.examples[]] |
		.[0] // "" | tostring | " " + .' "$tmp/run.json")"
	why=$(echo "$why" | tr '\t\n' '  ')
	return 1
}

# rate, ns of processor an echo, the client's share, p50, p99
figures_of_run() { # NANOSECONDS-SPENT
	jq -r --argjson spent "$1" --argjson bytes "$bytes" '[.throughput.msgs_per_s,
		(if $spent < 0 then "-" else $spent * $bytes / .integrity.verified_bytes end),
		.client.cpu_pct, (.latency.service.percentiles | .["50"] // "-", .["99"] // "-")] | @tsv' \
		"$tmp/run.json"
}

measure() { # CASE ROUND SUBJECT
	subject_is "$3"
	before=$(spent "$pid")
	# shellcheck disable=SC2086 # it is words
	if ! run_echoload "$seconds" "127.0.0.1:$port" $load; then
		leave_out "$1" "$3" "$why"
		return
	fi
	spent=$(($(spent "$pid") - before))
	test -z "$forks" || spent=-1
	figures=$(figures_of_run "$spent") || die "jq failed"
	result run "$1" "$2" "$3" "$figures"
}

# ROUND SUBJECT, a line for each, in the order of the seed.
plan() { # SEED SUBJECT...
	seed_of_case=$1
	shift
	awk -v seed="$seed_of_case" -v rounds="$rounds" -v subjects="$*" 'BEGIN {
		srand(seed)
		n = split(subjects, s)
		for (round = 1; round <= rounds; round++)
			for (i = n; i >= 1; i--) {
				k = 1 + int(rand() * i)
				subject = s[k]; s[k] = s[i]; s[i] = subject
				print round, subject
			} }'
}

run_case() { # CASE
	case_is "$1"
	result case "$1" $bar $reference "$words"
	alive=
	if [ "$((room + 100))" -gt "$files" ]; then
		result out "$1" - "$room connections are more than the limit of descriptors allows"
		return
	fi
	for subject in $reference $reference-again $subjects $peers; do
		why=
		alive="$alive $subject"
		if ! subject_start "$subject" || ! subject_serves; then
			leave_out "$1" "$subject" "$why"
		fi
	done
	number=$((number + 1))
	# shellcheck disable=SC2086
	plan $((seed + number)) $alive >"$tmp/plan"
	while read -r round subject; do
		case " $alive " in
		*" $subject "*) measure "$1" "$round" "$subject" ;;
		esac
		progress "case $number of $(echo "$cases" | wc -w), round $round of $rounds"
	done <"$tmp/plan"
	subjects_stop
}

progress() {
	test ! -t 2 || printf '\r%-60s' "$*" >&2
}

while [ $# -gt 0 ]; do
	case $1 in
	--rounds) rounds=$2 ;;
	--seconds) seconds=$2 ;;
	--cases) cases=$2 ;;
	--subjects) subjects=$2 ;;
	--seed) seed=$2 ;;
	--page) page=$2 ;;
	--keep) keep=$2 ;;
	--verdict) verdicts="$verdicts -v $2" ;;
	--peers)
		wanted_peers=1
		shift
		continue
		;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
	shift 2
done
for name in $cases; do
	case_is "$name"
done
need jq
take_processors
raise_descriptors 20000
: "${seed:=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}"
results=$tmp/results
number=0 peers=
: >"$results"
tell_surroundings
subject_lines
case $wanted_peers in
'' | 0) ;;
1) find_peers ;;
*)
	all_peers=$wanted_peers
	find_peers
	;;
esac
for name in $cases; do
	run_case "$name"
done
progress
tell_disturbances
test -z "$keep" || cp "$results" "$keep"
test ! -t 2 || printf '\r' >&2
# shellcheck disable=SC2086
"$compare" -o "$page" $verdicts "$results"
status=$?
echo "The same as a page: $page"
exit $status
