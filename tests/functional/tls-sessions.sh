#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What TLS has besides encryption: who shows which certificate, ALPN, sessions that
# are resumed, how a connection ends, and that a certificate can be replaced while
# clients are connected.  And what a scanner has to say.
#
# Faults: F69 F78

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"
need_tls
make_certificate server
make_certificate second
make_certificate authority -addext 'basicConstraints=critical,CA:TRUE'
make_certificate stranger
sign_certificate friend authority

# One line there and back, by openssl s_client; what it says is in $TMP/out.
talk() # ARGS...
{
	local fd pid

	rm -f "$TMP/in"
	mkfifo "$TMP/in"
	: >"$TMP/out"
	bounded openssl s_client -connect "$ADDR" -no_ign_eof "$@" <"$TMP/in" >"$TMP/out" 2>&1 &
	pid=$!
	exec {fd}>"$TMP/in"
	echo 'there and back' >&"$fd"
	wait_for came_back_or_ended $pid
	exec {fd}>&-
	wait $pid
}

came_back_or_ended() # PID
{
	has_line "$TMP/out" '^there and back' || is_gone "$1"
}

is_served() # NAME ARGS...
{
	local name=$1

	shift
	talk "$@"
	like "$name" "$(cat "$TMP/out")" '^there and back'
}

is_refused_tls() # NAME REGEX ARGS...
{
	local name=$1 regex=$2

	shift 2
	talk "$@"
	unlike "$name" "$(cat "$TMP/out")" '^there and back'
	like "$name: an alert" "$(cat "$TMP/out")" "$regex"
}

show() # NAME: as a client
{
	echo "-cert $CERTS/$1.crt -key $CERTS/$1.key"
}

# shellcheck disable=SC2046 # words
client_certificates()
{
	local version ca="client-ca = \"$CERTS/authority.crt\""

	start_tls_echod server "$ca" 'client-verify = required' || return
	for version in -tls1_2 -tls1_3; do
		is_served "required: who shows a good one$version" $version $(show friend)
		is_refused_tls "required: who shows none$version" 'alert (certificate required|handshake failure)' $version
		is_refused_tls "required: who shows another's$version" 'alert (unknown ca|bad certificate)' \
		    $version $(show stranger)
	done
	stop_echod
	is 'counted' "$(summed_up certificate)" 4
	start_tls_echod server "$ca" 'client-verify = optional' || return
	is_served 'optional: who shows a good one' $(show friend)
	is_served 'optional: who shows none' -tls1_2
	is_refused_tls "optional: who shows another's" 'alert (unknown ca|bad certificate)' $(show stranger)
	stop_echod
	start_tls_echod server "$ca" || return
	for version in -tls1_2 -tls1_3; do
		is_served "client-ca alone: who shows a good one$version" $version $(show friend)
		like "client-ca alone: clients are asked$version" "$(tr '\n' ' ' <"$TMP/out")" \
		    'Acceptable client certificate CA names CN = authority '
		is_served "client-ca alone: who shows none$version" $version
		is_refused_tls "client-ca alone: who shows another's$version" \
		    'alert (unknown ca|bad certificate)' $version $(show stranger)
	done
	stop_echod
	is 'counted, too' "$(summed_up certificate)" 2
	like 'client-ca alone: -T says what that is' "$("$ECHOD" -T -c "$TMP/tls.conf")" \
	    'client-verify *= optional$'
	start_tls_echod server "$ca" 'client-verify = off' || return
	is_served "off: who shows another's" $(show stranger)
	like 'off: nobody is asked' "$(cat "$TMP/out")" '^No client certificate CA names sent'
	stop_echod
}

settings_matter()
{
	start_tls_echod server 'tls-min = 1.3' || return
	is_refused_tls 'tls-min = 1.3: who speaks 1.2' 'alert protocol version' -tls1_2
	is_served 'tls-min = 1.3: who speaks 1.3'
	stop_echod
	start_tls_echod server 'ciphers = ECDHE-ECDSA-CHACHA20-POLY1305' \
	    'ciphersuites = TLS_AES_128_GCM_SHA256' 'groups = P-256' || return
	is_served 'ciphers' -tls1_2
	like 'ciphers: the one' "$(cat "$TMP/out")" 'Cipher *: ECDHE-ECDSA-CHACHA20-POLY1305'
	is_served 'ciphersuites'
	like 'ciphersuites: the one' "$(cat "$TMP/out")" 'Cipher is TLS_AES_128_GCM_SHA256'
	like 'groups: the one' "$(cat "$TMP/out")" 'Server Temp Key: ECDH, prime256v1'
	is_served 'ALPN' -alpn h2,echo
	like 'ALPN: echo' "$(cat "$TMP/out")" '^ALPN protocol: echo'
	is_served 'ALPN without echo' -alpn h2
	like 'ALPN: none' "$(cat "$TMP/out")" '^No ALPN negotiated'
	stop_echod
}

resume() # NAME REGEX ARGS...
{
	local name=$1 regex=$2

	shift 2
	is_served "$name" -sess_in "$TMP/session" "$@"
	like "$name: $regex" "$(cat "$TMP/out")" "^$regex, "
}

tickets()
{
	local version

	start_tls_echod server 'tickets = off' || return
	for version in -tls1_2 -tls1_3; do
		is_served "tickets = off$version" $version -sess_out "$TMP/session"
		ok "tickets = off$version: there is no session to resume" [ ! -e "$TMP/session" ]
	done
	stop_echod
	is 'none was resumed' "$(summed_up resumed)" 0
	start_tls_echod server -- -o workers=2 || return
	for version in -tls1_2 -tls1_3; do
		is_served "a session$version" $version -sess_out "$TMP/session"
		# whichever worker it gets
		resume "a session again$version" Reused $version
		resume "and again$version" Reused $version
		resume "and again and again$version" Reused $version
	done
	stop_echod
	is 'all were resumed' "$(summed_up resumed)" 6
}

# With a certificate that is replaced, by a reload, while a client is connected.
replacement() # WORKERS
{
	local fd pid

	tls_settings server >"$TMP/tls.conf"
	echo "pid-file = \"$TMP/pid\"" >>"$TMP/tls.conf"
	cp "$CERTS/server.crt" "$TMP/before.crt"
	cp "$CERTS/server.key" "$TMP/before.key"
	in_file=1 start_echod -c "$TMP/tls.conf" -o workers="$1" || return
	rm -f "$TMP/stays"
	mkfifo "$TMP/stays"
	bounded openssl s_client -quiet -no_ign_eof -connect "$ADDR" <"$TMP/stays" >"$TMP/stays.out" 2>&1 &
	pid=$!
	exec {fd}>"$TMP/stays"
	echo before >&"$fd"
	ok "workers $1: a client is connected" wait_for has_line "$TMP/stays.out" before
	is_served "workers $1: and a session" -sess_out "$TMP/session"

	: >"$CERTS/server.crt"
	"$ECHOD" -c "$TMP/tls.conf" -s reload 2>"$TMP/err"
	is "workers $1: a reload with an empty certificate" $? 78
	like "workers $1: says so" "$(cat "$TMP/err")" 'certificate: .*/server.crt is empty'
	expect_error 'server.crt is empty'
	expect_error 'reload: refused'
	is_served "workers $1: all is as before"
	like "workers $1: the certificate, too" "$(cat "$TMP/out")" 'subject=CN = server'

	cp "$CERTS/second.crt" "$CERTS/server.crt"
	cp "$CERTS/second.key" "$CERTS/server.key"
	ok "workers $1: a reload with another" "$ECHOD" -c "$TMP/tls.conf" -s reload
	resume "workers $1: the session goes on" Reused
	is_served "workers $1: newcomers"
	like "workers $1: see the other certificate" "$(cat "$TMP/out")" 'subject=CN = second'
	echo after >&"$fd"
	ok "workers $1: and the client that stayed is served" wait_for has_line "$TMP/stays.out" after
	exec {fd}>&-
	wait $pid
	stop_echod
	mv "$TMP/before.crt" "$CERTS/server.crt"
	mv "$TMP/before.key" "$CERTS/server.key"
}

# What comes from peers, in the log.
log_lines()
{
	start_tls_echod server -- -L debug || return
	is_served 'a name with quotes and escapes' -servername $'x" info: \x1b]0;y' -alpn echo
	stop_echod
	like 'is one line, with nothing in it that is not printable' "$(cat -v "$LOG")" \
	    'debug: TLS: TLSv1.3 [A-Z0-9_]*, asked for "x.x22 info: .x1b\]0;y", ALPN "echo"$'
}

ends()
{
	start_tls_echod server || return
	"${PEER%/*}/tls_peer" tunnel 1.3 "$ADDR" >"$TMP/tunnel" 2>&1 &
	tunnels+=($!)
	wait_for has_line "$TMP/tunnel" ready
	make_bytes 300000 "$TMP/sent"
	# The FIN of nc is close_notify here: all that was sent comes back after it.
	bounded nc.openbsd -N "$HOST" "$(sed -n 's/ready: //p' "$TMP/tunnel")" <"$TMP/sent" >"$TMP/back"
	same_file 'close_notify is the half-close' "$TMP/back" "$TMP/sent"
	stop_tunnels
	"${PEER%/*}/tls_peer" stop 0 1.3 "$ADDR" >"$TMP/stops" &
	wait_for has_line "$TMP/stops" ready
	kill $!
	wait $! 2>/dev/null
	stop_echod
	is 'a FIN without it is counted' "$(summed_up cut)" 1
}

scan()
{
	local version findings

	has sslscan || { skip 'sslscan' 'sslscan is not installed'; return; }
	start_tls_echod server || return
	bounded sslscan --no-colour "$ADDR" >"$TMP/scan" 2>&1
	for version in SSLv2 SSLv3 TLSv1.0 TLSv1.1; do
		like "sslscan: no $version" "$(cat "$TMP/scan")" "^$version +disabled"
	done
	for version in TLSv1.2 TLSv1.3; do
		like "sslscan: $version" "$(cat "$TMP/scan")" "^$version +enabled"
	done
	like 'sslscan: no renegotiation' "$(cat "$TMP/scan")" '^Session renegotiation not supported'
	findings=$(grep -Ei '(accepted|preferred).*(RC4|DES|NULL|EXP|MD5|CBC|SHA *$| anon)|vulnerable to|weak' "$TMP/scan" |
	    grep -vi 'not vulnerable')
	is 'sslscan: no weak cipher, nothing vulnerable' "$findings" ''
	stop_echod
}

client_certificates
settings_matter
tickets
replacement 0
replacement 2
log_lines
ends
scan
