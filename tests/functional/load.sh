# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# load.sh -- what the stories about echoload share, on top of lib.sh.

ECHOD_WORKERS=0 # it is the client that is looked at
ECHOLOAD=${ECHOLOAD:-$PWD/src/echoload}
BROKEN=${BROKEN:-$PWD/tests/broken}

# Run it to its end; then STATUS, OUT (both streams), and RUN, its JSON.
load() # ARGS...
{
	RUN=$TMP/run.json
	rm -f "$RUN"
	OUT=$(bounded "$ECHOLOAD" --no-progress -j "$RUN" "$@" 2>&1)
	STATUS=$?
}

number() # JQ-EXPRESSION: of the last run
{
	jq -r "$1" "$RUN"
}

# The report for people, as one line: it is wrapped at 80 columns.
said()
{
	tr -s '\n ' '  ' <<<"$OUT"
}

# Both identities, by which no request can get lost in the accounts.
balances() # NAME
{
	is "$1: scheduled = started + never sent" "$(number \
	    '.requests | .scheduled == .started + .never_sent')" true
	is "$1: started = verified + timeout + failed + unfinished" "$(number \
	    '.requests | .started == .verified + .timeout + .failed + .unfinished')" true
	is "$1: each that was started is in the histogram" "$(number \
	    '.interrupted or .latency.service.count == .requests.started')" true
	is "$1: and each that was not, in an open loop" "$(number '.interrupted or
	    .config.rate_msgs_per_s == 0 or .latency.response.count == .requests.scheduled')" true
}

# An echo server that commits a fault: BROKEN_PID, BROKEN_ADDR.
start_broken() # FAULT [AT]
{
	local port="$TMP/broken.$((++made))" fd

	mkfifo "$port"
	"$BROKEN" "$@" >"$port" &
	BROKEN_PID=$!
	exec {fd}<"$port"
	read -r -t "$PATIENCE" -u "$fd" BROKEN_ADDR
	exec {fd}<&-
	BROKEN_ADDR=127.0.0.1:$BROKEN_ADDR
}

stop_broken()
{
	kill "$BROKEN_PID" 2>/dev/null
	wait "$BROKEN_PID" 2>/dev/null
}
