# SPDX-License-Identifier: ISC
#
# Command lines that echod must refuse: exit status 64 (sysexits.h), or what the
# trouble really is, a message that says which option and what is allowed, and
# nothing bound.
#
# Faults: F102
. "${0%/*}/lib.sh"
. "${0%/*}/refused.sh"

hint="'echod --help' lists the options"

usage() # NAME PATTERN ARGS...
{
	local name=$1 pattern=$2

	shift 2
	refuses "$name" 64 "$pattern" "$@"
}

options()
{
	local own='.*echod: '

	usage 'unknown long option' "${own}unrecognized option '--nope'"$'\n'"$hint" --nope
	usage 'unknown short option' "${own}invalid option -- 'Z'"$'\n'"$hint" -Z
	usage 'ambiguous option' "${own}option '--l' is ambiguous.*"$'\n'"$hint" --l x
	usage 'option without its argument' "${own}option requires an argument -- 'b'"$'\n'"$hint" -b
	usage 'long option without its argument' \
	    "${own}option '--user' requires an argument"$'\n'"$hint" --user
	usage 'option with an argument it does not take' \
	    "${own}option '--daemon' doesn't allow an argument"$'\n'"$hint" --daemon=yes
	usage 'stray argument' "echod: stray: not an option; $hint" stray
	usage 'stray argument after --' "echod: -t: not an option; $hint" -- -t
	usage 'empty argument' "echod: : not an option; $hint" ''
}

values()
{
	local user='"[^"]*" is not a user, or group, of this system; allowed: NAME or NAME:GROUP'
	local levels='error, warn, info or debug'

	usage '-o without =' "echod: -o: want KEY=VALUE; $hint" -o backlog
	usage '-o without a key' "echod: -o: want KEY=VALUE; $hint" -o =5
	usage '-o of nothing' "echod: -o: want KEY=VALUE; $hint" -o ''
	usage '-o with an unknown key' \
	    'echod: -o nope: unknown setting; echod.conf\(5\) and echod --help list them all' -o nope=1
	usage '-o with a key misspelt' \
	    'echod: -o idle-timout: unknown setting; did you mean idle-timeout\?' -o idle-timout=1s
	usage '-o with a key of sections' \
	    'echod: -o tls: belongs into a section, listen "ADDRESS" \{ \}' -o tls=on
	usage '-o with nothing for a number' \
	    'echod: -o backlog: "" is not a number; allowed: a number from 1 to 65535' -o backlog=
	usage '-o with a number too large' \
	    'echod: -o backlog: "65536" is out of range; allowed: a number from 1 to 65535' \
	    -o backlog=65536
	usage '-o with a number beyond any type' 'echod: -o backlog: "9{40}" is out of range; .*' \
	    -o backlog=9999999999999999999999999999999999999999
	usage '-o with a negative number' 'echod: -o backlog: "-1" is not a number; .*' -o backlog=-1
	usage '-o with a sign' 'echod: -o backlog: "\+1" is not a number; .*' -o backlog=+1
	usage '-o with a space before the number' 'echod: -o backlog: " 5" is not a number; .*' \
	    -o 'backlog= 5'
	usage '-o with a hexadecimal number' 'echod: -o backlog: "0x10" is not a number; .*' \
	    -o backlog=0x10
	usage '-o with a duration without unit' \
	    'echod: -o idle-timeout: "5" lacks its unit; allowed: 0 or a number with ms, s, m, h or d, .*' \
	    -o idle-timeout=5
	usage '-o with a bad duration' \
	    'echod: -o drain-timeout: "5 minutes" is not a duration; allowed: .*' \
	    -o 'drain-timeout=5 minutes'
	usage '-o with a negative duration' 'echod: -o stall-timeout: "-1s" is not a duration; .*' \
	    -o stall-timeout=-1s
	usage '-o with a duration that has no end' 'echod: -o stall-timeout: "inf" is not .*' \
	    -o stall-timeout=inf
	usage '-o with a duration of a century' 'echod: -o stall-timeout: "36500d" is not .*' \
	    -o stall-timeout=36500d
	usage '-o with an unknown log' \
	    'echod: -o log: "stdout" is none of them; allowed: stderr, syslog or file:PATH' -o log=stdout
	usage '-o with a log file without a name' 'echod: -o log: "file:" is none of them; .*' -o log=file:
	usage '-b' 'echod: -b: "kqueue" is none of them; allowed: auto, select, poll, epoll or epoll-et' \
	    -b kqueue
	usage '-b, in capitals' 'echod: -b: "EPOLL" is none of them; .*' -b EPOLL
	usage '-n with no number' \
	    'echod: -n: "x" is not a number; allowed: auto or a number from 0 to 512' -n x
	usage '-n with too many' 'echod: -n: "513" is out of range; allowed: .*' -n 513
	usage '-o accept' 'echod: -o accept: "both" is none of them; allowed: reuseport or shared' \
	    -o accept=both
	usage '-o cpu-affinity' \
	    'echod: -o cpu-affinity: "1-" is none of them; allowed: off, auto or a list of CPUs, .*' \
	    -o cpu-affinity=1-
	usage '-o cpu-affinity with a CPU that is not there' \
	    'echod: -o cpu-affinity: "1023" has a CPU that this process may not use; allowed: .*' \
	    -o cpu-affinity=1023
	usage '-u with an unknown user' "echod: -u: $user" -u no-such-user
	usage '-u with an unknown group' "echod: -u: $user" -u root:no-such-group
	usage '-u with a group only' "echod: -u: $user" -u :root
	usage '-L' "echod: -L: \"loud\" is none of them; allowed: $levels" -L loud
	usage '-o with a limit too large' \
	    'echod: -o max-per-source: "10000001" is out of range; allowed: a number from 0 to 10000000' \
	    -o max-per-source=10000001
	usage '-o accept-rate' 'echod: -o accept-rate: "fast" is not a number; .*' -o accept-rate=fast
	usage '-o byte-rate' 'echod: -o byte-rate: "1k/s" is not a number of bytes; allowed: 0 or .*' \
	    -o byte-rate=1k/s
	usage '-o max-lifetime' 'echod: -o max-lifetime: "1" lacks its unit; .*' -o max-lifetime=1
	usage '-o allow' 'echod: -o allow: "10/8" has something that is no network in it; .*' \
	    -o allow=10/8
	usage '-o deny' 'echod: -o deny: "10.0.0.1/8" has a network with bits set behind its length; .*' \
	    -o deny=10.0.0.1/8
	usage '--ready-fd with no number' \
	    "echod: --ready-fd: want the number of a descriptor; $hint" --ready-fd one
	usage '--ready-fd, negative' "echod: --ready-fd: want the number of a descriptor; $hint" --ready-fd=-1
	usage '--ready-fd that is closed' "echod: --ready-fd: that descriptor is not open; $hint" \
	    --ready-fd 77
	usage 'all that is wrong, in one go' 'echod: -b: .*
		echod: -L: .*
		echod: -o nope: .*
		echod: -l: .*' -b x -L x -o nope=1 -l x
}

addresses()
{
	local bad='"[^"]*" is not an address to listen on:'
	local want='want HOST:PORT, \[IPV6\]:PORT, \*:PORT, unix:/PATH or unix:@NAME'
	local port='the port is a number from 0 to 65535'
	local host

	usage '-l without a port' "echod: -l: $bad $want" -l 127.0.0.1
	usage '-l of nothing' "echod: -l: $bad $want" -l ''
	usage '-l without a host' "echod: -l: $bad $want" -l :7007
	usage '-l with an empty port' "echod: -l: $bad $port" -l 127.0.0.1:
	usage '-l with a port too large' "echod: -l: $bad $port" -l 127.0.0.1:65536
	usage '-l with a negative port' "echod: -l: $bad $port" -l 127.0.0.1:-1
	usage '-l with the name of a port' "echod: -l: $bad $port" -l 127.0.0.1:echo
	usage '-l with IPv6 without brackets' \
	    "echod: -l: $bad an IPv6 address goes in brackets, .*" -l ::1:7007
	usage '-l with a bracket left open' "echod: -l: $bad $want" -l '[::1:7007'
	usage '-l with brackets around IPv4' \
	    "echod: -l: $bad what stands in \\[\\] is not an IPv6 address" -l '[127.0.0.1]:7007'
	usage '-l with a unix socket without a path' \
	    "echod: -l: $bad a unix socket needs a path or @name" -l unix:
	usage '-l with an abstract socket without a name' \
	    "echod: -l: $bad a unix socket needs a path or @name" -l unix:@
	usage '-l with a path too long' \
	    "echod: -l: $bad the path of a unix socket has at most 107 bytes" \
	    -l "unix:$(printf %0108d 1)"
	printf -v host %01100d 1
	usage '-l with a name too long' "echod: -l: $bad $want" -l "$host:7007"
	usage '-l twice the same' 'echod: -l: "127.0.0.1:0" is given twice' \
	    -l 127.0.0.1:0 -l 127.0.0.1:0
	refuses '-l with a name that does not exist' 69 "echod: -l: $bad .*" -l nosuch.invalid:7007
}

signals()
{
	usage '-s with an unknown action' "echod: -s: want stop, quit, reload or reopen; $hint" -s halt
	usage '-s without a pid file' \
	    "echod: -s: needs to know the pid file \\(-p, or pid-file in the settings\\); $hint" -s stop
	refuses '-s with a pid file that is not there' 69 \
	    "echod: no instance runs with the pid file $TMP/none" -s stop -p "$TMP/none"
	echo 1 >"$TMP/stale"
	refuses '-s with a pid file of nobody' 69 \
	    "echod: no instance runs with the pid file $TMP/stale" -s stop -p "$TMP/stale"
}

# Longer than anything sane; the message must not be as long.
long_ones()
{
	local long i=0 status size args

	long=$(head -c 102400 /dev/zero | tr '\0' a)
	while read -ra args; do
		bounded "$ECHOD" -t -c "$TMP/empty.conf" "${args[@]/LONG/$long}" >"$TMP/out" 2>&1
		status=$?
		size=$(stat -c %s "$TMP/out")
		is "100 KiB for $((++i)), ${args[*]}: exit status" $status 64
		at_most "100 KiB for $i: bytes of the message" "$size" 1000
	done <<-E
		-o LONG
		-o user=LONG
		-b LONG
		-l LONG
		-l LONG:7
		-l unix:LONG
		-L LONG
		-s LONG
		--ready-fd LONG
	E
	bounded "$ECHOD" -t -c "$long" >"$TMP/out" 2>&1
	is '100 KiB for -c: exit status' $? 78
	bounded "$ECHOD" -t -c "$TMP/empty.conf" -o "$long=1" >"$TMP/out" 2>&1
	is '100 KiB for a key: exit status' $? 64
	bounded "$ECHOD" -t -c "$TMP/empty.conf" "$long" >"$TMP/out" 2>&1
	is '100 KiB for a stray argument: exit status' $? 64
}

options
values
addresses
signals
long_ones
