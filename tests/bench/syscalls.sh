#!/bin/sh
# SPDX-License-Identifier: ISC
# System calls of an echo, and of a short connection: by strace, as the difference
# of a long run and a short one, so that starting and stopping do not count; save
# that the signal to stop takes a call or three more or less, as it finds the loop.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need strace

# counts FILE: from strace's table, "NAME calls NUMBER" and "errors NUMBER".
counts() {
	awk '$1 ~ /^[0-9.]+$/ && $NF != "total" {
		print "calls", $NF, $4; print "errors", $NF, (NF > 5 ? $5 : 0) }' "$1"
}

# count SERIES BACKEND CLIENT...: run the client once under strace.
count() {
	series=$1 backend=$2
	shift 2
	echod_start strace -f -c -o "$tmp/$series" -- -b "$backend"
	"$@" "$port" >/dev/null || die "the client failed"
	echod_stop
	counts "$tmp/$series" >"$tmp/$series.counts"
}

# per KIND CALL... N: how many more in the long run than in the short, for each of N.
per() {
	kind=$1 calls=" $2 " n=$3
	awk -v kind="$kind" -v calls="$calls" -v n="$n" '
		$1 == kind && (calls == " all " || index(calls, " " $2 " ")) {
			sum += FILENAME ~ /long/ ? $3 : -$3 }
		END { printf "%.4f", sum / n }' "$tmp/short.counts" "$tmp/long.counts"
}

waits="select pselect6 poll ppoll epoll_wait epoll_pwait epoll_pwait2"
for backend in $backends; do
	count short "$backend" "$pingpong" -m 1000
	count long "$backend" "$pingpong" -m 11000
	n=10000 max_waits=1.001
	test "$backend" != epoll-et || max_waits=2.001
	verdict "$backend: recv an echo" "$(per calls recvfrom $n)" '<=' 1
	verdict "$backend: send an echo" "$(per calls sendto $n)" '<=' 1
	verdict "$backend: waits an echo" "$(per calls "$waits" $n)" '<=' $max_waits
	verdict "$backend: calls an echo" "$(per calls all $n)" '<=' "2 + $max_waits"
	test "$backend" = epoll-et ||
		verdict "$backend: calls that failed (EAGAIN)" \
			"$(per errors "recvfrom sendto accept4" $n)" '<=' 0

	count short "$backend" "$crowd" pass 100
	count long "$backend" "$crowd" pass 1100
	n=1000
	verdict "$backend: accept4 a connection" "$(per calls accept4 $n)" '<=' 1
	verdict "$backend: recv a connection" "$(per calls recvfrom $n)" '<=' 2
	verdict "$backend: send a connection" "$(per calls sendto $n)" '<=' 1
	verdict "$backend: close a connection" "$(per calls close $n)" '<=' 1
	verdict "$backend: epoll_ctl a connection" "$(per calls epoll_ctl $n)" '<=' 1
	for_info "$backend: waits a connection" "$(per calls "$waits" $n)"
	verdict "$backend: all others a connection" \
		"$(calculate 4 "$(per calls all $n) - $(per calls \
			"$waits accept4 recvfrom sendto close epoll_ctl" $n)")" '<=' 0.01
done
exit $missed
