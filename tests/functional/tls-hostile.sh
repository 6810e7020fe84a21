#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Peers at a TLS port that speak something else, or TLS in bad faith: each gets an
# alert or its end, is counted, and fills no log; who is connected meanwhile does not
# notice.
#
# Faults: F40 F48 F68 F73 F74 F75 F76

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"
need_tls
make_certificate server

TLS_PEER=${PEER%/*}/tls_peer

alert() # -> whether what came back is one fatal alert
{
	od -An -tx1 "$TMP/answer" | tr -d ' \n' | grep -Eq '^150301000202'
}

# Whoever is connected, and stays so.
bystander()
{
	mkfifo "$TMP/by.in.$BACKEND"
	: >"$TMP/by.out"
	bounded openssl s_client -quiet -no_ign_eof -connect "$ADDR" <"$TMP/by.in.$BACKEND" \
	    >"$TMP/by.out" 2>"$TMP/by.err" &
	by=$!
	exec {by_fd}>"$TMP/by.in.$BACKEND"
	echo before >&"$by_fd"
	ok 'a bystander is served' wait_for has_line "$TMP/by.out" before
}

bystander_goes_on() # WORD
{
	echo "$1" >&"$by_fd"
	ok "the bystander goes on: $1" wait_for has_line "$TMP/by.out" "$1"
}

speak_something_else()
{
	local i

	printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' | bounded nc.openbsd -N "$HOST" "$PORT" >"$TMP/answer"
	ok 'HTTP: an alert' alert
	printf 'SSH-2.0-OpenSSH_9.2\r\n' | bounded nc.openbsd -N "$HOST" "$PORT" >"$TMP/answer"
	ok 'SSH: an alert' alert
	seq 10000 | bounded nc.openbsd -N "$HOST" "$PORT" >"$TMP/answer" 2>/dev/null
	ok 'noise: an alert' alert
	bounded nc.openbsd -N "$HOST" "$PORT" </dev/null >"$TMP/answer"
	for i in {1..20}; do
		printf 'HEAD / HTTP/1.1\r\n\r\n' | bounded nc.openbsd -N "$HOST" "$PORT" >/dev/null
	done
	at_most 'all of that is one line of the log' "$(grep -c 'a handshake failed' "$LOG")" 1
	unlike 'and none above info' "$(grep -v 'running as root' "$LOG")" ' (warn|error): '
}

renegotiate()
{
	local fd pid

	rm -f "$TMP/in"
	mkfifo "$TMP/in"
	bounded openssl s_client -connect "$ADDR" -tls1_2 <"$TMP/in" >"$TMP/out" 2>&1 &
	pid=$!
	exec {fd}>"$TMP/in"
	wait_for has_line "$TMP/out" 'Verify return code'
	echo R >&"$fd"
	wait_for has_line "$TMP/out" 'no renegotiation'
	exec {fd}>&-
	wait $pid
}

below_what_is_spoken()
{
	openssl s_client -connect "$ADDR" -tls1_1 -cipher 'ALL:@SECLEVEL=0' </dev/null >"$TMP/out" 2>&1
	like 'TLS 1.1 is refused' "$(cat "$TMP/out")" 'alert|unsupported protocol'
	openssl s_client -connect "$ADDR" -tls1_2 -cipher 'NULL:@SECLEVEL=0' </dev/null >"$TMP/out" 2>&1
	like 'no cipher is no cipher' "$(cat "$TMP/out")" 'handshake failure'
	renegotiate
	like 'renegotiation is refused' "$(cat "$TMP/out")" 'no renegotiation'
}

in_bad_faith()
{
	is 'a hello in pieces of one byte is a hello' "$(bounded "$TLS_PEER" hello 1 "$ADDR")" echoed
	is 'a hello in records of one byte, too' "$(bounded "$TLS_PEER" records "$ADDR")" answered
	is 'records of one byte are data' "$(bounded "$TLS_PEER" flood bytes 1.3 "$ADDR" 300)" open
	is 'as in TLS 1.2' "$(bounded "$TLS_PEER" flood bytes 1.2 "$ADDR" 300)" open
	is '31 new keys in a row' "$(bounded "$TLS_PEER" flood keyupdate 1.3 "$ADDR" 31)" open
	like '10,000 new keys in a row' "$(bounded "$TLS_PEER" flood keyupdate 1.3 "$ADDR" 10000)" \
	    '^(closed|reset)$'
	like '10,000 requests for new keys' "$(bounded "$TLS_PEER" flood requests 1.3 "$ADDR" 10000)" \
	    '^(closed|reset)$'
	is '31 empty records in a row' "$(bounded "$TLS_PEER" flood empty 1.3 "$ADDR" 31)" $'echoed\nopen'
	like '10,000 empty records' "$(bounded "$TLS_PEER" flood empty 1.3 "$ADDR" 10000)" \
	    '^(closed|reset)$'
	is '4 warnings in a row' "$(bounded "$TLS_PEER" flood alerts 1.3 "$ADDR" 4)" $'echoed\nopen'
	like '10,000 warnings' "$(bounded "$TLS_PEER" flood alerts 1.3 "$ADDR" 10000)" '^(closed|reset)$'
}

# After the handshake; what OpenSSL calls the alerts is as old as they are.
bad_records()
{
	local version

	for version in 1.2 1.3; do
		is "TLS $version, a record that is too long: an alert" \
		    "$(bounded "$TLS_PEER" record long $version "$ADDR")" $'tlsv1 alert record overflow\nclosed'
		is "TLS $version, a record that nobody has sealed: an alert" \
		    "$(bounded "$TLS_PEER" record forged $version "$ADDR")" $'sslv3 alert bad record mac\nclosed'
	done
	is 'TLS 1.3, a record of an unknown type: an alert' \
	    "$(bounded "$TLS_PEER" record unknown 1.3 "$ADDR")" $'sslv3 alert unexpected message\nclosed'
	# Which is about its seal, for that is looked at first there.
	is 'TLS 1.2, a record of an unknown type: an alert' \
	    "$(bounded "$TLS_PEER" record unknown 1.2 "$ADDR")" $'sslv3 alert bad record mac\nclosed'
}

stops_in_a_record()
{
	local version

	for version in 1.2 1.3; do
		is "TLS $version, stops after the head of a record: closed when idle" \
		    "$(bounded "$TLS_PEER" stop 5 $version "$ADDR" | tail -n 1)" closed
	done
}

story()
{
	start_tls_echod server -- -o idle-timeout=1s || return
	stops_in_a_record
	stop_echod
	is 'and counted as idle' "$(summed_up idle)" 2

	start_tls_echod server || return
	bystander
	speak_something_else
	bystander_goes_on something-else
	below_what_is_spoken
	bystander_goes_on refusals
	in_bad_faith
	bystander_goes_on floods
	bad_records
	bystander_goes_on records
	exec {by_fd}>&-
	wait "$by"
	stop_echod
	is 'those who speak something else' "$(summed_up 'not TLS')" 23
	is 'those who left: after nothing, and after a hello' "$(summed_up left)" 2
	is 'those with nothing in common' "$(summed_up 'nothing shared')" 2
	is 'floods' "$(summed_up floods)" 4
	is 'bad records, and the one who would renegotiate' "$(summed_up failed)" 7
	unlike 'nothing of it is above info' "$(grep -v 'running as root' "$LOG")" ' (warn|error): '
}

for_backends story
