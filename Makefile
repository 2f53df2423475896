# Dobush: `make run` shows a whole hall, `make test` proves it. `make help` lists the rest.

PYTHON ?= python3
SEATS ?= 51
PORT ?= 8080
DATA ?= build/hall-$(SEATS)
SCENARIO ?= registration_and_vote

VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := build/installed-run-$(shell cksum requirements/run.txt | cut -d' ' -f1)
TEST_STAMP := build/installed-test-$(shell cksum requirements/test.txt | cut -d' ' -f1)
IMAGE_SOURCES := $(shell find protocol terminal_fw -name '*.py' -o -name '*.bin' -o -name '*.mfont' 2>/dev/null)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

.DEFAULT_GOAL := help
.PHONY: help install run simulate test bench check image generated lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sort | \
	  awk 'BEGIN {FS = ":.*## "} {printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  Settings: SEATS=$(SEATS) PORT=$(PORT) DATA=$(DATA) SCENARIO=$(SCENARIO)"

install: $(RUN_STAMP) ## install what the hall needs into .venv (done by run, too)

run: $(RUN_STAMP) image ## start a whole hall with real seats; SEATS=101 PORT=9000 work; Ctrl-C stops it
	@$(BIN)/python -m simulator hall --seats $(SEATS) --port $(PORT) --data $(DATA)

simulate: $(RUN_STAMP) image ## play one scenario without a screen; SCENARIO=late_press SEATS=12
	@$(BIN)/python -m simulator run $(SCENARIO) --seats $(SEATS) --report build/$(SCENARIO).json

test: $(TEST_STAMP) image ## run every test: both interpreters, real broker, whole halls, real browser
	@PYTHON=$(BIN)/python sh tests/run_all.sh

bench: $(TEST_STAMP) image ## measure the budgets on this machine (about 6 minutes); docs/benchmarks.md
	@$(BIN)/python -m tests.bench --into build/bench.json

check: $(TEST_STAMP) image ## lint, types, import arrows, generated files
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m hardware.check_boards
	$(BIN)/python -m hardware.generate --check

image: build/seat_image/.built ## build the firmware image of a seat into build/seat_image

build/seat_image/.built: $(RUN_STAMP) $(IMAGE_SOURCES)
	@$(BIN)/python -m terminal_fw.build_image --into build/seat_image
	@touch $@

generated: $(TEST_STAMP) ## write the generated files again (boards)
	$(BIN)/python -m hardware.generate

lock: $(TEST_STAMP) ## resolve the requirements again and write the hashed locks
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --python-version 3.11 pyproject.toml --group seats -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --python-version 3.11 pyproject.toml --group seats --group development \
	  -c requirements/run.txt -o requirements/test.txt

clean: ## remove the environment, the image and every simulated hall's data
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Dobush needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian: sudo apt install python3-venv"; exit 1; }
	@echo "Making a Python environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements/run.txt | $(VENV)/bin/python
	@echo "Installing the hall's packages into $(VENV) (about half a minute) ..."
	@$(PIP_INSTALL) -r requirements/run.txt
	@mkdir -p build && rm -f build/installed-run-* && touch $@

$(TEST_STAMP): requirements/test.txt $(RUN_STAMP)
	@echo "Installing the tools of the tests into $(VENV) ..."
	@$(PIP_INSTALL) -r requirements/test.txt
	@mkdir -p build && rm -f build/installed-test-* && touch $@
