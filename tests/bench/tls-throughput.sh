#!/bin/sh
# SPDX-License-Identifier: ISC
# What TLS costs more than OpenSSL itself: echod and a bare OpenSSL loop in pairs, the
# same cipher (TLS 1.3, AES-256-GCM), the server on one processor and the client on
# another.  Rates for echoes; for handshakes, where the client is the slower side, the
# processor time of the server.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=tls.sh
. "$(dirname "$0")/tls.sh"
need_two_processors
rounds=${ROUNDS:-11} seconds=${SECONDS_EACH:-0.3} count=${HANDSHAKES:-300}

# rate PORT CONNECTIONS SIZE: messages a second.
rate() {
	taskset -c "$client_cpu" "$tls_load" echo "$1" "$2" "$3" "$seconds" | field rate
}

# shakes PORT PID KIND: handshakes in a second of the server's processor.
shakes() {
	before=$(spent "$2")
	taskset -c "$client_cpu" "$tls_load" shake "$1" "$count" "$3" >"$tmp/shakes" || die "the client failed"
	if [ "$3" = resumed ] && [ "$(field resumed <"$tmp/shakes")" -lt $((count - 1)) ]; then
		die "not resumed: $(cat "$tmp/shakes")"
	fi
	calculate 0 "$count * 1e9 / ($(spent "$2") - $before)"
}

bare_tls_start
for backend in $backends; do
	servers=$bare_pid
	tls_start taskset -c "$server_cpu" -- -b "$backend"
	servers="$servers $bare_pid"
	for load in "1 16384" "64 64"; do
		ratio=$(in_pairs "rate $port $load" "rate $bare_port $load" | median)
		verdict "$backend: ${load% *} connections of ${load#* } bytes: rate to bare's" "$ratio" \
			'>=' 0.9
	done
	for kind in full resumed; do
		ratio=$(in_pairs "shakes $port $pid $kind" "shakes $bare_port $bare_pid $kind" | median)
		verdict "$backend: handshakes, $kind: to bare's, by processor time" "$ratio" '>=' 0.8
		for_info "$backend: handshakes, $kind: a second of the server" "$(shakes "$port" "$pid" $kind)"
	done
	kill -TERM "$pid"
	wait "$child"
done
exit $missed
