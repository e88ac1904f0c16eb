#!/usr/bin/env bash
# Builds the release binaries and measures them; prints Markdown. `bench/run.sh --spawns 10` for a quick look.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --quiet --release
python3 bench/stdio.py "$@"
