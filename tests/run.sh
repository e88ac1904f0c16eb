#!/usr/bin/env bash
# Everything the tests need on a fresh machine with Rust, Python 3.11 and Node, then all the tests.
# Idempotent: what is there is not installed again. `tests/run.sh tools` stops before the build.
#   MG_TEST_TOOLS   where the clients that tests launch are kept (default: target/test-tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tests/stage.sh
MG_TEST_TOOLS=$(realpath -m "${MG_TEST_TOOLS:-target/test-tools}")
export MG_TEST_TOOLS

# The private servers of the tests are started from these binaries; no service has to run.
package() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$1"
}

# Whether one of these programs is there; `command -v` would take a function of this script for it.
present() { [ -n "$(type -P "$@")" ]; }

postgresql() {
  if present initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then return; fi
  package postgresql
}

mariadb() {
  if present mariadbd || [ -x /usr/sbin/mariadbd ]; then return; fi
  package mariadb-server
}

chromium() {
  if present chromium chromium-browser; then return; fi
  package chromium
}

redis() {
  if present redis-server; then return; fi
  package redis-server
}

# What mg-scrape renders pages with; where Debian's is not to be had, Chromium serves.
headless_shell() {
  if [ -x /usr/lib/chromium/chromium-headless-shell ]; then return; fi
  package chromium-headless-shell
}

# Reads the units of examples/deploy.
systemd() {
  if present systemd-analyze; then return; fi
  package systemd
}

# Runs an installation in a folder of its own, unless the list it was made from is still the same.
installed() {
  local folder=$MG_TEST_TOOLS/$1 list=$2
  shift 2
  if cmp -s "$list" "$folder/$(basename "$list")"; then return; fi
  rm -rf "$folder"
  mkdir -p "$folder"
  "$@" "$folder" "$list"
  cp "$list" "$folder/" # last: an installation that was broken off begins anew
}

python_clients() {
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet --requirement "$2"
}

airflow() {
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet uv
  "$1/bin/uv" pip install --quiet --python "$1/bin/python" --requirement "$2"
}

node_clients() {
  mkdir "$1/new"
  cp "$2" "$1/new/"
  npm install --prefix "$1/new" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error
  mv "$1/new/node_modules" "$1/"
  rm -r "$1/new"
}

stage "PostgreSQL" postgresql
stage "MariaDB" mariadb
stage "Redis" redis
stage "Chromium" chromium
stage "Chromium's headless shell" headless_shell
stage "systemd" systemd
stage "Python clients" installed python tests/python/requirements.txt python_clients
stage "LangGraph" installed langgraph tests/langgraph/requirements.txt python_clients
stage "Airflow" installed airflow tests/airflow/requirements.txt airflow
stage "Node clients" installed node tests/node/package.json node_clients
if [ "${1:-}" = tools ]; then exit; fi

# cargo test, not nextest: a test binary shares one PostgreSQL and one MariaDB among its tests, nextest would start them for each.
stage "build" cargo build --workspace --profile ci --all-targets
MG_REQUIRE_SERVICES=1 stage "tests" cargo test --workspace --profile ci --no-fail-fast
echo "== everything: $SECONDS s"
