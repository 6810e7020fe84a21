#!/bin/sh
# SPDX-License-Identifier: ISC
# Resident memory of an idle connection, 10,000 of them held, and what is left of
# it when they are closed.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
n=10000
mkfifo "$tmp/held" "$tmp/hold"

for backend in $backends; do
	echod_start -- -b "$backend" -o max-connections=$n
	# What the first few allocate for good is not what each costs.
	"$crowd" pass 100 "$port" || die "the client failed"
	files=$(descriptors "$pid")
	before=$(resident "$pid")
	"$crowd" hold $n "$port" <"$tmp/hold" >"$tmp/held" &
	client=$!
	servers="$servers $client"
	exec 4>"$tmp/hold"
	read -r word <"$tmp/held" || die "the client failed"
	held=$(resident "$pid")
	test "$word" = held || die "the client failed"
	test "$(descriptors "$pid")" -eq $((files + n)) || die "they are not all there"
	exec 4>&-
	wait "$client" || die "the client failed"
	until_descriptors "$pid" "$files" || die "descriptors are left over"
	# What is free is given back a second or two after the crowd has gone.
	tries=0
	after=$(resident "$pid")
	while test $((after * 10)) -gt $((before * 11)) && test $tries -lt 100; do
		sleep 0.1
		tries=$((tries + 1))
		after=$(resident "$pid")
	done
	for_info "$backend: resident at the start, KiB" $((before / 1024))
	for_info "$backend: resident with $n connections, KiB" $((held / 1024))
	verdict "$backend: bytes a connection" $(((held - before) / n)) '<=' 384
	verdict "$backend: resident after, of what it was before" \
		"$(calculate 3 "$after / $before")" '<=' 1.1
	echod_stop
done
exit $missed
