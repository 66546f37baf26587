#!/bin/bash
# Fetches and makes everything that every build of meilix-mini shares, once.
#
# Writes only to $KILN_OUT. Needs the Debian archive (or a mirror of it) that apt is set up for; root is not needed.
# What it took from Debian, with versions, is in $KILN_OUT/manifest.txt.
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8

recipe=${KILN_RECIPE_DIR:-$(cd "$(dirname "$0")" && pwd)}
out=${KILN_OUT:?KILN_OUT has to name the folder to fill}
out=$(cd "$out" && pwd)
work=$out/.work

# The tools that a requester can choose, as recipe.yml lists them, and what Debian calls their programs.
packages=(nano tmux htop tree jq w3m cmatrix figlet)
fonts=(fonts-noto-core fonts-droid-fallback fonts-nanum fonts-noto-color-emoji fonts-symbola)
input_modules=(hid-generic usbhid xhci-pci ehci-pci ohci-pci uhci-hcd)
network_modules=(e1000 e1000e igb igc r8169 8139too 8139cp pcnet32 virtio_pci virtio_net vmxnet3 atl1c alx hv_netvsc)

say() { printf '==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

for tool in apt-get apt-cache dpkg-deb depmod cpio zstd rsvg-convert; do
    PATH=$PATH:/sbin:/usr/sbin command -v "$tool" >/dev/null \
        || fail "$tool is missing: install the packages that README.md of this recipe lists"
done
PATH=$PATH:/sbin:/usr/sbin

# A second run starts from nothing, so that a run that was cut off leaves no half of itself behind.
find "$out" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
mkdir -p "$work/archives/partial" "$work/lists/partial" "$work/cache" "$out/initrd" "$out/fonts" "$out/art"
trap 'rm -rf "$work"' EXIT
trap 'printf "error: line %s of prepare.sh failed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

# Debian's packages.

: > "$work/nothing-installed"
apt=(-o APT::Sandbox::User= -o Debug::NoLocking=1 -o Dir::Cache="$work/cache"
    -o Dir::Cache::archives="$work/archives" -o Dir::State::status="$work/nothing-installed"
    -o APT::Get::AllowUnauthenticated=false -o Acquire::Retries=3 -q)

kernel_package() {
    apt-cache "${apt[@]}" depends linux-image-amd64 2>/dev/null \
        | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*-amd64\)$/\1/p' | grep -Ev -- '-(cloud|rt)-' | head -n 1
}

# An empty status file makes apt resolve the tools with all their libraries, whatever this machine has installed.
fetch() {
    kernel=$(kernel_package) || true
    [ -n "$kernel" ] || return 1
    (cd "$work/archives" && apt-get "${apt[@]}" download "$kernel" "${fonts[@]}") || return 1
    apt-get "${apt[@]}" -y --no-install-recommends --download-only install \
        busybox-static ncurses-base libc-bin ca-certificates "${packages[@]}" || return 1
}

say "10 Fetching the kernel, the tools and the fonts from Debian"
if ! fetch > "$work/apt.log" 2>&1; then
    say "15 The package lists are old or missing: fetching new ones"
    apt+=(-o Dir::State::lists="$work/lists")
    if ! { apt-get "${apt[@]}" update && fetch; } > "$work/apt.log" 2>&1; then
        cat "$work/apt.log" >&2
        fail "Debian's packages could not be fetched, see above: check the network and the mirror in /etc/apt"
    fi
fi

{
    echo "# Taken from Debian by prepare.sh: package, version, architecture, SHA-256 of the .deb"
    for deb in "$work"/archives/*.deb; do
        # shellcheck disable=SC2016 # the ${...} are dpkg-deb's own
        printf '%s %s\n' "$(dpkg-deb -W --showformat='${Package} ${Version} ${Architecture}' "$deb")" \
            "$(sha256sum < "$deb" | cut -d' ' -f1)"
    done | sort
} > "$out/manifest.txt"

deb_of() {
    local found
    for found in "$work"/archives/"$1"_*.deb; do
        [ -e "$found" ] && printf '%s\n' "$found" && return
    done
    fail "apt did not fetch $1"
}

say "30 Unpacking"
tree=$work/tree
mkdir -p "$tree/usr/lib" "$tree/usr/bin" "$tree/usr/lib64" "$tree/usr/sbin"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$tree/$link"; done
for deb in "$work"/archives/*.deb; do
    case ${deb##*/} in linux-image-*|fonts-*) continue ;; esac
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$tree" --no-same-owner
done
mkdir "$work/kernel"
dpkg-deb --fsys-tarfile "$(deb_of "$kernel")" | tar -x -C "$work/kernel" --no-same-owner ./boot ./lib/modules
release=$(ls "$work/kernel/lib/modules")
install -m 644 "$work/kernel/boot/vmlinuz-$release" "$out/vmlinuz"
printf '%s\n' "$release" > "$out/kernel-release"

# The parts of the initrd that no requester changes.

# Times and order are fixed: the same packages give the same bytes.
pack() {
    local root=$1 name=$2
    find "$root" -exec touch -h -d @0 {} +
    (cd "$root" && find . -mindepth 1 -print0 | sort -z | cpio -0 -o -H newc -R 0:0 --reproducible --quiet) \
        | zstd -q -19 -f -o "$out/initrd/$name.cpio.zst"
}

say "40 Packing the base"
base=$work/base
mkdir -p "$base"/{dev,proc,sys,run,tmp,mnt,root,home,etc,var/log} "$base"/usr/{bin,lib,lib64,sbin,share}
chmod 1777 "$base/tmp"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$base/$link"; done
install -m 755 "$tree/usr/bin/busybox" "$base/usr/bin/busybox"
"$base/usr/bin/busybox" --list | while read -r applet; do
    case $applet in
        busybox|poweroff|reboot|halt|rpm|rpm2cpio|dpkg|dpkg-deb) ;;
        *) ln -s busybox "$base/usr/bin/$applet" ;;
    esac
done
# These three are replaced by ways through our init for users; root's own are kept beside them.
for applet in poweroff reboot halt; do ln -s ../bin/busybox "$base/usr/sbin/$applet"; done

say "50 Packing the drivers"
depmod -b "$work/kernel" "$release"
# The closure of some modules, as paths below lib/modules/RELEASE: each with all that it needs.
closure() {
    awk -v wanted="$*" '
        BEGIN { n = split(wanted, w, " "); for (i = 1; i <= n; i++) { gsub(/-/, "_", w[i]); want[w[i]] = 1 } }
        {
            path = $1; sub(/:$/, "", path); name = path; sub(/.*\//, "", name); sub(/\.ko.*/, "", name)
            gsub(/-/, "_", name)
            if (name in want) { seen[path] = 1; found[name] = 1; for (i = 2; i <= NF; i++) seen[$i] = 1 }
        }
        END {
            for (m in want) if (!(m in found)) { print "error: the kernel has no module " m > "/dev/stderr"; exit 1 }
            for (p in seen) print p
        }' "$work/kernel/lib/modules/$release/modules.dep" | sort
}
modules=lib/modules/$release
network=$work/network
closure "${input_modules[@]}" > "$work/input.list"
closure "${network_modules[@]}" | comm -23 - "$work/input.list" > "$work/network.list"
while read -r path; do
    install -D -m 644 "$work/kernel/$modules/$path" "$base/usr/$modules/$path"
done < "$work/input.list"
while read -r path; do
    install -D -m 644 "$work/kernel/$modules/$path" "$network/usr/$modules/$path"
done < "$work/network.list"
# One index for both: modprobe only finds what is there.
mkdir -p "$work/index/$modules"
cp -r "$base/usr/$modules/." "$work/index/$modules/"
cp -r "$network/usr/$modules/." "$work/index/$modules/"
cp "$work/kernel/$modules"/modules.{order,builtin,builtin.modinfo} "$work/index/$modules/"
depmod -b "$work/index" "$release"
cp "$work/index/$modules/modules.dep" "$work/index/$modules/modules.alias" "$base/usr/$modules/"
pack "$base" base
pack "$network" network

say "60 Packing the tools"
loader=$tree/usr/lib64/ld-linux-x86-64.so.2
[ -e "$loader" ] || loader=$tree/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
libraries=$tree/usr/lib/x86_64-linux-gnu
needs() { "$loader" --library-path "$libraries" --list "$1" | sed -n 's/.* => \([^ ]*\) .*/\1/p'; }

common=$work/common
mkdir -p "$common/usr/lib/x86_64-linux-gnu" "$common/usr/lib64" "$common/usr/lib/locale" "$common/usr/share/terminfo"
for library in libc.so.6 libm.so.6 libtinfo.so.6 libncursesw.so.6 libncurses.so.6 libresolv.so.2 libgcc_s.so.1; do
    install -m 644 "$(readlink -f "$libraries/$library")" "$common/usr/lib/x86_64-linux-gnu/$library"
done
install -m 755 "$(readlink -f "$loader")" "$common/usr/lib64/ld-linux-x86-64.so.2"
cp -r "$tree/usr/lib/locale/C.utf8" "$common/usr/lib/locale/"
for terminal in l/linux v/vt100 v/vt102 v/vt220 x/xterm x/xterm-256color s/screen t/tmux; do
    entry=$(find "$tree/usr" -path "*/terminfo/$terminal" | head -n 1)
    [ -z "$entry" ] || install -D -m 644 "$(readlink -f "$entry")" "$common/usr/share/terminfo/$terminal"
done
pack "$common" common

for package in "${packages[@]}"; do
    root=$work/package-$package
    # Where programs share a name, as figlet's do, Debian's alternative of that name is made by a script of the package.
    program=$tree/usr/bin/$package
    [ -e "$program" ] || program=$tree/usr/bin/$package-$package
    [ -e "$program" ] || fail "Debian's package $package has no program of its name"
    install -D -m 755 "$(readlink -f "$program")" "$root/usr/bin/$package"
    for library in $(needs "$root/usr/bin/$package"); do
        name=${library##*/}
        [ -e "$common/usr/lib/x86_64-linux-gnu/$name" ] \
            || install -D -m 644 "$(readlink -f "$library")" "$root/usr/lib/x86_64-linux-gnu/$name"
    done
    case $package in
        w3m)
            mkdir -p "$root/etc/ssl/certs"
            cat "$tree"/usr/share/ca-certificates/mozilla/*.crt > "$root/etc/ssl/certs/ca-certificates.crt" ;;
        figlet) install -D -m 644 -t "$root/usr/share/figlet" "$tree"/usr/share/figlet/{standard,slant,small}.flf ;;
    esac
    pack "$root" "package-$package"
done

# Fonts and drawings.

say "80 Collecting the fonts"
for package in "${fonts[@]}"; do
    mkdir -p "$work/fonts"
    dpkg-deb --fsys-tarfile "$(deb_of "$package")" | tar -x -C "$work/fonts" --no-same-owner
done
for script in '' Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao \
    Malayalam Mongolian Myanmar Sinhala Symbols Tamil Telugu Thai; do
    for weight in Regular Bold; do
        font=$(find "$work/fonts" -name "NotoSans$script-$weight.ttf" | head -n 1)
        [ -z "$font" ] || install -m 644 "$font" "$out/fonts/"
    done
done
for name in NotoSerifTibetan-Bold.ttf DroidSansFallbackFull.ttf NanumGothicBold.ttf NotoColorEmoji.ttf; do
    font=$(find "$work/fonts" -name "$name" | head -n 1)
    [ -n "$font" ] || fail "the font $name is not where it was expected in Debian's packages"
    install -m 644 "$font" "$out/fonts/"
done
# GRUB knows no colours in glyphs: its emoji come from a font that no picture uses.
mkdir "$out/menu-fonts"
install -m 644 "$work/fonts/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf" "$out/menu-fonts/Symbola.ttf"
install -m 644 "$recipe/art/fonts.conf" "$out/fonts/fonts.conf"

say "90 Drawing the defaults"
for theme in dark light; do
    rsvg-convert -w 1024 -h 768 -o "$out/art/wallpaper-$theme.png" "$recipe/art/wallpaper-$theme.svg"
    rsvg-convert -w 320 -h 320 -o "$out/art/logo-$theme.png" "$recipe/art/logo-$theme.svg"
done

(cd "$out" && find . -path ./.work -prune -o -type f ! -name manifest.txt -printf '%P %s bytes\n' | sort) \
    > "$work/made" && { echo; echo "# Made by prepare.sh"; cat "$work/made"; } >> "$out/manifest.txt"
say "100 Prepared $release with ${#packages[@]} tools"
