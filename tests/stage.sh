# Sourced by tests/run.sh and .ci/run: runs a command as a stage with a name, and tells how long it took.
stage() {
  local name=$1 started=$SECONDS
  shift
  echo "== $name"
  "$@"
  echo "== $name: $((SECONDS - started)) s"
}
