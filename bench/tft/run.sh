#!/usr/bin/env bash
# Measures mg-tft: beside the TFT of neuralforecast on the same series with equal width, heads, windows and steps; `auto` with the
# network and without it; a panel of the size of an authority's. Markdown on stdout, progress on stderr.
#   MG_BENCH_TFT      where the peer is installed (default: target/bench-tft)
#   MG_BENCH_SERIES   the series (default: ../shared/data/forecast/dev.csv)
#   STEPS             of both networks (default: 500)
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
echo "| series | program | count | MASE | parameters | CPU s | s |"
echo "|---|---|---:|---:|---:|---:|---:|"
for dataset in m3 tourism; do
  "$binary" equal "$series" "$dataset" "$steps"
  "$kept/bin/python" bench/tft/peer.py "$series" "$dataset" "$steps" | grep '^|'
done
echo
echo "| series | count | MASE of the network | of auto without it | with it | joined | difference | its standard error |"
echo "|---|---:|---:|---:|---:|---:|---:|---:|"
for dataset in m3 tourism m1; do
  "$binary" vote "$series" "$dataset"
done
echo
echo "| panel | parameters | best step | s | CPU s | peak MB | ms a forecast with its 24 earlier origins |"
echo "|---|---:|---:|---:|---:|---:|---:|"
"$binary" panel
