# shellcheck shell=bash disable=SC2034,SC2154 # takes from options.sh, gives to bootloader.sh
# Draws boot.png (behind GRUB's menu) and live.png (the upper part of the live system's screen), both 1024 wide.
#
# Names are drawn here, where every script has its font and is shaped, and not by GRUB or the console, which cannot.

export FONTCONFIG_FILE=$prepared/fonts/fonts.conf VIPS_CONCURRENCY=2 VIPS_WARNING=0

# Pixels as bytes, without what a decoder could trip over; also the last check that these are pictures.
vips thumbnail "$wallpaper" "wallpaper.png[strip,compression=1]" 1024 --height 768 --crop centre \
    || fail "wallpaper: it cannot be read: upload another picture"
vips thumbnail "$logo" "logo.png[strip]" 256 --height 256 --size down \
    || fail "logo: it cannot be read: upload another picture"

# Text as a picture of its own: at this size, or smaller where it would be too wide. Not everything that is text has a
# shape; what has none leaves an empty picture.
draw_text() {
    local out=$1 text=$2 width=$3 height=$4
    local markup
    markup="<span foreground=\"$5\">$(quote_xml "$text")</span>"
    if ! { vips text text.png "$markup" --font 'sans-serif Bold 40' --dpi 96 --rgba \
        && vips thumbnail text.png "${out}[strip]" "$width" --height "$height" --size down; } >/dev/null 2>&1; then
        vips black "$out" 1 1 --bands 4
    fi
}
draw_text title.png "$name" 520 62 "$text"

# A picture centred on a point, in its own size, or in a box that it has to fit: x y [width height].
place() {
    local width=${4:-$(vipsheader -f width "$1")} height=${5:-$(vipsheader -f height "$1")}
    printf '<image xlink:href="%s" x="%s" y="%s" width="%s" height="%s"/>\n' \
        "$1" $(($2 - width / 2)) $(($3 - height / 2)) "$width" "$height"
}
label() {
    local x=$1 y=$2 size=$3 colour=$4 anchor=$5 text=$6
    printf '<text x="%s" y="%s" font-size="%s" fill="%s" text-anchor="%s">%s</text>\n' \
        "$x" "$y" "$size" "$colour" "$anchor" "$(quote_xml "$text")"
}

# The wallpaper with a pane of frosted glass over it: left top width height, and what is drawn on the glass.
scene() {
    local left=$1 top=$2 width=$3 height=$4 wash=.18
    [ "$theme" = dark ] || wash=.0
    cat <<SVG
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="1024" height="$5"
  viewBox="0 0 1024 $5" font-family="sans-serif">
<defs>
  <clipPath id="glass"><rect x="$left" y="$top" width="$width" height="$height" rx="30"/></clipPath>
  <filter id="frost" x="0" y="0" width="1" height="1"><feGaussianBlur stdDeviation="16"/></filter>
  <filter id="shadow" x="-.2" y="-.2" width="1.4" height="1.4"><feGaussianBlur stdDeviation="18"/></filter>
  <linearGradient id="sheen" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="$edge" stop-opacity=".45"/><stop offset="1" stop-color="$edge" stop-opacity=".10"/>
  </linearGradient>
</defs>
<image xlink:href="wallpaper.png" width="1024" height="768"/>
<rect width="1024" height="768" fill="#000" opacity="$wash"/>
<rect x="$left" y="$((top + 10))" width="$width" height="$height" rx="30" fill="#000" opacity=".35"
  filter="url(#shadow)"/>
<g clip-path="url(#glass)">
  <image xlink:href="wallpaper.png" width="1024" height="768" filter="url(#frost)"/>
  <rect x="$left" y="$top" width="$width" height="$height" fill="$card" opacity="$card_opacity"/>
</g>
<rect x="$left.5" y="$top.5" width="$((width - 1))" height="$((height - 1))" rx="29.5" fill="none"
  stroke="url(#sheen)"/>
$6
</svg>
SVG
}

# Opaque, without alpha: what is in the file is what is on the screen, pixel for pixel.
render() {
    rsvg-convert -o rendered.png "$1.svg" || fail "the $1 picture could not be drawn: this is a fault of the recipe"
    vips extract_band rendered.png "${1}.png[strip,compression=7]" 0 --n 3
}

# The boot screen: logo, name, and room for the menu's entries.

entries=2
if chosen features boot-tools; then entries=4; fi
entry_height=44
card_height=$((312 + entries * entry_height + 90))
card_top=$(((768 - card_height) / 2))
menu_top=$((card_top + 282))

hint="↑ ↓ choose   ·   Enter start   ·   E edit   ·   C command line"
scene 212 "$card_top" 600 "$card_height" 768 "
$(place logo.png 512 $((card_top + 98)) 160 120)
$(place title.png 512 $((card_top + 204)))
$(label 512 $((card_top + 258)) 16 "$muted" middle "$(shorten "${homepage:-A live system for 64-bit PCs}" 56)")
$(label 512 $((card_top + card_height - 30)) 14 "$muted" middle "$hint")
" > boot.svg
render boot

# The live system's desktop: the same card lying, with all that was chosen.

live_height=480
rows="" row_y=234
line() {
    rows+=$(label 384 "$row_y" 16 "$accent" start "$1")
    rows+=$(label 492 "$row_y" 16 "$text" start "$(shorten "$2" 46)")
    row_y=$((row_y + 27))
}
# A list that is too long for one line goes on in a second.
row() {
    local title=$1 part
    while IFS= read -r part; do
        line "$title" "$part"
        title=""
    done <<< "$(printf '%s\n' "$2" | fold -s -w 46 | head -n 2)"
}
line Homepage "${homepage:-none chosen}"
line Search "$search_title"
row Tools "$([ "${#packages[@]}" = 0 ] && printf 'those of busybox' || printf '%s' "${packages[*]}")"
row Features "$([ -n "$features" ] && printf '%s' "$features" | tr '\n' ' ' || printf 'none chosen')"
line Build "$KILN_BUILD_ID"
# A name that had to shrink to 520 for the menu shrinks a little more here.
vips thumbnail title.png "title-live.png[strip]" 490 --size down
title_half=$(($(vipsheader -f width title-live.png) / 2))
scene 112 84 800 324 "$live_height" "
$(place logo.png 248 246 180 180)
$(place title-live.png $((384 + title_half)) 164)
$rows
<rect y=\"477\" width=\"1024\" height=\"3\" fill=\"$accent\"/>
" > live.svg
render live

# The framebuffer's own order is blue, green, red, and one byte that nobody reads.
cat > swapped.svg <<SVG
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="1024" height="$live_height">
<filter id="swap" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">
  <feColorMatrix values="0 0 1 0 0  0 1 0 0 0  1 0 0 0 0  0 0 0 1 0"/>
</filter>
<image xlink:href="live.png" width="1024" height="$live_height" filter="url(#swap)"/>
</svg>
SVG
render swapped
vips bandjoin_const swapped.png framebuffer.v 0
vips rawsave framebuffer.v live.raw
