#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# echoload over TLS: what was agreed upon and how many sessions were resumed are what
# it says, checked by the server's own count; whom it believes; every mode; and what
# it tells of servers that do it wrong.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=load.sh
. "${0%/*}/load.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"
need jq
need_tls
make_certificate server
make_certificate other
make_certificate authority -addext 'basicConstraints=critical,CA:TRUE'
sign_certificate friend authority
ca=(--cafile "$CERTS/server.crt")

is_good() # NAME
{
	is "$1: exit 0" "$STATUS" 0
	[ "$STATUS" = 0 ] || note "$OUT"
}

modes()
{
	local version

	start_tls_echod server || return
	for version in 1.2 1.3; do
		load -w 100ms -n 2000 -c 8 "${ca[@]}" --tls-min $version --tls-max $version "tls://$ADDR"
		is_good "TLS $version"
		is "TLS $version: the version" "$(number .tls.version)" "TLSv$version"
		is "TLS $version: handshakes" "$(number '.tls | .handshakes_full + .handshakes_resumed')" 8
		is "TLS $version: their times" "$(number .latency.tls.count)" 8
		balances "TLS $version"
	done
	load -w 100ms -n 200 -c 4 --mode stream -m 16385 -k "tls://$ADDR"
	is_good 'stream'
	load -w 100ms -n 200 -c 4 --mode halfclose -m 100000 -k "tls://$ADDR"
	is_good 'halfclose'
	at_least 'halfclose: every request has come back whole after close_notify' \
	    "$(number .requests.verified)" 200
	load -w 100ms -n 300 -c 4 -t 2 -p 8 -m 1..5000 -k "tls://$ADDR"
	is_good 'pipelined, two processes'
	load -w 100ms -n 500 -c 4 -r 2000 -k --ciphersuites TLS_CHACHA20_POLY1305_SHA256 --groups P-256 "tls://$ADDR"
	is_good 'open loop'
	is 'the cipher' "$(number .tls.cipher)" TLS_CHACHA20_POLY1305_SHA256
	is 'the group' "$(number .tls.group)" P-256
	load -w 100ms -n 200 -c 2 -k "tls://$ADDR" "tls://$ADDR" --keylog "$TMP/keys"
	is_good 'two targets'
	is 'secrets of four handshakes' "$(grep -c '^CLIENT_TRAFFIC_SECRET_0 ' "$TMP/keys")" 2
	load -w 100ms -n 10 -c 1 -k --tls "$ADDR"
	is_good '--tls'
	stop_echod
	is 'every connection said goodbye' "$(summed_up cut)" 0
}

# N requests, each with a connection of its own: what was really resumed.
resumption()
{
	local version

	start_tls_echod server -- -o workers=2 || return
	for version in 1.2 1.3; do
		load -n 200 -c 1 -w 0 --mode crr -k --tls-max $version --tls-resume on "tls://$ADDR"
		is_good "resume on, $version"
		at_least "resume on, $version: all but the first" "$(number .tls.handshakes_resumed)" 199
		is "resume on, $version: only the first is full" "$(number .tls.handshakes_full)" 1
		load -n 200 -c 1 -w 0 --mode crr -k --tls-max $version --tls-resume 25% "tls://$ADDR"
		at_least "a quarter, $version" "$(number .tls.handshakes_resumed)" 49
		at_most "a quarter, $version, and no more" "$(number .tls.handshakes_resumed)" 51
		load -n 50 -c 1 -w 0 --mode crr -k --tls-max $version "tls://$ADDR"
		is "resume off, $version" "$(number .tls.handshakes_resumed)" 0
	done
	stop_echod
	at_least 'the server has counted the same' "$(summed_up resumed)" 496
	at_most 'and no more' "$(summed_up resumed)" 500
	start_tls_echod server 'tickets = off' || return
	load -n 50 -c 1 -w 0 --mode crr -k --tls-resume on "tls://$ADDR"
	is_good 'asked to resume, from a server without tickets'
	is 'none was, and that is what it says' "$(number .tls.handshakes_resumed)" 0
	like 'in the report, too' "$(said)" 'resumed 0 \(100% asked\)'
	stop_echod
}

whom_to_believe()
{
	start_tls_echod server || return
	load -w 100ms -n 10 -c 1 "tls://$ADDR"
	is 'unknown to the system: exit 1' "$STATUS" 1
	like 'unknown: says so' "$OUT" 'TLS handshake: self-signed certificate'
	load -w 100ms -n 10 -c 1 --cafile "$CERTS/other.crt" "tls://$ADDR"
	is 'signed by another: exit 1' "$STATUS" 1
	load -w 100ms -n 10 -c 1 "${ca[@]}" --sni elsewhere "tls://$ADDR"
	is 'for another host: exit 1' "$STATUS" 1
	like 'for another host: says so' "$OUT" 'hostname mismatch'
	load -w 100ms -n 10 -c 1 "${ca[@]}" --sni localhost --alpn h2,echo "tls://$ADDR"
	is_good 'by its name'
	stop_echod
	start_tls_echod server "client-ca = \"$CERTS/authority.crt\"" 'client-verify = required' || return
	load -w 100ms -n 10 -c 1 -k --cert "$CERTS/friend.crt" --key "$CERTS/friend.key" "tls://$ADDR"
	is_good 'with a certificate of its own'
	load -w 100ms -n 10 -c 1 -k --tls-max 1.2 "tls://$ADDR"
	is 'without: exit 1' "$STATUS" 1
	like 'without: says so' "$OUT" 'TLS handshake: .*alert handshake failure'
	stop_echod
}

no_tls_there()
{
	start_echod || return
	load -w 100ms -n 10 -c 1 -k "tls://$ADDR"
	is 'a server in the clear: exit 1' "$STATUS" 1
	like 'in the clear: says so' "$OUT" 'TLS handshake: '
	stop_echod
}

modes
resumption
whom_to_believe
no_tls_there
