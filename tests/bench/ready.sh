#!/bin/sh
# SPDX-License-Identifier: ISC
# From exec to the line on --ready-fd, in milliseconds: the median of twenty.
# It counts in the starting of two programs that read the clock.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
unset LD_PRELOAD

for backend in $backends; do
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		start=$(date +%s%N)
		"$echod" -L error -b "$backend" -l 127.0.0.1:0 --ready-fd 3 3>"$tmp/ready" &
		child=$!
		servers=$child
		read -r _ <"$tmp/ready" || die "echod did not start"
		ready=$(date +%s%N)
		kill -TERM $child
		wait $child || die "echod ended with status $?"
		servers=
		calculate 2 "($ready - $start) / 1e6"
		echo
	done >"$tmp/times"
	verdict "$backend: milliseconds until ready" "$(median <"$tmp/times")" '<=' 20
done
exit $missed
