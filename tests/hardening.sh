#!/bin/sh
# SPDX-License-Identifier: ISC
# The program has the hardening that configure promises: looked up in the file
# that was built, since flags get lost on the way without a word.
set -eu
export LC_ALL=C

program=src/echod
objects=src/libecho.a
# make CFLAGS=... arrives in the environment.
cflags=${CFLAGS-$(sed -n 's/^CFLAGS = //p' Makefile)}
compiler=$(sed -n 's/^CC = //p' Makefile)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/echod-hardening.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
failed=0
count=0

if ! command -v readelf >/dev/null; then
	echo '1..0 # SKIP readelf is not installed (Debian: binutils)'
	exit 0
fi
readelf -hlWd "$program" >"$scratch/headers"
readelf -sW --dyn-syms "$program" >"$scratch/symbols"
readelf -n "$objects" >"$scratch/notes"

holds()	# NAME FILE REGEX
{
	count=$((count + 1))
	if grep -Eq -e "$3" "$scratch/$2"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# no $3 in the $2"
		failed=1
	fi
}

skip()	# NAME REASON
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# Whether the compiler, with the flags in use, says so.
# shellcheck disable=SC2086 # both are lists of words
defines()	# MACRO
{
	$compiler $cflags -dM -E -x c /dev/null | grep -q "^#define $1 "
}

echo 1..6
holds 'a position independent executable' headers 'FLAGS_1.* PIE'
holds 'what is relocated is read-only afterwards' headers 'GNU_RELRO'
holds 'all is bound at the start' headers 'BIND_NOW'
holds 'a stack protector' symbols '__stack_chk_fail'
if defines __OPTIMIZE__; then
	holds 'fortified functions' symbols '__[a-z]+_chk@'
else
	skip 'fortified functions' 'nothing is optimized'
fi
# Of the objects: the C library's start files may lack it, and then the program does.
if defines __x86_64__; then
	holds 'control-flow enforcement' notes 'IBT, SHSTK'
else
	skip 'control-flow enforcement' 'not on this processor'
fi
exit $failed
