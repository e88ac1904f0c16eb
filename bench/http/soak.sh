#!/usr/bin/env bash
# A storm of clients over HTTP on mg-sql: no answer lost, memory bounded, and the times beside stdio.
#   bench/http/soak.sh [--seconds 60] [--clients 200]
#   MG_BENCH_BINARIES   binaries that are there already (default: those of release are built)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
binaries=${MG_BENCH_BINARIES:-${CARGO_TARGET_DIR:-target}/release}
if [ -z "${MG_BENCH_BINARIES:-}" ]; then cargo build --quiet --release -p mg-sql -p mg-testkit --bins; fi
exec "$binaries/soak-http" "$@"
