#!/bin/sh
# SPDX-License-Identifier: ISC
# Echoes a second, and connections a second, as a share of what a bare epoll loop does:
# the two cases of the bench that have to reach their bars.
exec sh "$(dirname "$0")/bench.sh" --cases "${CASES:-64 crr}" \
	--subjects "${BACKENDS:-select poll epoll epoll-et}" --page "${PAGE:-bench-throughput.html}" \
	--verdict 64/epoll --verdict crr/epoll
