#!/bin/bash
# SPDX-License-Identifier: ISC
# faults.sh -- tests/FAULTS.md and the tests agree: each fault has its row, each row
# names its tests or the reason why there is none, and each test says so itself.
set -u
cd "${0%/*}" || exit 99
n=0 failed=0

check() # NAME TROUBLE: good if there is none
{
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1"
		sed 's/^/# /' <<<"$2"
	fi
}

# "F01 functional/descriptors", a line for each, by the table and by the tests.
by_table=$(sed -n 's/^| \(F[0-9]*\) |[^|]*|[^|]*| \([^|]*\) |[^|]*|$/\1 \2/p' FAULTS.md |
	while IFS=' ,' read -r number tests; do
		for test in ${tests//,/ }; do
			[ "$test" = none ] || echo "$number $test"
		done
	done | sort)
by_tests=$(grep -Eo '^(#| \*) Faults:( F[0-9]+)+$' {unit,functional,fuzz,soak,systemd}/*.{c,sh} 2>/dev/null |
	while IFS=: read -r file _ numbers; do
		for number in $numbers; do
			echo "$number ${file%.*}"
		done
	done | sort)
rows=$(sed -n 's/^| F\([0-9]*\) |.*/\1/p' FAULTS.md)

check 'each fault has its row, in order' \
    "$(diff <(seq -f %02.0f 1 128) - <<<"$rows")"
check 'rows have five columns, and what must happen or why there is no test' \
    "$(grep '^| F' FAULTS.md | grep -Ev '^\| F[0-9]{2,3} \| [^|]+ \| [^|]{4,} \| [^|]+ \| [a-z, ]*\|$')"
check 'where a test runs is said' \
    "$(grep '^| F' FAULTS.md | grep -E '\| none \| [a-z]|[a-z] \| \|$' | grep -v '| none | |$')"
check 'what the table names says so itself' "$(comm -23 <(echo "$by_table") <(echo "$by_tests"))"
check 'what a test says is in the table' "$(comm -13 <(echo "$by_table") <(echo "$by_tests"))"
check 'no test has a number twice' "$(uniq -d <<<"$by_tests")"
echo "1..$n"
exit "$failed"
