# The commands of this project. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help run play-town check mutate test test-live publish lock bench

help: ## Show this list
	@echo "Shouwang 守望"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed · 需要 Python 3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "The venv module is missing: install python3-venv · 缺少 venv 模块"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@touch $@

# SCALE=tiny|town|county|city  SEED=1  PORT=8000  KAFKA=embedded|real  FILES=clean|dirty  ONCE=1
run: $(STAMP) ## Start everything and play the sample town (ONCE=1 SCALE= KAFKA=real PORT= SEED= FILES=dirty VILLAGES=2)
	@$(BIN)/python -m launcher --scale $(or $(SCALE),town) --seed $(or $(SEED),1) --port $(or $(PORT),8000) \
	    --kafka $(or $(KAFKA),embedded) --files $(or $(FILES),clean) $(if $(ONCE),--once) --villages $(or $(VILLAGES),2)

play-town: $(STAMP) ## The whole sample town through its procedures, and whether it ended as its story says (SCALE=)
	@$(BIN)/python -m launcher --scale $(or $(SCALE),town) --port $(or $(PORT),8000) --once --villages 1000 --fresh

check: $(STAMP) ## Format, lint, types, layers, published contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.publish_contracts --check
	$(BIN)/python -m tools.check_contracts
	@! grep -nE '://|--index-url|--extra-index-url' requirements.lock requirements-service.lock || { echo "a lock file names an index"; exit 1; }

test: $(STAMP) ## The whole suite on the embedded engines
	$(BIN)/pytest -n 2 -q --timeout 300

mutate: $(STAMP) ## Move each threshold by one unit and see that a test turns red (PATHS=, slow: nightly)
	$(BIN)/python -m tools.mutate $(PATHS)

test-live: $(STAMP) ## Tests marked live, on a real Apache Kafka with three brokers
	$(BIN)/pytest -n 0 -q -m live --timeout 300

publish: $(STAMP) ## Draw the published contracts from the code again
	$(BIN)/python -m tools.publish_contracts

LOCK := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 --universal --no-header
lock: $(STAMP) ## Pin what is needed, with hashes and without any index address
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-service.in -c requirements.lock -o requirements-service.lock

bench: $(STAMP) ## Measure this system against ordinary baselines (python -m bench W1 B1 for single ones)
	$(BIN)/python -m bench
