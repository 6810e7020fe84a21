#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The stories that are about what a client sees, told over TLS, by the same clients,
# through a tunnel.  On one backend for each version, without workers and with two;
# make check-tls has all of them, on all backends.
#
# Not among them are those that look at the addresses of an instance, or at what its
# connections hold, for there they would look at the tunnel.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
need openssl
"$ECHOD" -V | grep -Eq '^OpenSSL: [0-9]' || skip_all 'this echod was built without OpenSSL'

# What the checks of a story come to is one check here; what failed is told.
tell() # VERSION STORY
{
	local version=$1 story=$2 said=$TMP/said

	if ECHOD_TLS=$version bash "${0%/*}/$story.sh" >"$said" 2>&1 && ! grep -q '^not ok' "$said"; then
		pass "TLS $version: $story, $(grep -c '^ok' "$said") checks"
	else
		fail "TLS $version: $story" "$(grep -v '^ok' "$said")"
	fi
}

if [ "${ECHOD_TLS:-}" = all ]; then
	on_1_2='select poll epoll epoll-et' on_1_3=$on_1_2
	stories='crowd never-reader admission max-connections stop short-io hostile-peers libev-flags workers'
else
	on_1_2=epoll on_1_3=epoll-et stories=
fi
for story in netcats telnet urgent slow-reader fairness resets busy-poll byte-rate timeouts \
    $stories; do
	ECHOD_BACKENDS=$on_1_2 tell 1.2 "$story"
	ECHOD_BACKENDS=$on_1_3 tell 1.3 "$story"
done
