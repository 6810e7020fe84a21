# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# soak.sh -- what long stories share, on top of those in tests/functional.

SHARE=${SHARE:-60} # seconds that this story may take
ECHOD_WORKERS=${ECHOD_WORKERS:-0} # 2 is another make soak
functional=$(cd "${BASH_SOURCE[0]%/*}/../functional" && pwd)
# shellcheck source=../functional/lib.sh
. "$functional/lib.sh"
# shellcheck source=../functional/life.sh
. "$functional/life.sh"
# shellcheck source=../functional/peers.sh
. "$functional/peers.sh"
# shellcheck source=../functional/load.sh
. "$functional/load.sh"
PATIENCE=120
CROWD=$PWD/tests/bench/crowd
backends=${ECHOD_BACKENDS:-select poll epoll epoll-et}
each=$((SHARE / $(wc -w <<<"$backends"))) # seconds for each backend
[ $each -ge 4 ] || each=4

figure() # WORDS...: shown by make soak
{
	note "figure: ${WORDS:+$WORDS: }$*"
}

# Resident, KiB, exactly: what /proc/PID/status says may be some pages behind.
resident() # [PID]
{
	awk '$1 == "Rss:" { print $2 }' "/proc/${1:-$PID}/smaps_rollup"
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

# A load from processes that do nothing else; every byte is verified.
echoes_exactly() # NAME ARGS...
{
	local name=$1

	shift
	load "$@" "$ADDR"
	is "$name: no byte was wrong" "$(number .integrity.violations)" 0
	at_least "$name: and there were some" "$(number .integrity.verified_bytes)" 1000
}
