#!/bin/sh
# SPDX-License-Identifier: ISC
# The round trip of one connection that ping-pongs, with busy-poll=200 and without.
# Rounds of both in the order ABBA, and the median of the ratios of their medians.
#
# A client that sleeps until its echo comes has to be woken up as well, and no
# setting of the server makes that quicker; so the figure is that of a client that
# spins, and what is left of it for one that sleeps is told beside it.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need_two_processors
rounds=${ROUNDS:-8} seconds=${SECONDS_EACH:-0.2}

# p50 PORT CLIENT-OPTION...
p50() {
	measured_port=$1
	shift
	taskset -c "$client_cpu" "$pingpong" -l "$@" -t "$seconds" "$measured_port" | field p50
}

# compare CLIENT-OPTION...: into $tmp/pairs: without, with.
compare() {
	i=0
	while [ $i -lt "$rounds" ]; do
		a=$(p50 "$sleeping" "$@")
		b=$(p50 "$spinning" "$@")
		c=$(p50 "$spinning" "$@")
		d=$(p50 "$sleeping" "$@")
		echo "$a $b"
		echo "$d $c"
		i=$((i + 1))
	done >"$tmp/pairs"
	trips="$(cut -d' ' -f1 "$tmp/pairs" | median) $(cut -d' ' -f2 "$tmp/pairs" | median)"
	ratio=$(awk '{ printf "%.3f\n", $2 / $1 }' "$tmp/pairs" | median)
}

for backend in $backends; do
	echod_start taskset -c "$server_cpu" -- -b "$backend"
	sleeping=$port sleeper=$pid
	echod_start taskset -c "$server_cpu" -- -b "$backend" -o busy-poll=200
	spinning=$port spinner=$pid
	compare -S
	verdict "$backend: round trip, with to without" "$ratio" '<=' 0.4
	for_info "  ... microseconds, without and with" "$trips"
	compare
	for_info "$backend: the same for a client that sleeps" "$ratio"
	for_info "  ... microseconds, without and with" "$trips"
	kill "$sleeper" "$spinner"
	wait
	servers=
done
exit $missed
