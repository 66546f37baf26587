# shellcheck shell=bash disable=SC2154 # the options come from options.sh and pictures.sh
# GRUB for BIOS and UEFI, its theme, its menu.

grub=iso/boot/grub
mkdir -p "$grub/theme"
install -m 644 boot.png "$grub/theme/background.png"

# GRUB stretches pieces: left end, middle and right end of the bar behind the chosen entry, and the line on which time
# passes, which has to be at least 28 high and so is mostly air.
piece() {
    local out=$1 width=$2 height=$3
    printf '<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s">%s</svg>' "$width" "$height" "$4" \
        | rsvg-convert -o "$grub/theme/$out.png"
}
piece select_w 12 38 "<rect width='24' height='38' rx='11' fill='$accent'/>"
piece select_c 1 38 "<rect width='1' height='38' fill='$accent'/>"
piece select_e 12 38 "<rect x='-12' width='24' height='38' rx='11' fill='$accent'/>"
piece track_c 1 28 "<rect y='12' width='1' height='3' fill='$muted' opacity='.35'/>"
piece fill_c 1 28 "<rect y='12' width='1' height='3' fill='$accent'/>"

# Fonts: only the glyphs that the menu shows, so that GRUB need not read megabytes.

font_of() {
    local point=$1
    if ((point >= 0x530 && point <= 0x58f)); then echo NotoSansArmenian-Regular
    elif ((point >= 0x590 && point <= 0x5ff)); then echo NotoSansHebrew-Regular
    elif ((point >= 0x600 && point <= 0x77f)); then echo NotoSansArabic-Regular
    elif ((point >= 0x900 && point <= 0x97f)); then echo NotoSansDevanagari-Regular
    elif ((point >= 0x980 && point <= 0x9ff)); then echo NotoSansBengali-Regular
    elif ((point >= 0xa00 && point <= 0xa7f)); then echo NotoSansGurmukhi-Regular
    elif ((point >= 0xa80 && point <= 0xaff)); then echo NotoSansGujarati-Regular
    elif ((point >= 0xb80 && point <= 0xbff)); then echo NotoSansTamil-Regular
    elif ((point >= 0xc00 && point <= 0xc7f)); then echo NotoSansTelugu-Regular
    elif ((point >= 0xc80 && point <= 0xcff)); then echo NotoSansKannada-Regular
    elif ((point >= 0xd00 && point <= 0xd7f)); then echo NotoSansMalayalam-Regular
    elif ((point >= 0xd80 && point <= 0xdff)); then echo NotoSansSinhala-Regular
    elif ((point >= 0xe00 && point <= 0xe7f)); then echo NotoSansThai-Regular
    elif ((point >= 0xe80 && point <= 0xeff)); then echo NotoSansLao-Regular
    elif ((point >= 0xf00 && point <= 0xfff)); then echo NotoSerifTibetan-Bold
    elif ((point >= 0x1000 && point <= 0x109f)); then echo NotoSansMyanmar-Regular
    elif ((point >= 0x10a0 && point <= 0x10ff)); then echo NotoSansGeorgian-Regular
    elif ((point >= 0x1200 && point <= 0x139f)); then echo NotoSansEthiopic-Regular
    elif ((point >= 0x1780 && point <= 0x17ff)); then echo NotoSansKhmer-Regular
    elif ((point >= 0x1100 && point <= 0x11ff || point >= 0xac00 && point <= 0xd7af)); then echo NanumGothicBold
    elif ((point >= 0x2e80 && point <= 0x9fff || point >= 0xf900 && point <= 0xfaff
        || point >= 0xff00 && point <= 0xffef)); then echo DroidSansFallbackFull
    elif ((point >= 0x2000)); then echo Symbola
    else echo NotoSans-Regular
    fi
}

# GRUB refuses a font that has a glyph twice.
declare -A glyphs=([NotoSans-Regular]="0x20-0x17f,0x2010-0x2026") seen=()
for point in $(printf '%s' "$name" | iconv -f UTF-8 -t UTF-32BE | od -An -v -tx1 | tr -d ' \n' | fold -w 8); do
    point=$((16#$point))
    if ((point <= 0x17f || point >= 0x2010 && point <= 0x2026)) || [ -n "${seen[$point]:-}" ]; then continue; fi
    seen[$point]=1
    font=$(font_of "$point")
    glyphs[$font]+=${glyphs[$font]:+,}$point-$point
done
# GRUB joins Arabic letters with the ready-made forms of these two blocks.
[ -z "${glyphs[NotoSansArabic-Regular]:-}" ] || glyphs[NotoSansArabic-Regular]+=,0xfb50-0xfdff,0xfe70-0xfeff
for font in "${!glyphs[@]}"; do
    file=$prepared/fonts/$font.ttf
    [ -e "$file" ] || file=$prepared/menu-fonts/$font.ttf
    family=$font
    [ "$font" != NotoSans-Regular ] || family=Menu
    grub-mkfont -s 20 -n "$family" -r "${glyphs[$font]}" -o "$grub/theme/$font.pf2" "$file" \
        || fail "GRUB's font could not be made from $font: prepare the recipe again"
done
install -m 644 /usr/share/grub/unicode.pf2 "$grub/theme/console.pf2"

cat > "$grub/theme/theme.txt" <<THEME
desktop-image: "background.png"
title-text: ""
terminal-font: "Unifont Regular 16"
terminal-left: "0"
terminal-top: "0"
terminal-width: "100%"
terminal-height: "100%"
+ boot_menu {
    left = 252
    top = $menu_top
    width = 520
    height = $((entries * entry_height + 24))
    item_font = "Menu Regular 20"
    item_color = "$text"
    selected_item_font = "Menu Regular 20"
    selected_item_color = "$selected"
    item_height = 38
    item_padding = 0
    item_spacing = $((entry_height - 38))
    item_icon_space = 0
    icon_width = 0
    icon_height = 0
    scrollbar = false
    selected_item_pixmap_style = "select_*.png"
}
+ progress_bar {
    id = "__timeout__"
    left = 262
    top = $((card_top + card_height - 84))
    width = 500
    height = 28
    text = ""
    bar_style = "track_*.png"
    highlight_style = "fill_*.png"
}
THEME

# The menu.

reds="" greens="" blues=""
for colour in $palette; do
    reds+=,$((16#${colour:0:2})) greens+=,$((16#${colour:2:2})) blues+=,$((16#${colour:4:2}))
done
common="quiet loglevel=3 panic=10 console=ttyS0,115200 console=tty0"
command_line="$common vt.default_red=${reds#,} vt.default_grn=${greens#,} vt.default_blu=${blues#,}"
if chosen features large-text; then command_line+=" fbcon=font:TER16x32"; fi
timeout=5
if chosen features wait-at-menu; then timeout=-1; fi

{
    cat <<CFG
set default=0
set timeout=$timeout
set gfxmode=1024x768x32,1024x768,auto
loadfont /boot/grub/theme/console.pf2
CFG
    for font in "${!glyphs[@]}"; do printf 'loadfont /boot/grub/theme/%s.pf2\n' "$font"; done | sort
    cat <<CFG
terminal_output gfxterm
set theme=/boot/grub/theme/theme.txt
export theme

menuentry $(quote_word "$name") --id live {
    set gfxpayload=keep
    linux /boot/vmlinuz $command_line
    initrd /boot/initrd
}
menuentry $(quote_word "$name – text only") --id text {
    set gfxpayload=text
    linux /boot/vmlinuz $command_line kiln.text
    initrd /boot/initrd
}
CFG
    if chosen features boot-tools; then
        printf "menuentry 'Restart' --id restart {\n    reboot\n}\nmenuentry 'Switch off' --id off {\n    halt\n}\n"
    fi
} > "$grub/grub.cfg"

# The two programs that the firmware starts.

# They look for the file with this build's id, so that a second stick in the same PC confuses nobody.
: > "$grub/$KILN_BUILD_ID.id"
cat > early.cfg <<CFG
search --no-floppy --file --set=root /boot/grub/$KILN_BUILD_ID.id
set prefix=(\$root)/boot/grub
CFG
common_modules="normal configfile linux all_video gfxterm gfxmenu gfxterm_background png font echo test search
    search_fs_file iso9660 part_msdos part_gpt fat ls cat halt reboot minicmd sleep true"
# shellcheck disable=SC2086 # the list is meant to be split
grub-mkimage -O i386-pc-eltorito -p /boot/grub -c early.cfg -o "$grub/bios.img" biosdisk $common_modules
# shellcheck disable=SC2086
grub-mkimage -O x86_64-efi -p /boot/grub -c early.cfg -o BOOTX64.EFI $common_modules
touch -d "@$SOURCE_DATE_EPOCH" BOOTX64.EFI
truncate -s 2880K "$grub/efi.img"
mformat -i "$grub/efi.img" -f 2880 -N 4b494c4e -v KILN ::
mmd -i "$grub/efi.img" ::/EFI ::/EFI/BOOT
mcopy -m -i "$grub/efi.img" BOOTX64.EFI ::/EFI/BOOT/BOOTX64.EFI
