# shellcheck shell=bash
# Reading the requester's values, and quoting them for each language that they are written in.

say() { printf '==> %s %s\n' "$1" "$2"; }
fail() { trap - ERR; printf 'error: %s\n' "$1" >&2; exit 1; }

# The value of a field; nothing where it was not given. Only the newline that a file may end in is lost.
field() { if [ -e "$KILN_INPUTS/fields/$1" ]; then cat "$KILN_INPUTS/fields/$1"; fi; }

# Whether a field of several choices has this one.
chosen() { [ -e "$KILN_INPUTS/fields/$1" ] && grep -qxF -- "$2" "$KILN_INPUTS/fields/$1"; }

# One visible line: control characters become spaces; marks that turn the direction of text around, which could make
# one text look like another, and characters that are no text at all are left out.
one_line() {
    local text=$1 mark
    text=${text//[[:cntrl:]]/ }
    for mark in $'\u202a' $'\u202b' $'\u202c' $'\u202d' $'\u202e' $'\u2066' $'\u2067' $'\u2068' $'\u2069' \
        $'\u2028' $'\u2029' $'\ufeff' $'\ufffe' $'\uffff' $'\u200e' $'\u200f' $'\u061c'; do
        text=${text//"$mark"/}
    done
    printf '%s' "$text" | sed -E 's/[[:space:]]+/ /g; s/^ //; s/ $//'
}

# At most so many characters, the last of them an ellipsis where something is missing.
shorten() { if [ "${#1}" -gt "$2" ]; then printf '%s…' "${1:0:$(($2 - 1))}"; else printf '%s' "$1"; fi; }

# For XML text and attributes (SVG, Pango markup).
quote_xml() {
    local text=$1
    text=${text//&/\&amp;}; text=${text//</\&lt;}; text=${text//>/\&gt;}
    text=${text//\"/\&quot;}; text=${text//\'/\&apos;}
    printf '%s' "$text"
}

# As one word of GRUB's language, and of a shell's: single quotes keep everything but themselves.
quote_word() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# Inside double quotes in os-release(5): a shell reads the same text back.
quote_os_release() {
    local text=$1
    text=${text//\\/\\\\}; text=${text//\"/\\\"}; text=${text//\$/\\\$}; text=${text//\`/\\\`}
    printf '"%s"' "$text"
}

# ASCII letters, digits and single dashes, lower case; nothing where a text has no letters that ASCII can say.
ascii_slug() {
    printf '%s' "$1" | iconv -c -f UTF-8 -t ASCII//TRANSLIT 2>/dev/null | tr -d "?'" | tr '[:upper:]' '[:lower:]' \
        | tr -cs 'a-z0-9' '-' | sed 's/^-*//' | cut -c "1-$2" | sed 's/-*$//'
}
