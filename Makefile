# The commands of the project; `make` alone lists them.
# PYTHON names the interpreter that makes the virtual environment (3.11 to 3.13).
export PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements/constraints.txt
PINS := requirements/constraints.txt requirements/base.txt

# Where `make test-services` finds the engines.
export MYSQL_URL ?= mysql://root@127.0.0.1:3306/movierec
export REDIS_URL ?= redis://127.0.0.1:6379
export RABBITMQ_URL ?= amqp://guest:guest@127.0.0.1:5672//

.PHONY: help install demo test test-services test-browser test-api lint format bench pins clean
.DEFAULT_GOAL := help

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
	  printf '  make %-14s %s\n' "$$name" "$$text"; done

demo:  ## set up everything, train on real MovieLens data, serve http://127.0.0.1:8000
	@scripts/demo

install: .venv/installed  ## the virtual environment with what the demo needs

test: .venv/installed-dev  ## the test suite on the embedded engines
	$(BIN)/python -m pytest

test-services: .venv/installed-services .venv-milvus/installed  ## the tests on MySQL, Milvus server, Redis, RabbitMQ
	TEST_ENGINES=services TEST_MILVUS=lite $(BIN)/python -m pytest -m "not browser and not services and not contract" \
	  --ignore tests/two_tower --ignore tests/bench
	TEST_ENGINES=services $(BIN)/python -m pytest -m services

test-browser: .venv/installed-dev  ## the end-to-end tests in Chromium
	$(BIN)/python -m pytest -m browser

test-api: .venv/installed-dev  ## thousands of generated requests to a running server; examples of the docs
	$(BIN)/python -m pytest -m contract -rP

lint: .venv/installed-dev  ## format, lint, types, import contracts, templates, migrations, deployment checks
	scripts/lint

format: .venv/installed-dev  ## rewrite the code in the project's format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/installed-bench .venv-sasrec/installed  ## the benchmarks; bench/README.md says what each measures
	$(BIN)/python -m bench

pins: .venv/installed-services .venv/installed-bench  ## write requirements/constraints.txt from what is installed
	@sed -n '/^#/p' requirements/constraints.txt >.venv/pins && $(BIN)/pip freeze | sort -f >>.venv/pins
	@mv .venv/pins requirements/constraints.txt

.venv/installed-bench: .venv/installed-dev requirements/bench.txt
	@$(PIP_INSTALL) -r requirements/bench.txt
	@touch $@

.venv-sasrec/installed: requirements/sasrec.txt
	@$(PYTHON) -m venv .venv-sasrec
	@.venv-sasrec/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/sasrec.txt
	@touch $@

.venv-locust/installed: requirements/locust.txt
	@$(PYTHON) -m venv .venv-locust
	@.venv-locust/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/locust.txt
	@touch $@

clean:  ## remove the virtual environments and caches; var/ with its data stays
	rm -rf .venv .venv-milvus .venv-sasrec .venv-locust .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) scripts/check_python.py
	@$(PYTHON) -m venv .venv

.venv/installed: $(PINS) | .venv/bin/python
	@echo "Installing the pinned requirements into .venv (about a minute the first time) ..."
	@$(PIP_INSTALL) -r requirements/base.txt
	@touch $@

.venv/installed-dev: $(PINS) requirements/dev.txt | .venv/bin/python
	@echo "Installing the pinned requirements for development into .venv ..."
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

.venv/installed-services: .venv/installed-dev requirements.txt requirements/towhee.txt
	@$(PIP_INSTALL) -r requirements.txt -r requirements/towhee.txt
	@touch $@

.venv-milvus/installed: requirements/milvus-server.txt
	@$(PYTHON) -m venv .venv-milvus
	@.venv-milvus/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/milvus-server.txt
	@touch $@
