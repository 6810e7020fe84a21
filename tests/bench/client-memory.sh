#!/bin/sh
# SPDX-License-Identifier: ISC
# Memory of a load process for a connection, 20,000 of them held by one process, or as
# many as the limit of descriptors allows: what it has in its structure for each, and
# by how much it grows, against one that holds a hundred.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need jq
few=100 many=20000
raise_descriptors $((many + 50))
[ "$files" -ge $((many + 50)) ] || many=$((files - 50))
bare_start

# hold N: memory of the load process when it has so many connections, into $held.
hold() {
	"$echoload" --mode idle --think 1h -c "$1" -d 1h --connect-rate 5k --no-progress -q \
		-j "$tmp/run.json" "127.0.0.1:$port" &
	client=$!
	servers="$servers $client"
	process='' tries=0
	until [ -n "$process" ] && [ "$(descriptors "$process")" -ge "$1" ]; do
		process=$(cat "/proc/$client/task/$client/children")
		process=${process% }
		tries=$((tries + 1))
		[ $tries -lt 3000 ] || die "$1 connections are not there after long"
		kill -0 $client || die "echoload failed"
	done
	held=$(resident "$process")
	kill -INT $client
	wait $client
	[ "$(jq .connections.established "$tmp/run.json")" -eq "$1" ] ||
		die "not all of $1 connections were there"
}

hold $few
before=$held
hold $many
verdict "echoload: bytes of its structure for a connection" "$("$client_size")" '<=' 200
for_info "  ... growth of resident memory for each of $many" \
	"$(calculate 0 "($held - $before) / ($many - $few)")"
exit $missed
