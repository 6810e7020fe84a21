# SPDX-License-Identifier: ISC
#
# Settings files that echod must refuse: exit status 78, and on stderr, for each
# thing that is wrong, file, line, key and what is allowed; nothing bound.  And
# those that look odd but are right.
#
# Faults: F101
. "${0%/*}/lib.sh"
. "${0%/*}/refused.sh"

FILE=$TMP/settings.conf

# TEXT as of printf's format; each line of PATTERNS without the name of the file.
bad() # NAME PATTERNS TEXT
{
	local patterns

	# shellcheck disable=SC2059
	printf "$3" >"$FILE"
	# shellcheck disable=SC2001 # each line of it
	patterns=$(sed "s|^[[:space:]]*|$FILE:|" <<<"$2")
	refuses "$1" 78 "$patterns" -c "$FILE"
}

# The setting's value as -T shows it when the file is TEXT.
good() # NAME SETTING VALUE TEXT
{
	# shellcheck disable=SC2059
	printf "$4" >"$FILE"
	is "$1" "$(value_of "$2")" "$3"
}

value_of() # SETTING: the first that has this name; or what went wrong
{
	bounded "$ECHOD" -T -c "$FILE" >"$TMP/dump" 2>&1 || cat "$TMP/dump"
	sed -n "s/^[[:space:]]*$1 *= //p" "$TMP/dump" | head -n 1
}

names()
{
	local unknown='unknown setting; echod.conf\(5\) and echod --help list them all'
	local global='is a global setting; it stands outside of listen \{ \}'
	local inside='belongs into a section, listen "ADDRESS" \{ \}'

	bad 'unknown setting' "2: bogus: $unknown" '\nbogus = 1\n'
	bad 'misspelt setting' '1: idle_timeout: unknown setting; did you mean idle-timeout\?' \
	    'idle_timeout = 1s\n'
	bad 'letters swapped' '1: workres: unknown setting; did you mean workers\?' 'workres = 0\n'
	bad 'unknown setting in a section' "2: bogus: $unknown" 'listen "*:0" {\n bogus = 1\n}\n'
	bad 'misspelt setting in a section' '3: backlgo: unknown setting; did you mean backlog\?' \
	    '\nlisten "*:0" {\nbacklgo = 1 }\n'
	bad 'global setting in a section' "2: idle-timeout: $global" \
	    'listen "*:0" {\nidle-timeout = 1s\n}\n'
	bad 'setting of sections outside of them' "1: certificate: $inside" 'certificate = x\n'
	bad 'unknown section' "1: server: $unknown" 'server {\n}\n'
	bad 'capital letters' "1: BACKLOG: $unknown" 'BACKLOG = 1\n'
	bad 'a function of libConfuse' "1: include: $unknown" 'include("/etc/passwd")\n'
}

values()
{
	local backlog='a number from 1 to 65535'
	local networks='addresses and networks, as 192.0.2.7, .*, or all'
	local durations='0 or a number with ms, s, m, h or d, as 500ms, 10s, 5m'

	bad 'number too large' "1: backlog: \"65536\" is out of range; allowed: $backlog" \
	    'backlog = 65536\n'
	bad 'number too small' "1: backlog: \"0\" is out of range; allowed: $backlog" 'backlog = 0\n'
	bad 'not a number' "1: backlog: \"many\" is not a number; allowed: $backlog" 'backlog = many\n'
	bad 'number and something' '1: max-connections: "5k" is not a number; allowed: auto or .*' \
	    'max-connections = 5k\n'
	bad 'number out of range in a section' "2: backlog: \"70000\" is out of range; allowed: $backlog" \
	    'listen "*:0" {\nbacklog = 70000 }\n'
	bad 'duration without unit' "1: idle-timeout: \"5\" lacks its unit; allowed: $durations" \
	    'idle-timeout = 5\n'
	bad 'bad unit' "1: idle-timeout: \"5min\" is not a duration; allowed: $durations" \
	    'idle-timeout = 5min\n'
	bad 'not a duration' "1: stall-timeout: \"never\" is not a duration; allowed: $durations" \
	    'stall-timeout = never\n'
	bad 'bad choice' '1: log-level: "verbose" is none of them; allowed: error, warn, info or debug' \
	    'log-level = verbose\n'
	bad 'unknown backend' \
	    '1: backend: "uring" is none of them; allowed: auto, select, poll, epoll or epoll-et' \
	    'backend = uring\n'
	bad 'unknown user' '1: user: "no-such-user" is not a user, .*; allowed: NAME or NAME:GROUP' \
	    'user = no-such-user\n'
	bad 'unknown group' '1: user: "root:no-such-group" is not a user, or group, .*' \
	    'user = root:no-such-group\n'
	bad 'bad log' '1: log: "/var/log/echod" is none of them; allowed: stderr, syslog or file:PATH' \
	    'log = /var/log/echod\n'
	bad 'too many workers' '1: workers: "513" is out of range; allowed: auto or .* 0 to 512' \
	    'workers = 513\n'
	bad 'bad accept' '1: accept: "fair" is none of them; allowed: reuseport or shared' \
	    'accept = fair\n'
	bad 'bad sandbox' '1: sandbox: "maybe" is none of them; allowed: auto, on or off' \
	    'sandbox = maybe\n'
	bad 'bad list of CPUs' '1: cpu-affinity: "0-" is none of them; allowed: off, auto or a list .*' \
	    'cpu-affinity = 0-\n'
	bad 'empty value' "1: backlog: \"\" is not a number; allowed: $backlog" 'backlog = ""\n'
	bad 'not a size' '1: byte-rate: "64kb" is not a number of bytes; allowed: 0 or .* up to 1g, .*' \
	    'byte-rate = 64kb\n'
	bad 'size with a rest' '1: byte-rate: "0.1k" is not a number of bytes; .*' 'byte-rate = 0.1k\n'
	bad 'size too large' '1: byte-rate: "2g" is out of range; allowed: .*' 'byte-rate = 2g\n'
	bad 'rate with a letter' '1: accept-rate: "1k" is not a number; allowed: .* 0 to 1000000' \
	    'accept-rate = 1k\n'
	bad 'rate too large' '1: accept-rate: "1000001" is out of range; .*' 'accept-rate = 1000001\n'
	bad 'negative limit' '1: max-per-source: "-1" is not a number; allowed: .* 0 to 10000000' \
	    'max-per-source = -1\n'
	bad 'lifetime without unit' "1: max-lifetime: \"60\" lacks its unit; allowed: $durations" \
	    'max-lifetime = 60\n'
	bad 'name in a list of networks' \
	    "1: allow: \"localhost\" has something that is no network in it; allowed: $networks" \
	    'allow = localhost\n'
	bad 'length of a network' \
	    '1: deny: "10.0.0.0/33" has a network whose length is not from 0 to 32; .*' \
	    'deny = "10.0.0.0/33"\n'
	bad 'bits behind the length of a network' \
	    '2: allow: "10.0.0.0/8, ::1/64" has a network with bits set behind its length; .*' \
	    'listen "*:0" {\nallow = "10.0.0.0/8, ::1/64" }\n'
	bad 'a number that the system has no room for' \
	    '2: max-connections: 10000000 connections need [0-9]+ descriptors, and the limit is [0-9]+; .*' \
	    '\nmax-connections = 10000000\n'
}

addresses()
{
	local bad='is not an address to listen on:'

	bad 'section without a port' \
	    "1: listen: \"localhost\" $bad want HOST:PORT, .* or unix:@NAME" 'listen localhost { }\n'
	bad 'section with a bad port' "2: listen: \"\\*:70000\" $bad the port is .* 0 to 65535" \
	    '\nlisten "*:70000" {\n}\n'
	bad 'section with a name that does not exist' "1: listen: \"nosuch.invalid:7\" $bad .*" \
	    'listen "nosuch.invalid:7" { }\n'
	bad 'section with an empty address' "1: listen: \"\" $bad want .*" 'listen "" { }\n'
	bad 'bad address of a section that has settings' \
	    "1: listen: \"x\" $bad .*
	    	2: backlog: \"0\" is out of range; .*" 'listen x {\nbacklog = 0\n}\n'
	bad 'the same address twice' '3: listen: "127.0.0.1:0" is given twice' \
	    'listen "127.0.0.1:0" {\n}\nlisten "127.0.0.1:0" {\n}\n'
}

# Without -l of refuses(), which would take the place of the section.
networks_of_unix_sockets()
{
	local why='who connects to a unix socket has no address; see to it by .*'

	printf 'listen "unix:%s" {\nallow = "::1"\ndeny = all\n}\n' "$nest/x" >"$FILE"
	bounded "$ECHOD" -c "$FILE" >"$TMP/said" 2>&1
	is 'networks for a unix socket: exit status' $? 78
	like 'networks for a unix socket: allow' "$(sed -n 1p "$TMP/said")" "^$FILE:2: allow: $why"
	like 'networks for a unix socket: deny' "$(sed -n 2p "$TMP/said")" "^$FILE:3: deny: $why"
	is 'networks for a unix socket: and no more' "$(wc -l <"$TMP/said")" 2
}

syntax()
{
	bad 'section never closed' '2: the section that begins here is never closed' \
	    '\nlisten "*:0" {\nbacklog = 5\n\n\n'
	bad 'double quote never closed' '2: this quote is never closed' '\nlog = "stderr\n\n'
	bad 'single quote never closed' '2: this quote is never closed' "\\nlog = 'stderr\\n\\n"
	bad 'a name that is empty' '3: this is no setting; the rest of the file was not looked at' \
	    "\\nlog = stderr\\n''"
	bad 'comment never closed' '2: this comment is never closed' '\n/* log = stderr\n\n'
	bad 'no equal sign' "2: .*missing equal sign after option 'backlog'.*" '\nbacklog 5\n'
	bad 'no value' "[12]: .*unexpected token.*" 'backlog = = 5\n'
	bad 'brace that closes nothing' '3: .*unexpected closing brace.*' 'backlog = 5\n\n}\n'
	bad 'section without an address' "1: .*missing title for section 'listen'.*" 'listen { }\n'
	bad 'address as a value' "1: .*missing title for section 'listen'.*" 'listen = "*:0"\n'
	bad 'two addresses for one section' "1: .*missing opening brace.*" 'listen "*:0" "*:1" { }\n'
	bad 'address without a section' '[12]: .*' 'listen "*:0"\n'
	bad 'value added to what is no list' "1: .*non-list option 'log'.*" 'log += stderr\n'
	bad 'list for a value' "1: .*unexpected token '\\{'.*" 'log = { stderr }\n'
	bad 'section in a section' '2: listen: .*' 'listen "*:0" {\nlisten "*:1" { }\n}\n'
	bad 'byte order mark' '1: the file begins with a byte order mark; save it without one' \
	    '\xef\xbb\xbfbacklog = 5\n'
	bad 'comment in a word: hash' '2: a comment begins in the middle of a word; put .* in quotes, .*' \
	    '\nlog = file:/var/log/a#b\n'
	bad 'comment in a word: //' '2: a comment begins in the middle of a word; .*' \
	    '\nlog = file:/var//log/a\n'
	bad 'comment in a word: /*' '2: a comment begins in the middle of a word; .*' \
	    '\nlog = file:/var/*log/a\n'
}

# Lines are counted right whatever stands between them.
lines()
{
	bad 'all errors, in the order of their lines' '1: bogus: unknown setting; .*
		2: idle-timeout: "5" lacks its unit; .*
		5: listen: "x" is not an address .*
		6: user: is a global setting; .*
		8: bogus: unknown setting; .*
		9: tls: belongs into a section, .*
		11: backlog: "0" is out of range; .*' \
	    'bogus = 1\nidle-timeout = 5\nlog-level = debug\n\nlisten x {\n user = root\n}
bogus = 2\ntls = off\n\nlisten "*:0" { backlog = 0 }\n'
	bad 'after comments of all kinds, blank lines and long strings' '2: backlog: "a" .*
		4: backlog: "b" .*
		5: backlog: "c" .*
		8: backlog: "d" .*
		9: backlog: "e" .*
		14: backlog: "f" .*
		19: backlog: "g" .*
		22: listen: "y" .*
		23: backlog: "h" .*' \
	    '# one " { \x27 /*\nbacklog = a # two\n// three " }\nbacklog = b // four\nbacklog = c /* five
six # { \x27
seven */
backlog = d
backlog = e /* a */ /* b */ # c /*
\n\n
pid-file = "a"
backlog = f
pid-file = "x # no comment
\\" } // nor this
/*"
pid-file = \x27*/{ "\x27
backlog = g
listen "*:0" {# here
	}// and here
listen y { // there
	backlog = h } # end\n'
	bad 'after a variable of the environment' '4: listen: "x" .*' \
	    'log = ${ECHOD_LOG:-stderr}\nuser = "${ECHOD_USER:-}"\n\nlisten x {\n\n}\n'
	bad 'more unknown settings than can be told in one go' "$(for i in {1..20}; do echo "$i: bogus$i: unknown setting; .*"; done)
		21: bogus21: unknown setting, and not the first; the rest of the file was not looked at" \
	    "$(seq -f 'bogus%g = 1' 30)\n"
	bad 'CR LF at the ends of lines' '3: backlog: "0" .*
		4: bogus: .*' '# a\r\n/* b\r\n*/ backlog = 0\r\nbogus = 1\r\n'
}

# What cannot be read at all.
unreadable()
{
	refuses 'missing file' 78 "$TMP/none: cannot be read: No such file or directory" -c "$TMP/none"
	refuses 'file with an empty name' 78 ': cannot be read: No such file or directory' -c ''
	refuses 'directory' 78 "$TMP: cannot be read: Is a directory" -c "$TMP"
	printf 'backlog = 5\n\0backlog = 0\n' >"$FILE"
	refuses 'zero byte' 78 "$FILE: cannot be read: has a zero byte in it, .*" -c "$FILE"
	head -c 1048576 /dev/zero | tr '\0' '\n' >"$FILE"
	refuses 'a file of 1 MiB' 78 "$FILE: cannot be read: is larger than 1 MiB, .*" -c "$FILE"
	refuses 'a file without end' 78 '/dev/zero: cannot be read: is larger than 1 MiB, .*' -c /dev/zero
	printf 'backlog = 5\n' >"$FILE"
	chmod 000 "$FILE"
	if ! is_root; then
		refuses 'unreadable file' 78 "$FILE: cannot be read: Permission denied" -c "$FILE"
	elif has setpriv && id nobody >/dev/null 2>&1; then
		chmod 755 "$TMP"
		chmod 777 "$nest"
		cp "$ECHOD" "$TMP/echod"
		printf '#!/bin/sh\nexec setpriv --reuid nobody --clear-groups "%s" "$@"\n' "$TMP/echod" \
		    >"$TMP/as_nobody"
		chmod 755 "$TMP/as_nobody"
		ECHOD=$TMP/as_nobody refuses 'unreadable file' 78 \
		    "$FILE: cannot be read: Permission denied" -c "$FILE"
	else
		skip 'unreadable file' 'needs setpriv, or not to be root'
	fi
	chmod 600 "$FILE"
}

odd_but_right()
{
	local long

	good 'empty file' backlog 4096 ''
	good 'only a comment, not ended' backlog 4096 '# backlog = 5'
	good 'no final newline' backlog 5 'backlog = 5'
	good 'CR LF' backlog 5 'log-level = info\r\nbacklog = 5\r\n'
	good 'CR LF and a word at the end of the line' log-level debug 'log-level = debug\r\n'
	good 'CR LF at the end of a section' kernel-buffers auto \
	    'kernel-buffers = auto\r\nlisten "*:0" {\r\n\tbacklog = 5\r\n}\r\n'
	good 'all in one line' backlog 5 'log-level=debug backlog=5 listen "*:0"{backlog=7}'
	good 'the same setting twice: the last one counts' backlog 6 'backlog = 5\nbacklog = 6\n'
	good 'a comment next to quotes and braces' pid-file '"/a"' \
	    'pid-file = "/a"# b\nlisten "*:0" {# c\n}// d\n'
	good 'hash, // and /* in quotes' pid-file '"/a#b//c/*d"' 'pid-file = "/a#b//c/*d"\n'
	good 'UTF-8 in a value' pid-file $'"/\xc3\xa4"' 'pid-file = /\xc3\xa4\n'
	good 'a variable of the environment' pid-file "\"$TMP/x\"" 'pid-file = "${STORY_MARK}/x"\n'
	good 'networks, as they were written' deny '" 10.0.0.0/8,  ::1"' 'deny = " 10.0.0.0/8,  ::1"\n'
	good 'a size' byte-rate 1536k 'byte-rate = 1.5M\n'
	long=$(head -c 1048500 /dev/zero | tr '\0' '\n')
	good 'a file of almost 1 MiB' backlog 5 "${long}\n# end\nbacklog = 5\n"
}

is_opened() # FILE, by an echod
{
	local process

	for process in /proc/[0-9]*; do
		if [ "$process/exe" -ef "$ECHOD" ] &&
		    readlink "$process/fd"/* | grep -qxF -- "$1"; then
			return 0
		fi
	done
	return 1
}

# From where else a file may come.
from_elsewhere()
{
	local pid fd

	FILE=/dev/stdin
	is 'standard input, a pipe' "$(printf 'backlog = 6\n' | value_of backlog)" 6
	is 'standard input, a file' "$(value_of backlog <<<'backlog = 7')" 7
	FILE=/dev/null
	is '/dev/null' "$(value_of backlog)" 4096
	FILE=$TMP/fifo
	mkfifo "$FILE"
	is 'named pipe without a writer' "$(value_of backlog)" 4096
	exec {fd}<>"$FILE"
	printf 'backlog = 8\n' >&"$fd"
	bounded "$ECHOD" -T -c "$FILE" >"$TMP/dump" {fd}>&- &
	pid=$!
	ok 'named pipe: it is opened' wait_for is_opened "$FILE"
	exec {fd}>&-
	wait $pid
	is 'named pipe with a writer' "$(sed -n 's/^backlog *= //p' "$TMP/dump")" 8
	bounded "$ECHOD" -T -c <(printf 'backlog = 9\n') >"$TMP/dump"
	is 'process substitution' "$(sed -n 's/^backlog *= //p' "$TMP/dump")" 9
	refuses 'mistake in a process substitution' 78 '/dev/fd/[0-9]+:2: backlog: "x" is not .*' \
	    -c <(printf '\nbacklog = x\n')
}

names
values
addresses
networks_of_unix_sockets
syntax
lines
unreadable
odd_but_right
from_elsewhere
