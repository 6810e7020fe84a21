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

# Keys that only it may read, and TLS on a socket that it has not opened.
with_tls()
{
	local client say

	if ! has openssl || ! echod --version | grep -q '^OpenSSL: [0-9]'; then
		skip 'with TLS' 'built without OpenSSL, or there is no openssl here'
		return
	fi
	systemctl stop $UNIT 2>/dev/null
	systemd-sysusers 2>/dev/null
	systemd-tmpfiles --create
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 90 \
	    -keyout "$CONF/tls/key.pem" -out "$CONF/tls/cert.pem" 2>/dev/null
	chown root:echod "$CONF/tls/key.pem"
	chmod 640 "$CONF/tls/key.pem"
	printf 'listen "fd:echo" {\n\ttls = on\n\tcertificate = %s\n\tkey = %s\n}\n' \
	    "$CONF/tls/cert.pem" "$CONF/tls/key.pem" >"$CONF/echod.conf"
	mkfifo "$TMP/say"
	openssl s_client -quiet -connect "$HOST:$PORT" <"$TMP/say" >"$TMP/heard" 2>/dev/null &
	client=$!
	exec {say}>"$TMP/say"
	echo secret >&"$say"
	ok 'with TLS: echoes' wait_for has_line "$TMP/heard" '^secret$'
	kill $client
	wait $client
	exec {say}>&-
}

starts
restarts
killed
with_workers
with_tls
