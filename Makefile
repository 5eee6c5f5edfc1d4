# Daylight: every command a newcomer or CI needs. `make demo` and `make test` set up all they use.
#   make demo DEMO_ARGS="--no-serve --data DIR"    YES=1 make demo (installs system packages without asking)
.DEFAULT_GOAL := help
PYTHON ?= python3
DEMO_ARGS ?=
SERVE_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
WORKERS ?= auto
BIN := .venv/bin

.PHONY: help setup setup-dev demo serve test lint format types imports rules check bench mutate lock clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv from the locked, hashed requirements (instant when nothing changed)
	@PYTHON="$(PYTHON)" YES="$(YES)" bash .ci/setup.sh

setup-dev: ## As setup, and the tools of lint, types, bench and mutate
	@PYTHON="$(PYTHON)" YES="$(YES)" bash .ci/setup.sh --dev

demo: setup ## Fill ./data by running the real commands, verify it, serve it on http://localhost:8000
	@$(BIN)/daylight demo $(DEMO_ARGS)

serve: setup ## Serve ./data
	@$(BIN)/daylight serve $(SERVE_ARGS)

# An odd time zone catches code that takes the machine's for UTC.
test: setup ## Run the tests: no server, browser or network
	@TZ=Pacific/Chatham $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

lint: setup-dev ## ruff (every rule) and its formatter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup-dev ## Let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup-dev ## mypy, strict
	@$(BIN)/mypy

imports: setup-dev ## The directions between the rooms
	@$(BIN)/lint-imports

rules: setup-dev ## The rules of the house no other tool knows
	@$(BIN)/python .ci/house_rules.py

check: lint types imports rules test ## All of the above

bench: setup-dev ## Ratios against the bare primitives, into bench.json
	@$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

mutate: setup-dev ## Mutation testing of the ledger's parsers and of the policies
	@bash .ci/mutate.sh

lock: ## Write the locks anew from the .in files
	@$(MAKE) --no-print-directory setup-dev
	@bash .ci/lock.sh

clean: ## Remove what the other targets made, but no data folder
	@rm -rf .venv build mutants htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info bench.json
