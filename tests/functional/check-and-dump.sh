# SPDX-License-Identifier: ISC
#
# The options that only say something: -t, -T, -V, -h.  They exit with 0, bind
# nothing, make no file; and what -T prints is a settings file that means the same.
. "${0%/*}/lib.sh"

nest=$TMP/nest
mkdir "$nest"
many=(-l "unix:$nest/socket" -l 127.0.0.1:0 -p "$nest/pid" -o "log=file:$nest/log" -u "$(id -un)")

# -> status, stdout and stderr in $TMP
run() # ARGS...
{
	bounded "$ECHOD" -c "$TMP/empty.conf" "$@" </dev/null >"$TMP/stdout" 2>"$TMP/stderr"
	status=$?
}

say_only()
{
	local before=

	before=$(stat -c %y "$nest")
	run -t "${many[@]}"
	is '-t: exit status' $status 0
	is '-t: nothing on stdout' "$(cat "$TMP/stdout")" ''
	like '-t: says that all is good' "$(cat "$TMP/stderr")" \
	    '^echod: the settings are good; room for [1-9][0-9]* connections$'
	run -T "${many[@]}"
	is '-T: exit status' $status 0
	is '-T: nothing on stderr' "$(cat "$TMP/stderr")" ''
	run -t -D "${many[@]}"
	is '-t -D: exit status' $status 0
	is 'nothing was bound, no file made' "$(stat -c %y "$nest")" "$before"

	run -V
	is '-V: exit status' $status 0
	is '-V: nothing on stderr' "$(cat "$TMP/stderr")" ''
	like '-V: version' "$(head -n 1 "$TMP/stdout")" '^echod [0-9]+\.[0-9]+\.[0-9]+$'
	like '-V: libev and its backends' "$(cat "$TMP/stdout")" '^libev 4\.[0-9]+ with .*poll'
	like '-V: our backends' "$(cat "$TMP/stdout")" '^backends: auto \([a-z-]+ here\) .*poll'
	like '-V: OpenSSL' "$(cat "$TMP/stdout")" '^OpenSSL: '
	run -h
	is '-h: exit status' $status 0
	is '-h: nothing on stderr' "$(cat "$TMP/stderr")" ''
	like '-h: usage' "$(cat "$TMP/stdout")" '^Usage: echod '
	# All but the path of the settings, which is as long as the prefix.
	unlike '-h: fits 80 columns' "$(grep -v '/echod\.conf$' "$TMP/stdout")" '^.{81}'
	run -h --nope
	is '-h before a mistake: exit status' $status 0
	run -c /nonexistent -V
	is '-V does not read the file' $status 0
	if [ -w /dev/full ]; then
		for option in -T -V -h; do
			bounded "$ECHOD" -c "$TMP/empty.conf" $option >/dev/full 2>"$TMP/stderr"
			is "$option to a full disk: exit status" $? 71
			like "$option to a full disk: says so" "$(cat "$TMP/stderr")" 'No space left'
		done
	else
		skip 'to a full disk' '/dev/full is missing'
	fi
}

# What -T says of itself when it is fed to -c.
same_again() # NAME ARGS...
{
	local name=$1

	shift
	run -T "$@"
	cp "$TMP/stdout" "$TMP/first"
	bounded "$ECHOD" -T -c "$TMP/first" >"$TMP/second" 2>"$TMP/stderr"
	if [ $status -ne 0 ] || [ -s "$TMP/stderr" ] || [ ! -s "$TMP/first" ]; then
		fail "$name" "exit status $status" "$(cat "$TMP/stderr")"
	else
		same_file "$name" "$TMP/second" "$TMP/first"
	fi
}

dump()
{
	local odd

	same_again '-T again: defaults'
	same_again '-T again: many settings' "${many[@]}"
	same_again '-T again: numbers' -o max-connections=77 -o backlog=9 -o busy-poll=200 \
	    -o idle-timeout=1.5s -o stall-timeout=0 -o drain-timeout=90m -L debug
	same_again '-T again: a third of a second' -o idle-timeout=333.333ms
	is '-T: idle-timeout' "$(sed -n 's/^idle-timeout *= //p' "$TMP/first")" 333.333ms
	same_again '-T again: addresses' -l '*:7007' -l '[::1]:7' -l unix:@abstract -l 'unix:/a b' \
	    -l "unix:/it's" -l 'unix:/a"b$c{'
	is '-T: all addresses' "$(grep -c '^listen' "$TMP/first")" 6
	# shellcheck disable=SC1003 # so they are meant
	for odd in "it's" 'a"b' 'a\b' 'a$HOME' 'a${HOME}b' 'a b' $'a\nb' $'a\tb' $'a\rb' 'a#b' \
	    '/a//b' '/a/*b' 'tail\' '\\' "'" '"' "\\'" '\"' '{}' 'a,b' '=' '+' 'a;b' \
	    $'\xc3\xa4' $'\x01' '${' ' '; do
		same_again "-T again: pid-file $(printf %q "$odd")" -p "$odd"
		run -T -p "$odd" -o "log=file:$odd"
		cp "$TMP/stdout" "$TMP/first"
		run -T -c "$TMP/first" -o log=stderr
		sed 's/^log  *=.*/log             = stderr/' "$TMP/first" >"$TMP/expected"
		[[ $odd == *$'\n'* ]] ||
		    same_file "-T again: log $(printf %q "$odd")" "$TMP/stdout" "$TMP/expected"
	done
	# Not only the same as itself, but what was asked for.
	run -T -p $'it\'s "a" \\b $HOME'
	is '-T: pid-file is what was asked for' "$(sed -n 's/^pid-file *= //p' "$TMP/stdout")" \
	    "'it\\'s \"a\" \\\\b \$HOME'"
}

say_only
dump
