#!/bin/sh
# SPDX-License-Identifier: ISC
# Instructions that echod spends in user space on one echo of 64 bytes, with ten
# connections: by callgrind, as the difference of a long run and a short one.
# KEEP=FILE: the profile of the last long run, for callgrind_annotate, too.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need valgrind

# instructions BACKEND MESSAGES: of a whole run, into $total.
instructions() {
	echod_start valgrind -q --tool=callgrind --callgrind-out-file="$tmp/profile" -- -b "$1"
	"$pingpong" -c 10 -s 64 -m "$2" "$port" >/dev/null || die "the client failed"
	echod_stop
	total=$(sed -n 's/^totals: *//p' "$tmp/profile")
}

for backend in $backends; do
	instructions "$backend" 200
	short=$total
	instructions "$backend" 1200
	each=$(calculate 0 "($total - $short) / 10000")
	case $backend in
	epoll*) verdict "$backend: instructions an echo" "$each" '<=' 400 ;;
	*) for_info "$backend: instructions an echo" "$each" ;;
	esac
done
test -z "${KEEP-}" || cp "$tmp/profile" "$KEEP"
exit $missed
