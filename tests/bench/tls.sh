# shellcheck shell=sh disable=SC2034,SC2154 # it is read in
# SPDX-License-Identifier: ISC
# What the TLS figures have in common: a certificate, echod and the bare loop with it.
bare_tls=tests/bench/bare_tls
tls_load=tests/bench/tls_load
need openssl

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=bench \
	-keyout "$tmp/key" -out "$tmp/crt" 2>"$tmp/log" || die "no certificate: $(cat "$tmp/log")"
cat >"$tmp/tls.conf" <<END
listen "127.0.0.1:0" { tls = on certificate = "$tmp/crt" key = "$tmp/key" }
END

# tls_start [WRAPPER...] -- [OPTION...]: as echod_start, over TLS.
tls_start() {
	listen=
	echod_start "$@" -c "$tmp/tls.conf"
}

# Nanoseconds on a processor.
spent() {
	cut -d' ' -f1 "/proc/$1/schedstat"
}

bare_tls_start() {
	listen=
	taskset -c "$server_cpu" "$bare_tls" "$tmp/crt" "$tmp/key" >"$tmp/ready" &
	bare_pid=$!
	servers="$servers $bare_pid"
	read -r bare_port <"$tmp/ready" || die "bare_tls did not start"
}

# in_pairs OURS THEIRS: two commands that print a number each, in random order, so
# often; prints the ratios.
in_pairs() {
	i=0
	while [ $i -lt "$rounds" ]; do
		if [ "$(od -An -N1 -tu1 /dev/urandom)" -lt 128 ]; then
			ours=$($1) theirs=$($2)
		else
			theirs=$($2) ours=$($1)
		fi
		calculate 4 "$ours / $theirs"
		echo
		i=$((i + 1))
	done
}
