# Two commands on a fresh machine: `make` builds the warehouse, `make test` passes the tests.
# Each target sets up what it needs; installing is repeated only when what is installed changed.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := warehouse
.PHONY: help warehouse check test lint ui docs readme bench resolution resilience hostile fuzz bi spark clean

# pip, with one line that says how far it is (in a pipe, one for 25 packages) instead of its own;
# if it fails, all that it said.
define pip_install
@if [ -t 1 ]; then at='\r\033[K'; end=''; every=1; else at=''; end='\n'; every=25; fi; found=0; \
{ $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off $(1) 2>&1; \
  echo "exit $$?"; } | { while IFS= read -r said; do \
	case "$$said" in \
		"exit 0") printf "$$at  installed\n"; exit 0 ;; \
		"exit "*) printf "$$at"; cat .venv/install.log; exit 1 ;; \
		Collecting*|"Requirement already"*) found=$$((found + 1)); \
			[ $$((found % every)) -ne 0 ] || printf "$$at  packages found: $$found$$end" ;; \
		"Installing collected packages"*) printf "$$at  unpacking them ...$$end" ;; \
	esac; printf '%s\n' "$$said" >&3; done; } 3>.venv/install.log
endef

.venv/run.stamp: pyproject.toml constraints.txt
	@echo "Installing into .venv (once; a minute or two) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(call pip_install,-c constraints.txt -e .)
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@echo "Installing the tools for tests, linting and the UI (once) ..."
	$(call pip_install,-c constraints.txt -e '.[dev]')
	@# An old client that the tests read with, and the other engine that is allowed.
	$(call pip_install,--no-deps --upgrade --target .venv/clients/duckdb-1.1.3 duckdb==1.1.3)
	@# There is none of that for Python 3.10.
	$(call pip_install,--no-deps --upgrade --target .venv/clients/duckdb-2.0.1 "duckdb==2.0.1; python_version >= '3.11'")
	@touch $@

# dbt is asked for the compiled SQL, in a home of its own.
SQLFLUFF := mkdir -p warehouse/lint && GENAI_LEDGER_HOME=$(CURDIR)/warehouse/lint $(BIN)/sqlfluff lint --disable-progress-bar

## This list.
help:
	@awk '/^## /{about=substr($$0, 4)} /^[a-z]+:/{if(about) printf "  make %-12s %s\n", substr($$1, 1, length($$1)-1), about; about=""}' Makefile

## Build, audit and publish the warehouse from raw/, and print the headline.
warehouse: .venv/run.stamp
	@$(BIN)/genai-ledger build

# The report is tested in a real browser.
.venv/browser.stamp: .venv/dev.stamp
	@command -v chromium >/dev/null || (echo "Installing chromium (once) ..." \
		&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null) \
		|| (echo "The tests need chromium: install it with your package manager." && false)
	@touch $@

# Dagster's storage is tested on PostgreSQL, where it can be had.
.venv/postgres.stamp: .venv/dev.stamp
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
		|| (echo "Installing PostgreSQL (once) ..." && apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -qq -y postgresql >/dev/null) \
		|| echo "Without PostgreSQL its test is skipped: install it with your package manager."
	@touch $@

# Freshness is tested with a clock that is moved, where that can be had.
.venv/clock.stamp: .venv/dev.stamp
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 \
		|| (echo "Installing libfaketime (once) ..." && apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -qq -y libfaketime >/dev/null) \
		|| echo "Without libfaketime its test is skipped: install it with your package manager."
	@touch $@

## Style, types, SQL style of changed files, unit tests: what to run before each commit.
check: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@changed=$$(git diff --name-only --diff-filter=d HEAD -- 'dbt_project/*.sql'; \
		git ls-files --others --exclude-standard -- 'dbt_project/*.sql'); \
		test -z "$$changed" || $(SQLFLUFF) $$changed
	@$(BIN)/python -m pytest -n 2 tests/unit

## Lint, then every test; Spark's tables are held against DuckDB's.
test: lint .venv/browser.stamp .venv/postgres.stamp .venv/clock.stamp .venv/spark.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/hostile \
		tests/spark/test_parity.py tests
	@$(BIN)/python -m pytest -n 2 tests/hostile  # after the others: its files take gigabytes

## Style, types, SQL style and the rules of the dbt project.
lint: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/genai-ledger prepare
	@echo "Linting SQL (a minute) ..."
	@$(SQLFLUFF) --processes 2 dbt_project/models dbt_project/tests
	@if [ -x $(BIN)/dbt-bouncer ]; then $(BIN)/dbt-bouncer --config-file dbt-bouncer.yml; \
		else echo "The rules of the dbt project need Python 3.11 or later: not checked."; fi

## Dagster's UI on http://127.0.0.1:3000.
ui: .venv/dev.stamp
	@$(BIN)/genai-ledger ui

## The dbt docs as one page, warehouse/docs/index.html.
docs: warehouse

## Write the served figures into README.md.
readme: warehouse
	@$(BIN)/genai-ledger readme

## Measure what benchmarks/README.md states.
bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.run

## Measure on labelled pairs which rows become one, and write docs/resolution.md: PAIRS=folder.
resolution: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.resolution $(PAIRS)

## Old clients, readers, a full disk, kills of builds and of all processes: what is served; hours.
resilience: warehouse .venv/dev.stamp
	@$(BIN)/python -m benchmarks.resilience.clients
	@$(BIN)/python -m benchmarks.resilience.readers
	@$(BIN)/python -m benchmarks.resilience.full_disk
	@$(BIN)/python -m benchmarks.resilience.kills
	@$(BIN)/python -m benchmarks.resilience.processes

## Judge every file of the hostile corpus, and print what each costs.
hostile: .venv/dev.stamp
	@$(BIN)/python tests/hostile/run.py

## Search for texts and files that break a parser or a reader, for a minute each.
FUZZ_SECONDS ?= 60
fuzz: .venv/dev.stamp
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt atheris
	@for target in money dates names numbers words formats source_yml hub reader; do \
		echo "Fuzzing $$target for $(FUZZ_SECONDS) s ..."; \
		$(BIN)/python tests/hostile/fuzz.py $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

# A BI tool has an environment of its own: what one needs may break another.
.venv/bi/%/bi.stamp: tests/bi/requirements/%.txt
	@echo "Installing into .venv/bi/$* (once) ..."
	@$(PYTHON) -m venv .venv/bi/$*
	@.venv/bi/$*/bin/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

.venv/bi/node/bi.stamp: tests/bi/package.json
	@command -v npm >/dev/null || (apt-get update -qq && apt-get install -qq -y nodejs npm >/dev/null)
	@mkdir -p .venv/bi/node && cp $< .venv/bi/node/
	@npm install --silent --no-audit --no-fund --prefix .venv/bi/node
	@touch $@

BI_TOOLS := superset sqlalchemy dataframes terminal apps node

## Prove the recipes of docs/bi.md with the real tools; minutes, and gigabytes of installs.
bi: .venv/browser.stamp $(BI_TOOLS:%=.venv/bi/%/bi.stamp)
	@$(BIN)/python -m pytest tests/bi

# Spark needs Java, of 17 or newer.
.venv/spark.stamp: .venv/dev.stamp
	@echo "Installing Spark (once; 500 MB) ..."
	$(call pip_install,-c constraints.txt -e '.[spark]')
	@command -v java >/dev/null || (echo "Installing Java (once) ..." && apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -qq -y default-jre-headless >/dev/null) \
		|| (echo "Spark needs Java 17 or newer: install it with your package manager." && false)
	@touch $@

## Build and test the same models on Apache Spark, on a cluster too, and hold them against DuckDB's.
spark: .venv/spark.stamp
	@$(BIN)/python -m pytest tests/spark

## Remove all that was built. The environment stays: remove .venv for a fresh one.
clean:
	@rm -rf warehouse dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
