#!/usr/bin/env bash
# Builds and runs every test: Swift's, then the browser's. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build --build-tests
swift test --skip-build --quiet
scripts/browser-tests.sh
