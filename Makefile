# Two commands are enough: `make run` (the bot on this machine, no credentials) and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
STAMP := $(VENV)/.installed
# Tests wait for other processes as often as they compute: one more of them than processors.
TESTERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

.PHONY: help setup run test test-extra test-systemd test-install release stranger check lint bench screenshots lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: $(STAMP) ## make .venv from the lock (the other targets do it themselves)

$(STAMP): deploy/requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Data Bolt needs Python 3.11 or newer: no '$(PYTHON)' on the PATH (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Data Bolt needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1) (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: install it (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-dev.lock \
	  || { echo "The packages of deploy/requirements-dev.lock could not be installed: see above (network? disk?)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## the bot, a local workspace, warehouse and model: open the address it prints
	@$(BIN)/botctl run $(ARGS)

test: setup ## every test that needs only Python and make
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile $(ARGS)

test-extra: setup ## the tests that need Chromium, Node, systemd: installs them (Debian, root), no skips
	deploy/install-test-tools.sh
	DATA_BOLT_EXTRA=1 $(BIN)/python -m pytest -m extra $(ARGS)

test-systemd: setup ## the units on a real systemd, each check with its figure (Debian, root; part of test-extra)
	deploy/install-test-tools.sh
	DATA_BOLT_EXTRA=1 $(BIN)/python -m pytest tests/systemd $(ARGS)

test-install: setup ## install, upgrade under load and roll back on a fresh Debian (root; 7 minutes; not in CI)
	deploy/install-test-tools.sh
	$(BIN)/python -m tests.install $(ARGS)

release: ## the commit that is checked out as one file for a VM: dist/data-bolt-VERSION-COMMIT.tar.gz
	deploy/release.sh

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

stranger: setup ## a fresh clone, set up and asked a question, as root and as an ordinary user
	$(BIN)/python tests/scenario/stranger.py

check: lint test stranger ## what CI runs

bench: setup ## benchmarks: ratios measured side by side, JSON beside them
	$(BIN)/python -m tests.benchmarks

screenshots: setup ## the READMEs' pictures, taken anew from the running product (needs Chromium)
	$(BIN)/python -m tests.screenshots $(ARGS)

lock: setup ## pin the newest versions that pyproject.toml allows
	$(BIN)/botctl lock $(ARGS)

clean: ## remove what setup and tests made
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis *.egg-info
