# SPDX-License-Identifier: ISC
#
# What is written about echod is true and complete: each option of --help is in
# echod(8) and in the completion, each setting of -T is in --help, echod.conf(5),
# the sample file and the completion, each default is the same everywhere; and none
# of them tells of anything that there is not.
. "${0%/*}/lib.sh"

top=${0%/*}/../..
man=$top/man/echod.8
man_conf=$top/man/echod.conf.5
sample=$top/conf/echod.conf
completion=$top/contrib/bash-completion/echod

bounded "$ECHOD" --help >"$TMP/help"
bounded "$ECHOD" -T -c "$TMP/empty.conf" -l 127.0.0.1:7007 >"$TMP/dump"

# -> a name and a default a line
settings() # global | listen
{
	sed -n "$([ "$1" = global ] && echo '1,/^$/p' || echo '/^listen/,$p')" "$TMP/dump" |
	    sed -n 's/^[[:space:]]*\([a-z-]*\) *= \(.*\)/\1 \2/p'
}

options() # those of --help, a line each: "-x --long" or "--long"
{
	sed -n '1,/^Settings/s/^  *\(-[A-Za-z]\)*,* *\(--[a-z-]*\).*/\1 \2/p' "$TMP/help"
}

# What bash would offer for the last word, a line each.
complete_with() # WORD...
{
	bash -c '. "$1" && shift && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) &&
	    $(complete -p echod | sed "s/.*-F \([^ ]*\).*/\1/") echod "${@: -1}" "${@: -2:1}" &&
	    printf "%s\n" "${COMPREPLY[@]}"' - "$completion" echod "$@" 2>"$TMP/stderr"
	cat "$TMP/stderr"
}

# The first arguments of all .It in a page, as plain text.
items() # PAGE
{
	sed -n 's/^\.It //p' "$1" | sed 's/Fl -/--/g; s/Fl /-/g; s/\\-/-/g; s/ ,/ /g'
}

same_lines() # NAME GOT EXPECTED, each a text
{
	local diff

	if diff=$(diff <(sort -u <<<"$3") <(sort -u <<<"$2")); then
		pass "$1"
	else
		fail "$1" '< is missing or different, > is what there is:' "$diff"
	fi
}

names() { cut -d ' ' -f 1; }

the_options()
{
	local all

	all=$(options | tr ' ' '\n' | grep .)
	at_least '--help has options' "$(wc -l <<<"$all")" 20
	same_lines 'options of echod(8)' "$(items "$man" | grep -oE '(^| )--?[A-Za-z][a-z-]*' | tr -d ' ')" "$all"
	same_lines 'options of the completion' "$(complete_with -)" "$all"
}

the_settings()
{
	local global listen in_help

	global=$(settings global) listen=$(settings listen)
	at_least '-T has settings' "$(wc -l <<<"$global")" 10
	at_least '-T has settings of sections' "$(wc -l <<<"$listen")" 5
	in_help=$(sed -n '/^Settings/,/^$/s/^  \([a-z-]*\)  *\([^ ]*\)  .*/\1 \2/p' "$TMP/help")
	same_lines '--help, names and defaults' "$in_help" "$global"
	same_lines 'echod.conf(5), names' \
	    "$(items "$man_conf" | sed -n 's/^Ic \([a-z-]*\).*/\1/p')" \
	    "$(names <<<"$global"; names <<<"$listen")"
	same_lines 'completion, names' "$(complete_with -o '' | sed 's/=$//')" "$(names <<<"$global")"
}

the_sample()
{
	bounded "$ECHOD" -T -c "$sample" -l 127.0.0.1:7007 >"$TMP/as_it_is" 2>&1
	same_file 'the sample as it is changes nothing' "$TMP/as_it_is" "$TMP/dump"
	sed 's/^#\( *[a-z-]* *= \)/\1/; s/^#\(listen .*{\)$/\1/; s/^#}/}/' "$sample" >"$TMP/all"
	same_lines 'sample, names' "$(sed -n 's/^ *\([a-z-]*\) *= .*/\1/p' "$TMP/all")" \
	    "$({ settings global; settings listen; } | names)"
	bounded "$ECHOD" -T -c "$TMP/all" 2>&1 | sed 's/^listen .*/listen "127.0.0.1:7007" {/' \
	    >"$TMP/all.dump"
	same_file 'sample, defaults: those of each setting' "$TMP/all.dump" "$TMP/dump"
}

the_options
the_settings
the_sample
