#!/bin/sh
# SPDX-License-Identifier: ISC
# Resident memory of an idle TLS 1.3 connection, 10,000 of them held, and what is left
# of it when they are closed.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=tls.sh
. "$(dirname "$0")/tls.sh"
n=${CONNECTIONS:-10000}
mkfifo "$tmp/held" "$tmp/hold"
raise_descriptors $((n + 50))

for backend in $backends; do
	tls_start -- -b "$backend" -o max-connections="$n"
	"$tls_load" shake "$port" 100 full >/dev/null || die "the client failed"
	open=$(descriptors "$pid")
	before=$(resident "$pid")
	"$tls_load" hold "$port" "$n" <"$tmp/hold" >"$tmp/held" &
	client=$!
	servers="$servers $client"
	exec 4>"$tmp/hold"
	read -r word <"$tmp/held" || die "the client failed"
	held=$(resident "$pid")
	test "$word" = held || die "the client failed"
	test "$(descriptors "$pid")" -eq $((open + n)) || die "they are not all there"
	exec 4>&-
	wait "$client" || die "the client failed"
	until_descriptors "$pid" "$open" || die "descriptors are left over"
	tries=0
	after=$(resident "$pid")
	while test $((after * 10)) -gt $((before * 11)) && test $tries -lt 50; do
		sleep 0.1
		tries=$((tries + 1))
		after=$(resident "$pid")
	done
	for_info "$backend: resident with $n connections, KiB" $((held / 1024))
	verdict "$backend: bytes a TLS connection" $(((held - before) / n)) '<=' 16384
	for_info "$backend: resident after, of what it was before" "$(calculate 3 "$after / $before")"
	echod_stop
done
exit $missed
