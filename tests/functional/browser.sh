# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # stories use what is set here
#
# browser.sh -- what the stories about pages share, on top of lib.sh.  Without a
# browser there is no such story.

for BROWSER in ${BROWSER:-chromium chromium-browser google-chrome ''}; do
	has "$BROWSER" && break
done
has "${BROWSER:-}" || skip_all "chromium is not installed"

# Load a page; then DOM, what came of it, and CONSOLE, what the browser said of it.
# It has no sandbox, for in a container there is none, and it loads but our files.
browse() # FILE
{
	DOM=$(bounded "$BROWSER" --headless --no-sandbox --disable-gpu --disable-quic \
	    --no-first-run --disable-background-networking --disable-component-update \
	    --disable-sync --user-data-dir="$TMP/browser" --enable-logging=stderr \
	    --dump-dom "file://$1" 2>"$TMP/browser.log")
	BROWSED=$?
	CONSOLE=$(grep ':CONSOLE' "$TMP/browser.log")
}

count() # REGEX: how often it is in the DOM
{
	grep -Eo -- "$1" <<<"$DOM" | wc -l
}
