#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A kernel that gives and takes a few bytes at a time, interrupts
# calls, and says that a socket is ready when it is not.  Every byte comes back, and nobody
# spins.
#
# SHORTIO_MIB: how much is echoed with large pieces (8).
# SHORTIO_SEED: another one makes other trouble (1).
#
# Faults: F07 F18 F19

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"
# shellcheck source=life.sh
. "${0%/*}/life.sh"
# shellcheck source=preload.sh
. "${0%/*}/preload.sh"

seed=${SHORTIO_SEED:-1}

# How often it was what, of all processes of the instance that has ended.
trouble() # WHAT
{
	cat "$TMP"/trouble.* | awk -v what="$1" '$1 == what { n += $2 } END { print n + 0 }'
}

in_pieces() # OF MAX COUNT BYTES WORDS
{
	rm -f "$TMP"/trouble.*
	ECHOD=$PRELOADED SHORTIO=$seed:$2 SHORTIO_LOG=$TMP/trouble start_echod || return
	ok "$1: $5" bounded "$PEER" echo -n "$3" -s "$4" "$ADDR"
	at_most "$1: asleep when there is nothing to do (ticks of 10 ms in 0.5 s)" "$(
		before=$(ticks "$PID")
		sleep 0.5 # how much time it uses in it is the question
		echo $(($(ticks "$PID") - before))
	)" 20
	stop_echod
	at_least "$1: short counts" "$(trouble short)" 1000
	at_least "$1: EINTR" "$(trouble EINTR)" 100
	at_least "$1: EAGAIN" "$(trouble EAGAIN)" 100
}

story()
{
	in_pieces 'F18 bytes' 7 4 20000 '4 x 20,000 bytes come back'
	in_pieces 'F18 pieces' 20000 8 $((${SHORTIO_MIB:-8} * 131072)) \
	    "8 x $((${SHORTIO_MIB:-8} * 128)) KiB come back"
}

make_preloaded shortio
ECHOD_WORKERS=0 # the faults are those of one process
for_backends story
