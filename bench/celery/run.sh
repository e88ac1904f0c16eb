#!/usr/bin/env bash
# Airflow's CeleryExecutor with Redis and PostgreSQL, and worker processes as hosts: measures how work is shared, kills a worker in the
# middle of a task, and fails unless everything was done once. Progress on stderr, figures on stdout.
# Needs what tests/run.sh installs, redis-server (Debian: redis-server) and PostgreSQL's programs.
#   MG_TEST_TOOLS       where Airflow is installed (default: target/test-tools)
#   MG_BENCH_BINARIES   binaries that are there already (default: those of release are built)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/stage.sh
binaries=${MG_BENCH_BINARIES:-${CARGO_TARGET_DIR:-target}/release}
if [ -z "${MG_BENCH_BINARIES:-}" ]; then stage "binaries" cargo build --quiet --release -p mg-kpi -p mgctl --bins >&2; fi
airflow=$(realpath -m "${MG_TEST_TOOLS:-target/test-tools}")/airflow
exec python3 bench/celery/measure.py --airflow "$airflow" --binaries "$binaries" "$@"
