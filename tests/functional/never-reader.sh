#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A peer that sends and never reads is not read any more: of ours it has at most
# 64 KiB, of the kernel's 192, even if it was a good peer before, whose buffers
# the kernel would have made grow.
#
# Faults: F35

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
need ss

SLACK=512 # KiB in each process: the allocator's, and of libev's tables

# What the kernel holds for each of the sockets of our side, r + w, in bytes.
kernel_memory() # PORT
{
	ss -tmnHO state established "( sport = :$1 )" |
	    sed -n 's/.*skmem:(r\([0-9]*\),.*,w\([0-9]*\),.*/\1 \2/p' | awk '{ print $1 + $2 }'
}

most_kernel_memory()
{
	kernel_memory "$OWN_PORT" | sort -n | tail -1
}

growth_is_bounded() # WORDS BEFORE COUNT
{
	if is_sanitized; then
		skip "$1" "a sanitizer has memory of its own"
	else
		at_most "$1" $(($(rss) - $2)) $(($3 * 64 + SLACK * $(workers_of | wc -w)))
	fi
}

story()
{
	local before

	start_echod || return
	"$PEER" echo -n 110 -s 1000 "$ADDR" # what is needed for good is there now
	before=$(rss)

	start_peer one never -q 250 "$ADDR" || return
	growth_is_bounded "one takes at most 64 KiB of ours (KiB)" "$before" 1
	at_most "and 192 KiB of the kernel's" "$(most_kernel_memory)" 196608
	ok "another is served all the while" bounded "$PEER" echo -s 100000 "$ADDR"

	start_peer converted never -q 250 -w 100000000 "$ADDR" || return
	growth_is_bounded "one that had echoed 100 MB before (KiB)" "$before" 2
	at_most "has no more than 192 KiB of the kernel's" "$(most_kernel_memory)" 196608

	start_peer hundred never -n 100 -q 500 "$ADDR" || return
	is "a hundred are there" "$(kernel_memory "$OWN_PORT" | wc -l)" 102
	growth_is_bounded "take at most 64 KiB each (KiB)" "$before" 102
	at_most "and 192 KiB of the kernel's each" "$(most_kernel_memory)" 196608

	tell_peer one
	tell_peer converted
	tell_peer hundred
	peer_ends_well "the one goes" one
	peer_ends_well "the one that was good goes" converted
	peer_ends_well "the hundred go" hundred
}

# A unix socket does not inherit its bound, and has all of it on the sender's side.
unix_story()
{
	start_echod -l "unix:$TMP/socket" || return
	start_peer one never -q 250 "$ADDR" || return
	at_most "on a unix socket, too, 192 KiB of the kernel's" "$(ss -xmnHO |
	    sed -n "s|.* $TMP/socket .*skmem:(.*,t\\([0-9]*\\),.*|\\1|p" | sort -n | tail -1)" 196608
	tell_peer one
	peer_ends_well "the one there goes" one
}

for_backends story
for_backends unix_story
