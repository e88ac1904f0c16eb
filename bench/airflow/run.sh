#!/usr/bin/env bash
# Measures mg-airflow beside astro-airflow-mcp before one real Airflow. Markdown on stdout, progress on stderr.
#   MG_TEST_TOOLS      where Airflow is installed (tests/run.sh does it; default: target/test-tools)
#   MG_BENCH_AIRFLOW   where the peer is kept (default: target/bench-airflow)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/stage.sh
peer=$(realpath -m "${MG_BENCH_AIRFLOW:-target/bench-airflow}")
list=bench/airflow/requirements.txt

install_peer() {
  if cmp -s "$list" "$peer/requirements.txt"; then return; fi
  rm -rf "$peer"
  python3 -m venv "$peer"
  "$peer/bin/pip" install --quiet --requirement "$list"
  cp "$list" "$peer/" # last: an installation that was broken off begins anew
}

stage "binaries" cargo build --quiet --release -p mg-airflow -p mg-testkit --bins >&2
stage "peer from PyPI" install_peer >&2
python3 bench/airflow/measure.py --binaries "${CARGO_TARGET_DIR:-target}/release" --peer "$peer/bin/astro-airflow-mcp" "$@"
