#!/usr/bin/env bash
# Measures mg-forecast beside statsforecast and Prophet on the same series: accuracy, intervals, CPU time, and the
# agreement of single model forms. Markdown on stdout, progress on stderr.
# Idempotent: what is installed is not installed again, and the peers' forecasts are kept (a quarter of an hour of one processor).
#   MG_BENCH_FORECAST   where peers and forecasts are kept (default: target/bench-forecast)
#   MG_BENCH_SERIES     the series (default: ../shared/data/forecast/dev.csv)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kept=$(realpath -m "${MG_BENCH_FORECAST:-target/bench-forecast}")
series=${MG_BENCH_SERIES:-../shared/data/forecast/dev.csv}
binaries=${CARGO_TARGET_DIR:-target}/release/examples
. tests/stage.sh

install_peers() {
  cmp -s bench/forecast/requirements.txt "$kept/requirements.txt" && return
  python3 -m venv "$kept"
  "$kept/bin/pip" install --quiet --requirement bench/forecast/requirements.txt
  cp bench/forecast/requirements.txt "$kept/" # last: an installation that was broken off begins anew
}

ours() {
  "$binaries/accuracy" "$series" --forecasts "$kept/ours.csv" --models auto,ets,dotm,theta,ces,arima,mstl,prophet >"$kept/ours.txt"
}

forms() {
  "$binaries/agreement" "$series" >"$kept/agreement.csv"
}

# Outside of the workspace: a WebAssembly engine takes ten minutes of a processor to build, once.
stan_in_wasm() {
  nice -n 10 cargo build --quiet --release --manifest-path bench/forecast/wasm/Cargo.toml --target-dir "$kept/wasm"
  "$kept/wasm/release/wasm-agreement" "$series" >"$kept/wasm.md"
}

mkdir -p "$kept"
stage "binaries" cargo build --quiet --release -p mg-forecast --example accuracy --example agreement >&2
stage "peers from PyPI" install_peers >&2
stage "peers' forecasts" nice -n 10 "$kept/bin/python" bench/forecast/peers.py "$series" "$kept/forecasts" >&2
stage "our forecasts" ours >&2
"$kept/bin/python" bench/forecast/score.py "$series" "$kept/forecasts" "$kept/ours.csv" "$kept/ours.txt"
stage "single forms" forms >&2
echo
"$kept/bin/python" bench/forecast/agreement.py "$series" "$kept/agreement.csv"
stage "Stan in WebAssembly" stan_in_wasm >&2
echo
cat "$kept/wasm.md"
