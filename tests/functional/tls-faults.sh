#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What can go wrong around TLS besides what it is made of: random numbers, ciphers that
# do not go with the key, a record that does not come to its end, data that comes too
# early.
#
# Faults: F58 F77 F80 F81

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
need_tls
make_certificate server

# One line there and back; what came back.
come_back() # LINE ARGS...: of openssl s_client
{
	local fd pid line=$1

	shift
	rm -f "$TMP/in"
	mkfifo "$TMP/in"
	: >"$TMP/back"
	bounded openssl s_client -quiet -no_ign_eof -connect "$ADDR" "$@" <"$TMP/in" \
	    >"$TMP/back" 2>"$TMP/back.err" &
	pid=$!
	exec {fd}>"$TMP/in"
	echo "$line" >&"$fd"
	wait_for came_back_or_ended "$line" $pid
	exec {fd}>&-
	wait $pid
	cat "$TMP/back"
}

came_back_or_ended() # LINE PID
{
	has_line "$TMP/back" "^$1" || is_gone "$2"
}

used() # ticks of all processes of it
{
	local pid sum=0

	for pid in $(processes_of); do
		((sum += $(ticks "$pid")))
	done
	echo $sum
}

# A record is announced, and that is all: there is nothing to do until more comes.
half_a_record()
{
	local before peer fd line

	start_tls_echod server || return
	rm -f "$TMP/held"
	mkfifo "$TMP/held"
	"${PEER%/*}/tls_peer" stop 5 1.3 "$ADDR" >"$TMP/held" &
	peer=$!
	exec {fd}<"$TMP/held"
	IFS= read -r -t "$PATIENCE" -u "$fd" line
	is 'F58: half a record has been sent' "$line" ready
	before=$(used)
	sleep 1
	at_most 'F58: nobody turns round waiting for the rest, in hundredths of a second' \
	    $(($(used) - before)) 20
	exec {fd}<&-
	kill $peer
	wait $peer 2>/dev/null
	stop_echod
}

# Who offers early data has a session that allows it; ours do not, but a client may act
# as if, and send some with its hello.
early_data()
{
	start_tls_echod server || return
	talk_until_session
	like 'F77: sessions allow none' "$(cat "$TMP/out")" 'Max Early Data: 0'
	bounded "${PEER%/*}/tls_peer" early "$ADDR" >"$TMP/out" 2>&1
	is 'F77: is rejected, and only what comes after the handshake is echoed' "$(cat "$TMP/out")" \
	    $'rejected, resumed\nlater'
	stop_echod
	is 'F77: so that is all' "$(summed_up 'bytes in')/$(summed_up 'bytes out')" 6/6
	is 'F77: and nothing has failed' "$(summed_up failed)" 0
}

talk_until_session()
{
	until [ -s "$TMP/session" ]; do
		(sleep 0.2; echo Q) | bounded openssl s_client -connect "$ADDR" -tls1_3 \
		    -sess_out "$TMP/session" >"$TMP/out" 2>&1
	done
}

# What a server has to say at first begins with 32 random bytes; those of TLS 1.2 are
# to be seen.  Forked processes, and one with the process ID of another, have others.
greetings() # COUNT
{
	local i

	for ((i = 0; i < $1; i++)); do
		bounded openssl s_client -connect "$ADDR" -tls1_2 -msg </dev/null 2>&1 |
			sed -n '/<<< .*ServerHello/,/<<< .*Certificate/p' | sed 1d | head -n 3 | tr -d ' \n'
		echo
	done
}

random_numbers()
{
	local i pid

	start_tls_echod server -- -o workers=4 || return
	: >"$TMP/random"
	greetings 20 >>"$TMP/random"
	is 'F80: they say hello' "$(grep -c '^0200' "$TMP/random")" 20
	is 'F80: each time in other words' "$(sort -u "$TMP/random" | wc -l)" 20
	stop_echod
	if ! unshare --pid --fork --mount-proc true 2>/dev/null; then
		skip 'F80: with the process IDs of others, too' 'needs to be allowed to make a pid namespace'
		return
	fi
	# Always the same, for each is the first process of its own.
	tls_settings server | sed "s/127.0.0.1:0/127.0.0.1:$PORT/" >"$TMP/again.conf"
	: >"$TMP/random"
	for i in 1 2 3; do
		unshare --pid --fork --mount-proc --kill-child "$ECHOD" -c "$TMP/again.conf" \
		    -o workers=2 --ready-fd 3 3>"$TMP/ready.$i" 2>/dev/null &
		pid=$!
		wait_for test -s "$TMP/ready.$i"
		greetings 6 >>"$TMP/random"
		kill "$(tr -d ' ' <"/proc/$pid/task/$pid/children")" # unshare hears no TERM
		wait $pid
	done
	is 'F80: with the process IDs of others, too' "$(sort -u "$TMP/random" | wc -l)" 18
}

no_random_numbers()
{
	! is_sanitized || { skip 'F81: no random numbers' 'a sanitizer wants some, too'; return; }
	has strace || { skip 'F81: no random numbers' 'strace is not installed'; return; }
	tls_settings server >"$TMP/tls.conf"
	bounded strace -f -qq -o "$TMP/strace" -e trace=getrandom -e inject=getrandom:error=ENOSYS \
	    "$ECHOD" -c "$TMP/tls.conf" >"$TMP/out" 2>&1
	is 'F81: without random numbers it does not start' $? 78
	like 'F81: and says so' "$(cat "$TMP/out")" 'tls.conf:2: tls: error retrieving entropy'
}

# The one thing that can be wrong though each setting is right by itself.
what_does_not_go_together()
{
	tls_settings server 'ciphers = ECDHE-RSA-AES128-GCM-SHA256' >"$TMP/tls.conf"
	bounded "$ECHOD" -t -c "$TMP/tls.conf" >"$TMP/out" 2>&1
	is 'ciphers for another kind of key: exit status' $? 78
	like 'ciphers for another kind of key: says so' "$(cat "$TMP/out")" \
	    'tls: a handshake with itself by TLS 1.2 fails: no shared cipher; see certificate, ciphers and groups'
}

make_kind() # NAME ARGS...: of openssl req -newkey
{
	local name=$1

	shift
	ok "openssl makes a key, $name" openssl req -x509 -nodes -days 90 -subj "/CN=$name" \
	    -keyout "$CERTS/$name.key" -out "$CERTS/$name.crt" -newkey "$@"
}

# Each kind of key that may be had, with the settings as they are.
kinds_of_keys()
{
	local kind version

	make_kind P-384 ec -pkeyopt ec_paramgen_curve:P-384
	make_kind P-521 ec -pkeyopt ec_paramgen_curve:P-521
	make_kind RSA rsa:2048
	make_kind Ed25519 ed25519
	for kind in P-384 P-521 RSA Ed25519; do
		start_tls_echod "$kind" || continue
		for version in tls1_2 tls1_3; do
			is "a certificate with $kind, $version" \
			    "$(come_back hello -$version -CAfile "$CERTS/$kind.crt" -verify_return_error)" hello
		done
		stop_echod
	done
}

half_a_record
early_data
random_numbers
no_random_numbers
what_does_not_go_together
kinds_of_keys
