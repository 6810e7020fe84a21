#!/bin/sh
# SPDX-License-Identifier: ISC
# What 100,000 connections leave behind, a quarter of them ended by a reset: no
# descriptor, and no memory.  And 2,000 of them under valgrind, which sees each byte.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need valgrind
n=${CONNECTIONS:-100000}

for backend in $backends; do
	echod_start -- -b "$backend"
	"$crowd" break 2000 "$port" || die "the client failed"
	files=$(descriptors "$pid")
	before=$(resident "$pid")
	"$crowd" break "$n" "$port" || die "the client failed"
	until_descriptors "$pid" "$files" || true # the verdict says it
	after=$(resident "$pid")
	verdict "$backend: descriptors left by $n connections" \
		$(($(descriptors "$pid") - files)) '<=' 0
	verdict "$backend: growth of resident memory, KiB" $(((after - before) / 1024)) '<=' 64
	echod_stop

	echod_start valgrind -q --leak-check=full --show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible --track-fds=yes \
		--error-exitcode=9 --log-file="$tmp/valgrind.%p" -- -b "$backend"
	"$crowd" break 2000 "$port" || die "the client failed"
	kill -TERM "$pid"
	wait "$child"
	status=$?
	servers=
	# Of those that it opened itself valgrind knows where; of those it was given, not.
	report=$tmp/valgrind.$pid
	open=$(grep -A2 '^==[0-9]*== Open ' "$report" | grep -c ' at 0x')
	verdict "$backend: errors and leaks by valgrind (its status)" $status '<=' 0
	verdict "$backend: descriptors open at the end by valgrind" "$open" '<=' 0
	test $status -eq 0 -a "$open" -eq 0 || cat "$report"
done
exit $missed
