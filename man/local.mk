# SPDX-License-Identifier: ISC
dist_man_MANS = %D%/echod.8 %D%/echod.conf.5 %D%/echoload.1
EXTRA_DIST += README.md HACKING.md
