#!/usr/bin/env bash
# Measures Kiln beside the machine's own ceiling and prints the tables; docs/benchmarks.md says what each row means.
# Usage: bench/run.sh [--quick] [--only uploads,reads,streams,links,mail,remote,apps,builds,start]
# Needs the release binary, python3, nginx and wrk: `make bench` sees to all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
# Debian keeps nginx where only root looks.
PATH=$PATH:/usr/sbin

missing=()
for program in python3 nginx wrk; do
    command -v "$program" >/dev/null || missing+=("$program")
done
[ -x .build/release/kiln ] || missing+=(.build/release/kiln)
if [ ${#missing[@]} -gt 0 ]; then
    echo "bench: not here: ${missing[*]}. Call \`make bench\`, which installs and builds what is missing." >&2
    exit 69
fi
PYTHONDONTWRITEBYTECODE=1 exec python3 bench/bench.py "$@"
