#!/bin/bash
# SPDX-License-Identifier: ISC
#
# All on one processor, with many who want it all: workers that get little of it are
# not taken for hung.
#
# Faults: F115

ECHOD_WORKERS=2
# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
# shellcheck source=../functional/supervised.sh
. "$functional/supervised.sh"
need taskset

first=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
busy=()

settings 'workers = 2' 'listen 127.0.0.1:0 { }'
taskset -cp "$first" $$ >/dev/null
start_from_file || exit 1
for _ in 1 2 3 4; do
	while :; do :; done &
	busy+=($!)
done
connect
was=$(workers)
# Five signs of life have to be missed.
ends=$((SECONDS + (SHARE > 15 ? SHARE : 15)))
while [ "$SECONDS" -lt $ends ]; do
	sleep 1
	echoes "$FD" || { fail 'it serves'; break; }
done
kill "${busy[@]}"
wait "${busy[@]}" 2>/dev/null
is 'the workers are those that there were' "$(workers)" "$was"
unlike 'none was taken for hung' "$(cat "$LOG")" 'has not answered|warn: worker'
hang_up "$FD"
stop_echod
figure "no worker was replaced in $((SHARE > 15 ? SHARE : 15)) s"
