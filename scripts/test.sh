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
    /usr/bin/apktool /usr/bin/unzip /usr/bin/jq; do
    if [ ! -x "$tool" ]; then
        echo "test.sh: $tool is missing; scripts/setup.sh test installs it" >&2
        exit 69
    fi
done
if [ "$(id -u)" != 0 ]; then
    echo "test.sh: not root: tests that mount, and those with Postfix where there is no sudo, are left out" >&2
fi

# Debian's own Python, with the packages that recipes name: the one that runs their scripts.
/usr/bin/python3 -B -m unittest discover -s Tests/EventApp

swift build --build-tests
# Apart, so that servers under attack and real image builds do not starve tests that wait for a peer.
swift test --skip-build --quiet --skip EndToEndTests
swift test --skip-build --quiet --filter EndToEndTests --skip 'EndToEndTests\.App'
# Whole apps start Java and browsers, several at a time: apart too.
swift test --skip-build --quiet --filter 'EndToEndTests\.App'
scripts/browser-tests.sh
