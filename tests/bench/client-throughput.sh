#!/bin/sh
# SPDX-License-Identifier: ISC
# Echoes a second that echoload gets out of a bare loop with all bytes compared, as a
# share of what a client gets that compares nothing: in turn, in random order, each on
# the same processor.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need jq
need_two_processors
rounds=${ROUNDS:-21} seconds=${SECONDS_EACH:-0.5} n=0
bare_start taskset -c "$server_cpu"

with_pingpong() {
	taskset -c "$client_cpu" "$pingpong" -c 64 -s 64 -t "$seconds" "$port" | field rate
}

with_echoload() {
	taskset -c "$client_cpu" "$echoload" -c 64 -d "$(calculate 0 "$seconds * 1000")ms" -w 100ms \
		--connect-rate 100k --no-progress -q -j - "127.0.0.1:$port" |
		jq .throughput.msgs_per_s
}

# run CLIENT: a line for results.h
run() {
	rate=$("with_$1")
	test -n "$rate" || die "$1 failed"
	printf 'run\tclient\t%d\t%s\t%s\t-\t-\t-\t-\n' "$n" "$1" "$rate"
}

{
	printf 'case\tclient\t0.95\tpingpong\t64 x 64 bytes\n'
	printf 'subject\tpingpong\treference\tpingpong\n'
	printf 'subject\techoload\tours\techoload\n'
	while [ $n -lt "$rounds" ]; do
		n=$((n + 1))
		if [ "$(od -An -N1 -tu1 /dev/urandom)" -lt 128 ]; then
			run pingpong
			run echoload
		else
			run echoload
			run pingpong
		fi
	done
} >"$tmp/results"
"$compare" -q -v client/echoload "$tmp/results"
