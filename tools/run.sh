#!/usr/bin/env bash
# Entry of every npm script: installs what the lockfile names when it is not there yet, then runs tools/<name>.ts
# with the pinned Node (npm package "node"), never with the system's. `npm ci` would insist on lockfile entries for
# the binaries of every other operating system, which a registry mirror need not have.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
task=${1:?task}
shift
if [ ! -x node_modules/.bin/node ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "Installing packages from the lockfile ..." >&2
  npm install --no-save --no-fund --no-audit --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
if ! node_modules/.bin/node --version >/dev/null 2>&1; then
  # Node's binary needs a library that a small Debian lacks.
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    node_modules/.bin/node --version || true
    echo "The pinned Node does not run here. On Debian, as root: apt-get update && apt-get install -y libatomic1" >&2
    exit 69
  fi
  echo "Installing from Debian: libatomic1" >&2
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends libatomic1 >/dev/null
fi
exec node_modules/.bin/node --disable-warning=ExperimentalWarning "tools/$task.ts" "$@"
