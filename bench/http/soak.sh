#!/usr/bin/env bash
# A storm of clients over HTTP on mg-sql: no answer lost, memory bounded, and the times beside stdio.
#   bench/http/soak.sh [--seconds 60] [--clients 200]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cargo build --quiet --profile ci -p mg-sql -p mg-testkit --bins
exec target/ci/soak-http "$@"
