#!/bin/sh
# SPDX-License-Identifier: ISC
# How long those who are connected wait for those who misbehave: the processor time of
# a turn of the loop, which everybody waits for, with floods of new keys, of records
# of one byte, and of 10,000 handshakes at once.  And that those who behave are served
# meanwhile, every byte.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=tls.sh
. "$(dirname "$0")/tls.sh"
tls_peer=tests/tls_peer echoload=src/echoload
n=${CONNECTIONS:-10000}
raise_descriptors $((n + 100))

# turns_beside COMMAND...: into $line what turns.c says of a server to which it was done.
turns_beside() {
	tls_start env LD_PRELOAD="$PWD/tests/preload/turns.so" TURNS="$tmp/turns" -- -b "$backend" \
		-o max-connections=$((n + 50))
	open=$(descriptors "$pid")
	"$echoload" -k -q --no-progress -c 20 -r 200 -w 0 -d 1h -T 1m --connect-timeout 1m \
		"tls://127.0.0.1:$port" 2>"$tmp/said" &
	load=$!
	servers="$servers $load"
	until [ "$(descriptors "$pid")" -ge $((open + 20)) ]; do
		sleep 0.1
	done
	"$@" "$(address)" >/dev/null 2>&1
	kill -INT "$load"
	wait "$load"
	[ $? -eq 130 ] || die "those who behave were not served: $(cat "$tmp/said")"
	echod_stop
	line=$(cat "$tmp/turns")
}

address() {
	echo "127.0.0.1:$port"
}

keys() {
	for _ in 1 2 3 4 5 6 7 8; do
		"$tls_peer" flood keyupdate 1.3 "$1" 20000
		"$tls_peer" flood requests 1.3 "$1" 20000
	done
}

bytes() { "$tls_peer" flood bytes 1.3 "$1" 20000; }

hellos() {
	for _ in 1 2 3 4 5 6 7 8; do
		"$tls_peer" records "$1"
	done
}

crowd() { "$tls_load" crowd "$port" "$n"; }

nobody() { sleep 1; }

# judge WHAT FIELD BOUND
judge() {
	verdict "$backend: $1: a turn, $2, us" "$(echo "$line" | field "$2")" '<=' "$3"
}

for backend in $backends; do
	case $backend in
	epoll*) ;;
	*) continue ;; # turns.c knows epoll's wait
	esac
	turns_beside nobody
	judge 'nobody' max 5000
	turns_beside keys
	judge 'new keys' max 5000
	turns_beside bytes
	judge 'records of one byte' max 5000
	turns_beside hellos
	judge 'hellos in records of one byte' max 5000
	turns_beside crowd
	judge "$n handshakes at once" p99 20000
done
exit $missed
