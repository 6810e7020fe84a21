#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Gigabytes, on every backend, without workers and with two, plain and over TLS, in one
# stream, in many, in messages of all sizes: not one byte is lost, added, changed, or
# somebody else's.
#
# SOAK_GIB: so many have to be verified in all (0: as many as come); the share of time
# is then no limit.
#
# Faults: F23

ECHOD_WORKERS=${ECHOD_WORKERS:-0 2}
# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq
need_tls
verified=0
least=$((${SOAK_GIB:-0} * 1024 * 1024 * 1024))
share=$((least / ($(wc -w <<<"$ECHOD_BACKENDS") * $(wc -w <<<"$ECHOD_WORKERS") * 2)))

# Until both ways have had their share.
exchange() # NAME TARGET
{
	local mode so_far=0

	while :; do
		for mode in '--mode stream -c 1 -m 64k' '--mode stream -c 8 -m 16k' \
		    '-c 50 -m 1..65536 -p 4' '--mode halfclose -c 20 -m 1..200000'; do
			# shellcheck disable=SC2086 # options
			echoes_exactly "$1 $mode" $mode -d $((each / 8 + 1))s -w 0 -T 60s -k \
			    --verify full "$2"
			so_far=$((so_far + $(number .integrity.verified_bytes)))
		done
		: "${before:=$(resident)}" # when every worker has done everything
		[ $so_far -lt $share ] || break
	done
	figure "$1: $((so_far / 1048576)) MiB verified"
	verified=$((verified + so_far))
}

story()
{
	local before

	start_both '' || return
	exchange TLS "tls://$TLS_ADDR"
	exchange plain "$ADDR"
	is_sanitized || at_most 'memory grows by at most 1 MiB (KiB)' $(($(resident) - before)) 1024
	stop_echod
}

for_backends story
figure "$((verified / 1048576)) MiB verified in all"
at_least 'as many as were asked for' $verified $least
