#!/usr/bin/env bash
# Drives a real browser through the pages of a real server. Called by scripts/test.sh; names of tests run those only.
# Screenshots are left in .build/screenshots.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${BROWSER_PYTHON:-.build/browser-tools/bin/python}
if [ ! -x "$python" ] || [ ! -x /usr/bin/chromium ]; then
    echo "browser-tests.sh: the browser tools are missing; scripts/setup.sh test installs them" >&2
    exit 69
fi
export PYTHONDONTWRITEBYTECODE=1
exec timeout 900 "$python" Tests/Browser/run.py "$@"
