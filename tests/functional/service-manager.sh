# SPDX-License-Identifier: ISC
#
# What echod tells a service manager, and how it writes to a journal: the story
# plays systemd.  That the real one agrees is told in tests/systemd.
#
# Faults: F121 F122 F124
. "${0%/*}/lib.sh"
. "${0%/*}/life.sh"

need python3
"$ECHOD" -V | grep -q '^libsystemd: built in' || skip_all 'built without libsystemd'

manage() # ADDRESS: listen there, what is said goes to $SAID
{
	SAID=$TMP/said.$((++made))
	python3 "${0%/*}/manager.py" listen "$1" "$SAID" &
	manager=$!
	wait_for [ -e "$SAID" ] || fail 'the manager listens'
}

dismiss()
{
	kill "$manager"
	wait "$manager"
}

says() # NAME REGEX: it will have said so
{
	ok "$1" wait_for has_line "$SAID" "$2"
}

# At the start the socket for what is said may have been open, as it is for a moment.
recount_fds()
{
	local now

	for _ in 1 2 3 4 5; do
		now=$(fds "$PID")
		[ "$now" -ge "${fds_of[$PID]}" ] || fds_of[$PID]=$now
	done
}

number_of() # REGEX
{
	grep -Ec -- "$1" "$SAID"
}

has_number() # REGEX COUNT
{
	[ "$(number_of "$1")" -ge "$2" ]
}

life()
{
	manage "$1"
	WATCHDOG_USEC=1000000 NOTIFY_SOCKET=$1 start_echod -o drain-timeout=5m || return
	says "$2: ready, with its status" '^READY=1 STATUS=serving: generation 1, connections 0 of [0-9]+, '
	recount_fds
	is "$2: nothing was said before" "$(head -n 1 "$SAID" | cut -c 1-7)" READY=1
	connect
	ok "$2: echoes" echoes "$FD"
	says "$2: status with connections" '^STATUS=serving: generation 1, connections 1 '
	expect_clients
	kill -TERM "$PID"
	says "$2: stopping" '^STOPPING=1$'
	says "$2: and asks for time" '^EXTEND_TIMEOUT_USEC=1500000$'
	says "$2: status of the drain" '^STATUS=draining: generation 1, connections 1 '
	ok "$2: asks again, while it drains" wait_for has_number '^EXTEND_TIMEOUT_USEC' 2
	ok "$2: and echoes" echoes "$FD"
	hang_up "$FD"
	ended_echod
	is "$2: ready was said once" "$(number_of READY=1)" 1
	dismiss
}

# Around a reload, whatever comes of it; and only the supervisor speaks.
reloads()
{
	local said="$1: reload" count

	printf 'workers = %s\nlisten "127.0.0.1:0" { }\n' "$1" >"$TMP/conf"
	manage "$TMP/reload.$1"
	NOTIFY_SOCKET=$TMP/reload.$1 start_echod -c "$TMP/conf" -l 127.0.0.1:0 || return
	says "$said: ready" '^READY=1 STATUS=serving: '
	recount_fds
	kill -HUP "$PID"
	says "$said: it says that it reloads, and when" '^RELOADING=1 MONOTONIC_USEC=[0-9]+$'
	ok "$said: and that it is over" wait_for has_number '^READY=1' 2
	is "$said: in this order" "$(cut -d = -f 1 "$SAID" | grep -v STATUS | tr '\n' ' ')" \
	    'READY RELOADING READY '
	echo 'idle-timeout = 90' >>"$TMP/conf"
	expect_error 'idle-timeout: "90" lacks its unit'
	expect_error 'reload: refused; nothing has changed'
	kill -HUP "$PID"
	ok "$said: a bad one is over, too" wait_for has_number '^READY=1' 3
	stop_echod
	count=$(number_of '^STOPPING=1$')
	is "$said: nobody else said that it stops" "$count" 1
	like "$said: the status has the generation, and workers" "$(cat "$SAID")" \
	    "^READY=1 STATUS=serving: generation 2, $([ "$1" = 0 ] || echo 'workers 2, ')connections 0"
	dismiss
}

watchdog()
{
	local mine others

	manage "$TMP/watchdog"
	WATCHDOG_USEC=200000 NOTIFY_SOCKET=$TMP/watchdog start_echod || return
	recount_fds
	mine=$SAID others=$TMP/said.others
	python3 "${0%/*}/manager.py" listen "$TMP/others" "$others" &
	wait_for [ -e "$others" ]
	WATCHDOG_USEC=200000 WATCHDOG_PID=1 NOTIFY_SOCKET=$TMP/others start_echod || return
	recount_fds
	SAID=$mine
	ok 'the watchdog gets its signs of life' wait_for has_number '^WATCHDOG=1$' 10
	unlike 'but not the watchdog of another process' "$(cat "$others")" WATCHDOG
	stop_all
	like 'who was told to another, all the same' "$(cat "$others")" 'READY=1'
	kill %?others
	dismiss
}

failure()
{
	manage "$TMP/failure"
	start_echod || return
	NOTIFY_SOCKET=$TMP/failure bounded "$ECHOD" -c "$TMP/empty.conf" -l "$ADDR" 2>/dev/null
	is 'who cannot start' $? 69
	NOTIFY_SOCKET=$TMP/failure start_echod || return
	recount_fds
	says '... does not say that it is ready' READY=1
	is '... not even once' "$(number_of READY=1)" 1
	dismiss
}

# A manager that is gone, and none at all.
nobody()
{
	NOTIFY_SOCKET=$TMP/nobody start_echod || return
	recount_fds
	connect
	ok 'the manager is gone: echoes' echoes "$FD"
	hang_up "$FD"
	stop_echod
}

journal()
{
	local stream

	: >"$TMP/journal"
	stream=$(stat -c %d:%i "$TMP/journal")
	JOURNAL_STREAM=$stream bounded "$ECHOD" -c "$TMP/empty.conf" -l 192.0.2.1:1 \
	    2>"$TMP/journal"
	is 'to the journal: level, and no time' "$(cut -d : -f 1 "$TMP/journal")" \
	    '<3>cannot listen on 192.0.2.1'
	JOURNAL_STREAM=$stream bounded "$ECHOD" -c "$TMP/empty.conf" -l 192.0.2.1:1 2>"$TMP/other"
	like 'to another file: as ever' "$(cat "$TMP/other")" \
	    '^20.*Z echod\[[0-9]+\] error: cannot listen'
}

life "$TMP/notify" path
life "@echod-$$" abstract
reloads 0
reloads 2
watchdog
failure
nobody
journal
