#!/usr/bin/env bash
# Measures mg-sql beside its peers: builds the release binaries, installs the peers, starts a private PostgreSQL
# with a table of 1,000,000 rows, runs peers.py. Markdown on stdout, progress on stderr.
# Idempotent: what is there is not installed or built again.
#   MG_BENCH_PEERS   where the peers are kept (default: target/bench-peers)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
peers=$(realpath -m "${MG_BENCH_PEERS:-target/bench-peers}")
binaries=${CARGO_TARGET_DIR:-target}/release
scratch=$(mktemp -d)
. tests/stage.sh

# Runs an installation in a folder of its own, unless the list it was made from is still the same.
installed() {
  local folder=$peers/$1 list=$2
  if cmp -s "$list" "$folder/$(basename "$list")"; then return; fi
  rm -rf "$folder"
  mkdir -p "$folder"
  "$3" "$folder" "$list"
  cp "$list" "$folder/" # last: an installation that was broken off begins anew
}

node_peers() {
  mkdir "$1/new"
  cp "$2" "$1/new/"
  npm install --prefix "$1/new" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error >&2
  mv "$1/new/node_modules" "$1/"
  rm -r "$1/new"
}

# postgres-mcp asks for Python 3.12: without one the others are measured all the same.
python_peers() {
  local python
  python=$(newest_python)
  "$python" -m venv "$1"
  "$1/bin/pip" install --quiet --requirement "$2"
  "$1/bin/pip" install --quiet --no-deps postgres-mcp==0.3.0 || echo "postgres-mcp is left out" >&2
}

newest_python() {
  local python
  for python in python3.1{4,3,2} "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[234].*/bin/python3; do
    if "$python" -c 'import venv' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  echo python3
}

# PostgreSQL refuses root.
unprivileged() {
  if [ "$(id -u)" -ne 0 ]; then "$@"; else runuser -u "$account" -- "$@"; fi
}

start_postgres() {
  programs=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -1 || command -v initdb)")
  account=$(id -un postgres 2>/dev/null || echo nobody)
  cluster=$scratch/cluster
  mkdir "$cluster"
  chmod 755 "$scratch"
  if [ "$(id -u)" -eq 0 ]; then chown "$account" "$cluster"; fi
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cd "$cluster"
  unprivileged "$programs/initdb" -D "$cluster/data" -U postgres -A trust -E UTF8 --locale=C --no-sync
  # Everybody reads the same first rows, from memory.
  unprivileged "$programs/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w start -o "-p $port \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=512MB \
    -c synchronize_seqscans=off -c autovacuum=off -c jit=off"
  cd - >/dev/null
  psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres -d postgres -f bench/peers/table.sql
}

stop() {
  if [ -f "$scratch/cluster/data/postmaster.pid" ]; then
    (cd "$scratch/cluster" && unprivileged "$programs/pg_ctl" -D "$scratch/cluster/data" -m immediate stop) >&2
  fi
  rm -rf "$scratch"
}
trap stop EXIT

stage "binaries" cargo build --quiet --release --workspace --bins >&2
mkdir -p "$peers"
stage "peers from npm" installed node bench/peers/package.json node_peers >&2
stage "peers from PyPI" installed python bench/peers/requirements.txt python_peers >&2
stage "PostgreSQL with its table" start_postgres >&2
stage "SQLite with its table" python3 bench/table.py "$scratch/fact_permis.sqlite" >&2
python3 bench/peers.py --binaries "$binaries" --peers "$peers" --scratch "$scratch" --port "$port" \
  --results "$peers/results.json"
echo "== all numbers: $peers/results.json" >&2
