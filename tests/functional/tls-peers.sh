#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The TLS clients that people have, of OpenSSL, of GnuTLS, and of Nmap, over both
# versions: what they send comes back, to the byte, and is counted.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"
need_tls
make_certificate server

sizes='1 16384 16385 1000000'
for size in $sizes; do
	make_bytes "$size" "$TMP/$size"
done

is_large() # FILE SIZE
{
	[ "$(stat -c %s "$1")" -ge "$2" ]
}

# None of them ends its side alone and then reads on: so their input stays open
# until all has come back.
until_all_is_back() # SIZE COMMAND...
{
	local size=$1 fd pid

	shift
	rm -f "$TMP/in"
	mkfifo "$TMP/in"
	: >"$TMP/got"
	bounded "$@" <"$TMP/in" >"$TMP/got" 2>"$TMP/err" &
	pid=$!
	exec {fd}>"$TMP/in"
	cat "$TMP/$size" >&"$fd"
	wait_for is_large "$TMP/got" "$size" || note "$1: $(tail -n 3 "$TMP/err")"
	exec {fd}>&-
	wait $pid
}

echo_through() # NAME TOOL COMMAND...
{
	local name=$1 tool=$2 size

	shift 2
	if ! has "$tool"; then
		skip "$name" "$tool is not installed"
		return
	fi
	for size in $sizes; do
		until_all_is_back "$size" "$@"
		same_file "$name, $size bytes" "$TMP/got" "$TMP/$size"
	done
}

gnutls_1_2='NORMAL:-VERS-ALL:+VERS-TLS1.2' gnutls_1_3='NORMAL:-VERS-ALL:+VERS-TLS1.3'

all_peers() # VERSION: 2 or 3
{
	local priority=gnutls_1_$1 cafile=$CERTS/server.crt

	echo_through "TLS 1.$1: openssl s_client" openssl openssl s_client -quiet -no_ign_eof \
	    -connect "$ADDR" "-tls1_$1" -CAfile "$cafile" -verify_return_error
	echo_through "TLS 1.$1: socat" socat socat -t 1 - \
	    "OPENSSL:$ADDR,cafile=$cafile,openssl-min-proto-version=TLS1.$1,openssl-max-proto-version=TLS1.$1"
	echo_through "TLS 1.$1: gnutls-cli" gnutls-cli gnutls-cli --logfile="$TMP/gnutls.log" \
	    --x509cafile="$cafile" --priority="${!priority}" -p "$PORT" "$HOST"
}

story()
{
	start_tls_echod server || return
	all_peers 2
	all_peers 3
	echo_through 'ncat --ssl' ncat ncat --ssl "$HOST" "$PORT"
	stop_echod
	# four sizes with each: three clients of two versions, and ncat
	is 'handshakes, full and resumed' "$(($(summed_up 'TLS full') + $(summed_up resumed)))" 28
	is 'handshakes that failed' "$(summed_up 'unfinished')" 0
}

for_backends story
