# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# preload.sh -- for stories in which the C library of echod lies: see tests/preload.

# What LD_PRELOAD has to be; a sanitizer that is a library of its own comes first.
preload_of() # NAME
{
	local library=$PWD/tests/preload/$1.so

	[ -e "$library" ] || skip_all "$library has not been built"
	echo "$(ldd "$ECHOD" | sed -n 's/.* => \(.*\/libasan[^ ]*\).*/\1:/p')$library"
}

# A program in $PRELOADED that is echod with a library preloaded.  What the library
# is to do it finds in the environment, as its first lines say.
make_preloaded() # NAME
{
	PRELOADED=$TMP/echod-$1
	printf '#!/bin/bash\nLD_PRELOAD=%s exec "%s" "$@"\n' "$(preload_of "$1")" "$ECHOD" \
	    >"$PRELOADED"
	chmod +x "$PRELOADED"
}
