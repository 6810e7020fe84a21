#!/bin/sh
# SPDX-License-Identifier: ISC
# The includes in src/ keep to the floor table in ARCHITECTURE.md; and the check
# that says so sees each kind of breach, shown on a copy that is broken on purpose.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d "${TMPDIR:-/tmp}/echod-layers.XXXXXX")
trap 'rm -rf "$copy"' EXIT
failed=0
count=0

result()	# STATUS NAME: prints what is in $copy/out if it is not ok
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$copy/out"
		failed=1
	fi
}

check()
{
	"$top/contrib/check-layers" "$1" >"$copy/out" 2>&1
}

# breach NAME MESSAGE COMMAND...: after the command the check fails and says MESSAGE.
breach()
{
	name=$1 message=$2
	shift 2
	rm -rf "$copy/tree"
	mkdir "$copy/tree"
	cp -R "$top/src" "$top/ARCHITECTURE.md" "$copy/tree"
	chmod -R u+w "$copy/tree"
	(cd "$copy/tree" && "$@")
	if check "$copy/tree"; then
		result 1 "$name: not seen"
	else
		grep -qF -e "$message" "$copy/out" && rc=0 || rc=1
		result "$rc" "$name"
	fi
}

include()	# FILE HEADER
{
	echo "#include $2" >>"src/$1"
}

edit()	# FILE SED-COMMAND
{
	sed "$2" "$1" >edited
	cmp -s "$1" edited && return 1
	mv edited "$1"
}

echo 1..9
check "$top" && rc=0 || rc=1
result "$rc" 'every include keeps to its floors'
breach 'an include that climbs' 'stream.c (floor 2) must not include conn.h (floor 3)' \
	include stream.c '"conn.h"'
breach 'an include on the same floor that the table does not name' \
	'stats.c (floor 0) must not include log.h (floor 0)' include stats.c '"log.h"'
breach 'a file in no row' 'src/novel.c: is in no row' include novel.c '<stdio.h>'
breach 'a row that has gone' 'src/stats.c: is in no row' edit ARCHITECTURE.md '/^|.*`stats`/d'
breach 'a row without its file' 'stats is not in src/' rm src/stats.c src/stats.h
breach 'a row that permits to climb' 'stream.c may not be allowed conn.h, a floor up' \
	edit ARCHITECTURE.md '/`stream`/s/| 0 1 |/| 0 1 conn |/'
breach 'a library beside its door' 'conf.c is not a door of <confuse.h>' \
	include conf.c '<confuse.h>'
breach 'no table at all' 'there is no table' edit ARCHITECTURE.md '/^|/d'
exit $failed
