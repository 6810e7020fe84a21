#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Connections that come and go, a quarter of them refused, a quarter by a reset, and a
# quarter with nonsense over TLS: no descriptor stays, and no memory.  How many is a
# matter of time; CONNECTIONS=1000000 for a million on each backend.
#
# Faults: F14 F44

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need_tls
PORTION=5000
total=${CONNECTIONS:-0}

story()
{
	local files before n=0 until

	start_both 'deny = "127.0.0.2"' || return
	bounded "$CROWD" churn $PORTION "$PORT" "${TLS_ADDR##*:}"
	wait_for has_fds "$PID" "${fds_of[$PID]}"
	files=$(fds) before=$(resident)
	until=$((SECONDS + each))
	while [ "$n" -lt "$total" ] || { [ "$total" -eq 0 ] && [ "$SECONDS" -lt $until ]; }; do
		bounded "$CROWD" churn $PORTION "$PORT" "${TLS_ADDR##*:}" ||
			fail 'they are served'
		n=$((n + PORTION))
	done
	wait_for has_fds "$PID" "$files"
	is "$n connections leave no descriptor" $(($(fds) - files)) 0
	is_sanitized || at_most 'and no memory (KiB)' $(($(resident) - before)) 64
	figure "$n connections: descriptors $(($(fds) - files)), memory $(($(resident) - before)) KiB"
	stop_echod
	n=$(((n + PORTION) / 4))
	is 'a quarter was refused' "$(summed_up denied)" $n
	is 'a quarter did not finish its handshake' "$(summed_up unfinished)" $n
}

for_backends story
