#!/usr/bin/env bash
# Builds and runs every test: the rooms', then the whole program's from outside, then the browser's. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests of the Buildbot provider start a real one; without it they are left out.
export KILN_BUILDBOT=${KILN_BUILDBOT:-$PWD/.build/buildbot/bin}
# The tests of SMTP start a real server; without it they are left out.
export KILN_MAIL_TOOLS=${KILN_MAIL_TOOLS:-$PWD/.build/mail-tools/bin}

swift build --build-tests
# Apart, so that servers under attack and real image builds do not starve tests that wait for a peer.
swift test --skip-build --quiet --skip EndToEndTests
swift test --skip-build --quiet --filter EndToEndTests
scripts/browser-tests.sh
