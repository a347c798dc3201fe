# One list of verbs; people, hooks and .ci/run all call these. `make help` shows them.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
PYTEST := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test setup page system check fmt lint types imports spell docs docs-check pictures lock hostile chaos bench bench-test bench-peers properties schemathesis old-clients examples clean

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: setup  ## set up, then run the seeds' stories on real data and say what to look at
	@tools/system-packages.sh demo
	@$(PY) examples/demo.py

test: $(READY)  ## set up, then run every test that belongs to a change (10 to 20 minutes on two cores)
	@$(MAKE) --no-print-directory -j2 page system
	@$(PY) tools/run_tests.py

setup: $(READY) page

page: $(READY)  ## build the Studio's page from web/, when its sources have changed
	@$(PY) tools/build_web.py

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@tools/setup.sh $(VENV)
	@touch $(READY)

system: $(READY)
	@tools/system-packages.sh
	@tools/engines.sh

check: setup  ## formatting, lint, types, import rules, spelling, generated pages
	@$(VENV)/bin/ruff format --check src tests examples bench tools
	@$(VENV)/bin/ruff check src tests examples bench tools
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/codespell README.md CONTRIBUTING.md CHANGELOG.md docs src examples changes
	@$(PY) tools/reference.py --check
	@$(PY) tools/api_types.py --check

fmt: setup  ## format, and mend what lint can mend
	@$(VENV)/bin/ruff format src tests examples bench tools
	@$(VENV)/bin/ruff check --fix src tests examples bench tools

types: setup  ## mypy alone
	@$(VENV)/bin/mypy

docs: setup  ## write what is generated anew: pages (modules, error codes, command line), the page's API types
	@$(PY) tools/reference.py
	@$(PY) tools/api_types.py

pictures: setup system  ## take the pictures of the docs anew, from the stories in the browser
	@$(PY) tools/pictures.py

properties: setup  ## every property test at full length (state machine of runs: 500 examples)
	@SKYLOOM_HYPOTHESIS=full $(PYTEST) -n 2 --dist loadgroup tests/core tests/data tests/contracts

schemathesis: setup  ## ask the web port everything that its OpenAPI document describes, with and without a token
	@$(PY) -m tests.server.fuzz

old-clients: setup system  ## the old product's own clients, in every Python that this machine has
	@SKYLOOM_OLD_CLIENTS=all $(PYTEST) -n 0 -rs tests/stories/test_old_clients.py tests/stories/test_old_pythons.py

hostile: setup  ## hostile and faulty scripts and files at every isolation level
	@$(PY) -m tests.hostile

chaos: setup  ## kill -9 the agent a hundred times, and once at every crash point
	@$(PY) -m tests.chaos

bench: setup  ## measure, each figure beside its floor, as JSON lines
	@$(PY) -m bench

bench-test: setup system  ## run every benchmark once over little data: that it works, not how fast
	@$(PYTEST) -n 0 tests/bench

bench-peers: setup  ## install the peers in environments of their own and measure them beside us
	@$(PY) -m bench.peers

lock: setup  ## resolve dependencies anew into requirements.lock
	@$(VENV)/bin/uv lock --upgrade -q
	@$(VENV)/bin/uv export -q --all-groups --all-extras --no-extra spark --no-emit-workspace --no-header -o requirements.lock
	@rm -f uv.lock

clean:  ## remove what make made
	rm -rf $(VENV) .setup .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis web/node_modules web/dist src/skyloom/server/web
