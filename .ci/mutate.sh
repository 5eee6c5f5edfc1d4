#!/usr/bin/env bash
# Mutation testing of the modules that pyproject.toml names; ends with the figures. Goes on where it was stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
.venv/bin/mutmut run --max-children "${CHILDREN:-2}" "$@"
.venv/bin/mutmut results >mutants/survived.txt
.venv/bin/mutmut export-cicd-stats
.venv/bin/python - <<'PY'
import json
from pathlib import Path

figures = json.loads(Path("mutants/mutmut-cicd-stats.json").read_text())
caught = figures["killed"] + figures.get("timeout", 0) + figures.get("segfault", 0)
print(f"{caught} of {figures['total']} mutants caught ({100 * caught / max(1, figures['total']):.1f} %); those that lived: mutants/survived.txt")
PY
