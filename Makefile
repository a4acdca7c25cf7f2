# Thin lines over the `dualbus` command and the tools; `make help` explains itself.
.DEFAULT_GOAL := help
.PHONY: help setup demo start stop status check test chaos clients fuzz bench lock up down clean

PYTHON ?= python3
BIN := .venv/bin
PACKAGES := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml outside/pyproject.toml)
EDITABLE := $(patsubst %/pyproject.toml,-e ./%,$(PACKAGES))
CODE := $(patsubst %/pyproject.toml,%,$(PACKAGES)) tests
# A service's folder has a dash in its name, so its package has to be found on the path.
export MYPYPATH := $(subst $(eval ) ,:,$(patsubst %/pyproject.toml,%,$(wildcard services/*/pyproject.toml)))
# Plain pip, so that the machine's own settings (index, proxy, certificates) hold.
PIP := $(BIN)/python -m pip --disable-pip-version-check

help: ## Show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/kafka ## Virtual environment, locked dependencies, this code, Kafka's jars

demo: setup ## See real orders go through everything (DEMO_CUSTOMERS=300)
	@$(BIN)/dualbus demo

start: setup ## Start the whole system on this machine
	@$(BIN)/dualbus start

stop: setup ## Stop it; nothing is left behind
	@$(BIN)/dualbus stop

status: setup ## Show every server and service: address, pid, health
	@$(BIN)/dualbus status

check: setup ## Format, lint, types, import contracts, the contract's compatibility; runs no test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/dualbus bus schema check

test: setup ## All tests but the long ones of failures and clients, on real PostgreSQL and Kafka
	$(BIN)/python -m pytest tests -n 2 --dist loadscope --no-loadscope-reorder -m "not chaos and not clients"

# Tests of the bus mostly wait, so two run at once; the whole system has the machine for itself.
SYSTEM_CHAOS := tests/chaos/whole_system $(addprefix tests/e2e/test_e2e_,faults.py on_call.py ods.py)
chaos: setup ## All failure tests; one with TEST=name, a run again with SEED=n
ifdef TEST
	$(BIN)/python -m pytest tests/chaos $(filter-out tests/chaos/%,$(SYSTEM_CHAOS)) -k "$(TEST)"
else
	@failed=; $(BIN)/python -m pytest tests/chaos --ignore tests/chaos/whole_system \
		-n 2 --dist loadscope --no-loadscope-reorder || failed=bus; \
	$(BIN)/python -m pytest $(SYSTEM_CHAOS) || failed="$$failed system"; \
	test -z "$$failed" || { echo "failed: $$failed"; exit 1; }
endif

clients: setup ## Clients from elsewhere at every API: newman, prism, a generated one
	$(BIN)/python -m pytest tests/clients

fuzz: setup ## schemathesis over every service's OpenAPI, nightly size (FUZZ_EXAMPLES=100)
	DUALBUS_FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),100) $(BIN)/python -m pytest tests/fuzz

bench: setup ## Measure, side by side with bare drivers, into .local/bench.json
	@$(BIN)/dualbus bench

lock: .venv/python ## Make requirements.lock anew: releases of a week ago or older
	@$(PIP) install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--upgrade --exclude-newer "$$(date -u -d '7 days ago' +%FT00:00:00Z)" \
		--python-version 3.11 --output-file requirements.lock requirements.in

up: ## The same system in containers
	@deploy/containers.sh up

down: ## Stop the containers; their data is kept
	@deploy/containers.sh down

clean: ## Stop everything; forget the environment and all data
	@if [ -x $(BIN)/dualbus ]; then $(BIN)/dualbus stop; fi
	rm -rf .venv .local

# Stamps: each step runs again only when what it depends on has changed.
.venv/python:
	@echo "==> virtual environment"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/locked: requirements.lock | .venv/python
	@echo "==> locked dependencies"
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

.venv/editable: .venv/locked $(PACKAGES)
	@echo "==> this code"
	@$(PIP) install --quiet --no-deps --no-build-isolation $(EDITABLE)
	@$(BIN)/python -m compileall -q libs services outside tests
	@touch $@

.venv/kafka: .venv/editable libs/cli/dualbus_cli/embedded/kafka_jars.lock
	@echo "==> Kafka's jars"
	@$(BIN)/dualbus fetch
	@touch $@
