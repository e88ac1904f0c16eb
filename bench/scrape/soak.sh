#!/usr/bin/env bash
# A crawl of 100,000 pages of a generated site of this machine. What follows is passed on: `soak.sh --pages 10000`.
#   MG_BENCH_PROFILE   the profile that is built and measured (default: release)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
profile=${MG_BENCH_PROFILE:-release}
binaries=${CARGO_TARGET_DIR:-target}/$profile
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cargo=${MG_CARGO:-cargo}
"$cargo" build --quiet --profile "$profile" -p mg-scrape --bin mg-scrape
"$cargo" build --quiet --profile "$profile" -p mg-testkit -p mgctl --bin mg-site --bin mgctl
python3 bench/scrape/soak.py --binaries "$binaries" --scratch "$scratch" "$@"
