# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# lib.sh -- what the stories share that are told on a systemd of their own.  Whoever
# sources it is, from then on, in the sandbox; TAP and waiting are as in
# tests/functional/lib.sh.  echod is installed there, and nothing of it runs.

if [ "${container-}" != echod-story ]; then
	if grep -Eqs '__asan_init|__gcov_init' src/echod; then
		echo '1..0 # SKIP built with sanitizers or coverage, which its confinement forbids'
		exit 0
	fi
	exec bash "${0%/*}/sandbox" "$0" "$@"
fi

. "${0%/*}/../functional/lib.sh"

UNIT=echod.service
CONF=$(sed -n 's|^# echod by itself: settings from \(.*\)/echod.conf.*|\1|p' \
    contrib/systemd/echod.service)	# where settings are looked for

property() # NAME [UNIT]
{
	systemctl show --property="$1" --value "${2:-$UNIT}"
}

main_pid() # [UNIT]
{
	property MainPID "$@"
}

pid_is_not() # PID: but another process
{
	local now

	now=$(main_pid)
	[ "$now" != 0 ] && [ "$now" != "$1" ]
}

status_is() # REGEX
{
	grep -Eq -- "$1" <<<"$(property StatusText)"
}

has_ended_well()
{
	[ "$(property ActiveState) $(property Result)" = 'inactive success' ]
}

returns() # NAME PID: another process answers
{
	ok "$1: is replaced" wait_for pid_is_not "$2"
	ok "$1: and active again" wait_for is_active
	is "$1: echoes" "$(echo_of back "$HOST" "$PORT")" back
}

# The unit's own limits are too long for a test: a watchdog with so many seconds.
patient_for() # SECONDS
{
	mkdir -p "/run/systemd/system/$UNIT.d"
	printf '[Service]\nWatchdogSec=%d\nTimeoutStopSec=2\n' "$1" \
	    >"/run/systemd/system/$UNIT.d/impatient.conf"
	systemctl daemon-reload
}

is_active() # [UNIT]
{
	systemctl --quiet is-active "${1:-$UNIT}"
}

# What a unit has logged, levels and all: "<6>text".
log_of() # [UNIT]
{
	journalctl --sync
	journalctl --unit "${1:-$UNIT}" --output json | jq -r '"<\(.PRIORITY)>\(.MESSAGE)"'
}

# Of that, what somebody should look at.
complaints_of() # [UNIT]
{
	journalctl --sync
	journalctl --quiet --unit "${1:-$UNIT}" --priority warning --output cat
}

# The whole conversation, or nothing.
echo_of() # TEXT HOST PORT
{
	printf '%s\n' "$1" | bounded nc -N "$2" "$3"
}

tell_more()
{
	[ $tap_failed -eq 0 ] || note '---- the journal' "$(journalctl --no-pager --lines 100)"
}
trap 'status=$?; tell_more; finish $status' EXIT
