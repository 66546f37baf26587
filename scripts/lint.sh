#!/usr/bin/env bash
# What `swift format` and the compiler do not see. Called by `make lint`.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t scripts < <(git ls-files -- '*.sh' .ci/run public/kiln-report | sort)
if command -v shellcheck >/dev/null; then
    shellcheck -x -P SCRIPTDIR "${scripts[@]}"
else
    echo "lint.sh: shellcheck is not installed: apt install shellcheck" >&2
    exit 69
fi
