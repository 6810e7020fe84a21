#!/bin/bash
# SPDX-License-Identifier: ISC
# The program replaced under load, a hundred times and more; and one that hangs.
UPGRADES=$((SHARE > 50 ? SHARE * 2 : 100)) LONG=1 STALL=1000 \
	exec bash "${0%/*}/../functional/upgrade.sh"
