# make run    sets everything up and shows the dashboard of a bot that trades on paper
# make test   sets everything up and runs every test
# A machine needs Python 3.11 or later with pip, cargo, and git; its tests need Chromium.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
# After a change of this version: make lock.
UV_VERSION := 0.13.8
VENV := .venv
BIN := $(VENV)/bin
UV := .uv/bin/uv
BENCH_VENV := .venv-bench
NATIVE := native/Cargo.toml native/Cargo.lock native/pyproject.toml native/tradebot_native.pyi $(shell find native/src native/.cargo -type f)

# Bytecode is compiled once at installation, so that no start pays for it, even where the environment forbids writing it later.
export UV_COMPILE_BYTECODE := 1
export UV_LINK_MODE := copy
# Where pip gets through, uv shall too: the machine's certificates, and the index that pip was told of.
export UV_SYSTEM_CERTS ?= true
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
export VIRTUAL_ENV := $(abspath $(VENV))
unexport PYTHONDONTWRITEBYTECODE

WEB := $(shell find web -type f -not -path 'web/node_modules/*' -not -name '*.gen.*')
DASHBOARD := src/tradebot/api/dashboard/index.html
NPM := $(BIN)/python web/npm.py

.PHONY: help run web test soak check bench pictures format lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

PORT ?= 8000
run: $(BIN)/.ready $(DASHBOARD)  ## a backtest, then a paper bot with its dashboard on PORT, until Ctrl-C
	@$(BIN)/tradebot backtest --config examples/paper.json --bars 20160 --report reports/paper.html
	@exec $(BIN)/tradebot up examples/paper.json --port $(PORT)

web: $(DASHBOARD)  ## build the dashboard, where its sources have changed

test: $(BIN)/.ready $(DASHBOARD)  ## run all tests
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python tests/run_cargo_tests.py
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

soak: $(BIN)/.ready  ## the long forms of the tests: 10,000 kills, late and permuted fills, half an hour of faults, parity of every strategy
	@TRADEBOT_SOAK_KILLS=8000 TRADEBOT_SOAK_LIVE_KILLS=2000 $(BIN)/python -m pytest -q -s tests/faults/test_paper_bot_kills.py tests/faults/test_live_bot_kills.py
	@TRADEBOT_SOAK_DOCUMENT_KILLS=60 $(BIN)/python -m pytest -q tests/integration/test_the_example_document.py
	@TRADEBOT_SOAK_DAYS=30 $(BIN)/python -m pytest -q -s tests/faults/test_many_days.py
	@TRADEBOT_SOAK=1 $(BIN)/python -m pytest -q tests/property/test_feeding_any_stream.py tests/property/test_spot_broker_whatever_fails.py
	@TRADEBOT_CASES=100000 $(BIN)/python -m pytest -q tests/property/test_late_execution.py tests/property/test_fills_in_any_order.py
	@TRADEBOT_SOAK=1 TRADEBOT_SOAK_SECONDS=1800 $(BIN)/python -m pytest -q -s tests/faults/test_soak.py tests/faults/test_kill_switch.py tests/faults/test_frozen_streams.py
	@TRADEBOT_SOAK_FILTERS=100000 $(BIN)/python -m pytest -q tests/property/test_binance_filters.py
	@TRADEBOT_SOAK=1 $(BIN)/python -m pytest -q tests/parity/test_live_and_backtest.py

check: $(BIN)/.ready web/node_modules/.ready  ## format, lint, types, layers, locks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@PYTHONPATH=src $(BIN)/lint-imports --no-logo
	@for tool in fmt clippy; do \
	  cargo $$tool --version >/dev/null 2>&1 || { echo "cargo $$tool is missing: run rustup component add rustfmt clippy" >&2; exit 2; }; \
	done
	@cd native && cargo fmt --check && cargo clippy --locked --quiet --all-targets -- -D warnings
	@$(BIN)/python web/openapi.py > web/openapi.gen.json
	@$(NPM) run --silent types >/dev/null
	@$(NPM) run --silent check
	@! grep -nE 'https?://' requirements*.lock || { echo 'a lock file names a download host: run make lock' >&2; exit 2; }

bench: $(BIN)/.ready $(BENCH_VENV)/.ready  ## measure against peers, write benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

DATA ?= ../shared/data
pictures: $(BIN)/.ready  ## draw docs/images/strategies from the recorded markets in DATA
	@$(BIN)/python docs/draw_strategies.py $(DATA)

format: $(BIN)/.ready  ## format Python and Rust
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd native && cargo fmt

lock: $(UV)  ## compile the requirement locks anew
	@for set in -dev '' -bench; do \
	  case "$$set" in \
	    -dev) from='--group dev --extra all pyproject.toml' ;; \
	    '') from='-c requirements-dev.lock pyproject.toml' ;; \
	    -bench) from='--group bench' ;; \
	  esac; \
	  $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --no-emit-package tradebot-native --no-annotate -o requirements$$set.lock $$from; \
	done
	@echo 'uv==$(UV_VERSION)' | $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate -o requirements-uv.lock -

clean:  ## remove what the targets made
	rm -rf .uv $(VENV) $(BENCH_VENV) native/target reports web/node_modules src/tradebot/api/dashboard

$(UV): requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'tradebot needs Python 3.11 or later: make PYTHON=python3.12 ...' >&2; exit 2; }
	@command -v cargo >/dev/null || { echo 'tradebot needs cargo (https://rustup.rs) to build its native core' >&2; exit 2; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(BIN)/.locked: requirements-dev.lock $(UV)
	@echo 'installing the locked packages'
	@$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip sync -q --require-hashes requirements-dev.lock
	@touch $@

$(BIN)/.native: $(NATIVE) $(BIN)/.locked
	@echo 'building the native core (about a minute the first time)'
	@$(UV) pip install -q --no-deps --no-build-isolation --reinstall-package tradebot-native ./native
	@touch $@

$(BIN)/.ready: $(BIN)/.native pyproject.toml
	@$(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

web/node_modules/.ready: web/package-lock.json web/package.json $(BIN)/.locked
	@$(NPM) ci --silent
	@touch $@

$(DASHBOARD): $(WEB) web/node_modules/.ready
	@echo 'building the dashboard'
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

$(BENCH_VENV)/.ready: requirements-bench.lock | $(UV)
	@$(UV) venv -q --allow-existing --python $(PYTHON) $(BENCH_VENV)
	@VIRTUAL_ENV=$(abspath $(BENCH_VENV)) $(UV) pip sync -q --require-hashes requirements-bench.lock
	@touch $@
