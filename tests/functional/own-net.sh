# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# own-net.sh -- before all others: the story has a network of its own, if it may have
# one.  Then what the kernel counts there is its alone, and tells whether anything was
# dropped or sent twice, however busy the machine is.

if [ -z "${OWN_NET:-}" ] && unshare -n true 2>/dev/null; then
	OWN_NET=yes exec unshare -n bash "$0"
fi
[ -z "${OWN_NET:-}" ] || ip link set lo up

nothing_was_sent_twice() # NAME
{
	if [ -z "${OWN_NET:-}" ]; then
		note 'no network of our own: what was sent twice is not known'
		return
	fi
	is "$1: nothing was dropped or sent twice, says the kernel" \
	    "$(nstat -asz TcpExtTCPSynRetrans TcpExtTCPTimeouts TcpExtListenDrops \
		TcpExtListenOverflows | awk '!/^#/ && $2 > 0 { print $1, $2 }')" ''
}
