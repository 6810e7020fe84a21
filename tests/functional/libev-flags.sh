#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# LIBEV_FLAGS in the environment chooses the backend of other programs: not ours.
#
# Faults: F67 F103

# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=peers.sh
. "${0%/*}/peers.sh"

# The number of the system call in which a backend sleeps, and its kin.
case $(uname -m) in
x86_64) declare -A sleeps_in=([select]='23|270' [poll]='7|271' [epoll]='232|281|441') ;;
aarch64) declare -A sleeps_in=([select]=72 [poll]=73 [epoll]='22|441') ;;
*) declare -A sleeps_in=() ;;
esac
sleeps_in[epoll-et]=${sleeps_in[poll]-} # it is a guest in a loop of poll

sleeps_as_it_should() # PID
{
	local call

	read -r call _ <"/proc/$1/syscall" && [[ $call =~ ^(${sleeps_in[$BACKEND]})$ ]]
}

# How many descriptors its epoll sets watch, if it has any.
watched()
{
	local pid

	for pid in $(workers_of); do
		cat "/proc/$pid/fdinfo"/*
	done | grep -c '^tfd:'
}

story()
{
	local flags pid words=$WORDS

	for flags in '' 1 2 4 64 128 255; do
		WORDS="$words, LIBEV_FLAGS=$flags"
		LIBEV_FLAGS=$flags start_echod || return
		like "the backend is ours" "$(cat "$LOG")" "is ready: .*backend $BACKEND,"
		start_peer held hold -n 5 -s 1000 "$ADDR" || return
		case $BACKEND in
		epoll) at_least "epoll watches all" "$(watched)" 6 ;;
		epoll-et) is "epoll watches the five connections" "$(watched)" 5 ;;
		*) is "epoll watches nothing" "$(watched)" 0 ;;
		esac
		if [ -z "${sleeps_in[$BACKEND]}" ] || [ ! -r "/proc/$PID/syscall" ]; then
			skip "it sleeps in the right system call" "cannot be seen here"
		else
			for pid in $(workers_of); do
				ok "it sleeps in the right system call" \
				    wait_for sleeps_as_it_should "$pid"
			done
		fi
		tell_peer held
		peer_ends_well "it echoes" held
		stop_echod
	done
}

for_backends story
