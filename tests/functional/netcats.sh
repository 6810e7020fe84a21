#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The clients that people have: what they send comes back, to the byte, whatever
# its size, and both sides end when the client has said that it is done.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

nc_openbsd() { bounded nc.openbsd -N "$HOST" "$PORT"; }
nc_traditional() { bounded nc.traditional -q 20 "$HOST" "$PORT"; }
nc_nmap() { bounded ncat "$HOST" "$PORT"; }
socat_tcp() { bounded socat -t 20 - "TCP:$ADDR"; }

sizes='0 1 2 100 16384 65535 65536 65537 10000000'

echo_through() # TOOL FUNCTION
{
	local size

	for size in $sizes; do
		if ! has "$1"; then
			skip "$1, $size bytes" "$1 is not installed"
			continue
		fi
		"$2" <"$TMP/$size" >"$TMP/got" 2>"$TMP/err"
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
