#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# max-per-source, allow and deny: who is refused is closed, counted and told of once;
# others do not notice.  With workers each of them counts for itself.
#
# Faults: F14 F43

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
# shellcheck source=supervised.sh
. "${0%/*}/supervised.sh"

workers_or_one()
{
	echo $((WORKERS > 0 ? WORKERS : 1))
}

# Lines of the log that each process may have once in ten seconds.
is_said_rarely() # NAME REGEX SINCE (of $SECONDS)
{
	at_least "$1: it is in the log" "$(grep -Ec -- "$2" "$LOG")" 1
	at_most "$1: once in ten seconds for each process" "$(grep -Ec -- "$2" "$LOG")" \
	    $((($(workers_or_one)) * (1 + (SECONDS - $3 + 1) / 10)))
}

flood()
{
	local since=$SECONDS refused

	start_echod -o max-per-source=100 || return
	start_peer flood knock -n 5000 "$ADDR" || return
	if [ "$WORKERS" = 0 ]; then
		is 'F43: of 5000 from one address 100 are served' "$(peer_said flood served)" 100
	else
		at_least 'F43: of 5000 from one address 100 are served' "$(peer_said flood served)" 100
		at_most 'F43: or 100 by each worker' "$(peer_said flood served)" $((100 * WORKERS))
	fi
	refused=$(peer_said flood refused)
	is 'F43: the rest is refused' $((refused + $(peer_said flood served))) 5000
	start_peer other knock -n 50 -L 127.0.0.2 "$ADDR" || return
	is 'F43: another address is served' "$(peer_said other served)" 50
	tell_peer flood
	peer_ends_well 'F43: those of the 5000 who got in are served' flood
	ok 'F14: no descriptor is left of them' wait_for has_fds "$PID" $((fds_of[$PID] + 50))
	start_peer again knock -n 100 "$ADDR" || return
	is 'F43: when they have left, others get in from there' "$(peer_said again served)" 100
	tell_peer other
	tell_peer again
	peer_ends_well 'the other address has all of its echo' other
	peer_ends_well 'so have they' again
	is_said_rarely F43 'warn: refused 127\.0\.0\.1:[0-9]+: its source has 100 connections already \(max-per-source\)' "$since"
	stop_echod
	like 'F43: how many, and why, is in the summary' "$(grep 'info: stopped:' "$LOG")" \
	    "connections 5150 .* refused $refused \(memory 0, backend 0, source $refused, rate 0, denied 0\)"
}

# Two sections; the second has a list of its own instead of the global one.
lists()
{
	local since=$SECONDS second

	settings 'allow = "127.0.0.0/30, 127.0.1.0/24"' 'deny = "127.0.0.2, 127.0.1.0/25, all"' \
	    'listen "127.0.0.1:0" { }' 'listen "localhost:0" { allow = "" deny = "127.0.0.3" }' \
	    "listen \"unix:$TMP/socket\" { }"
	start_from_file || return
	second=$(printf '%s\n' "${ADDRS[@]}" | sed -n '2,$ { /^127/p }')
	knocks "$ADDR" 'served 1' 127.0.0.1 127.0.0.3 127.0.1.128
	knocks "$ADDR" 'served 0' 127.0.0.2 127.0.0.4 127.0.1.127 127.1.1.1
	knocks "$second" 'served 1' 127.0.0.1 127.0.0.2 127.1.1.1
	knocks "$second" 'served 0' 127.0.0.3
	start_peer unix knock "unix:$TMP/socket" || return
	is 'a unix socket has no addresses' "$(peer_said unix served)" 1
	tell_peer unix
	peer_ends_well 'it is served' unix
	is_said_rarely denied 'info: refused 127\.[0-9.]+:[0-9]+: it may not connect to (127\.0\.0\.1|localhost):0 \(allow, deny\)' "$since"
	stop_echod
	like 'they are in the summary' "$(grep 'info: stopped:' "$LOG")" \
	    'connections 12 .* refused 5 \(memory 0, backend 0, source 0, rate 0, denied 5\)'
}

knocks() # ADDR WHAT FROM...
{
	local addr=$1 what=$2 from

	shift 2
	for from; do
		start_peer knocks knock -L "$from" "$addr" || continue
		like "$from knocks" "$(cat "$TMP/knocks.out")" "ready: $what, "
		tell_peer knocks
		wait_for is_gone "${pid_of_peer[knocks]}"
	done
}

# What a reload does to it; one who was there before is counted, and stays.
reloaded()
{
	local listen='listen "127.0.0.1:0" { }'

	settings "$listen"
	start_from_file || return
	start_peer before hold -n 3 "$ADDR" || return
	settings 'max-per-source = 4' "$listen"
	reloads 'a limit'
	if [ "$WORKERS" = 0 ]; then
		start_peer one knock -n 3 "$ADDR" || return
		is 'those who were there count' "$(peer_said one served)" 1
	else
		start_peer one knock -n 50 "$ADDR" || return
		at_least 'new workers count anew' "$(peer_said one served)" 4
		at_most 'and refuse' "$(peer_said one served)" $((4 * WORKERS))
	fi
	settings 'deny = 127.0.0.1' "$listen"
	reloads 'a list'
	start_peer two knock -n 3 "$ADDR" || return
	is 'it holds for those who come' "$(peer_said two served)" 0
	tell_peer two
	tell_peer before
	tell_peer one
	peer_ends_well 'those who were there before the limit are served' before
	peer_ends_well 'and those who were there before the list' one
	peer_ends_well 'and nobody else' two
	settings "$listen"
	reloads 'neither'
	start_peer three knock -n 30 "$ADDR" || return
	is 'all are served again' "$(peer_said three served)" 30
	tell_peer three
	peer_ends_well 'and have all of their echo' three
	[ "$WORKERS" = 0 ] || ok 'the workers of before leave' wait_for has_workers "$WORKERS"
	expect_fds_now
	stop_echod
}

# A network of 64 bits is one source; in a network of our own, for there is more than ::1.
ipv6()
{
	local PEER_ALONE=$PEER

	if ! is_root || ! has_ipv6 || ! unshare -n true 2>/dev/null; then
		skip 'IPv6: a source is a network of 64 bits' 'needs root, IPv6 and a network of its own'
		return
	fi
	# shellcheck disable=SC2016
	start_by 'exec unshare -n bash -c "ip link set lo up
	    for a in 1::1 1::2 1:ffff:ffff:ffff:ffff 2::1; do
	        ip address add 2001:db8:0:\$a/64 dev lo nodad
	    done
	    exec \"\$@\"" - "$@"' -l '[::]:0' -o max-per-source=3 -n 0 || return
	printf '#!/bin/sh\nexec nsenter -t %d -n "%s" "$@"\n' "$PID" "$PEER" >"$TMP/peer_there"
	chmod +x "$TMP/peer_there"
	PEER=$TMP/peer_there
	start_peer a knock -n 2 -L 2001:db8:0:1::1 "[::1]:$PORT" || return
	is 'IPv6: two of one address' "$(peer_said a served)" 2
	start_peer b knock -n 2 -L 2001:db8:0:1::2 "[::1]:$PORT" || return
	is 'IPv6: one more of the next' "$(peer_said b served)" 1
	start_peer c knock -n 2 -L 2001:db8:0:1:ffff:ffff:ffff:ffff "[::1]:$PORT" || return
	is 'IPv6: none of the last of the same 64 bits' "$(peer_said c served)" 0
	start_peer d knock -n 4 -L 2001:db8:0:2::1 "[::1]:$PORT" || return
	is 'IPv6: as many of the next 64 bits' "$(peer_said d served)" 3
	PEER=$PEER_ALONE
	for peer in a b c d; do
		tell_peer $peer
		peer_ends_well "IPv6: $peer has all of its echo" $peer
	done
	stop_echod
}

for_backends flood
for_backends lists
ECHOD_BACKENDS=${ECHOD_BACKENDS:-epoll} for_backends reloaded # of listeners, not of backends
ipv6
