# SPDX-License-Identifier: ISC
#
# How far the units lay a service open, in the words and the measure of systemd itself
# (0 is nothing, 10 is all): never more than now.
#
# Faults: F125
. "${0%/*}/../functional/lib.sh"

need systemd-analyze

exposes() # AT_MOST UNIT: in tenths
{
	local said

	said=$(systemd-analyze security --no-pager --offline=yes --threshold="$1" \
	    "contrib/systemd/$2" 2>&1)
	is "$2 is exposed to $1 tenths at most" "$? $(grep -o 'level for.*' <<<"$said" |
	    grep -Eo '[0-9]+\.[0-9]')" "0 $(($1 / 10)).$(($1 % 10))"
}

exposes 11 echod.service
exposes 11 echod@.service
exposes 2 echod-activated.service
