#!/usr/bin/env bash
# Builds and runs every test: the rooms', then the whole program's from outside, then the browser's. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build --build-tests
# Apart, so that servers under attack and real image builds do not starve tests that wait for a peer.
swift test --skip-build --quiet --skip EndToEndTests
swift test --skip-build --quiet --filter EndToEndTests
scripts/browser-tests.sh
