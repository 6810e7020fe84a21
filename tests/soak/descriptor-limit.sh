#!/bin/bash
# SPDX-License-Identifier: ISC
#
# At the limit of descriptors, for half a minute: at most 5 % of a processor, at most 3
# lines in the log, and when one leaves the next is served, within 100 ms.
#
# Faults: F01

# shellcheck source=soak.sh
. "${0%/*}/soak.sh"
need prlimit

milliseconds()
{
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

first_free()
{
	local fd=0

	while [ -e "/proc/$PID/fd/$fd" ] || [ -L "/proc/$PID/fd/$fd" ]; do
		((fd++))
	done
	echo $fd
}

story()
{
	local held=() i began used waiting got

	start_echod || return
	for ((i = 0; i < 20; i++)); do
		connect
		echoes "$FD" || fail "the ${i}th is served"
		held+=("$FD")
	done
	prlimit --pid "$PID" --nofile="$(first_free):"
	connect
	waiting=$FD
	echo 'I wait' >&"$waiting"
	ok 'no descriptor is left' wait_for has_line "$LOG" 'warn: cannot accept'
	used=$(ticks "$PID")
	sleep $((each < 30 ? each : 30)) # how much time it uses in it is the question
	used=$(($(ticks "$PID") - used))
	is_sanitized || at_most 'processor time, per cent' $((used / (each < 30 ? each : 30))) 5
	at_most 'lines in the log' "$(grep -c 'cannot accept' "$LOG")" 3
	ok 'those served are served' echoes "${held[1]}"
	began=$(milliseconds)
	hang_up "${held[0]}"
	IFS= read -r -t "$PATIENCE" -u "$waiting" got
	began=$(($(milliseconds) - began))
	is 'one leaves: the next is served' "$got" 'I wait'
	at_most 'after at most so many ms' "$began" 100
	figure "$used ticks of 10 ms, $(grep -c 'cannot accept' "$LOG") lines, next one after $began ms"
	for FD in "${held[@]:1}" "$waiting"; do
		hang_up "$FD"
	done
	prlimit --pid "$PID" --nofile=256:
	stop_echod
}

for_backends story
