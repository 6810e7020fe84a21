# SPDX-License-Identifier: ISC
#
# What the units forbid is forbidden: a program that tries it takes echod's place, with
# the unit's confinement, and for comparison without.
. "${0%/*}/lib.sh"

# What the probe says, run as the unit runs echod, with these lines in [Service].
probe() # UNIT LINE...
{
	local unit=$1 dir=/run/systemd/system/$1.d

	shift
	mkdir -p "$dir"
	printf '%s\n' '[Service]' ExecStart= "ExecStart=$PROBE" Type=oneshot Restart=no \
	    'StandardOutput=truncate:/run/said' "$@" >"$dir/probe.conf"
	systemctl daemon-reload
	systemctl start "$unit" || fail "the probe runs in $unit"
	said=$(</run/said)
	rm "$dir/probe.conf"
	systemctl daemon-reload
}

may() # WHAT...
{
	local what

	for what; do
		is "$where: $what" "$(grep "^$what: " <<<"$said")" "$what: done"
	done
}

may_not() # WHAT ERROR...
{
	while [ $# -gt 0 ]; do
		is "$where: $1" "$(grep "^$1: " <<<"$said")" "$1: $2"
		shift 2
	done
}

confined()
{
	may 'write to the runtime directory' 'write to a /tmp'
	may_not 'write to an open directory' EROFS 'write to /etc' EROFS 'write to /usr' EROFS \
	    'write to /var/lib' EACCES 'write to /run' EACCES 'netlink socket' EAFNOSUPPORT 'packet socket' EAFNOSUPPORT \
	    'run a program' EACCES 'run what it wrote to /tmp' EACCES \
	    'run what it wrote to /var/tmp' EACCES 'run what it wrote to /dev/shm' EACCES \
	    'run what it wrote to the runtime directory' EACCES 'writable code' EPERM \
	    'set a user id on a file' EPERM 'user namespace' EPERM \
	    'see other processes' ENOENT 'signal process 1' EPERM 'kernel messages' ENOENT \
	    "read the machine's settings" ENOENT 'change them' ENOENT "read root's files" EACCES
	is "$where: capabilities" "$(grep ^Cap <<<"$said" | grep -v '0000000000000000$')" ''
	like "$where: none by another program either" "$said" 'NoNewPrivs:.*1'
	ok "$where: its /tmp is its own" [ ! -e /tmp/probe ]
}

PROBE=$(systemctl cat echod | sed -n 's|^ExecStart=\(.*\)/echod .*|\1/probe|p')
mkdir -p /srv/open
chmod 1777 /srv/open
install tests/systemd/probe "$PROBE"
nc -lk 127.0.0.1 7007 >/dev/null &
listener=$!

where='as root'
cat >/run/systemd/system/free.service <<'EOT'
[Service]
ExecStart=
RuntimeDirectory=free
EOT
probe free.service
may 'write to /etc' 'write to /usr' 'write to /var/lib' 'write to /run' 'netlink socket' \
    'packet socket' 'internet socket' 'connect to port 7007' 'bind port 80' 'run a program' \
    'run what it wrote to /tmp' 'run what it wrote to /var/tmp' 'run what it wrote to /dev/shm' \
    'run what it wrote to the runtime directory' 'writable code' 'set a user id on a file' \
    'user namespace' 'write to an open directory' \
    'see other processes' 'signal process 1' "read the machine's settings" "read root's files"
unlike "$where: capabilities" "$said" 'CapEff:.*0000000000000000$'
rm -f /etc/probe /usr/probe /srv/open/probe /tmp/p* /var/tmp/p* /dev/shm/p*

where=echod.service
probe echod.service
confined
may 'internet socket' 'connect to port 7007'
may_not 'bind port 80' EACCES
kill $listener
wait $listener

where=echod-activated.service
probe echod-activated.service
confined
may_not 'internet socket' EAFNOSUPPORT
