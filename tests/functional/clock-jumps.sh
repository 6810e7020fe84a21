#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Somebody sets the date, an hour ahead and an hour back, each time echod asks for it:
# its timeouts, its rates and its end are as they were.
#
# Faults: F62

ECHOD_BACKENDS=${ECHOD_BACKENDS:-epoll}
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=preload.sh
. "${0%/*}/preload.sh"

make_preloaded clockjump
export ECHOD_BACKENDS
for story in timeouts byte-rate; do
	said=$TMP/said
	if ECHOD=$PRELOADED PEER=$PEER bash "${0%/*}/$story.sh" >"$said" 2>&1 && ! grep -q '^not ok' "$said"; then
		pass "$story, $(grep -c '^ok' "$said") checks"
	else
		fail "$story" "$(grep -v '^ok' "$said")"
	fi
done
# It does jump: the lines of a log are hours apart.
ECHOD=$PRELOADED start_echod || exit 1
stop_echod
hours=$(sed -n 's/^[0-9-]*T\([0-9][0-9]\):.*/\1/p' "$LOG" | sort -u | wc -l)
at_least 'its log shows that the clock jumps' "$hours" 2
