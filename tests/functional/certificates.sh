# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# certificates.sh -- for stories about TLS: certificates that are made here, and
# instances that show them.

CERTS=$TMP/certs
mkdir "$CERTS"

has_tls() # does this build speak it
{
	"$ECHOD" -V | grep -Eq '^OpenSSL: [0-9]'
}

need_tls()
{
	need openssl
	has_tls || skip_all 'this echod was built without OpenSSL'
}

# A key and a certificate that it has signed itself: NAME.key, NAME.crt.
make_certificate() # NAME [ARGS...]: of openssl req
{
	local name=$1

	shift
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
	    -keyout "$CERTS/$name.key" -out "$CERTS/$name.crt" -subj "/CN=$name" \
	    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' "$@" 2>"$TMP/openssl.err" ||
	    fail "openssl makes the certificate $name" "$(cat "$TMP/openssl.err")"
}

# One that another has signed.  NAME.crt holds the chain.
sign_certificate() # NAME BY [ARGS...]: of openssl x509
{
	local name=$1 by=$2

	shift 2
	{
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		    -keyout "$CERTS/$name.key" -out "$CERTS/$name.csr" -subj "/CN=$name" &&
		    openssl x509 -req -in "$CERTS/$name.csr" -CA "$CERTS/$by.crt" \
		        -CAkey "$CERTS/$by.key" -CAcreateserial -days 90 -out "$CERTS/$name.crt" "$@"
	} 2>"$TMP/openssl.err" ||
	    fail "openssl makes the certificate $name" "$(cat "$TMP/openssl.err")"
}

# One that has ended on a day of the past.  openssl ca is the one that can do that.
make_expired() # NAME
{
	local dir=$CERTS/$1.ca

	mkdir "$dir"
	: >"$dir/index.txt"
	echo 01 >"$dir/serial"
	printf '%s\n' '[ca]' 'default_ca = it' '[it]' "database = $dir/index.txt" \
	    "new_certs_dir = $dir" "serial = $dir/serial" 'default_md = sha256' \
	    'policy = any' '[any]' 'commonName = supplied' >"$dir/config"
	{
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		    -keyout "$CERTS/$1.key" -out "$CERTS/$1.csr" -subj "/CN=$1" &&
		    openssl ca -config "$dir/config" -selfsign -batch -notext -in "$CERTS/$1.csr" \
		        -keyfile "$CERTS/$1.key" -out "$CERTS/$1.crt" \
		        -startdate 20200101000000Z -enddate "${2:-20210101000000Z}"
	} 2>"$TMP/openssl.err" ||
	    fail "openssl makes the certificate $1" "$(cat "$TMP/openssl.err")"
}

# A settings file with one section, and what is given of settings in it.
tls_settings() # NAME [SETTING...]: of the certificate, and as in the file
{
	local name=$1

	shift
	printf 'listen "127.0.0.1:0" {\ntls = on\ncertificate = "%s"\nkey = "%s"\n' \
	    "$CERTS/$name.crt" "$CERTS/$name.key"
	[ $# -eq 0 ] || printf '%s\n' "$@"
	echo '}'
}

# As start_echod, with one address over TLS.
start_tls_echod() # NAME [SETTING...] [-- ARGS...]
{
	local name=$1 settings=()

	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		settings+=("$1")
		shift
	done
	shift $(($# > 0))
	tls_settings "$name" "${settings[@]}" >"$TMP/tls.conf"
	in_file=1 start_echod -c "$TMP/tls.conf" "$@"
}

# What a number is in the last line of the log: "TLS full", "not TLS", "cut" ...
summed_up() # WORDS [LOG]
{
	sed -n "s/.* stopped: .*[,( ]$1 \([0-9]*\).*/\1/p" "${2:-$LOG}"
}
