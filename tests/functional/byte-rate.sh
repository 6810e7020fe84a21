#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# byte-rate: who sends more is slowed down, loses nothing, and is no trouble to others.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

now_ms()
{
	echo $((${EPOCHREALTIME//[.,]/} / 1000))
}

# At 256k a second, the first second's worth at once, 640k take a second and a half.
slowed_down()
{
	local began took

	start_echod -o byte-rate=256k -o idle-timeout=1s || return
	start_peer light rounds -r 0 -s 10 "$ADDR" || return
	began=$(now_ms)
	launch_peer heavy echo -s 655360 "$ADDR"
	launch_peer another echo -s 655360 "$ADDR"
	peer_ends_well 'all that was sent comes back, longer than idle-timeout' heavy
	took=$(($(now_ms) - began))
	peer_ends_well 'each connection has its own' another
	tell_peer light
	peer_ends_well 'one that sends little is served' light
	at_least 'it takes its time (ms)' $took 1490
	at_most 'and not much more (ms)' $took $((PATIENCE * 1000 / 4))
	stop_echod
	like 'the pauses are counted, and nobody was idle' "$(grep 'info: stopped:' "$LOG")" \
	    'idle 0, .* pauses [1-9]'
}

# One that ends, or goes, while it is paused.
leaving()
{
	start_echod -o byte-rate=1k || return
	ok 'those who reset in a pause are no trouble' \
	    bounded "$PEER" reset -n 20 -s 20000 "$ADDR"
	ok 'nothing is left of them' wait_for has_fds "$PID" "${fds_of[$PID]}"
	start_peer stays never -s 5000 -q 100 "$ADDR" || return
	expect_clients
	stop_echod "$PID" INT
	tell_peer stays
	peer_ends_well 'so it is stopped in a pause' stays
}

for_backends slowed_down
for_backends leaving
