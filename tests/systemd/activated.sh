# SPDX-License-Identifier: ISC
#
# echod.socket: systemd listens, the first who connects starts echod, and nobody is
# refused while it restarts, is killed or is not there.
. "${0%/*}/lib.sh"
. "${0%/*}/../functional/life.sh"
. "${0%/*}/under-load.sh"

UNIT=echod-activated.service
HOST=127.0.0.1 PORT=7007

restart_often()
{
	local i

	for i in 1 2 3; do
		ok "restart $i under load" systemctl restart $UNIT
	done
}

starts()
{
	ok 'the socket listens' systemctl start echod.socket
	is 'nobody has asked for echod yet' "$(property ActiveState)" inactive
	is 'the first who connects gets his echo' "$(echo_of first $HOST $PORT)" first
	is 'which has started it' "$(property ActiveState)" active
	is 'on IPv6, too' "$(echo_of second ::1 $PORT)" second
	like 'it says what it listens on' "$(log_of)" '^<6>listening on 127\.0\.0\.1:7007'
	is 'its own network has no address' \
	    "$(nsenter --net="/proc/$(main_pid)/ns/net" ip -br address | grep -c UP)" 0
}

restarts()
{
	under_load restart_often
	is 'restarts under load: nobody is refused, no echo is lost' "$LOAD" 0
	like 'restarts under load: there was load' \
	    "$(jq .integrity.verified_bytes "$TMP/load.json" 2>&1)" '^[1-9][0-9]+$'
	[ "$LOAD" -eq 0 ] || note "$(cat "$TMP/load")"
}

# What the killed one was serving is lost, and nothing else: the next wait in the queue.
killed()
{
	under_load kill_it
	is 'killed under load: nobody is refused' \
	    "$(jq .errors.by_kind.connect_refused "$TMP/load.json")" 0
	is 'killed under load: and the next are served' "$(echo_of next $HOST $PORT)" next
}

kill_it()
{
	local pid

	pid=$(main_pid)
	kill -KILL "$pid"
	ok 'killed under load: is replaced' wait_for pid_is_not "$pid"
}

# With workers; then the sockets have to stay through a reload and another program.
with_workers()
{
	mkdir -p "$CONF"
	echo 'workers = 2' >"$CONF/echod.conf"
	patient_for 3
	ok 'with workers' systemctl restart $UNIT
	is 'with workers: echoes' "$(echo_of two $HOST $PORT)" two
	under_load ok 'with workers: a reload under load' systemctl reload $UNIT
	is 'with workers: nothing is lost' "$LOAD" 0
	check_replacement '^serving: generation 3, workers 2, '
	ok 'with workers: restart' systemctl restart $UNIT
	is 'with workers: echoes again' "$(echo_of three ::1 $PORT)" three
}

starts
restarts
killed
with_workers
