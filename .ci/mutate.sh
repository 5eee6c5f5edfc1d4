#!/usr/bin/env bash
# Mutation testing of the modules that pyproject.toml names; ends with the figures. Goes on where it was stopped.
# An odd time zone catches code that takes the machine's for UTC.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TZ=Pacific/Chatham .venv/bin/mutmut run --max-children "${CHILDREN:-2}" "$@"
.venv/bin/python .ci/mutation_report.py
