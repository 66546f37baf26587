#!/bin/sh
set -eu
seconds=$(cat "$KILN_INPUTS/fields/seconds")
echo "lasts $seconds seconds"
sleep "$seconds"
echo "done after $seconds seconds" > "$KILN_OUT/done.txt"
