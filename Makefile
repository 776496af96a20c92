# `make` prints the targets. Whatever is asked for first makes the virtual environment.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/stamp
SOURCES := derive generated verify tests benchmarks docs

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help regenerate check test verify report soak bench picture format lock clean

help: ## print this list
	@echo "stieltjes: derive, generate, verify"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

# The stamp is written last: an interrupted installation is begun again, a finished one is not touched
# until the lock or the packaging changes. The lock holds setuptools too, so that the project itself is
# installed without fetching a build environment.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("stieltjes needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

regenerate: $(STAMP) ## derive all models; write generated/ and build/derivations/
	$(BIN)/python -m derive generate

check: $(STAMP) ## format, lint, types, and that generated/ is what the models derive to
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/python -m derive generate --check

test: check ## all tests (check included)
	$(BIN)/python -m pytest -n auto

verify: $(STAMP) ## judge every claim of the papers; write build/ledger.json
	$(BIN)/python -m verify ledger $(LEDGER)

report: $(STAMP) ## judge the ledger and write the report, pages that open from disk: build/report/index.html
	$(BIN)/python -m verify report $(REPORT)

soak: $(STAMP) ## compare every evaluator with certified values at a million points a model
	$(BIN)/python -m verify soak $(SOAK)

bench: $(STAMP) ## time the evaluators beside their rivals; write build/bench/
	$(BIN)/python -m benchmarks $(BENCH)

picture: $(STAMP) ## draw docs/spectrum.svg, the picture of the README
	$(BIN)/python docs/spectrum.py

format: $(STAMP) ## format and fix what can be fixed by machine
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

lock: $(STAMP) ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --extra dev \
		--output-file requirements.lock pyproject.toml

clean: ## remove what can be made again, except the virtual environment
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find benchmarks derive generated verify tests -name __pycache__ -type d -prune -exec rm -rf {} +
