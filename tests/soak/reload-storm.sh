#!/bin/bash
# SPDX-License-Identifier: ISC
# A thousand reloads and more under load, half of them of a broken file.
RELOADS=$((SHARE > 200 ? SHARE * 5 : 1000)) STALL=1000 \
	exec bash "${0%/*}/../functional/reload-storm.sh"
