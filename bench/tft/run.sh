#!/usr/bin/env bash
# Measures mg-tft beside the TFT of neuralforecast on the same series: equal width, heads, windows and steps, no early
# stopping on either side but the best judged network on ours. Markdown on stdout, progress on stderr.
#   MG_BENCH_TFT      where the peer is installed (default: target/bench-tft)
#   MG_BENCH_SERIES   the series (default: ../shared/data/forecast/dev.csv)
#   STEPS             of both (default: 500)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kept=$(realpath -m "${MG_BENCH_TFT:-target/bench-tft}")
series=${MG_BENCH_SERIES:-../shared/data/forecast/dev.csv}
steps=${STEPS:-500}
binary=${CARGO_TARGET_DIR:-target}/release/examples/competition
. tests/stage.sh

install_peer() {
  cmp -s bench/tft/requirements.txt "$kept/requirements.txt" && return
  python3 -m venv "$kept"
  "$kept/bin/pip" install --quiet --requirement bench/tft/requirements.txt
  cp bench/tft/requirements.txt "$kept/" # last: an installation that was broken off begins anew
}

mkdir -p "$kept"
stage "binary" cargo build --quiet --release -p mg-tft --example competition >&2
stage "peer from PyPI" install_peer >&2
echo "| series | program | count | MASE | parameters | s |"
echo "|---|---|---:|---:|---:|---:|"
TIMEFORMAT="  of which on the processor: %U s + %S s of the system"
for dataset in m3 tourism; do
  time "$binary" "$series" "$dataset" "$steps"
  time "$kept/bin/python" bench/tft/peer.py "$series" "$dataset" "$steps" | grep '^|'
done
