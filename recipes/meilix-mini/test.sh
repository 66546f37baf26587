#!/bin/bash
# Builds ISOs of this recipe as Kiln does, in bubblewrap, unpacks them and looks for every chosen option.
#
# usage: test.sh [--boot] [--keep DIRECTORY]
#   --boot   also start them in QEMU with verify.sh, from BIOS and from UEFI (about a minute)
#   --keep   leave the ISOs and pictures in this directory
# KILN_PREPARED names what prepare.sh made; without it, prepare.sh is run first, which needs the network.
# shellcheck disable=SC2016 # what looks like an expansion is meant for another shell, or for none
set -euo pipefail
export LC_ALL=C.UTF-8

recipe=$(cd "$(dirname "$0")" && pwd)
boot=false keep=""
while [ $# -gt 0 ]; do
    case $1 in
        --boot) boot=true ;;
        --keep) keep=$2; shift ;;
        *) echo "usage: test.sh [--boot] [--keep DIRECTORY]" >&2; exit 2 ;;
    esac
    shift
done

[ -z "$keep" ] || mkdir -p "$keep"
top=$(mktemp -d)
trap 'chmod -R u+w "$top" 2>/dev/null; rm -rf "$top"' EXIT
faults=0 checks=0
ok() { checks=$((checks + 1)); printf 'ok    %s\n' "$*"; }
bad() { checks=$((checks + 1)) faults=$((faults + 1)); printf 'FAULT %s\n' "$*"; }
check() { local what=$1; shift; if "$@"; then ok "$what"; else bad "$what"; fi; }
same() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: expected <$3>, found <$2>"; fi; }

prepared=${KILN_PREPARED:-}
if [ -z "$prepared" ]; then
    prepared=$top/prepared
    mkdir "$prepared"
    KILN_OUT=$prepared KILN_RECIPE_DIR=$recipe bash "$recipe/prepare.sh"
fi

# Kiln's part: inputs as files, a sandbox without network.

json() {
    local text=$1
    text=${text//\\/\\\\}; text=${text//\"/\\\"}; text=${text//$'\n'/\\n}; text=${text//$'\t'/\\t}
    printf '"%s"' "$text"
}

# A new case: its id; then `give FIELD VALUE` and `upload FIELD FILE`.
begin() {
    id=$1
    at=$top/$id
    mkdir -p "$at"/inputs/fields "$at"/inputs/files "$at"/work "$at"/out "$at"/verify-work "$at"/verify-out
    members=""
}
give() {
    printf '%s' "$2" > "$at/inputs/fields/$1"
    case $1 in
        features|packages)
            local list="" one
            while IFS= read -r one; do list+=${list:+,}$(json "$one"); done <<< "$2"
            members+=${members:+,}"$(json "$1"):[$list]" ;;
        *) members+=${members:+,}"$(json "$1"):$(json "$2")" ;;
    esac
}
upload() { cp "$2" "$at/inputs/files/$1"; }

sandbox() {
    local script=$1 work=$2 out=$3 memory=2
    shift 3
    [ "$script" = build.sh ] || memory=4
    prlimit --cpu=120 --as=$((memory << 30)) --nproc=4096 --nofile=1024 --fsize=$((256 << 20)) \
        bwrap --unshare-all --die-with-parent --new-session --uid 1000 --gid 1000 --hostname kiln --clearenv \
        --ro-bind /usr /usr --ro-bind /etc /etc --symlink usr/bin /bin --symlink usr/sbin /sbin \
        --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp --dir /home/kiln \
        --ro-bind "$recipe" /kiln/recipe --ro-bind "$prepared" /kiln/prepared --ro-bind "$at/inputs" /kiln/inputs \
        --bind "$work" /kiln/work --bind "$out" /kiln/out "$@" --chdir /kiln/work \
        --setenv KILN_BUILD_ID "$id" --setenv KILN_RECIPE meilix-mini --setenv KILN_INPUTS /kiln/inputs \
        --setenv KILN_OUT /kiln/out --setenv KILN_PREPARED /kiln/prepared --setenv KILN_WORK /kiln/work \
        --setenv KILN_RECIPE_DIR /kiln/recipe --setenv HOME /home/kiln --setenv TMPDIR /tmp \
        --setenv LANG C.UTF-8 --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin \
        bash "/kiln/recipe/$script"
}

build() {
    printf '{"id":%s,"recipe":"meilix-mini","created_at":"2026-11-21T10:00:00Z","inputs":{%s},"uploads":{}}\n' \
        "$(json "$id")" "$members" > "$at/inputs/build.json"
    local from=$EPOCHREALTIME
    if ! sandbox build.sh "$at/work" "$at/out" > "$at/build.log" 2>&1; then return 1; fi
    printf '      %s: built in %s ms\n' "$id" $(((${EPOCHREALTIME/./} - ${from/./}) / 1000))
    iso=$(find "$at/out" -name '*.iso')
    [ -z "$keep" ] || cp "$iso" "$keep/$id.iso"
}

# The ISO's files below iso/, the live system's below system/.
unpack() {
    mkdir -p "$at/iso" "$at/system"
    bsdtar -x -f "$iso" -C "$at/iso"
    chmod -R u+w "$at/iso"
    zstd -d -q -c "$at/iso/boot/initrd" > "$at/initrd"
    # Several archives in a row, as the kernel reads them; cpio stops after each.
    (cd "$at/system" && while cpio -i -d -u --quiet --no-absolute-filenames 2>/dev/null; do :; done < "$at/initrd")
}

# A command inside the unpacked live system.
inside() {
    bwrap --unshare-all --die-with-parent --ro-bind "$at/system" / --proc /proc --dev /dev --tmpfs /tmp --tmpfs /run \
        --clearenv --setenv PATH /usr/bin:/usr/sbin --setenv TERM linux --setenv LANG C.UTF-8 "$@"
}
option() { cat "$at/system/etc/kiln/options/$1"; }
label_of() { dd if="$iso" bs=1 skip=32808 count=32 2>/dev/null | sed 's/ *$//'; }
pixel() { vips getpoint "$at/iso/kiln/$1.png" "$2" "$3"; }
in_menu() { grep -qF -- "$1" "$at/iso/boot/grub/grub.cfg"; }
not() { ! "$@"; }

# Everything chosen.

echo "== everything chosen"
mkdir -p "$top/desktop/notes"
echo 'hello from the desktop' > "$top/desktop/hello.txt"
echo 'zwei' > "$top/desktop/notes/Größe 日本.txt"
tar -czf "$top/files.tar.gz" -C "$top/desktop" .
vips gaussnoise "$top/noise.v" 1024 768 --mean 128 --sigma 40 --seed 7
vips bandjoin "$top/noise.v $top/noise.v $top/noise.v" "$top/noise3.v"
vips cast "$top/noise3.v" "$top/wallpaper.png" uchar
printf '<svg xmlns="%s" width="200" height="200"><rect width="200" height="200" fill="#f0f"/></svg>' \
    http://www.w3.org/2000/svg | rsvg-convert -o "$top/logo.png"

features=$'clock\nsummary\nlarge-text\npassword\nboot-tools\nwait-at-menu\nnetwork\nserial-console'
packages=$'nano\ntmux\nhtop\ntree\njq\nw3m\ncmatrix\nfiglet'
begin full
give name 'Zürich 日本 🦊'
give homepage 'https://example.org/start?a=1&b=%20#top'
give search_engine wikipedia
give theme light
give features "$features"
give packages "$packages"
upload wallpaper "$top/wallpaper.png"
upload logo "$top/logo.png"
upload files "$top/files.tar.gz"
check "it builds" build
unpack
same "one artifact, named after the system" "$(ls "$at/out")" zurich-amd64.iso
check "build.json is on the ISO" cmp -s "$at/inputs/build.json" "$at/iso/kiln/build.json"
check "build.json is in the system" cmp -s "$at/inputs/build.json" "$at/system/etc/kiln/build.json"
check "name: the title of the boot menu" in_menu "menuentry 'Zürich 日本 🦊' "
same "name: the volume label" "$(label_of)" ZURICH
same "name: os-release" "$(inside sh -c '. /etc/os-release; printf %s "$PRETTY_NAME"')" 'Zürich 日本 🦊'
same "name: the host's name" "$(cat "$at/system/etc/hostname")" zurich
same "homepage: the command www" "$(inside www)" 'https://example.org/start?a=1&b=%20#top'
same "homepage: os-release" "$(inside sh -c '. /etc/os-release; printf %s "$HOME_URL"')" \
    'https://example.org/start?a=1&b=%20#top'
check "homepage: on the desktop" grep -qF 'URL=https://example.org/start?a=1&b=%20#top' \
    "$at/system/home/live/Desktop/Homepage.desktop"
same "search engine: the command search" "$(inside search 'é & co')" \
    'https://en.wikipedia.org/w/index.php?search=%C3%A9+%26+co'
check "theme: colours of the console" in_menu vt.default_red=251,
same "theme: what the system says" "$(option theme)" light
same "wallpaper: its pixels are behind the boot menu" "$(pixel boot 3 3)" "$(vips getpoint "$top/wallpaper.png" 3 3)"
same "wallpaper: its pixels are on the desktop" "$(pixel live 1020 5)" "$(vips getpoint "$top/wallpaper.png" 1020 5)"
row=$(($(sed -n 's/^    top = //p' "$at/iso/boot/grub/theme/theme.txt" | head -n 1) - 184))
same "logo: on the boot screen" "$(pixel boot 512 $row | tr -d ' ')" "$(printf '255 0 255' | tr -d ' ')"
same "logo: on the desktop" "$(pixel live 248 246 | tr -d ' ')" "$(printf '255 0 255' | tr -d ' ')"
same "the desktop's picture has all its pixels" \
    "$(zcat "$at/system/usr/share/kiln/live.raw.gz" | wc -c)" $((1024 * 480 * 4))
while IFS= read -r feature; do
    check "feature $feature: known to the system" grep -qxF "$feature" "$at/system/etc/kiln/options/features"
    case $feature in
        large-text) check "  its font" in_menu fbcon=font:TER16x32 ;;
        boot-tools) check "  its entries" in_menu "menuentry 'Switch off'" ;;
        wait-at-menu) check "  the menu waits" in_menu 'timeout=-1' ;;
        network) check "  its drivers" test -n "$(find "$at/system/usr/lib/modules/" -name e1000.ko)" ;;
        *) check "  something in the system asks for it" grep -rqE "(feature|-qxF) $feature" \
            "$at/system/init" "$at/system/etc/profile" ;;
    esac
done <<< "$features"
while IFS= read -r package; do
    case $package in
        tmux|cmatrix) flag=-V ;;
        w3m) flag=-version ;;
        figlet) flag=-v ;;
        *) flag=--version ;;
    esac
    check "tool $package: runs in the system" grep -qiF "$package" <<< "$(inside "$package" "$flag" 2>&1 || true)"
done <<< "$packages"
same "desktop files: a file" "$(cat "$at/system/home/live/Desktop/hello.txt")" 'hello from the desktop'
same "desktop files: a folder" "$(cat "$at/system/home/live/Desktop/notes/Größe 日本.txt")" zwei
check "desktop files: the user owns them" grep -qE '^-rw-r--r-- +1 1000 +1000 .*hello.txt' <<< \
    "$(cd "$at" && while cpio -i -t -v -n --quiet 2>/dev/null; do :; done < initrd)"
check "GRUB reads its menu" grub-script-check "$at/iso/boot/grub/grub.cfg"
full=$at

# Nothing chosen.

echo "== only a name"
begin plain
give name 'Meilix Mini'
check "it builds" build
unpack
same "the volume label" "$(label_of)" MEILIX_MINI
check "no tool that was not chosen" test ! -e "$at/system/usr/bin/nano"
check "no driver that was not chosen" test -z "$(find "$at/system/usr/lib/modules/" -name e1000.ko)"
check "no entry that was not chosen" not in_menu 'Switch off'
check "the menu starts by itself" in_menu 'timeout=5'
same "www says that there is no homepage" "$(inside www)" 'No homepage was chosen for this system.'
check "the dark theme" in_menu vt.default_red=23,
first=$(sha256sum < "$iso")
plain=$at
begin plain-again
id=plain
give name 'Meilix Mini'
build
same "the same build gives the same bytes" "$(sha256sum < "$iso")" "$first"

# Names that would like to be something else.

echo "== hostile names"
number=0
names=('$(id >/tmp/x)' '`id`; rm -rf /' "it's \"quoted\"" '\n\t\\ ${HOME} %s' "a'; reboot; echo '" '<b>&amp;</b>]]>'
    '-e --version' '../../etc/passwd' '{{name}} \e[31m' $'two\nlines\ttab' $'\u202egnp.exe'
    'مرحبا بالعالم' 'שלום' 'हिन्दी ไทย'
    '한국어 日本語 中文' '👩‍👩‍👧🏳️‍🌈🇩🇪' 'ÄÖÜßéñ' 'i̇́͂̃ Z̷̢a̸l̵g̶o̷' '*?[a-z]~' '"' '.'
    'NAME="x"' $'\u3000x\u3000' 'WWWWWWWWWWWWWWWWWWWW'
    # Twenty characters, as the form counts them, of more code points.
    '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦' 'मेरी सुंदर लिनक्स प्रणाली')
for name in "${names[@]}"; do
    number=$((number + 1))
    shown=${name//[[:cntrl:]]/ }
    begin "name-$number"
    give name "$name"
    if ! build; then bad "it builds: $shown: $(grep '^error' "$at/build.log")"; continue; fi
    unpack
    expected=$(option name)
    case $name in
        $'two\n'*) same "spaces instead of control characters" "$expected" 'two lines tab' ;;
        $'\u202e'*) same "nothing that turns text around" "$expected" 'gnp.exe' ;;
        $'\u3000'*) ;;
        *) same "kept as it is" "$expected" "$(sed 's/  */ /g; s/^ //; s/ $//' <<< "$name")" ;;
    esac
    same "  a shell reads it from os-release: $shown" \
        "$(inside sh -c '. /etc/os-release; printf %s "$NAME"')" "$expected"
    check "  GRUB reads its menu" grub-script-check "$at/iso/boot/grub/grub.cfg"
    same "  two entries, no more" "$(grep -c '^menuentry ' "$at/iso/boot/grub/grub.cfg")" 2
    check "  a host's name" grep -qxE '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' "$at/system/etc/hostname"
    check "  a volume label" grep -qxE '[A-Z0-9_]{1,32}' <<< "$(label_of)"
    check "  a file name" grep -qxE '[a-z0-9-]+-amd64\.iso' <<< "$(ls "$at/out")"
    rm -rf "$at"
done

# What cannot be built.

echo "== faults are told"
refused() {
    local what=$1 pattern=$2
    if build; then bad "$what: it was built"; return; fi
    check "$what" grep -qE "^error: $pattern" <<< "$(grep '^error' "$at/build.log" | head -n 1)"
    same "  no artifact" "$(ls "$at/out")" ''
}
begin bad-1; give name $'\u202e \t'; refused "a name of nothing visible" 'name: '
begin bad-2; give name "$(printf '%0321d' 0)"; refused "a name that is too long" 'name: .*20'
begin bad-3; give name x; give theme 'dark; reboot'; refused "a theme that there is not" 'theme: '
begin bad-4; give name x; give packages $'nano\n../../x'; refused "a tool that there is not" 'packages: '
begin bad-5; give name x; give homepage 'javascript:alert(1)'; refused "a homepage that is none" 'homepage: '
begin bad-6; give name x; give homepage $'https://x/\nset timeout=0'; refused "a homepage of two lines" 'homepage: '
begin bad-7; give name x; echo 'not a picture' > "$at/inputs/files/wallpaper"
refused "a wallpaper that is none" 'wallpaper: '
begin bad-8; give name x; head -c 1000 /dev/urandom > "$at/inputs/files/files"
refused "an archive that is none" 'files: '
ln -s /etc/passwd "$top/desktop/link"
begin bad-9; give name x; tar -cf "$at/inputs/files/files" -C "$top/desktop" .
refused "a link in the archive" 'files: '
begin bad-10; give name x; printf 'a\377b' > "$at/inputs/fields/name"; refused "a name that is not UTF-8" 'name: '

# In a machine.

verify() {
    local from=$EPOCHREALTIME
    rm -rf "$at/verify-work" "$at/verify-out"
    mkdir "$at/verify-work" "$at/verify-out"
    id=${at##*/}
    sandbox verify.sh "$at/verify-work" "$at/verify-out" --ro-bind "$at/out" /kiln/artifacts "$@" \
        > "$at/verify.log" 2>&1 || { cat "$at/verify.log"; return 1; }
    printf '      %s: booted in %s ms\n' "$id" $(((${EPOCHREALTIME/./} - ${from/./}) / 1000))
    [ -s "$at/verify-out/screen.png" ] && [ -s "$at/verify-out/live.png" ] || return 1
    grep -q "KILN-BOOTED $id" "$at/verify.log" || return 1
    [ -z "$keep" ] || for picture in screen live; do cp "$at/verify-out/$picture.png" "$keep/$id-$picture.png"; done
}
if $boot; then
    echo "== in QEMU"
    at=$plain; check "it boots from BIOS" verify
    at=$full; check "everything chosen boots from BIOS" verify
    check "  a login on the serial line" grep -q 'zurich login:' "$at/verify.log"
    at=$plain
    if [ -e /usr/share/ovmf/OVMF.fd ]; then
        check "it boots from UEFI" verify --setenv KILN_VERIFY_FIRMWARE /usr/share/ovmf/OVMF.fd
    else
        echo "      no UEFI without the package ovmf"
    fi
    begin broken
    cp "$plain"/out/*.iso "$at/out/broken.iso"
    dd if=/dev/zero of="$at/out/broken.iso" bs=1M seek=5 count=6 conv=notrunc 2>/dev/null
    check "a broken image is refused" not verify --setenv KILN_VERIFY_SECONDS 20 > "$at/refused.log"
    check "  with a word why" grep -q '^error: the image did not boot' "$at/verify.log"
fi

echo "$checks checks, $faults faults"
[ "$faults" = 0 ]
