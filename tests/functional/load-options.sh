#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-options.sh -- each option of echoload takes what it should, and answers what
# it should not take with the option, the value, what is allowed, and exit 2.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"

bounded "$ECHOLOAD" --help >"$TMP/help"
: >"$TMP/seen"
printf '64\n1k\n' >"$TMP/sizes"
printf 'many\n' >"$TMP/words"
: >"$TMP/empty"

try() # ARGS...: sets STATUS and OUT
{
	OUT=$(bounded "$ECHOLOAD" --no-progress "$@" 2>&1 </dev/null)
	STATUS=$?
}

# Without a target there is no run; so if that is all that is wrong, the rest is right.
# OPTION GOOD... -- BAD...
takes_only()
{
	local option=$1 value

	shift
	printf "%s\n" "$option" >>"$TMP/seen"
	while [ "$1" != -- ]; do
		try "$option" "$1"
		is "$option $1: is taken" "$STATUS $(grep -c 'which server?' <<<"$OUT")" "2 1"
		shift
	done
	shift
	for value; do
		try "$option" "$value" 127.0.0.1:1
		is "$option '$value': exit 2" "$STATUS" 2
		like "$option '$value': says what is wrong with it" "$OUT" \
		    "^echoload: .*\".*\" will not do[;:] (want )?[^ ]"
		is "$option '$value': in one line" "$(wc -l <<<"$OUT")" 1
	done
}

for option in -c --connections --clients; do
	takes_only $option 1 50k -- 0 -1 1.5 ten '' 2000000
done
for option in -d -w -T --duration --time --warmup --timeout --connect-timeout --drain --think \
    -i --interval; do
	takes_only $option 500ms 10s 5m -- 5 soon -1s 1y ''
done
takes_only -d -- 0 0s
takes_only -i -- 99ms 0
takes_only -T -- 0ms 0
takes_only --connect-timeout -- 0ms 0
takes_only -n 1 10k 1M -- 0 some -5
takes_only --requests 1 -- 0 x
for option in -m --msg-size --length; do
	takes_only $option -- 0 1..0 5.. big exp:0 exp: choice: choice:64@x 65M \
	    "file:$TMP/none" "file:$TMP/words" "file:$TMP/empty"
done
for size in 64 1k 1..1500 exp:512 choice:64@90,4k@10 "file:$TMP/sizes"; do
	try -m "$size" 127.0.0.1:1
	like "-m $size: is taken" "$OUT" 'could not run: .*refused'
done
takes_only -p 1 16 -- 0 -3 many 100000
takes_only --pipeline 2 -- 0 x
for option in -r --rate --rps --qps --rate-per-conn --connect-rate; do
	takes_only $option 1 10k 1.5M -- 0 -1 fast ''
done
takes_only --arrival uniform poisson burst:10 -- burst burst:0 burst:x normal ''
takes_only --max-inflight 0 1 64 -- -1 x
takes_only --requests-per-conn 0 1 100 -- -1 all
takes_only -t 1 16 -- 0 x 1000
takes_only --threads 2 -- 0 x
takes_only --mode rr crr stream idle halfclose -- udp '' RR
takes_only --seed 0 1 18446744073709551615 -- -1 x 18446744073709551616 ''
takes_only --verify full length sample:10 -- none sample sample:0 sample:x
takes_only -B 127.0.0.1 127.0.0.1,127.0.0.2 127.0.0.0/30 ::1 -- nowhere 127.0.0.1/33 \
    127.0.0.0/8 127.0.0.1,x 300.1.1.1
takes_only --source 127.0.0.2 -- x 1
takes_only --bind 127.0.0.2 -- x 1
takes_only --sndbuf 4096 64k 1M -- 0 -1 big
takes_only --rcvbuf 4096 64k 1M -- 0 -1 big
takes_only --close fin rst -- FIN abort ''
takes_only --percentiles 50 50,99,99.9 0,100 -- 101 -1 50,x '' 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
takes_only --color auto always never -- red ''
takes_only --label a=b a= -- a ''
takes_only --assert 'p99<2ms' 'rate>=100k' errors==0 'connect.p99<50ms' 'fairness>0.9' -- \
    p99 'p99<' '<5ms' 'p99<fast' 'speed>5' 'p101<1s' 'p99=5ms' 'cpu<5ms'
takes_only --max-errors 0 10 5% -- some -1 101% %
takes_only --max-regress 0 5% 10 -- -1 101 x
takes_only --tls-min 1.2 1.3 -- 1.1 1 '' tls
takes_only --tls-max 1.2 1.3 -- 1.4 ''
takes_only --tls-resume on off 0% 80% 100% -- 101% 80 some % ''

# Those without a value, and those that only name a file.
for option in -4 -6 --nagle -q --quiet --no-progress --strict "-j f" "--json f" "--csv f" \
    "--hgrm f" "--html f" "--compare f" --tls -k --insecure "--cafile f" "--cert f" "--key f" \
    "--keylog f" "--sni name" "--alpn echo,h2" "--ciphers ALL" \
    "--ciphersuites TLS_AES_128_GCM_SHA256" "--groups X25519"; do
	echo "${option% *}" >>"$TMP/seen"
	# shellcheck disable=SC2086 # an option and its value
	try $option
	like "$option: is taken" "$OUT" 'which server\?'
done
for option in -V --version -h --help; do
	echo "$option" >>"$TMP/seen"
	try "$option"
	is "$option: exit 0" "$STATUS" 0
done
try --strict=yes 127.0.0.1:1
is "a value where there is none: exit 2" "$STATUS" 2
try -c
is "no value where there is one: exit 2" "$STATUS" 2

grep -oE '^ {2,6}(-[A-Za-z0-9], )?(-[A-Za-z0-9]|--[a-z0-9-]+)(, --[a-z-]+)?' "$TMP/help" |
	grep -oE -- '--[a-z-]+|-[A-Za-z0-9]\b' | sort -u >"$TMP/options"
is "options of --help that were not tried" \
    "$(comm -23 "$TMP/options" <(sort -u "$TMP/seen"))" ''

# What does not go together.
refuses() # REGEX ARGS...
{
	local regex=$1

	shift
	try "$@"
	is "$*: exit 2" "$STATUS" 2
	like "$*: says why" "$OUT" "$regex"
}
refuses '-p.* none with -r' -p 2 -r 100 127.0.0.1:1
refuses '--think.* none with -r' --think 1s -r 100 127.0.0.1:1
refuses '-r: .*--think is its rate' --mode idle -r 100 127.0.0.1:1
refuses '-t.* no more processes than connections' -t 9 -c 8 127.0.0.1:1
refuses '--max-inflight.* only with -r' --max-inflight 2 127.0.0.1:1
refuses '--arrival.* only with -r' --arrival poisson 127.0.0.1:1
refuses '--tls-max.* no less than --tls-min' --tls-min 1.3 --tls-max 1.2 127.0.0.1:1
refuses '--tls-resume.* only with TLS' --tls-resume on 127.0.0.1:1
refuses '--key.* --cert with it' --tls --key f 127.0.0.1:1
refuses 'target' localhost:port
refuses 'target' '[::1'
refuses 'target' ''

# What is right, and cannot be: exit 1.
fails() # REGEX ARGS...
{
	local regex=$1

	shift
	try "$@"
	is "$*: exit 1" "$STATUS" 1
	like "$*: says why" "$OUT" "$regex"
}
fails 'no\.such\.name\.invalid' no.such.name.invalid:7
fails 'no IPv6 address' -6 127.0.0.1:7
fails 'refused' 127.0.0.1:1
fails 'unix:/nonexistent.*No such file' unix:/nonexistent
fails 'Cannot assign requested address|out of local ports' -B 192.0.2.1 127.0.0.1:1
if "$ECHOLOAD" -V | grep -Eq '^OpenSSL: [0-9]'; then
	fails '--cafile: "/nonexistent" .*: No such file' --tls --cafile /nonexistent 127.0.0.1:1
	fails "--cafile: \"$TMP/empty\" .*no certificate" --tls --cafile "$TMP/empty" 127.0.0.1:1
	fails '--cert: "/nonexistent" .*: No such file' --tls --cert /nonexistent 127.0.0.1:1
	fails '--keylog: "/nonexistent/x" .*: No such file' --tls --keylog /nonexistent/x 127.0.0.1:1
	fails '--ciphers: "none" .*: no cipher match' --tls --ciphers none 127.0.0.1:1
	fails '--ciphersuites: "none" .*: no cipher match' --tls --ciphersuites none 127.0.0.1:1
	fails '--groups: "none" cannot be used' --tls --groups none 127.0.0.1:1
	fails '--alpn: ",," cannot be used' --tls --alpn ,, 127.0.0.1:1
fi
start_echod || exit 1
fails 'cannot write /nonexistent/x' -d 200ms -w 0 -j /nonexistent/x "$ADDR"
fails '/nonexistent/base' -d 200ms -w 0 --compare /nonexistent/base "$ADDR"
