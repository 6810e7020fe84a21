#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-limits.sh -- out of descriptors, out of ports, and what one process can hold:
# the answer says what is missing and what helps.
#
# Faults: F119 F128

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"
. "${0%/*}/life.sh"
need jq

CROWD=20000

# As somebody who may not raise the limit.
poor() # LIMIT ARGS...
{
	local as=() limit=$1

	shift
	! is_root || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	chmod 755 "$TMP"
	cp -n "$ECHOLOAD" "$TMP/echoload"
	OUT=$(bounded prlimit --nofile="$limit:$limit" "${as[@]}" "$TMP/echoload" --no-progress \
	    -d 200ms -w 0 "$@" 2>&1)
	STATUS=$?
	# Under make coverage, another user may not write down what has run.
	OUT=$(grep -v '^profiling:' <<<"$OUT")
}

descriptors()
{
	! is_root || has setpriv || {
		skip 'out of descriptors' 'setpriv is not installed'
		return
	}
	poor 100 -c 100 "$ADDR"
	is 'out of descriptors: exit 1' "$STATUS" 1
	is 'out of descriptors: says what is missing, and what helps' "$OUT" \
	    'echoload: 100 connections in 1 process need 133 descriptors, and the limit is 100; raise it (ulimit -n), or use more processes (-t)'
	poor 100 -c 400 -t 2 "$ADDR"
	is 'out of descriptors, in two: exit 1' "$STATUS" 1
	like 'out of descriptors, in two: says so' "$OUT" \
	    '400 connections in 2 processes need 233 descriptors each, and the limit is 100'
	poor 100 -c 100 -t 2 "$ADDR"
	is 'what helps does help: exit 0' "$STATUS" 0
}

works_there() # NAME ARGS...
{
	local name=$1

	shift
	ok "$name: exit 0" bounded "${few[@]}" -q "$@"
}

# In a network of its own, in which an address has 50 ports.
ports()
{
	if ! is_root || ! unshare -n true 2>/dev/null; then
		skip 'out of ports' 'needs root, and to be allowed to make a network namespace'
		return
	fi
	cat >"$TMP/few-ports" <<-'END'
		#!/bin/sh
		ip link set lo up
		echo '40000 40049' >/proc/sys/net/ipv4/ip_local_port_range
		exec "$@"
	END
	chmod +x "$TMP/few-ports"
	# The server's own port is none of the 50.
	ECHOD=$TMP/server start_echod -l 127.0.0.1:7007 -l 127.0.0.1:7008 || return
	few=(nsenter -t "$PID" -n "$ECHOLOAD" --no-progress -d 300ms -w 100ms -T 2s)

	# Resets, for what is closed in order keeps its port for a while.
	few+=(--close rst)
	OUT=$(bounded "${few[@]}" -c 51 127.0.0.1:7007 2>&1)
	is 'out of ports: exit 1' $? 1
	OUT=$(grep -v '^==' <<<"$OUT") # what sanitizers say of other processes
	is 'out of ports: says so, and what helps' "$OUT" \
	    'echoload: could not run: 127.0.0.1:7007: connection 50: cannot connect: out of local ports (more source addresses help: -B)'
	works_there 'as many as there are ports' -c 50 127.0.0.1:7007
	works_there 'each target has its own' -c 100 127.0.0.1:7007 127.0.0.1:7008
	works_there 'each source has its own' -c 150 -B 127.0.0.2,127.0.0.3,127.0.0.4 127.0.0.1:7007
	works_there 'each pair of source and target has its own' -c 200 -B 127.0.0.2,127.0.0.3 \
	    127.0.0.1:7007 127.0.0.1:7008
	works_there 'a reset leaves its port' -c 10 --mode crr 127.0.0.1:7007
	RUN=$TMP/run.json
	# From the beginning on: in a warm-up they would be used up already.
	bounded "${few[@]}" -w 0 --close fin -c 10 --mode crr -j "$RUN" 127.0.0.1:7007 >"$TMP/out" 2>&1
	is 'used up while it runs: exit 4' $? 4
	is 'used up while it runs: counted as such, and as nothing else' "$(number \
	    '.errors | .by_kind.no_local_port > 0 and .by_kind.no_local_port == .total')" true
	balances 'used up while it runs'
	stop_echod
}

rss_of_load() # waits until it measures; sets KIB
{
	local load=$1 child

	wait_for has_line "$TMP/progress" ' [0-9.]+/5s ' || return 1
	read -r child _ <"/proc/$load/task/$load/children"
	# What /proc/PID/status says may be some pages behind.
	KIB=$(awk '$1 == "Rss:" { print $2 }' "/proc/$child/smaps_rollup")
}

# Each sends something, each gets it back; ROOM is left for what is not a connection.
crowd()
{
	local limit room=100 some=1000 kib_of_some load each

	limit=$(ulimit -Hn)
	[ "$limit" = unlimited ] || [ "$limit" -ge $((CROWD + room)) ] ||
	    ulimit -Hn $((CROWD + room)) 2>/dev/null || CROWD=$((limit - room))
	if [ "$CROWD" -lt 2000 ]; then
		skip 'a crowd' "the limit of descriptors is $limit"
		return
	fi
	ulimit -n $((CROWD + room))
	start_echod -o max-connections=$CROWD || return
	for connections in $some $CROWD; do
		RUN=$TMP/run.json
		rm -f "$TMP/progress"
		"$ECHOLOAD" -j "$RUN" --mode idle --think 2s -c "$connections" -B 127.0.1.0/24 \
		    --connect-rate 20k -d 5s -w 0 -i 500ms -T 30s "$ADDR" \
		    >"$TMP/out" 2>"$TMP/progress" &
		load=$!
		rss_of_load $load
		[ "$connections" != $some ] || kib_of_some=$KIB
		wait $load
		is "$connections from one process: exit 0" $? 0
	done
	each=$(((KIB - kib_of_some) * 1024 / (CROWD - some)))
	note "$CROWD connections, $each bytes each"
	is "a crowd: all were there" "$(number .connections.established)" $CROWD
	is "a crowd: each had its echo" "$(number \
	    '.fairness.starved == 0 and .requests.verified >= .config.connections')" true
	is "a crowd: nothing was wrong" "$(number \
	    '.errors.total == 0 and .integrity.violations == 0')" true
	balances "a crowd"
	# Of ours 200 at most, asserted where they are declared, 8 for its count; of libev's 16.
	is_sanitized || at_most "a crowd: bytes of memory for each" $each 256
}

BACKEND=epoll
start_echod || exit 1
descriptors
stop_echod
printf '#!/bin/sh\nexec unshare -n "%s" "%s" "$@"\n' "$TMP/few-ports" "$ECHOD" >"$TMP/server"
chmod +x "$TMP/server"
ports
crowd
