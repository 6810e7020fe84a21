#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# All that echod can listen on, one by one and all at once.

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

abstract=echod-story-$$
have_ipv6=no
[ ! -e /proc/net/if_inet6 ] || ! grep -q ' lo$' /proc/net/if_inet6 || have_ipv6=yes

echoes() # CHECK_NAME ADDRESS
{
	ok "$1" bounded "$PEER" echo -n 3 -s 300000 "$2"
}

over_ipv6() # FUNCTION ARGS...
{
	if [ $have_ipv6 = yes ]; then
		"$@"
	else
		skip "$*" "this system has no ::1"
	fi
}

alone_on() # ADDRESS
{
	start_echod -l "$1" || return
	echoes "$1" "$ADDR"
	stop_echod
}

both() # ADDRESS: IPv4 and IPv6, and the same port
{
	start_echod -l "$1" || return
	is "$1 is two addresses" ${#ADDRS[@]} 2
	is "with one port" "${ADDRS[0]##*:}" "${ADDRS[1]##*:}"
	echoes "$1 by IPv4" "127.0.0.1:$PORT"
	echoes "$1 by IPv6" "[::1]:$PORT"
	stop_echod
}

on_unix_sockets()
{
	start_echod -l "unix:$TMP/socket" -l "unix:@$abstract" || return
	is "unix:/path is reported" "${ADDRS[0]}" "unix:$TMP/socket"
	is "unix:@name is reported" "${ADDRS[1]}" "unix:@$abstract"
	echoes "unix:/path" "${ADDRS[0]}"
	echoes "unix:@name" "${ADDRS[1]}"
	if has socat; then
		is "socat speaks to it too" \
		    "$(echo hello | bounded socat -t 20 - "UNIX-CONNECT:$TMP/socket")" hello
	else
		skip "socat speaks to it too" "socat is not installed"
	fi
	stop_echod
	ok "the path has gone with it" test ! -e "$TMP/socket"
}

at_once()
{
	local addr n=0

	start_echod -l 127.0.0.1:0 -l 127.0.0.2:0 -l "unix:$TMP/socket" -l "unix:@$abstract" \
	    -l localhost:0 || return
	at_least "five listeners have their addresses" ${#ADDRS[@]} 5
	for addr in "${ADDRS[@]}"; do
		echoes "listener $((++n)) of them" "$addr"
	done
	stop_echod
}

story()
{
	alone_on 127.0.0.1:0
	over_ipv6 alone_on '[::1]:0'
	over_ipv6 both '*:0'
	alone_on localhost:0
	on_unix_sockets
	at_once
}

for_backends story
