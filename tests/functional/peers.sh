# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# peers.sh -- tests/peer in the background: started, told to go on, looked at.
# Each has a name within the story.

declare -A pid_of_peer

peer_has_begun() # NAME
{
	has_line "$TMP/$1.out" '^ready' || is_gone "${pid_of_peer[$1]}"
}

launch_peer() # NAME ARGS...: does not wait until it is ready
{
	local name=$1

	shift
	rm -f "$TMP/$name."* # of a peer that had the name before
	mkfifo "$TMP/$name.in"
	"$PEER" "$@" <>"$TMP/$name.in" >"$TMP/$name.out" 2>"$TMP/$name.err" &
	pid_of_peer[$name]=$!
}

start_peer() # NAME ARGS...: MODE and so on
{
	launch_peer "$@"
	wait_for peer_has_begun "$1"
	if ! has_line "$TMP/$1.out" '^ready'; then
		fail "the peer is ready: $*" "$(cat "$TMP/$1.err")"
		return 1
	fi
}

tell_peer() # NAME: to go on
{
	echo go 1<>"$TMP/$1.in"
}

# It ends with status 0, as it does when every byte was right.
peer_ends_well() # CHECK_NAME PEER_NAME
{
	local pid=${pid_of_peer[$2]} status

	wait_for is_gone "$pid" || kill -KILL "$pid"
	wait "$pid"
	status=$?
	if [ $status -eq 0 ]; then
		pass "$1"
	else
		fail "$1" "expected: the peer ends with status 0" \
		    "got:      $status, $(cat "$TMP/$2.err")"
	fi
}

# The number that follows some words in what a peer has said.
peer_said() # NAME WORDS
{
	sed -n "s/^.*$2 \([0-9][0-9]*\).*/\1/p" "$TMP/$1.out"
}
