# shellcheck shell=bash disable=SC2154 # the options come from options.sh
# Packs the initrd: the prepared parts, then what this build adds. The kernel unpacks them one over the other.

root=$KILN_WORK/root home=$KILN_WORK/home
mkdir -p iso/boot/grub iso/kiln "$root"/etc/kiln/options "$root"/usr/share/kiln "$home/home/live/Desktop"
cp -r --no-preserve=ownership "$recipe/live/." "$root/"
chmod 755 "$root/init" "$root"/usr/bin/* "$root"/usr/sbin/*
chmod 755 "$root/etc/udhcpc/default.script"
chmod 600 "$root/etc/shadow"

# Everything that was chosen, as Kiln wrote it down and as text files that scripts can read.
install -m 644 "$KILN_INPUTS/build.json" "$root/etc/kiln/build.json"
option() { printf '%s\n' "$2" > "$root/etc/kiln/options/$1"; }
option id "$KILN_BUILD_ID"
option name "$name"
option console_name "$console_name"
option homepage "$homepage"
option search_engine "$search_engine"
option search_url "$search_url"
option theme "$theme"
option features "$features"
option packages "$(printf '%s\n' "${packages[@]}")"
printf '%s\n' "$hostname" > "$root/etc/hostname"
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$hostname" > "$root/etc/hosts"
{
    printf 'NAME=%s\n' "$(quote_os_release "$name")"
    printf 'PRETTY_NAME=%s\n' "$(quote_os_release "$name")"
    printf 'ID=%s\nID_LIKE=debian\n' "$slug"
    printf 'BUILD_ID=%s\n' "$(quote_os_release "$KILN_BUILD_ID")"
    printf 'DEFAULT_HOSTNAME=%s\n' "$(quote_os_release "$hostname")"
    [ -z "$homepage" ] || printf 'HOME_URL=%s\n' "$(quote_os_release "$homepage")"
} > "$root/etc/os-release"
# getty reads backslashes in issue as commands of its own.
printf '%s\n\nLog in as live, password live.\n\n' "${console_name//\\/\\\\}" > "$root/etc/issue"
gzip -n -1 -c live.raw > "$root/usr/share/kiln/live.raw.gz"

if [ -n "$homepage" ]; then
    printf '[Desktop Entry]\nType=Link\nName=Homepage\nURL=%s\n' "$homepage" \
        > "$home/home/live/Desktop/Homepage.desktop"
fi

if [ -e "$KILN_INPUTS/files/files" ]; then
    desktop=$home/home/live/Desktop
    # Kiln has walked the archive already; bsdtar refuses paths that lead out by itself, and this looks once more.
    if ! bsdtar -x -f "$KILN_INPUTS/files/files" -C "$desktop" --no-same-owner --no-same-permissions --no-acls \
        --no-xattrs --no-fflags > unpack.log 2>&1; then
        head -n 3 unpack.log
        fail "files: the archive cannot be unpacked: pack it again as zip or tar.gz"
    fi
    [ -z "$(find "$desktop" ! -type f ! -type d -print -quit)" ] \
        || fail "files: the archive holds something that is neither a file nor a folder: leave links and devices out"
    find "$desktop" -type d -exec chmod 755 {} +
    find "$desktop" -type f -exec chmod a-st,u+rw,go+r-w {} +
    unpacked=$(du -s -B 1048576 "$desktop" | cut -f 1)
    [ "$unpacked" -le 64 ] || fail "files: the archive unpacks to $unpacked MiB: keep it below 64 MiB"
    echo "Desktop files: $(find "$desktop" -type f | wc -l)"
fi

archive() {
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    (cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc -R "$2" --reproducible --quiet)
}
archive "$root" 0:0 > own.cpio
(cd "$home" && find home/live -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + \
    && find home/live -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc -R 1000:1000 --reproducible --quiet) > home.cpio

parts=("$prepared/initrd/base.cpio.zst")
if chosen features network; then parts+=("$prepared/initrd/network.cpio.zst"); fi
if [ "${#packages[@]}" -gt 0 ]; then parts+=("$prepared/initrd/common.cpio.zst"); fi
for package in "${packages[@]}"; do parts+=("$prepared/initrd/package-$package.cpio.zst"); done
zstd -q -3 -f own.cpio -o own.cpio.zst
zstd -q -3 -f home.cpio -o home.cpio.zst
cat "${parts[@]}" own.cpio.zst home.cpio.zst > iso/boot/initrd
install -m 644 "$prepared/vmlinuz" iso/boot/vmlinuz
echo "Kernel $(cat "$prepared/kernel-release"), initrd $(($(stat -c %s iso/boot/initrd) / 1024)) KiB"
