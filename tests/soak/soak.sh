# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# soak.sh -- what long stories share, on top of those in tests/functional.

SHARE=${SHARE:-60} # seconds that this story may take
with_workers=${ECHOD_WORKERS:-0} # 2 is another make soak
functional=$(cd "${BASH_SOURCE[0]%/*}/../functional" && pwd)
# shellcheck source=../functional/lib.sh
. "$functional/lib.sh"
# shellcheck source=../functional/life.sh
. "$functional/life.sh"
# shellcheck source=../functional/peers.sh
. "$functional/peers.sh"
# shellcheck source=../functional/load.sh
. "$functional/load.sh"
# shellcheck source=../functional/certificates.sh
. "$functional/certificates.sh"
ECHOD_WORKERS=$with_workers
PATIENCE=120
CROWD=$PWD/tests/bench/crowd
TLS_PEER=$PWD/tests/tls_peer
ECHOD_BACKENDS=${ECHOD_BACKENDS:-select poll epoll epoll-et}
each=$((SHARE / ($(wc -w <<<"$ECHOD_BACKENDS") * $(wc -w <<<"$ECHOD_WORKERS")))) # seconds
[ $each -ge 4 ] || each=4

figure() # WORDS...: shown by make soak
{
	note "figure: ${WORDS:+$WORDS: }$*"
}

# Resident, KiB, exactly: what /proc/PID/status says may be some pages behind.
resident() # [PID]: with those that serve, if it is a supervisor
{
	local pid

	for pid in $(processes_of "${1:-$PID}"); do
		cat "/proc/$pid/smaps_rollup"
	done | awk '$1 == "Rss:" { n += $2 } END { print n }'
}

# An instance with two addresses: ADDR, and TLS_ADDR over TLS.
start_both() # SETTINGS ARGS...: of the first address, as in the file
{
	[ -e "$CERTS/server.crt" ] || make_certificate server
	{
		printf 'listen "127.0.0.1:0" {\n%s\n}\n' "$1"
		tls_settings server | sed 's/127\.0\.0\.1/0.0.0.0/' # no address twice
	} >"$TMP/both.conf"
	shift
	in_file=1 start_echod -c "$TMP/both.conf" "$@" || return
	TLS_ADDR=$HOST:${ADDRS[1]##*:}
}

p99() # of the last load: microseconds
{
	number '.latency.service.percentiles["99"] // empty | . / 1000 | floor'
}

# What else the machine does makes times longer, never shorter: the least of several.
least() # NUMBER...
{
	printf '%s\n' "$@" | sort -n | head -n 1
}

# Every byte is verified.
echoes_exactly() # NAME ARGS...
{
	local name=$1

	shift
	load "$@"
	is "$name: no byte was wrong" "$(number .integrity.violations)" 0
	at_least "$name: and there were some" "$(number .integrity.verified_bytes)" 1000
}
