#!/bin/sh
# What the builder's step `play` does: as the test says through files in $CONTROL.
#   log     written out and taken away, as often as it appears
#   end     its content is the step's exit code
# What it was given goes to `seen`.
set -u
printf '%s' "${NAME:-}" > "$CONTROL/seen.new" && mv "$CONTROL/seen.new" "$CONTROL/seen"
echo playing
while :; do
    if [ -e "$CONTROL/log" ]; then
        cat "$CONTROL/log"
        rm -f "$CONTROL/log"
    elif [ -e "$CONTROL/end" ]; then
        read -r code < "$CONTROL/end"
        exit "$code"
    else
        sleep 0.05
    fi
done
