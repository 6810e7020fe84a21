#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Connections that come and go, a quarter of them by a reset: no descriptor stays, and
# no memory.  How many is a matter of time; CONNECTIONS=1000000 for a million in all.
#
# Faults: F14 F44

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
PORTION=5000
total=$((${CONNECTIONS:-0} / $(wc -w <<<"$backends")))

garbage()
{
	local fd

	exec {fd}<>"/dev/tcp/$HOST/$PORT" && head -c $((RANDOM)) /dev/urandom >&"$fd"
	exec {fd}>&-
} 2>/dev/null

story()
{
	local files before n=0 until i

	start_echod || return
	bounded "$CROWD" break $PORTION "$PORT"
	wait_for has_fds "$PID" "${fds_of[$PID]}"
	files=$(fds) before=$(resident)
	until=$((SECONDS + each))
	while [ "$n" -lt "$total" ] || { [ "$total" -eq 0 ] && [ "$SECONDS" -lt $until ]; }; do
		bounded "$CROWD" break $PORTION "$PORT" || fail 'they are served'
		for i in 1 2 3 4 5 6 7 8; do
			garbage
		done
		n=$((n + PORTION))
	done
	wait_for has_fds "$PID" "$files"
	is "$n connections leave no descriptor" $(($(fds) - files)) 0
	is_sanitized || at_most 'and no memory (KiB)' $(($(resident) - before)) 64
	figure "$n connections: descriptors $(($(fds) - files)), memory $(($(resident) - before)) KiB"
	stop_echod
}

for_backends story
