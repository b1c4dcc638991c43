# Drivecast. `make` alone lists the targets.
# Written for GNU make 3.81 and later (what macOS has); every tool comes from .venv and node_modules.

PY := .venv/bin/python
CODE := function_app.py functions collector devhost training ops tests benchmarks tools examples
SOURCES = $(wildcard $(CODE))
DATA ?=
PORT ?= 7071
# where the storage emulator of `make start` listens: blobs at this port, queues and tables at the next two
AZURITE_PORT ?=
# which app `make status`, `health`, `logs`, `poison`, `doctor` and `smoke` look at, e.g. `make status
# TARGET="--app NAME --resource-group NAME"`; without it the one that `make start` left running
TARGET ?=
AT = $(if $(TARGET),$(TARGET),--url http://localhost:$(PORT))
# where `make mlflow-ui` shows the tracked runs
MLFLOW_PORT ?= 5001
# what `make deploy` and `make destroy` work on, e.g. `make deploy ENV=dev`; STEP="code smoke": those steps alone;
# YES=1: without asking
ENV ?=
STEP ?=
YES ?=
# the tests of `make infra-check`; under `make test` they run once, with all the others
INFRA_TESTS := tests/infra tests/tools/test_infra_check.py tests/tools/test_bicep_cli.py tests/tools/test_checkov_scan.py
# how long `make bench-soak` and `make campaign` take
MINUTES ?= 10
# what `make campaign` repeats, as it said when a property broke: SEED=N CAMPAIGN=csv TRY=N
SEED ?=
CAMPAIGN ?=
TRY ?=
# what `make unit` hands to pytest, e.g. `make unit ARGS="tests/ops -k ports"`
ARGS ?=
# test files run side by side; 0: one after the other, in this process
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help collector deploy destroy infra-check infra-snapshots bench-batch bench-online bench-soak bench-imports bench-coldstart bench-explain bench-history bench-memory bench-odd bench-quarter bench-threads install demo start mlflow-ui status watch health logs poison doctor smoke test test-fast lint types unit campaign report-picture conformance coverage format requirements clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# The stamps make set-up instant once done; a changed requirements or lock file, or a Python that is gone, runs it again.
.venv/.installed: requirements-dev.txt requirements-tracking.txt requirements.txt tools/find_python.sh tools/install_python.sh $(PY)
	@sh tools/install_python.sh
	@touch $@

# Not made here but watched: when the interpreter behind .venv disappears, this file does, and set-up starts over.
$(PY):

node_modules/.installed: package.json package-lock.json tools/install_azurite.sh
	@sh tools/install_azurite.sh
	@touch $@

# Order alone: another .venv makes no other MLflow.
.venv-mlflow/.installed: requirements-mlflow.txt | .venv/.installed
	@echo "installing requirements-mlflow.txt into .venv-mlflow"
	@.venv/bin/uv venv --quiet --clear --python $(PY) .venv-mlflow
	@.venv/bin/uv pip sync --quiet --python .venv-mlflow/bin/python --require-hashes requirements-mlflow.txt
	@touch $@

collector: install ## Pack collector/ into one file for servers, dist/drivecast-collect.pyz, with unit files beside it
	@$(PY) -m tools.collector_zipapp

install: .venv/.installed node_modules/.installed ## Set up .venv and Azurite, exactly as pinned
	@:

demo: install ## Run the whole thing once: DATA=FILE for a Backblaze day CSV, else a simulated fleet
	@$(PY) -m ops demo $(if $(DATA),--data "$(DATA)")

start: install ## Leave the app running at http://localhost:7071 (PORT=N, AZURITE_PORT=N: other ports)
	@$(PY) -m ops start --port $(PORT) $(if $(AZURITE_PORT),--azurite-port $(AZURITE_PORT))

status: install ## The model that answers, and the state of the newest files (TARGET="--app ...": in Azure)
	@$(PY) -m ops status $(AT)

watch: install ## Follow the files that are being scored (python -m ops watch PATH: one, until it is done)
	@$(PY) -m ops watch $(AT)

health: install ## Whether the app answers and is ready
	@$(PY) -m ops health $(AT)

logs: install ## The app's last log lines
	@$(PY) -m ops logs $(AT)

poison: install ## The files that failed too often (python -m ops poison replay has them scored again)
	@$(PY) -m ops poison list $(AT)

doctor: install ## Check every link a file travels, and say what to do
	@$(PY) -m ops doctor $(AT)

smoke: install ## Health, readiness, a prediction and a file, compared with recorded values
	@$(PY) -m ops smoke $(AT)

deploy: install ## Bring ENV=dev to Azure: what-if, infra, code, model, event-grid, smoke (STEP=code: one of them)
	@$(if $(ENV),,echo "name the environment: make deploy ENV=dev" >&2; exit 2;) \
		$(PY) -m ops deploy --env "$(ENV)" $(foreach step,$(STEP),--step $(step)) $(if $(YES),--yes)

destroy: install ## Delete ENV=dev from Azure, with all that is in it
	@$(if $(ENV),,echo "name the environment: make destroy ENV=dev" >&2; exit 2;) \
		$(PY) -m ops destroy --env "$(ENV)" $(if $(YES),--yes)

mlflow-ui: install .venv-mlflow/.installed ## Show the tracked runs of training at http://localhost:5001 (MLFLOW_PORT=N)
	@$(PY) -m tools.mlflow_ui --port $(MLFLOW_PORT)

test: lint types infra-check unit ## Lint, types, infrastructure and tests; what CI runs

test-fast: install ## Tests without app, Azurite and browser, in two minutes
	@$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow" $(ARGS)

lint: install ## ruff: rules and format
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check $(SOURCES)

types: install ## mypy, strict
	@$(PY) -m mypy $(SOURCES)

infra-check: install ## Bicep by Microsoft's compiler: lint, build, format, snapshots; checkov
	@$(PY) -m tools.infra_check
	@$(if $(filter test,$(MAKECMDGOALS)),,$(PY) -m pytest -q $(INFRA_TESTS))

infra-snapshots: install ## Write the snapshots of infra/ anew after a change to infra/; the diff says what Azure would be asked for
	@$(PY) -m tools.infra_check --write

unit: install .venv-mlflow/.installed ## pytest (ARGS="..." is handed on; JOBS=2 files at a time)
	@$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

campaign: install ## Random kills, damage, CSV files and bodies for MINUTES=10, with a fresh seed; prints what was tried
	@$(PY) -m tests.campaigns --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) \
		$(foreach name,$(CAMPAIGN),--campaign $(name)) $(if $(TRY),--try $(TRY))

bench-batch: install ## Batch scoring against pandas + scikit-learn and the least it takes; two workers against one
	@$(PY) -m benchmarks.batch_speed --output .bench/batch_speed.json
	@$(PY) -m benchmarks.batch_ranges --output .bench/batch_ranges.json

bench-online: install ## POST predict through devhost, against FastAPI + scikit-learn and mlflow models serve (needs wrk)
	@$(PY) -m benchmarks.online

bench-soak: install ## POST predict for MINUTES=10 at 80 % of the measured capacity (needs wrk)
	@$(PY) -m benchmarks.soak --minutes $(MINUTES)

bench-threads: install ## Memory of a worker by the threads its functions run on
	@$(PY) -m benchmarks.thread_memory --output .bench/thread_memory.json

bench-imports: install ## What each package costs when the app is imported
	@$(PY) -m benchmarks.import_profile

bench-coldstart: install ## Fresh interpreter to first answer, against pandas + scikit-learn + joblib
	@$(PY) -m benchmarks.cold_start

bench-memory: install ## Peak memory of the batch engine from 12 MB to 1 GB, and of a worker with 300 MB
	@$(PY) -m benchmarks.batch_memory
	@$(PY) -m benchmarks.worker_memory --output .bench/worker_memory.json

bench-quarter: install ## A whole quarter in one file, 27 million rows, beside one day of it (needs 12 GB of disk)
	@$(PY) -m benchmarks.quarter --output .bench/quarter.json

bench-history: install ## What writing and joining history snapshots adds to scoring; rows sorted by drive against by date
	@$(PY) -m benchmarks.history_join --output .bench/history_join.json
	@$(PY) -m benchmarks.history_order --output .bench/history_order.json

bench-odd: install ## Files with stray quotes, wrong rows, blank lines and the like against an ordinary one
	@$(PY) -m benchmarks.odd_files --output .bench/odd_files.json

bench-explain: install ## Explanations in bulk and of one drive, against the shap package
	@$(PY) -m benchmarks.explanations

report-picture: install ## Draw docs/report.png from a simulated fleet, with a real Chromium
	@$(PY) -m tools.report_picture

conformance: install ## Ask func start (Core Tools) the requests recorded of Microsoft's host; print what differs
	@$(PY) -m tools.conformance

coverage: install ## pytest with line and branch coverage
	@$(PY) -m pytest --cov --cov-report=term-missing:skip-covered $(ARGS)

format: install ## Let ruff rewrite what it can
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

requirements: install ## Resolve requirements*.in into requirements*.txt again (UPGRADE=1 for newer versions)
	@for name in requirements requirements-dev requirements-tracking requirements-mlflow \
		requirements-azureml training/azureml/image/requirements; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.13 --no-emit-index-url \
			--generate-hashes --custom-compile-command "make requirements" $(if $(UPGRADE),--upgrade) \
			$$name.in --output-file $$name.txt || exit 1; \
	done

# What people wrote stays: local.settings.json, azd's environments in .azure, settings of editors.
clean: ## Remove what set-up, runs and tools made
	@rm -rf .venv .venv-mlflow node_modules .python_packages
	@rm -rf demo-output backtest-output comparison-output retrain-output mlflow.db mlruns dist packed.txt *.log
	@rm -rf .azurite __azurite_* __blobstorage__ __queuestorage__ AzuriteConfig
	@rm -rf .bench .hypothesis .mypy_cache .pytest_cache .ruff_cache htmlcov .coverage .coverage.* coverage.xml
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
