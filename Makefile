# Two commands on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# One more than there are cores: much of the suite waits, for processes that start, end, or are killed.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, (os.cpu_count() or 1) + 1))')

.PHONY: help demo test lint bench stress browsers vendor rules words screenshots lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is wanted (PYTHON=...)"; exit 2; }
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# What Heed needs to run; the lock file names versions and hashes, and nothing else is taken.
$(VENV)/.runs: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing what Heed runs with"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The same with what its tests need.
$(VENV)/.tests: requirements-test.lock $(VENV)/.runs
	@echo "installing what the tests need"
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

demo: $(VENV)/.runs ## Show the main job: example markers, a feed of events, a live queue (Ctrl-C ends it)
	@$(BIN)/heed demo $(ARGS)

lint: $(VENV)/.tests ## Check style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint browsers ## Run every check, on SQLite and on PostgreSQL, and in Chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not stress" $(ARGS)

# Playwright's own browser, where no Chromium is installed; where it can't be had, the browser tests skip aloud.
browsers: $(VENV)/.tests
	@$(BIN)/python -m tests.browsers || $(BIN)/python -m playwright install chromium >/dev/null 2>&1 || echo "no Chromium found: the browser tests will be skipped"

stress: $(VENV)/.tests ## Run what takes minutes
	$(BIN)/python -m pytest -m stress $(ARGS)

bench: $(VENV)/.tests ## Measure, and write docs/explanation/performance.md
	$(BIN)/python -m bench $(ARGS)

vendor: $(VENV)/.tests ## Fetch other people's scripts and styles anew (needs npm)
	$(BIN)/python -m tests.vendoring

rules: $(VENV)/.tests ## Write docs/explanation/rules.md from the policy tables
	$(BIN)/python -m tests.rules

words: $(VENV)/.tests ## Gather the console's texts into its catalogue
	$(BIN)/python -m tests.words

screenshots: $(VENV)/.tests ## Take pictures of every page, in both themes, into docs/pictures
	$(BIN)/python -m tests.pictures

lock: $(BIN)/python ## Make the lock files anew (needs uv)
	uv pip compile pyproject.toml --extra postgres --group build $(LOCK) -o requirements.lock
	uv pip compile pyproject.toml --all-extras --group build $(LOCK) -o requirements-test.lock
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --upgrade --quiet

clean: ## Remove what was made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
