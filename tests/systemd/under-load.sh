# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# under-load.sh -- for stories in which something is done to a service that has work.

# Short connections, as many as go, while something is done to the service.
under_load() # COMMAND...
{
	local load

	echoload --mode crr -c 20 -d 3s --warmup 0s --no-progress -j "$TMP/load.json" "$HOST:$PORT" \
	    >"$TMP/load" 2>&1 &
	load=$!
	wait_for is_loaded
	"$@"
	wait $load
	LOAD=$?
}

is_loaded()
{
	[ -n "$(ss -Htn state established '( sport = :7007 )')" ]
}

# As a package does it: another file of that name.
put_new_program()
{
	local program

	program=$(readlink "/proc/$(main_pid)/exe")
	cp "$program" "$program.new"
	mv "$program.new" "$program"
}

# And have it take over.
replace_program() # STATUS: a regex for that of the new one
{
	put_new_program
	systemctl kill --kill-whom=main --signal=USR2 "$UNIT"
	ok 'the program is replaced' wait_for status_is "$1"
}

# Once more than the watchdog waits.
outlives_watchdog()
{
	local end=$((SECONDS + $(property WatchdogUSec | tr -dc 0-9) + 2))

	wait_for eval "[ \$SECONDS -ge $end ]"
	[ "$(property NRestarts)" = 0 ]
}

check_replacement() # STATUS
{
	local pid

	pid=$(main_pid)
	under_load replace_program "$1"
	is 'the program is replaced under load: nothing is lost' "$LOAD" 0
	is 'the program is replaced: it is the same process' "$(main_pid)" "$pid"
	like 'the program is replaced: it is the new one' "$(log_of)" 'echod .* has taken over'
	unlike 'the program is replaced: not that of the old file' \
	    "$(readlink "/proc/$pid/exe")" deleted
	ok 'the program is replaced: the watchdog is content' outlives_watchdog
}
