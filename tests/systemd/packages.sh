# SPDX-License-Identifier: ISC
#
# The Debian packages (make deb) from their installation to their purge.  Not a part of
# make check, since it takes a build of its own: make check-deb.
INSTALL=no
export INSTALL
. "${0%/*}/lib.sh"
. "${0%/*}/../functional/life.sh"
. "${0%/*}/under-load.sh"

HOST=127.0.0.1 PORT=7007
CONF=/etc/echod
export DEBIAN_FRONTEND=noninteractive

has lintian || skip_all 'lintian is not installed'
echod=$(echo debs/echod_*.deb) echoload=$(echo debs/echoload_*.deb)
[ -e "$echod" ] || skip_all 'there are no packages: make deb'

# The same package as a later version.
later() # REVISION
{
	rm -rf "$TMP/later"
	dpkg-deb -R "$echod" "$TMP/later"
	sed -i "s/^Version: .*/&.$1/" "$TMP/later/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$TMP/later" "$TMP/echod.$1.deb" >/dev/null
}

installs()
{
	is 'lintian finds no error' \
	    "$(lintian --allow-root --fail-on error debs/*.changes 2>&1 | grep '^E:')" ''
	ok 'install' dpkg -i "$echod" "$echoload"
	is 'it runs' "$(property ActiveState)" active
	is 'and echoes' "$(echo_of hello $HOST $PORT)" hello
	is 'it will run after a reboot' "$(systemctl is-enabled echod)" enabled
	is 'the others will not' \
	    "$(systemctl is-enabled echod.socket echod-activated echod@x | sort -u)" disabled
	is 'as a user of its own' "$(stat -c %U "/proc/$(main_pid)")" echod
	like 'who is in the table of users' "$(cat /etc/passwd)" '^echod:'
	is 'there is a place for keys' "$(stat -c '%a %U %G' $CONF/tls)" '750 root echod'
	like 'echoload is there' "$(echoload --version)" '^echoload [0-9]'
}

upgrades()
{
	local pid lab

	echo 'listen "127.0.0.1:7007" { }' >$CONF/echod.conf
	echo 'listen "127.0.0.1:7011" { }' >$CONF/lab.conf
	systemctl start echod@lab
	pid=$(main_pid) lab=$(main_pid echod@lab)
	later 1
	ok 'upgrade' dpkg -i "$TMP/echod.1.deb"
	unlike 'upgrade: another process runs' "$(main_pid)" "^$pid\$"
	is 'upgrade: and echoes' "$(echo_of again $HOST $PORT)" again
	unlike 'upgrade: so does the instance' "$(main_pid echod@lab)" "^$lab\$"
	is 'upgrade: the settings stay' "$(cat $CONF/echod.conf)" 'listen "127.0.0.1:7007" { }'

	rm $CONF/echod.conf
	systemctl -q disable --now echod
	systemctl -q enable --now echod.socket
	later 2
	UNIT='echod-activated.service'
	under_load dpkg -i "$TMP/echod.2.deb" >"$TMP/dpkg" 2>&1
	[ "$LOAD" -eq 0 ] || note "$(cat "$TMP/load")" "$(cat "$TMP/dpkg")"
	is 'upgrade of the activated one under load: nobody is refused' "$LOAD" 0
	is 'upgrade of the activated one: the other is not started' \
	    "$(property ActiveState echod.service)" inactive
}

# What a package had to do with, but not the tree that it was built in.
leftovers_of_packages()
{
	find /etc /usr /lib /var /run -xdev -name '*echod*' -o -xdev -name '*echoload*' |
	    grep -v '^/var/lib/systemd/deb-systemd'
}

goes()
{
	ok 'remove' dpkg -r echod
	ok 'remove: nobody listens' is_refused $HOST $PORT
	ok 'remove: nor does the instance' is_refused $HOST 7011
	is 'remove: no process is left' "$(pgrep -x echod)" ''
	ok 'remove: what the administrator wrote stays' [ -e $CONF/lab.conf ]
	later 3
	UNIT=echod.service
	ok 'install again' dpkg -i "$TMP/echod.3.deb"
	systemctl -q disable --now echod.socket
	systemctl start echod
	is 'install again: it runs' "$(echo_of back $HOST $PORT)" back
	rm $CONF/lab.conf
	ok 'purge' dpkg -P echod echoload
	is 'purge: nothing is left' "$(leftovers_of_packages)" ''
}

installs
upgrades
goes
