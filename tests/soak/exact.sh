#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Gigabytes, on every backend, in one stream, in many, in messages of all sizes: not
# one byte is lost, added, changed, or somebody else's.
#
# SOAK_GIB: so many have to be verified in all (0: as many as come); the share of time
# is then no limit.
#
# Faults: F23

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq
verified=0
least=$((${SOAK_GIB:-0} * 1024 * 1024 * 1024))

story()
{
	local before so_far=0 mode

	start_echod || return
	while :; do
		for mode in '--mode stream -c 1 -m 64k' '--mode stream -c 8 -m 16k' \
		    '-c 50 -m 1..65536 -p 4' '--mode halfclose -c 20 -m 1..200000'; do
			# shellcheck disable=SC2086 # options
			echoes_exactly "$mode" $mode -d $((each / 4 + 1))s -w 0 -T 60s --verify full
			so_far=$((so_far + $(number .integrity.verified_bytes)))
			: "${before:=$(resident)}"
		done
		[ $so_far -lt $((least / 4)) ] || break
	done
	verified=$((verified + so_far))
	is_sanitized || at_most 'memory grows by at most 1 MiB (KiB)' $(($(resident) - before)) 1024
	figure "$((so_far / 1048576)) MiB verified"
	stop_echod
}

for_backends story
figure "$((verified / 1048576)) MiB verified in all"
at_least 'as many as were asked for' $verified $least
