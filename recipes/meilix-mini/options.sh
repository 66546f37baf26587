# shellcheck shell=bash disable=SC2034,SC2154 # the variables are for the scripts that build.sh reads after this one
# What was asked for, checked once more and made safe for each place that it goes to.

export LC_ALL=C.UTF-8
field name | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || fail "name: this is not UTF-8 text"
name=$(one_line "$(field name; printf .)")
name=$(one_line "${name%.}")
[ -n "${name//[[:space:]]/}" ] || fail "name: it has no visible characters: give it at least one letter"
# The form counts characters as people do: an emoji of a family, or a syllable of Hindi, is one of several code points.
# What is counted here has the bound that 20 of the longest have.
[ "${#name}" -le 320 ] || fail "name: it has ${#name} code points: shorten it to 20 characters"

slug=$(ascii_slug "$name" 40)
[ -n "$slug" ] || slug=meilix-mini
hostname=$slug
volume=$(printf '%s' "$slug" | tr '[:lower:]-' '[:upper:]_' | cut -c 1-32)
# The console's font knows Western letters; the pictures know all.
console_name=$name
for ((i = 0; i < ${#name}; i++)); do
    if (($(printf '%d' "'${name:i:1}") > 0xff)); then console_name=$hostname; fi
done

homepage=$(field homepage)
[[ -z $homepage || $homepage =~ ^https?://[^[:space:][:cntrl:]\"\'\<\>\\]+$ ]] \
    || fail "homepage: it has to be an http:// or https:// address without spaces or quotes"

search_engine=$(field search_engine)
case ${search_engine:=duckduckgo} in
    duckduckgo) search_title=DuckDuckGo search_url='https://duckduckgo.com/?q=' ;;
    ecosia) search_title=Ecosia search_url='https://www.ecosia.org/search?q=' ;;
    google) search_title=Google search_url='https://www.google.com/search?q=' ;;
    startpage) search_title=Startpage search_url='https://www.startpage.com/sp/search?query=' ;;
    wikipedia) search_title=Wikipedia search_url='https://en.wikipedia.org/w/index.php?search=' ;;
    *) fail "search_engine: there is no such choice: take one that the form offers" ;;
esac

theme=$(field theme)
case ${theme:=dark} in
    dark)
        card='#150f22' card_opacity=.62 edge='#ffffff' text='#ffffff' muted='#d3cadf' accent='#ff9a4d'
        selected='#23120a' paper=17121f ink=ece6f2
        palette='17121f e5586a 7fc98a f0b866 7aa7f0 c792ea 6fc7cf ece6f2'
        palette+=' 5d5470 ff7a8a 9be3a5 ffd08a 9cc1ff dbb0ff 93e2ea ffffff' ;;
    light)
        card='#ffffff' card_opacity=.70 edge='#ffffff' text='#2a2030' muted='#574e60' accent='#c8481a'
        selected='#ffffff' paper=fbf7f2 ink=2b2530
        palette='fbf7f2 b3261e 2c6e3f 8a5300 2450a6 7b3094 0b6470 2b2530'
        palette+=' 8b8392 c8352c 1f7a3d 9a5c00 2f62c9 9440b0 0e7c8a 000000' ;;
    *) fail "theme: there is no such choice: take light or dark" ;;
esac

features=$(field features)
while IFS= read -r feature; do
    case $feature in
        ''|clock|summary|large-text|password|boot-tools|wait-at-menu|network|serial-console) ;;
        *) fail "features: there is no such choice: take those that the form offers" ;;
    esac
done <<< "$features"

packages=()
while IFS= read -r package; do
    case $package in
        '') ;;
        nano|tmux|htop|tree|jq|w3m|cmatrix|figlet) packages+=("$package") ;;
        *) fail "packages: there is no such choice: take those that the form offers" ;;
    esac
done <<< "$(field packages)"

logo=$KILN_INPUTS/files/logo
[ -e "$logo" ] || logo=$prepared/art/logo-$theme.png
wallpaper=$KILN_INPUTS/files/wallpaper
[ -e "$wallpaper" ] || wallpaper=$prepared/art/wallpaper-$theme.png

# The same build made twice has the same times in it.
created=$(sed -n 's/.*"created_at" *: *"\([0-9T:.Z+-]*\)".*/\1/p' "$KILN_INPUTS/build.json" | head -n 1)
SOURCE_DATE_EPOCH=$(date -u -d "${created:-1970-01-02}" +%s 2>/dev/null) || SOURCE_DATE_EPOCH=86400
export SOURCE_DATE_EPOCH
