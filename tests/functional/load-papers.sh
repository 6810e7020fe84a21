#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# load-papers.sh -- each option of echoload --help is in echoload(1) and in the
# completion, none of them tells of one that there is not, and mistakes on the
# command line are answered.

. "${0%/*}/lib.sh"
. "${0%/*}/load.sh"

top=${0%/*}/../..
bounded "$ECHOLOAD" --help >"$TMP/help"

grep -oE '^ {2,6}(-[A-Za-z0-9], )?(-[A-Za-z0-9]|--[a-z0-9-]+)(, --[a-z-]+)?' "$TMP/help" |
	grep -oE -- '--[a-z-]+|-[A-Za-z0-9]\b' | sort -u >"$TMP/options"
at_least "options are found in --help" "$(wc -l <"$TMP/options")" 50
sed -n 's/^\.It //p' "$top/man/echoload.1" | sed 's/Fl Fl /--/g; s/Fl -/--/g; s/Fl /-/g; s/\\-/-/g' |
	grep -oE -- '--[a-z-]+|(^| )-[A-Za-z0-9]\b' | tr -d ' ' | sort -u >"$TMP/manual"
is "options of --help that echoload(1) lacks" "$(comm -23 "$TMP/options" "$TMP/manual")" ''
is "options of echoload(1) that there are not" "$(comm -13 "$TMP/options" "$TMP/manual")" ''
while read -r option; do
	grep -qE -- "(^|[[:space:]])$option([[:space:]]|\$)" "$top/contrib/bash-completion/echoload" ||
	    echo "$option"
done <"$TMP/options" >"$TMP/missing"
is "options of --help that the completion lacks" "$(cat "$TMP/missing")" ''
is "lines of --help over 80 columns" "$(grep -cE '^.{81}' "$TMP/help")" 0

# STATUS and a message that says which, what and what is allowed.
refused() # STATUS REGEX ARGS...
{
	local status=$1 regex=$2

	shift 2
	OUT=$(bounded "$ECHOLOAD" --no-progress "$@" 2>&1)
	STATUS=$?
	is "$*: exit $status" "$STATUS" "$status"
	like "$*: says why" "$OUT" "$regex"
}

refused 2 'which server\?.*TARGET'
refused 2 'option.*--bogus' --bogus x:7
refused 2 '-c: "0" will not do; want a number from 1' -c 0 x:7
refused 2 '-d: "5" will not do; want a time as' -d 5 x:7
refused 2 '-r: "fast" will not do; want a rate' -r fast x:7
refused 2 '-m: "0" will not do: want a size' -m 0 127.0.0.1:7
refused 2 '-m: "choice:" will not do: want choice' -m choice: 127.0.0.1:7
refused 2 '--mode: "udp" will not do; want rr, crr' --mode udp x:7
refused 2 '--arrival: "burst" will not do; want how many' --arrival burst x:7
refused 2 '-B: "nowhere" will not do; want addresses' -B nowhere x:7
refused 2 '--assert: "p99" will not do; want' --assert p99 x:7
refused 2 '--percentiles: "101" will not do' --percentiles 101 x:7
refused 2 '--tls-min: "1.1" will not do; want 1.2 or 1.3' --tls-min 1.1 x:7
refused 2 '--tls-max: "1.2" will not do; want no less' --tls-min 1.3 --tls-max 1.2 127.0.0.1:7
refused 2 '--tls-resume: "half" will not do; want on, off' --tls-resume half x:7
refused 2 '--tls-resume: .* it only with TLS' --tls-resume on 127.0.0.1:7
refused 2 '--key: .* --cert with it' --key "$TMP/x" tls://127.0.0.1:7
refused 1 'cafile: ' --cafile "$TMP/none" tls://127.0.0.1:7
refused 1 'cert: .*No such file' --cert "$TMP/none" tls://127.0.0.1:7
refused 1 'ciphers: "nonsense" cannot be used: no cipher match' --ciphers nonsense tls://127.0.0.1:7
refused 2 'the port is a number' 127.0.0.1:70000
refused 2 'a port from 1 to 65535' 127.0.0.1:0
refused 2 '-p: .* will not do; want none with -r' -p 2 -r 100 127.0.0.1:7
refused 2 '-t: .* no more processes than connections' -t 9 -c 8 127.0.0.1:7
refused 1 'target "no.such.name.invalid:7"' no.such.name.invalid:7
refused 1 'unix:/nonexistent/socket|No such file' unix:/nonexistent/socket
