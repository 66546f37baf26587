#!/bin/bash
# Boots the ISO in QEMU and shows what its owner will see: screen.png (the boot menu) and live.png (the live system).
#
# The boot menu and the desktop count as seen when the screen shows the very pixels that the build drew; the system
# counts as up when it said its build's id on the serial line. QEMU has no network and writes nowhere but here.
set -euo pipefail
trap 'echo "error: line $LINENO of verify.sh failed: this is a fault of the recipe; the lines above say more" >&2' ERR

cd "$KILN_WORK"
accelerator=${KILN_VERIFY_ACCELERATOR:-tcg}
firmware=${KILN_VERIFY_FIRMWARE:-}
limit=${KILN_VERIFY_SECONDS:-90}
qemu="" tail=""

say() { printf '==> %s %s\n' "$1" "$2"; }
stop() {
    exec 3>&- || true
    [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
    [ -z "$qemu" ] || wait "$qemu" 2>/dev/null || true
    [ -z "$tail" ] || { sleep 0.2; kill "$tail" 2>/dev/null || true; wait "$tail" 2>/dev/null || true; }
    qemu="" tail=""
}
fail() { trap - ERR; stop; printf 'error: %s\n' "$1" >&2; exit 1; }
trap stop EXIT

iso=""
for found in /kiln/artifacts/*.iso; do [ ! -e "$found" ] || iso=$found; done
[ -n "$iso" ] || fail "there is no ISO among the artifacts"

say 5 "Reading the pictures that have to appear"
bsdtar -x -f "$iso" -C . kiln/boot.png kiln/live.png boot/grub/theme/theme.txt
for picture in boot live; do vips rawsave "kiln/$picture.png" "$picture.rgb"; done
menu_top=$(sed -n 's/^    top = //p' boot/grub/theme/theme.txt | head -n 1)

case $accelerator in
    kvm) processor=host accel=kvm ;;
    tcg) processor=max accel="tcg,tb-size=128" ;;
    *) fail "KILN_VERIFY_ACCELERATOR is '$accelerator': set it to tcg or kvm" ;;
esac
machine=(-accel "$accel" -cpu "$processor" -smp 1 -m 512 -machine "pc,usb=off" -vga std -display none -nodefaults)
machine+=(-drive "if=none,id=disc,media=cdrom,readonly=on,format=raw,file=$iso" -device virtio-scsi-pci
    -device "scsi-cd,drive=disc,bootindex=0")
[ -z "$firmware" ] || machine+=(-bios "$firmware")

say 10 "Starting the image in QEMU ($accelerator)"
mkfifo monitor
: > serial.log
tail -n +1 -f serial.log &
tail=$!
qemu-system-x86_64 "${machine[@]}" -nic none -no-reboot -serial file:serial.log -monitor stdio \
    < monitor > monitor.log 2> qemu.log &
qemu=$!
exec 3> monitor

# Runs a check again and again until it holds, the machine stops or the time is over.
await() {
    local what=$1
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$limit" ] || fail "the image did not boot: no $what within $limit s; the serial log is above"
        if ! kill -0 "$qemu" 2>/dev/null; then
            cat qemu.log >&2
            fail "the image did not boot: the machine stopped before $what; the serial log is above"
        fi
        sleep 0.15
    done
}

# The screen as a PPM file of 1024 by 768; false while it has another size.
photograph() {
    rm -f "$1"
    printf 'screendump %s\n' "$1" >&3
    local wait=0
    until [ -e "$1" ] && [ "$(stat -c %s "$1")" -ge 2359312 ]; do
        wait=$((wait + 1))
        [ $wait -lt 20 ] || return 1
        kill -0 "$qemu" 2>/dev/null || return 1
        sleep 0.05
    done
}

# Whether the first so many lines of the screen are those of a picture.
shows() { photograph screen.ppm && cmp -s -n $(($2 * 3072)) -i 16:0 screen.ppm "$1.rgb"; }
booted() { grep -qE "KILN-BOOTED ${KILN_BUILD_ID}[[:space:]]*\$" serial.log; }
# Whether there are letters below the picture: more than a cursor that is not of the colour of the last pixel.
letters() {
    local paper
    paper=$(tail -c 3 screen.ppm | od -An -v -to1 | sed 's/ /\\/g')
    [ "$(tail -c "+$((17 + 482 * 3072))" screen.ppm | tr -d "$paper" | wc -c)" -gt 800 ]
}
# Whether nothing has changed since the last picture, the rows of the clock left out.
still() {
    photograph again.ppm || return 1
    if cmp -s -i $((16 + 64 * 3072)) again.ppm screen.ppm; then return 0; fi
    mv -f again.ppm screen.ppm
    return 1
}

await "boot menu" shows boot "$menu_top"
say 40 "The boot menu is there after $SECONDS s"
cp screen.ppm menu.ppm
printf 'sendkey ret\n' >&3
await "word of the live system" booted
say 80 "The live system is up after $SECONDS s"
if chosen=$(cat "$KILN_INPUTS/fields/features" 2>/dev/null) && grep -qx clock <<< "$chosen"; then
    # The clock writes into the first rows; the rest of the picture is compared.
    desktop() {
        photograph screen.ppm \
            && cmp -s -n $((416 * 3072)) -i $((16 + 64 * 3072)):$((64 * 3072)) screen.ppm live.rgb
    }
else
    desktop() { shows live 480; }
fi
await "desktop with the wallpaper" desktop
prompt() { still && letters; }
await "prompt below the desktop" prompt
printf 'quit\n' >&3
wait "$qemu" || true
stop
vips copy menu.ppm "$KILN_OUT/screen.png[strip]"
vips copy screen.ppm "$KILN_OUT/live.png[strip]"
say 100 "It booted, after $SECONDS s in all"
