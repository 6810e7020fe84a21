#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A thousand light connections, and one that sends all it can: the light ones wait at
# most 5 ms longer.  Thrice, in turns, and the best of each.
#
# Faults: F47

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq

light()
{
	load -d $((each / 8 + 1))s -w 1s -c 1000 -r 2000 --connect-rate 2000 "$ADDR"
	p99
}

story()
{
	local alone=() with=() i

	start_echod -o max-connections=2000 || return
	for i in 1 2 3; do
		alone+=("$(light)")
		start_peer flooder flood "$ADDR" || return
		with+=("$(light)")
		tell_peer flooder
		peer_ends_well 'every byte of the flood was right' flooder
	done
	at_most 'light ones: p99 (us), at most 5 ms more than without the flood' \
	    "$(least "${with[@]}")" $(($(least "${alone[@]}") + 5000))
	figure "p99 ${alone[*]} us without the flood, ${with[*]} us with it"
	stop_echod
}

# It floods all the same, but takes no processor from who measures.
printf '#!/bin/bash\nexec nice -n 19 "%s" "$@"\n' "$PEER" >"$TMP/peer"
chmod +x "$TMP/peer"
PEER=$TMP/peer
for_backends story
