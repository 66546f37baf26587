#!/bin/bash
# Makes one bootable ISO of a small live system that shows what its requester chose.
#
# Every requested value is read from a file and written into another file by a function that quotes for that file's own
# language (see lib.sh); none of them is ever part of a command, and none is a command in the image.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
umask 022
trap 'echo "error: line $LINENO of build.sh failed: this is a fault of the recipe; the lines above say more" >&2' ERR

recipe=$KILN_RECIPE_DIR prepared=$KILN_PREPARED
# shellcheck source=lib.sh
. "$recipe/lib.sh"
cd "$KILN_WORK"

say 5 "Reading what was asked for"
[ -s "$prepared/vmlinuz" ] || fail "the recipe is not prepared: run \`kiln prepare\` once"
[[ $KILN_BUILD_ID =~ ^[A-Za-z0-9_-]{1,64}$ ]] || fail "the build's id holds characters that no file name can have"
# shellcheck source=options.sh
. "$recipe/options.sh"

say 15 "Drawing the boot screen and the desktop"
# shellcheck source=pictures.sh
. "$recipe/pictures.sh"

say 40 "Packing the live system"
# shellcheck source=system.sh
. "$recipe/system.sh"

say 60 "Setting up the boot menu"
# shellcheck source=bootloader.sh
. "$recipe/bootloader.sh"

say 75 "Writing the ISO"
install -m 644 "$KILN_INPUTS/build.json" iso/kiln/build.json
install -m 644 boot.png live.png iso/kiln/
printf '%s\n' "$name" "" "A live system for 64-bit PCs, made by Kiln: build $KILN_BUILD_ID." \
    "Write this image to a USB stick or start a virtual machine from it; nothing on the PC is changed." \
    "Its source is Debian's: https://www.debian.org/" > iso/README.txt
find iso -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
image=$KILN_OUT/$slug-amd64.iso
xorriso -report_about WARNING -as mkisofs -graft-points -r -J -joliet-long -V "$volume" \
    -b boot/grub/bios.img -no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info \
    --grub2-mbr /usr/lib/grub/i386-pc/boot_hybrid.img --protective-msdos-label \
    --efi-boot boot/grub/efi.img -efi-boot-part --efi-boot-image \
    --sort-weight 0 / --sort-weight 1 /boot -o "$image" iso
say 100 "Made ${image##*/}, $(($(stat -c %s "$image") / 1048576)) MiB"
