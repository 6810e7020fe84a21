#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Urgent data is echoed in its place in the stream, and what follows it too.
#
# Faults: F31

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

urgent() # WORDS PEER_OPTIONS...
{
	local words=$1

	shift
	ok "$words" bounded "$PEER" echo "$@" "$ADDR"
}

story()
{
	local options

	start_echod || return
	for options in '' -a; do # -a: it stands alone, behind what has come back
		# shellcheck disable=SC2086
		{
			urgent "the only byte is urgent $options" -s 1 -u 0 $options
			urgent "the first of many $options" -s 100000 -u 0 $options
			urgent "the last of many $options" -s 100000 -u 99999 $options
			urgent "in the middle of a large send $options" \
			    -s 3000000 -u 1500000 $options
			urgent "several $options" -s 300000 -u 0 -u 1 -u 2 -u 100 -u 65535 \
			    -u 65536 -u 65537 -u 200000 -u 299998 -u 299999 $options
			urgent "on each of 20 connections $options" \
			    -n 20 -s 200000 -u 7 -u 70000 -u 140000 $options
		}
	done
	# A recv() ends at urgent data: what is behind must not be forgotten.
	start_peer waiting rounds -s 1000 -r 200 -u 500 -u 1500 -u 100000 -u 199999 "$ADDR"
	peer_ends_well "200 rounds with urgent bytes within them" waiting
}

for_backends story
