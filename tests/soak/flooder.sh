#!/bin/bash
# SPDX-License-Identifier: ISC
#
# A thousand light connections, one that sends all it can, and over TLS one that changes
# its keys as often as is borne, and one that does so more often and comes back each time
# it is cut off: the light ones wait at most 5 ms longer.  Thrice, in turns, and the best
# of each.
#
# Faults: F47

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need jq
need_tls

flood_with_keys()
{
	nice -n 19 "$TLS_PEER" flood allowed 1.3 "$TLS_ADDR" 1000000000 >"$TMP/borne" &
	borne=$!
	: >"$TMP/flooding"
	while [ -e "$TMP/flooding" ]; do
		nice -n 19 "$TLS_PEER" flood keyupdate 1.3 "$TLS_ADDR" 1000000
	done >"$TMP/cut" &
	loop=$!
}

end_of_keys()
{
	ok 'new keys, as often as is borne: is not cut off' kill "$borne"
	rm "$TMP/flooding"
	wait "$borne" "$loop" 2>/dev/null
	ok 'new keys, more often: is' grep -Eq '^(closed|reset)$' "$TMP/cut"
}

light()
{
	load -d $((each / 8 + 1))s -w 1s -c 1000 -r 2000 --connect-rate 2000 "$ADDR"
	p99
}

story()
{
	local alone=() with=() i

	start_both '' -o max-connections=2000 || return
	for i in 1 2 3; do
		alone+=("$(light)")
		start_peer flooder flood "$ADDR" || return
		flood_with_keys
		with+=("$(light)")
		end_of_keys
		tell_peer flooder
		peer_ends_well 'every byte of the flood was right' flooder
	done
	at_most 'light ones: p99 (us), at most 5 ms more than without the floods' \
	    "$(least "${with[@]}")" $(($(least "${alone[@]}") + 5000))
	figure "p99 ${alone[*]} us without the floods, ${with[*]} us with them"
	stop_echod
}

# It floods all the same, but takes no processor from who measures.
printf '#!/bin/bash\nexec nice -n 19 "%s" "$@"\n' "$PEER" >"$TMP/peer"
chmod +x "$TMP/peer"
PEER=$TMP/peer
for_backends story
