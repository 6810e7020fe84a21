#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Certificates and keys that cannot be used: with -t and at a start file, line, setting
# and what is wrong, exit status 78, nothing bound; at a reload the same, and all goes on
# as it was.  What -t says of those that can.  Pairs that are swapped meanwhile.
#
# Faults: F79 F109

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"
# shellcheck source=refused.sh
. "${0%/*}/refused.sh"

if ! has_tls; then
	echo "listen \"unix:$nest/tls\" { tls = on }" >"$TMP/settings.conf"
	like 'a build without OpenSSL refuses it, and says what it allows' \
	    "$("$ECHOD" -t -c "$TMP/settings.conf" 2>&1)" \
	    '"on" is not available: this echod was built without OpenSSL; allowed: off$'
	exit
fi
need_tls

FILE=$TMP/settings.conf PIDFILE=$TMP/pid
crt=$CERTS/good.crt key=$CERTS/good.key

# Run it, which must exit with 78, and say each line of PATTERNS.
is_refused() # NAME COMMAND...
{
	local name=$1 status

	shift
	bounded "$@" >"$TMP/stdout" 2>"$TMP/stderr" </dev/null
	status=$?
	if [ $status -eq 78 ] && ! grep -Exvf <(echo "$patterns") "$TMP/stderr" >"$TMP/unexpected" &&
	    [ "$(wc -l <"$TMP/stderr")" = "$(wc -l <<<"$patterns")" ]; then
		pass "$name"
	else
		fail "$name" "expected: 78, $patterns" "got:      $status, $(cat "$TMP/stderr")"
	fi
}

# Settings of a section that begins in line 1; each line of PATTERNS without the file.
# With -t, at a start, and at a reload of the instance that has this file and serves.
bad() # NAME PATTERNS SETTING...
{
	local name=$1 patterns before

	# shellcheck disable=SC2001 # each line of it
	patterns=$(sed "s|^[[:space:]]*|$FILE:|" <<<"$2")
	shift 2
	printf '%s\n' "listen \"unix:$nest/tls\" {" 'tls = on' "$@" '}' >"$FILE"
	before=$(stat -c %y "$nest")
	is_refused "$name: -t" "$ECHOD" -t -c "$FILE"
	is_refused "$name: a start" "$ECHOD" -c "$FILE"
	is_refused "$name: a reload" "$ECHOD" -c "$TMP/empty.conf" -p "$PIDFILE" -s reload
	is "$name: nothing was bound" "$(stat -c %y "$nest")" "$before"
	shows "$name: it shows the old certificate" good
}

shows() # NAME SUBJECT
{
	like "$1" "$(bounded openssl s_client -connect "$ADDR" </dev/null 2>/dev/null)" "^subject=CN = $2\$"
}

# An instance with good files, for bad ones to come by reload.
running() # NAME COMMAND...: of the files
{
	tls_settings "$1" >"$FILE"
	shift
	in_file=1 start_echod -c "$FILE" -p "$PIDFILE" || return
	expect_error "$FILE:[0-9]: "
	expect_error 'reload: refused; nothing has changed$'
	"$@"
	stop_echod
}

bad_pair() # NAME PATTERNS CERTIFICATE KEY
{
	bad "$1" "$2" "certificate = \"$3\"" "key = \"$4\""
}

make_files()
{
	make_certificate good
	make_certificate other
	make_certificate old -days 12
	make_expired expired
	: >"$CERTS/empty"
	echo 'not PEM' >"$CERTS/text"
	head -c 2000000 /dev/zero >"$CERTS/large"
	sed 's/^M/!/' "$crt" >"$CERTS/damaged.crt"
	openssl pkey -in "$key" -aes128 -passout pass:secret -out "$CERTS/encrypted.key"
	cp "$key" "$CERTS/open.key"
	chmod 644 "$CERTS/open.key"
	cp "$key" "$CERTS/group.key"
	chmod 640 "$CERTS/group.key"
	cat "$crt" "$key" >"$CERTS/both.pem"
	chmod 600 "$CERTS/both.pem"
	cat "$crt" "$CERTS/expired.crt" >"$CERTS/chain.crt"
	openssl req -x509 -newkey rsa:1024 -nodes -keyout "$CERTS/weak.key" -out "$CERTS/weak.crt" \
	    -subj /CN=weak -days 90 2>/dev/null
}

refused_files()
{
	bad 'neither' '2: certificate: tls = on needs one; allowed: the path of a PEM file
		2: key: tls = on needs one; allowed: the path of a PEM file'
	bad_pair 'missing' "3: certificate: $TMP/no No such file or directory
		4: key: $TMP/none No such file or directory" "$TMP/no" "$TMP/none"
	bad_pair 'expired' "3: certificate: $CERTS/expired.crt the certificate has expired on 2021-01-01 00:00:00 UTC" \
	    "$CERTS/expired.crt" "$CERTS/expired.key"
	bad_pair 'the chain has expired' "3: certificate: $CERTS/chain.crt certificate 2 of the file has expired on 2021.*" \
	    "$CERTS/chain.crt" "$key"
	bad_pair 'mismatched' "4: key: $CERTS/other.key is not the key of the first certificate of the chain" \
	    "$crt" "$CERTS/other.key"
	bad_pair 'empty' "3: certificate: $CERTS/empty is empty
		4: key: $CERTS/empty is empty" "$CERTS/empty" "$CERTS/empty"
	bad_pair 'encrypted' "4: key: $CERTS/encrypted.key is encrypted, and a daemon cannot ask .*" \
	    "$crt" "$CERTS/encrypted.key"
	bad_pair 'open to everybody' "4: key: $CERTS/open.key is open to others than .*; chmod 640 or 600" \
	    "$crt" "$CERTS/open.key"
	bad_pair 'a directory' "3: certificate: $CERTS is a directory
		4: key: $CERTS is a directory" "$CERTS" "$CERTS"
	bad_pair 'no file at all' '3: certificate: /dev/null is not a file
		4: key: /dev/zero is not a file' /dev/null /dev/zero
	bad_pair 'too large' "3: certificate: $CERTS/large is larger than 1 MiB, .*" "$CERTS/large" "$key"
	chmod 600 "$CERTS/text"
	bad_pair 'no PEM' "3: certificate: $CERTS/text has no certificate in it .*
		4: key: $CERTS/text has no private key in it .*" "$CERTS/text" "$CERTS/text"
	bad_pair 'damaged' "3: certificate: $CERTS/damaged.crt certificate 1 of the file: .*" \
	    "$CERTS/damaged.crt" "$key"
	bad_pair 'the one for the other' "3: certificate: $key has no certificate in it .*
		4: key: $CERTS/group.crt has no private key in it .*" "$key" "$CERTS/group.crt"
	bad_pair 'a key that is too short' "3: certificate: \"$CERTS/weak.crt\" cannot be used: ee key too small" \
	    "$CERTS/weak.crt" "$CERTS/weak.key"
	bad 'what is not spoken' '5: tls-min: "1.1" is none of them; allowed: 1.2 or 1.3' \
	    "certificate = \"$crt\"" "key = \"$key\"" 'tls-min = 1.1'
	bad 'ciphers and groups' '5: ciphers: "nonsense" cannot be used: no cipher match
		6: ciphersuites: "none" cannot be used: .*
		7: groups: "P-1" cannot be used: .*' \
	    "certificate = \"$crt\"" "key = \"$key\"" 'ciphers = nonsense' 'ciphersuites = none' 'groups = P-1'
	bad 'nobody to verify with' '2: client-ca: client-verify needs one; allowed: the path of a PEM file' \
	    "certificate = \"$crt\"" "key = \"$key\"" 'client-verify = required'
	bad 'a bad client-ca' "5: client-ca: $CERTS/empty is empty" \
	    "certificate = \"$crt\"" "key = \"$key\"" "client-ca = \"$CERTS/empty\"" 'client-verify = optional'
}

unreadable_key()
{
	if ! is_root; then
		chmod 000 "$CERTS/other.key"
		running good unreadable "$CERTS/other.crt" "$CERTS/other.key"
		chmod 600 "$CERTS/other.key"
		return
	fi
	has setpriv || { skip 'unreadable' 'needs setpriv, or not to be root'; return; }
	chmod 755 "$TMP" "$CERTS"
	cp "$ECHOD" "$TMP/echod"
	printf '#!/bin/sh\nexec setpriv --reuid nobody --clear-groups "%s" "$@"\n' "$TMP/echod" >"$TMP/as_nobody"
	chmod 755 "$TMP/as_nobody"
	cp "$CERTS/good.crt" "$CERTS/nobody.crt"
	cp "$key" "$CERTS/nobody.key"
	chown nobody "$CERTS/nobody.key"
	tls_settings nobody >"$FILE"
	mkdir "$TMP/nobody"
	chown nobody "$TMP/nobody" "$nest"
	PIDFILE=$TMP/nobody/pid ECHOD=$TMP/as_nobody running nobody unreadable "$crt" "$key"
}

unreadable() # CERTIFICATE KEY
{
	bad_pair 'unreadable' "4: key: $2 Permission denied" "$@"
}

# Nothing is asked of a terminal, if there is one.
no_prompt()
{
	local said

	has script || { skip 'an encrypted key asks nobody' 'script is not installed'; return; }
	printf 'listen "unix:%s/tls" {\ntls = on\ncertificate = "%s"\nkey = "%s"\n}\n' "$nest" "$crt" \
	    "$CERTS/encrypted.key" >"$FILE"
	said=$(bounded script -qec "'$ECHOD' -t -c '$FILE'" /dev/null </dev/null)
	unlike 'an encrypted key asks nobody' "$said" '[Ee]nter|[Pp]ass ?phrase:'
}

good()
{
	tls_settings good >"$FILE"
	ok 'good ones' "$ECHOD" -t -c "$FILE"
	like '-t says when they end' "$("$ECHOD" -t -c "$FILE" 2>&1)" \
	    'certificate of 127.0.0.1:0 ends in (89|90) days, on [0-9-]{10}$'
	tls_settings old >"$FILE"
	like '... and that it is time' "$("$ECHOD" -t -c "$FILE" 2>&1)" \
	    'ends in 1[12] days, on [0-9-]{10}; it is time to renew it$'
	printf 'listen "127.0.0.1:0" { tls = on certificate = "%s" key = "%s" }\n' \
	    "$CERTS/both.pem" "$CERTS/both.pem" >"$FILE"
	ok 'both in one file' "$ECHOD" -t -c "$FILE"
	printf 'listen "127.0.0.1:0" { tls = on certificate = "%s" key = "%s" }\n' "$crt" \
	    "$CERTS/group.key" >"$FILE"
	ok "readable for the key's group" "$ECHOD" -t -c "$FILE"
}

# The first certificate is believed only by way of the next ones.
broken_chain()
{
	local said='ends in [0-9]+ days, on [0-9-]{10}; clients may not believe it: '

	said+="certificate 3 has not issued certificate 2 in $CERTS/broken.crt\$"
	make_certificate root -addext 'basicConstraints=critical,CA:TRUE'
	sign_certificate between root -extfile <(echo basicConstraints=critical,CA:TRUE)
	sign_certificate leaf between
	cat "$CERTS/leaf.crt" "$CERTS/between.crt" "$CERTS/root.crt" >"$CERTS/whole.crt"
	cat "$CERTS/leaf.crt" "$CERTS/between.crt" "$crt" >"$CERTS/broken.crt"
	cp "$CERTS/leaf.key" "$CERTS/whole.key"
	cp "$CERTS/leaf.key" "$CERTS/broken.key"
	tls_settings whole >"$FILE"
	like 'a chain: -t' "$("$ECHOD" -t -c "$FILE" 2>&1)" 'ends in [0-9]+ days, on [0-9-]{10}$'
	in_file=1 start_echod -c "$FILE" -p "$PIDFILE" || return
	unlike 'a chain: no warning at the start' "$(grep -v 'running as root' "$LOG")" ' warn: '
	tls_settings broken >"$FILE"
	like 'no chain: -t' "$("$ECHOD" -t -c "$FILE" 2>&1)" "$said"
	ok 'no chain: a reload is not refused' "$ECHOD" -c "$TMP/empty.conf" -p "$PIDFILE" -s reload
	like 'no chain: a reload warns' "$(cat "$LOG")" " warn: .*$said"
	stop_echod
	in_file=1 start_echod -c "$FILE" || return
	like 'no chain: a start warns' "$(cat "$LOG")" " warn: .*$said"
	stop_echod
}

# What a renewal does: two files, each whole, one after the other.
swap_to() # NAME
{
	cp "$CERTS/$1.key" "$CERTS/.swap.key"
	mv "$CERTS/.swap.key" "$CERTS/swapped.key"
	cp "$CERTS/$1.crt" "$CERTS/.swap.crt"
	mv "$CERTS/.swap.crt" "$CERTS/swapped.crt"
}

# Whoever has opened the old certificate is stopped, and goes on when both are new.
swapped_while_read()
{
	local tracer

	has strace || { skip 'a pair that is swapped while it is read' 'strace is not installed'; return; }
	swap_to good
	tls_settings swapped >"$FILE"
	: >"$TMP/strace"
	to_be_traced strace -f -o "$TMP/strace" -P "$CERTS/swapped.crt" -e trace=openat \
	    -e inject=openat:signal=SIGSTOP:when=1 "$ECHOD" -t -c "$FILE" >"$TMP/said" 2>&1 &
	tracer=$!
	ok 'a pair that is swapped while it is read' wait_for has_line "$TMP/strace" 'stopped by SIGSTOP'
	swap_to other
	kill -CONT "$(sed -n 's/ .*stopped by SIGSTOP.*//p' "$TMP/strace")"
	wait $tracer
	is '... is read again' $? 0
	is '... once' "$(grep -c 'openat(.*swapped.crt' "$TMP/strace")" 2
}

# Whoever serves must not sleep: what has not changed is refused as it is.
refused_at_once()
{
	has strace || { skip 'a mismatch is refused at once' 'strace is not installed'; return; }
	printf 'listen "unix:%s/tls" {\ntls = on\ncertificate = "%s"\nkey = "%s"\n}\n' "$nest" "$crt" \
	    "$CERTS/other.key" >"$FILE"
	to_be_traced bounded strace -f -o "$TMP/strace" -e trace=openat,nanosleep,clock_nanosleep \
	    "$ECHOD" -t -c "$FILE" >"$TMP/said" 2>&1
	is 'a mismatch is refused at once: status' $? 78
	is 'a mismatch is refused at once: read once' "$(grep -c "openat(.*$CERTS/other.key" "$TMP/strace")" 1
	is 'a mismatch is refused at once: no sleep' "$(grep -c nanosleep "$TMP/strace")" 0
}

# Over and over; each time it is a pair, or known to be none.
swapped_all_the_time()
{
	local swapping i wrong='' none='key: .* is not the key of the first certificate of the chain$'

	tls_settings swapped >"$FILE"
	echo "pid-file = \"$TMP/pid\"" >>"$FILE"
	in_file=1 start_echod -c "$FILE" || return
	touch "$TMP/swap"
	while [ -e "$TMP/swap" ]; do
		swap_to good
		swap_to other
	done &
	swapping=$!
	for i in {1..20}; do
		bounded "$ECHOD" -t -c "$FILE" >"$TMP/said" 2>&1 || grep -Eq "$none" "$TMP/said" ||
			wrong+="-t: $(cat "$TMP/said")"$'\n'
		bounded "$ECHOD" -s reload -c "$FILE" >"$TMP/said" 2>&1 || grep -Eq "$none" "$TMP/said" ||
			wrong+="reload: $(cat "$TMP/said")"$'\n'
	done
	rm "$TMP/swap"
	wait $swapping
	is 'pairs that are swapped all the time: good, or known to be none' "$wrong" ''
	ok 'pairs that are swapped all the time: and then a reload' "$ECHOD" -s reload -c "$FILE"
	if grep -q 'error: reload: refused' "$LOG"; then
		expect_error "$none"
		expect_error 'reload: refused; nothing has changed$'
	fi
	stop_echod
}

make_files
cp "$crt" "$CERTS/group.crt"
chmod 600 "$CERTS/group.crt"
running good refused_files
unreadable_key
no_prompt
good
broken_chain
refused_at_once
swapped_while_read
swapped_all_the_time
