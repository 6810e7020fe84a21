#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The clients that people have: what they send comes back, to the byte, whatever
# its size, and both sides end when the client has said that it is done.
#
# Faults: F25 F26

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

nc_openbsd() { bounded nc.openbsd -N "$HOST" "$PORT"; }
nc_traditional() { bounded nc.traditional -q 20 "$HOST" "$PORT"; }
nc_nmap() { bounded ncat "$HOST" "$PORT"; }
socat_tcp() { bounded socat -t 20 - "TCP:$ADDR"; }

sizes='0 1 2 100 16384 65535 65536 65537 1000000 10000000'

# nc.traditional writes without asking whether it could, and does not read while
# it is stuck in that.  So it locks up when it has more under way than its own
# kernel holds, with any server that does not store all that it is sent.
is_too_much_for() # TOOL SIZE
{
	[ "$1" = nc.traditional ] && [ "$2" -gt 1000000 ]
}

echo_through() # TOOL FUNCTION
{
	local size status

	for size in $sizes; do
		is_too_much_for "$1" "$size" && continue
		if ! has "$1"; then
			skip "$1, $size bytes" "$1 is not installed"
			continue
		fi
		"$2" <"$TMP/$size" >"$TMP/got" 2>"$TMP/err"
		status=$?
		[ $status -eq 0 ] || note "$1 has ended with $status: $(cat "$TMP/err")"
		same_file "$1, $size bytes" "$TMP/got" "$TMP/$size"
	done
}

story()
{
	start_echod || return
	echo_through nc.openbsd nc_openbsd
	echo_through nc.traditional nc_traditional
	echo_through ncat nc_nmap
	echo_through socat socat_tcp
}

for size in $sizes; do
	make_bytes "$size" "$TMP/$size"
done
for_backends story
