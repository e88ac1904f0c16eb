#!/usr/bin/env bash
# Measures mg-scrape beside Scrapy and Playwright on a site of this machine. Markdown on stdout, progress on stderr.
# Idempotent: what is there is not installed again. What follows is passed on: `run.sh --only browsers --rounds 1`.
#   MG_BENCH_SCRAPE    where the peers are kept (default: target/bench-scrape)
#   MG_BENCH_PROFILE   the profile that is built and measured (default: release)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kept=$(realpath -m "${MG_BENCH_SCRAPE:-target/bench-scrape}")
profile=${MG_BENCH_PROFILE:-release}
binaries=${CARGO_TARGET_DIR:-target}/$profile
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
. tests/stage.sh

install_peers() {
  cmp -s bench/scrape/requirements.txt "$kept/requirements.txt" && return
  python3 -m venv "$kept"
  "$kept/bin/pip" install --quiet --requirement bench/scrape/requirements.txt
  cp bench/scrape/requirements.txt "$kept/" # last: an installation that was broken off begins anew
}

build() {
  local cargo=${MG_CARGO:-cargo}
  # Without the feature first: what is left in the folder is the whole program.
  "$cargo" build --quiet --profile "$profile" -p mg-scrape --no-default-features --bin mg-scrape
  cp "$binaries/mg-scrape" "$kept/mg-scrape-without-spider"
  "$cargo" build --quiet --profile "$profile" -p mg-scrape --bin mg-scrape --example render
  "$cargo" build --quiet --profile "$profile" -p mg-testkit -p mgctl --bin mg-site --bin mgctl
}

mkdir -p "$kept"
stage "binaries" build >&2
stage "peers from PyPI" install_peers >&2
python3 bench/scrape/bench.py --binaries "$binaries" --without-spider "$kept/mg-scrape-without-spider" --peers "$kept" \
  --scratch "$scratch" --profile "$profile" --results "$kept/results.json" "$@"
echo "== all numbers: $kept/results.json" >&2
