#!/usr/bin/env bash
# Writes the three locks from the .in files: versions and hashes, no addresses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
compile() {
  .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header "$@"
}
compile --python-version 3.11 pyproject.toml requirements.in --output-file requirements.lock
compile --python-version 3.11 requirements-dev.in --output-file requirements-dev.lock
# The judge's own metadata asks for a newer Python than it needs; only the one package is locked.
compile --python-version 3.13 --no-deps requirements-judges.in --output-file requirements-judges.lock
if grep -nE '://' requirements*.lock; then
  echo "lock.sh: a lock names an address" >&2
  exit 1
fi
