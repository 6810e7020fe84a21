#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The n-th call of a kind fails, for every kind that can fail and
# every n.  Each time echod either serves, or says what is wrong and exits with one
# of its codes; it never crashes, hangs, keeps a descriptor, or keeps memory that
# otherwise it gives back.
#
# FAILNTH_KINDS  which calls, all by default
# FAILNTH_STEP   of memory, which is asked for hundreds of times, only every so
#                many-th (29), and over TLS, where it is thousands, every 11 times so
#                many-th; 1 is all, also of what is the same on all backends
# FAILNTH_FIRST  of which the first is another one on each backend (0, 7, 14...)
#
# Faults: F59 F60 F82 F88 F110

ECHOD_WORKERS=0 # one process counts its calls
# shellcheck source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"
# shellcheck source=preload.sh
. "${0%/*}/preload.sh"
# shellcheck source=certificates.sh
. "${0%/*}/certificates.sh"

KINDS=${FAILNTH_KINDS:-memory accept4 recv send epoll_ctl epoll_create1 eventfd setsockopt socket
	bind listen getsockname shutdown open fork pipe}
STEP=${FAILNTH_STEP:-29}
FIRST=${FAILNTH_FIRST:-0}
AROUND='accept4 setsockopt socket bind listen getsockname shutdown open pipe'
CODES='64|69|71|77|78'
wrongs=()

wrong() # WORDS
{
	wrongs+=("$KIND:$N: $*" "$(tail -qn 3 "$TMP/err" "$TMP/log" 2>/dev/null)")
}

# Whether one new connection is served.
is_served() # PORT
{
	local fd got=

	if [ "$OVER" = tls ]; then
		[ "$(bounded "${PEER%/*}/tls_peer" hello 1000 "127.0.0.1:$1" 2>&1)" = echoed ]
		return
	fi
	exec {fd}<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'hello\n' >&"$fd"
	IFS= read -r -t "$PATIENCE" -u "$fd" got
	exec {fd}>&-
	[ "$got" = hello ]
} 2>/dev/null

# A connection may be lost to the fault; those after it are not.
serves() # PORT
{
	local i lost=0

	for i in 1 2 3; do
		is_served "$1" || ((lost++))
	done
	[ $lost -le 1 ] || is_served "$1"
}

has_no_more() # PID COUNT
{
	is_gone "$1" || [ "$(fds "$1")" -le "$2" ]
}

end() # PID
{
	wait_for is_gone "$1" || {
		wrong 'hangs'
		kill -ABRT "$1"
	}
}

# A code for what went wrong, and words for it.
is_refused_well() # STATUS
{
	if [[ $1 =~ ^($CODES)$ ]]; then
		[ -s "$TMP/err" ] || [ -s "$TMP/log" ]
	else
		is_lexer "$1"
	fi
}

# Without memory the lexer of libConfuse ends the process itself, and says so.
is_lexer() # STATUS
{
	[ "$KIND" = memory ] && [ -z "$was_ready" ] &&
		case $1 in
		2) has_line "$TMP/err" '^out of dynamic memory in yy' ;;
		134) has_line "$TMP/err" 'lexer\.l:[0-9]+: .*Assertion' ;;
		*) false ;;
		esac
}

# One run, in which the N-th call of KIND fails.
run() # ARGS...
{
	local fd held line='' pid='' child status left was_ready=

	rm -f "$TMP/hit" "$TMP/log" "$TMP/pid"
	FAILNTH=$KIND:$N FAILNTH_LOG=$TMP/hit "$PRELOADED" -c "$TMP/$OVER.conf" "$@" --ready-fd 3 \
	    3>"$TMP/ready" 2>"$TMP/err" </dev/null &
	child=$!
	exec {fd}<"$TMP/ready"
	IFS= read -r -t "$PATIENCE" -u "$fd" line
	exec {fd}<&-
	if [ -n "$line" ]; then
		was_ready=yes
		pid=$(cat "$TMP/pid" 2>/dev/null) || { wrong 'has no pid file'; pid=$child; }
		serves "${line##*:}" || is_gone "$pid" || wrong 'serves no more'
		# Without an eventfd libev takes a pipe, which is one more.
		wait_for has_no_more "$pid" "${most_fds:=$(($(fds "$pid") + $([ "$KIND" != eventfd ]; echo $?)))}" ||
			wrong "$(fds "$pid") descriptors are open, $most_fds without the fault"
		[ "$KIND" != shutdown ] || exec {held}<>"/dev/tcp/127.0.0.1/${line##*:}"
		kill -TERM "$pid" 2>/dev/null
		end "$pid"
		[ "$KIND" != shutdown ] || exec {held}>&-
	fi
	end $child
	wait $child
	status=$?
	[ -n "$was_ready" ] && [ $status -eq 0 ] || is_refused_well $status ||
		wrong "ends with status $status, ready: ${was_ready:-no}"
	left=$(sed -n 's/^left //p' "$TMP/hit" | sort -n | tail -n 1)
	: "${most_left:=$left}"
	# Of an error OpenSSL may keep two for good, the same two of however many errors.
	[ -z "$was_ready" ] || [ "${left:-0}" -le $((most_left + OPENSSL_KEEPS)) ] ||
		wrong "$left blocks of memory are left, $most_left without the fault"
}

sweep() # KIND STEP ARGS...
{
	local step=$2 most_fds='' most_left='' n=0

	KIND=$1 N=0 wrongs=()
	shift 2
	run "$@"
	for ((N = 1 + FIRST % step; ; N += step)); do
		run "$@"
		grep -qs hit "$TMP/hit" || break
		((n++))
	done
	if [ ${#wrongs[@]} -eq 0 ]; then
		pass "$KIND fails ($OVER, $n times): it serves, or says why not"
	else
		fail "$KIND fails ($OVER, $n times): it serves, or says why not" "${wrongs[@]}"
	fi
}

# What has to do with the backend, and the rest on one of them.
is_of_backend() # KIND
{
	[ "$STEP" = 1 ] || [ "$BACKEND" = epoll ] || [[ " $AROUND " != *" $1 "* ]]
}

over_tls() # KIND STEP
{
	[ "$BACKEND" != epoll ] || ! has_tls || OVER=tls OPENSSL_KEEPS=2 sweep "$1" "$2" -b epoll
}

story()
{
	local kind

	for kind in $KINDS; do
		is_of_backend "$kind" || continue
		case $kind in
		memory)
			if is_sanitized; then
				skip "memory fails" "a sanitizer has memory of its own"
			else
				sweep memory "$STEP" -b "$BACKEND"
				over_tls memory $((STEP > 1 ? STEP * 11 : 1))
			fi
			((FIRST += 7))
			;;
		fork | pipe) sweep "$kind" 1 -b "$BACKEND" -D ;;
		recv | send)
			sweep "$kind" 1 -b "$BACKEND"
			over_tls "$kind" 1
			;;
		*) sweep "$kind" 1 -b "$BACKEND" ;;
		esac
	done
}

make_preloaded failnth
mkfifo "$TMP/ready"
printf '%s\n' "log = \"file:$TMP/log\"" "pid-file = $TMP/pid" 'drain-timeout = 100ms' \
    'listen "127.0.0.1:0" { backlog = 100 }' "listen \"unix:$TMP/socket\" { }" >"$TMP/plain.conf"
if has_tls; then
	make_certificate server
	{ grep -v listen "$TMP/plain.conf" && tls_settings server; } >"$TMP/tls.conf"
fi
ECHOD_WORKERS=0 # the faults are those of one process
OVER=plain OPENSSL_KEEPS=0
for_backends story
