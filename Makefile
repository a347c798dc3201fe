# One list of verbs; people, hooks and .ci/run all call these. `make help` shows them.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
PYTEST := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test setup system check fmt lint types imports spell docs docs-check lock hostile chaos bench bench-peers properties examples clean

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: setup  ## set up, then run the seeds' stories on real data and say what to look at
	@$(PY) examples/demo.py

test: setup system  ## set up, then run every test that belongs to a change (within 15 minutes)
	@$(PYTEST) -n 2 --dist loadgroup tests

setup: $(READY)

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@tools/setup.sh $(VENV)
	@touch $(READY)

system: $(READY)
	@tools/system-packages.sh

check: setup  ## formatting, lint, types, import rules, spelling, generated pages
	@$(VENV)/bin/ruff format --check src tests examples bench tools
	@$(VENV)/bin/ruff check src tests examples bench tools
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/codespell README.md CONTRIBUTING.md CHANGELOG.md docs src examples changes
	@$(PY) tools/reference.py --check

fmt: setup  ## format, and mend what lint can mend
	@$(VENV)/bin/ruff format src tests examples bench tools
	@$(VENV)/bin/ruff check --fix src tests examples bench tools

types: setup  ## mypy alone
	@$(VENV)/bin/mypy

docs: setup  ## write the generated pages anew (modules, error codes, command line)
	@$(PY) tools/reference.py

properties: setup  ## every property test at full length (state machine of runs: 500 examples)
	@SKYLOOM_HYPOTHESIS=full $(PYTEST) -n 2 -m "not slow" tests/core tests/data tests/contracts

hostile: setup  ## hostile and faulty scripts and files at every isolation level
	@$(PY) -m tests.hostile

chaos: setup  ## kill -9 the agent a hundred times, and once at every crash point
	@$(PY) -m tests.chaos

bench: setup  ## measure, each figure beside its floor, as JSON lines
	@$(PY) -m bench

bench-peers: setup  ## install the peers in environments of their own and measure them beside us
	@$(PY) -m bench.peers

lock: setup  ## resolve dependencies anew into requirements.lock
	@$(VENV)/bin/uv lock --upgrade -q
	@$(VENV)/bin/uv export -q --all-groups --all-extras --no-emit-workspace --no-header -o requirements.lock
	@rm -f uv.lock

clean:  ## remove what make made
	rm -rf $(VENV) .setup .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis
