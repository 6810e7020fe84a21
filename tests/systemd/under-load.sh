# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# under-load.sh -- for stories in which something is done to a service that has work.

# Short connections, as many as go, while something is done to the service.
under_load() # COMMAND...
{
	local load

	echoload --mode crr -c 20 -d 4s --warmup 0s --no-progress -j "$TMP/load.json" $HOST:$PORT \
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
