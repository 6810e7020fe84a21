#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# accept-rate lets so many in, and goes on letting so many in; max-lifetime ends what
# would go on for ever.
#
# Faults: F49

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
# shellcheck source=supervised.sh
. "${0%/*}/supervised.sh"

is_served()
{
	local FD

	connect && echoes "$FD" && hang_up "$FD"
} 2>/dev/null

rate()
{
	local n=$((WORKERS > 0 ? WORKERS : 1)) began=$SECONDS served seconds

	start_echod -o accept-rate=20 || return
	start_peer crowd knock -n 400 "$ADDR" || return
	served=$(peer_said crowd served)
	seconds=$((SECONDS - began + 1))
	at_least 'as many as in a second are served' "$served" 20
	at_most 'not many more' "$served" $((n * 20 * (1 + seconds)))
	is 'the rest is refused' $((served + $(peer_said crowd refused))) 400
	ok 'a moment later there is room again' wait_for is_served
	tell_peer crowd
	peer_ends_well 'those who got in are served' crowd
	like 'it is in the log' "$(cat "$LOG")" 'warn: refused a connection: more than 20 a second \(accept-rate\)'
	at_most 'once in ten seconds, of all workers together' "$(grep -c accept-rate "$LOG")" $((1 + (SECONDS - began + 1) / 10))
	stop_echod
	like 'and in the summary' "$(grep 'info: stopped:' "$LOG")" 'source 0, rate [1-9][0-9]*, denied 0'
}

# Two echos with a byte between them that never comes to rest.
circle()
{
	local one first bridge began

	start_echod -o max-lifetime=1500ms || return
	began=${EPOCHREALTIME//[.,]/}
	one=$ADDR first=$PID
	start_echod || return
	(
		exec {a}<>"/dev/tcp/${one%:*}/${one##*:}" {b}<>"/dev/tcp/$HOST/$PORT"
		printf x >&"$a"
		cat <&"$b" >&"$a" &
		cat <&"$a" >&"$b" # until it ends
		kill $!
	) &
	bridge=$!
	ok 'F49: two echos in a circle come to an end by themselves' wait_for is_gone "$bridge"
	at_least 'F49: not before the time of the one that has a limit (ms)' \
	    $(((${EPOCHREALTIME//[.,]/} - began) / 1000)) 1490
	stop_echod
	stop_echod "$first"
	like 'F49: it was its age' "$(grep 'info: stopped:' "${log_of[$first]}")" 'idle 0, stalled 0, aged 1, '
}

# A reload sets it for those who are there, too: a process alone goes on with them.
reloaded()
{
	local listen='listen "127.0.0.1:0" { }' old

	[ "$WORKERS" = 0 ] || return
	settings "$listen"
	start_from_file || return
	connect
	ok 'served' echoes "$FD"
	old=$FD
	settings 'max-lifetime = 1ms' "$listen"
	reloads 'a lifetime that is over'
	ok 'who is that old is told goodbye' has_ended "$old"
	hang_up "$old"
	settings 'max-lifetime = 1h' 'accept-rate = 1' "$listen"
	reloads 'a longer one'
	ok 'and another lives' wait_for is_served
	start_peer crowd knock -n 50 "$ADDR" || return
	at_least 'a rate holds from now on' "$(peer_said crowd refused)" 1
	tell_peer crowd
	peer_ends_well 'they have all of their echo' crowd
	expect_fds_now
	stop_echod
	like 'one was aged' "$(grep 'info: stopped:' "$LOG")" 'aged 1, '
}

for_backends rate
for_backends circle
for_backends reloaded
