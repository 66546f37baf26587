#!/bin/sh
# Assembles the apps' program, which is the same for all of them, once. Needs no network.
set -eu

for tool in java aapt zipalign apksigner vipsthumbnail rsvg-convert; do
    if ! command -v "$tool" > /dev/null; then
        echo "error: $tool is missing: install the packages that packages.txt of this recipe lists" >&2
        exit 1
    fi
done
echo "==> 10 Assembling the program"
# One job: several put the classes in the order in which they are done, another one each time.
java -jar /usr/share/java/smali.jar assemble --api 21 --jobs 1 --output "$KILN_OUT/classes.dex" "$KILN_RECIPE_DIR/shell/smali"
echo "==> 100 The program is made"
