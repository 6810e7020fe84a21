# SPDX-License-Identifier: ISC
#
# Several instances, each with settings of its own; and the port of RFC 862, by a
# drop-in of echod.service and by one of echod.socket.
. "${0%/*}/lib.sh"
. "${0%/*}/../functional/life.sh"

instances()
{
	mkdir -p "$CONF"
	echo 'listen "127.0.0.1:7011" { }' >"$CONF/one.conf"
	echo 'listen "127.0.0.1:7012" { }' >"$CONF/two.conf"
	ok 'two instances' systemctl start echod@one echod@two
	is 'one echoes' "$(echo_of one 127.0.0.1 7011)" one
	is 'two echoes' "$(echo_of two 127.0.0.1 7012)" two
	ok 'beside the one without a name' systemctl start echod
	is 'which echoes, too' "$(echo_of none 127.0.0.1 7007)" none
	systemctl stop echod@one
	ok 'one stops' is_refused 127.0.0.1 7011
	is 'two goes on' "$(echo_of two 127.0.0.1 7012)" two
	systemctl start echod@three 2>/dev/null
	is 'without settings: status' "$(property ExecMainStatus echod@three)" 78
	like 'without settings: says so' "$(complaints_of echod@three)" \
	    "$CONF/three.conf: .*No such file"
	systemctl stop echod echod@two
}

port_7()
{
	mkdir -p /etc/systemd/system/echod.service.d
	cp "$EXAMPLES/port-7.conf" /etc/systemd/system/echod.service.d/
	systemctl daemon-reload
	ok 'port 7' systemctl start echod
	is 'port 7: echoes' "$(echo_of seven 127.0.0.1 7)" seven
	is 'port 7: with one capability' "$(status_of "$(main_pid)" CapEff)" \
	    "$(printf %016x $((1 << 10)))"
	unlike 'port 7: not as root' "$(ps -o user= -p "$(main_pid)")" root
	is 'port 7: nothing to complain about' "$(complaints_of)" ''
	systemctl stop echod

	mkdir -p /etc/systemd/system/echod.socket.d
	printf '[Socket]\nListenStream=\nListenStream=7\n' >/etc/systemd/system/echod.socket.d/7.conf
	systemctl daemon-reload
	ok 'port 7, activated' systemctl start echod.socket
	is 'port 7, activated: echoes' "$(echo_of seven 127.0.0.1 7)" seven
	is 'port 7, activated: with no capability' \
	    "$(status_of "$(main_pid echod-activated)" CapEff)" 0000000000000000
	is 'port 7, activated: nothing to complain about' "$(complaints_of echod-activated)" ''
}

# One of the few things that the units forbid and somebody may want.
pinned()
{
	local pid

	rm -r /etc/systemd/system/echod.service.d
	mkdir -p /etc/systemd/system/echod.service.d
	printf 'workers = 1\ncpu-affinity = auto\n' >"$CONF/echod.conf"
	printf '[Service]\nSystemCallFilter=sched_setaffinity\n' \
	    >/etc/systemd/system/echod.service.d/affinity.conf
	systemctl daemon-reload
	ok 'cpu-affinity' systemctl start echod
	pid=$(main_pid)
	like 'cpu-affinity: a worker has one processor' \
	    "$(status_of "$(tr -d ' ' <"/proc/$pid/task/$pid/children")" Cpus_allowed_list)" \
	    '^[0-9]+$'
	is 'cpu-affinity: nothing to complain about' "$(complaints_of)" ''
	systemctl stop echod
}

EXAMPLES=$(dirname "$(find / -xdev -name port-7.conf -path '*/examples/*' 2>/dev/null | head -n 1)")
instances
port_7
pinned
