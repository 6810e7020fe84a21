#!/bin/sh
# SPDX-License-Identifier: ISC
# Echoes a second, as a share of what a bare epoll loop does: pairs of short rounds
# in random order, the server on one processor and the client on another, and the
# median of the ratios.  The same for the processor time of an echo, which does not
# depend on how fast the client is (less is better).
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need_two_processors
rounds=${ROUNDS:-15} seconds=${SECONDS_EACH:-0.2}

taskset -c 0 "$bare" >"$tmp/ready" &
bare_pid=$!
read -r bare_port <"$tmp/ready" || die "bare did not start"

# Nanoseconds on a processor.
spent() {
	cut -d' ' -f1 "/proc/$1/schedstat"
}

# measure PORT PID CLIENT-OPTION...: prints echoes a second and nanoseconds an echo.
measure() {
	measured_port=$1 measured_pid=$2
	shift 2
	spent=$(spent "$measured_pid")
	line=$(taskset -c 1 "$pingpong" "$@" -t "$seconds" "$measured_port") ||
		die "the client failed"
	spent=$(($(spent "$measured_pid") - spent))
	echo "$line" | awk -v spent=$spent '{ split($1, e, "="); split($3, r, "=")
		print r[2], spent / e[2] }'
}

# compare CLIENT-OPTION...: echod with bare, into $tmp/pairs: rates, then times.
compare() {
	i=0
	while [ $i -lt "$rounds" ]; do
		if [ "$(od -An -N1 -tu1 /dev/urandom)" -lt 128 ]; then
			ours=$(measure "$port" "$pid" "$@")
			theirs=$(measure "$bare_port" "$bare_pid" "$@")
		else
			theirs=$(measure "$bare_port" "$bare_pid" "$@")
			ours=$(measure "$port" "$pid" "$@")
		fi
		echo "$ours $theirs"
		i=$((i + 1))
	done >"$tmp/pairs"
}

for backend in $backends; do
	echod_start taskset -c 0 -- -b "$backend"
	servers="$servers $bare_pid"
	for load in "64 64" "1 64" "1000 64" "16 16384"; do
		c=${load% *} s=${load#* }
		compare -c "$c" -s "$s"
		ratio=$(awk '{ printf "%.3f\n", $1 / $3 }' "$tmp/pairs" | median)
		what="$backend: $c connections of $s bytes"
		if [ "$backend $load" = "epoll 64 64" ]; then
			verdict "$what: rate to bare's" "$ratio" '>=' 0.95
		else
			for_info "$what: rate to bare's" "$ratio"
		fi
		for_info "  ... echoes a second, ours and bare's" \
			"$(cut -d' ' -f1 "$tmp/pairs" | median) $(cut -d' ' -f3 "$tmp/pairs" | median)"
		for_info "  ... processor time to bare's" \
			"$(awk '{ printf "%.3f\n", $2 / $4 }' "$tmp/pairs" | median)"
	done
	echod_stop
done
kill "$bare_pid"
exit $missed
