#!/usr/bin/env bash
# Builds and runs every test: the rooms', then the whole program's from outside, then the browser's. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests of the Buildbot provider start a real one, those of mail real and faulty mail servers.
export KILN_BUILDBOT=${KILN_BUILDBOT:-$PWD/.build/buildbot/bin}
export KILN_MAIL_TOOLS=${KILN_MAIL_TOOLS:-$PWD/.build/mail-tools/bin}

# A suite whose tool is missing is left out, for who runs another one by hand. Here all of them are to run.
for tool in "$KILN_BUILDBOT"/buildbot "$KILN_BUILDBOT"/buildbot-worker "$KILN_MAIL_TOOLS"/python \
    /usr/sbin/postfix /usr/sbin/dovecot /usr/sbin/nginx /usr/bin/openssl \
    /usr/bin/aapt /usr/bin/apksigner /usr/bin/keytool /usr/bin/zipalign /usr/bin/enjarify /usr/bin/javac \
    /usr/bin/apktool /usr/bin/chromium-headless-shell /usr/bin/unzip /usr/bin/jq; do
    if [ ! -x "$tool" ]; then
        echo "test.sh: $tool is missing; scripts/setup.sh test installs it" >&2
        exit 69
    fi
done
if [ "$(id -u)" != 0 ]; then
    echo "test.sh: not root: tests that mount, and those with Postfix where there is no sudo, are left out" >&2
fi

# A pass that fails does not keep the next from being tried, and what failed is said once more at the end, where it is
# found even if only the end of the output was kept.
reports=$PWD/.build/test-reports
rm -rf "$reports"
mkdir -p "$reports"
failed=()
try() { # try NAME COMMAND...
    local name=$1
    shift
    echo "== $name"
    if ! "$@" 2>&1 | tee "$reports/$name.txt"; then
        failed+=("$name")
    fi
}

swift build --build-tests

# Debian's own Python, with the packages that recipes name: the one that runs their scripts.
try event-app-scripts /usr/bin/python3 -B -m unittest discover -s Tests/EventApp
# Without a bound all tests begin at once, and every wait for a peer takes as long as the whole run.
width=--experimental-maximum-parallelization-width
# Apart, so that servers under attack and real image builds do not starve tests that wait for a peer.
try rooms timeout 1200 swift test --skip-build --quiet $width 16 --skip EndToEndTests
try end-to-end timeout 1200 swift test --skip-build --quiet $width 8 --filter EndToEndTests --skip 'EndToEndTests\.App'
# Whole apps start Java and browsers, several at a time: apart too.
try whole-apps timeout 1200 swift test --skip-build --quiet $width 4 --filter 'EndToEndTests\.App'
try browser scripts/browser-tests.sh

if [ ${#failed[@]} -gt 0 ]; then
    for name in "${failed[@]}"; do
        echo
        echo "== failed: $name ($reports/$name.txt)"
        # Swift Testing's issues with what they expected, and unittest's and the browser's tracebacks.
        grep -E -A 4 ' recorded an issue|^(FAIL|ERROR|Traceback|.*Error:)|error: ' "$reports/$name.txt" | cut -c 1-600 | tail -n 80 || true
        tail -n 3 "$reports/$name.txt"
    done
    exit 1
fi
echo "All tests passed."
