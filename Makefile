# Drivecast. `make` alone lists the targets.
# Written for GNU make 3.81 and later (what macOS has); every tool comes from .venv and node_modules.

PY := .venv/bin/python
CODE := function_app.py functions devhost training ops tests benchmarks
SOURCES = $(wildcard $(CODE))
DATA ?=
PORT ?= 7071
# what `make unit` hands to pytest, e.g. `make unit ARGS="tests/ops -k ports"`
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help bench-coldstart bench-memory install demo start test lint types unit coverage format requirements clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# The stamps make set-up instant once done; a changed requirements or lock file, or a Python that is gone, runs it again.
.venv/.installed: requirements-dev.txt requirements.txt tools/find_python.sh tools/install_python.sh $(PY)
	@sh tools/install_python.sh
	@touch $@

# Not made here but watched: when the interpreter behind .venv disappears, this file does, and set-up starts over.
$(PY):

node_modules/.installed: package.json package-lock.json tools/install_azurite.sh
	@sh tools/install_azurite.sh
	@touch $@

install: .venv/.installed node_modules/.installed ## Set up .venv and Azurite, exactly as pinned
	@:

demo: install ## Run the whole thing once: DATA=FILE for a Backblaze day CSV, else a simulated fleet
	@$(PY) -m ops demo $(if $(DATA),--data "$(DATA)")

start: install ## Leave the app running at http://localhost:7071 (PORT=N for another port)
	@$(PY) -m ops start --port $(PORT)

test: lint types unit ## Lint, types and tests; what CI runs

lint: install ## ruff: rules and format
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check $(SOURCES)

types: install ## mypy, strict
	@$(PY) -m mypy $(SOURCES)

unit: install ## pytest (ARGS="..." is handed on)
	@$(PY) -m pytest $(ARGS)

bench-coldstart: install ## Fresh interpreter to first answer, against pandas + scikit-learn + joblib
	@$(PY) -m benchmarks.cold_start

bench-memory: install ## Peak memory of the batch engine from 12 MB to 1 GB
	@$(PY) -m benchmarks.batch_memory

coverage: install ## pytest with line and branch coverage
	@$(PY) -m pytest --cov --cov-report=term-missing:skip-covered $(ARGS)

format: install ## Let ruff rewrite what it can
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

requirements: install ## Resolve requirements*.in into requirements*.txt again (UPGRADE=1 for newer versions)
	@for name in requirements requirements-dev; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.13 --no-emit-index-url \
			--custom-compile-command "make requirements" $(if $(UPGRADE),--upgrade) \
			$$name.in --output-file $$name.txt || exit 1; \
	done

clean: ## Remove what set-up, runs and tools made
	@rm -rf .venv node_modules demo-output .azurite htmlcov .coverage .coverage.* .hypothesis
	@rm -rf .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
