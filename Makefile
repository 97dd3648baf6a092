# `make demo` and `make test` each do all set-up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What it takes to run, and on top of that to develop.
RUNS := $(VENV)/.runs
READY := $(VENV)/.ready
# What the oracles need does not fit into one environment with the rest.
ORACLES := .venv-oracles
ORACLES_READY := $(ORACLES)/.ready
# Nor does a workflow engine with another.
RECIPES := airflow dagster prefect
# All but Spark's, which is another's size.
EXTRAS := apprise duckdb encryption mcp parquet web
FUZZ := .venv-fuzz
FUZZ_READY := $(FUZZ)/.ready
MUTANTS := .venv-mutants
MUTANTS_READY := $(MUTANTS)/.ready
# Where a mistake costs money.
mutants: PATHS ?= queries/price*.py catalog storage/outbox
# In seconds: what each target of tests/fuzz gets, and a service that runs for long.
fuzz: SECONDS ?= 60
soak: SECONDS ?= 3600
SPARK := .venv-spark
SPARK_READY := $(SPARK)/.ready
# Likewise what checks a release.
RELEASE := .venv-release
RELEASE_READY := $(RELEASE)/.ready
# One more than cores: some tests wait for what hangs.
PYTEST_WORKERS ?= 3
# What is around the product, and takes an eighth of the time.
AROUND := benchmarks deploy packaging pictures
# What is about the whole of it.
WHOLE := acceptance benchmarks browser packaging pictures
# What is measured by `make coverage`, one figure each.
ROOMS := alerts audit catalog files jobs migrations net pricetrail queries storage text web
# Else each of the many processes of the tests would compile all of it anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup demo quick test suite packages test-around test-browser test-faults simulate coverage fuzz mutants soak test-oracles test-recipes test-spark java try-image try-units check format lint types layers bench pictures screenshots openapi completion man reference site lock release release-fixture clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 22

setup: $(READY)  ## install everything into .venv

$(RUNS): requirements-run.lock
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "pricetrail needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-run.lock
	@touch $@

$(READY): $(RUNS) requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: $(RUNS)  ## the whole thing on loopback, no key needed
	@$(BIN)/python -m pricetrail demo

quick: $(READY)  ## the tests in under a minute: SQLite alone, none that is slow
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -n 2 --dist worksteal --sqlite-only -m "not slow" $(WHOLE:%=--ignore=tests/%)

test: suite test-around test-browser  ## all of them, Postgres and the browser included

suite: $(READY) packages
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal $(patsubst %,--ignore=tests/%,browser $(AROUND))

test-around: $(READY) packages  ## benchmarks, deployments, packages and pictures
	$(BIN)/python -m pytest -n 2 --dist worksteal $(AROUND:%=tests/%)

test-browser: $(READY) packages  ## every page in Debian's chromium
	$(BIN)/python -m pytest -n 2 tests/browser

test-faults: $(READY) packages  ## kills, calls that fail, replicas, storms, random histories
	CI=true $(BIN)/python -m pytest -n 2 --dist worksteal tests/faults

simulate: $(READY)  ## made-up worlds until one goes wrong: SEEDS=100000 for a night, SEED=7 for one
	$(BIN)/python -m tests.faults.simulation $(if $(SEED),--first $(SEED) --seeds 1,--seeds $(or $(SEEDS),1000)) $(if $(POSTGRES),--postgres)

packages:  # Debian's, where they may be installed
	@.ci/packages

test-oracles: $(ORACLES_READY) $(READY)  ## other tools' own readers, and independent truths of real data
	CI=true $(ORACLES)/bin/python -m pytest tests/oracles

$(ORACLES_READY): requirements-oracles.lock
	$(PYTHON) -m venv $(ORACLES)
	$(ORACLES)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-oracles.lock
	@touch $@

test-spark: $(SPARK_READY) java  ## audits by Spark, against those that go row by row
	CI=true $(SPARK)/bin/python -m pytest tests/spark

coverage: $(READY) packages  ## which lines and branches the suite and the faults go through: half an hour
	rm -rf build/coverage && mkdir -p build/coverage
	CI=true $(BIN)/coverage run -m pytest -n $(PYTEST_WORKERS) --dist worksteal --ignore=tests/browser
	CI=true $(BIN)/coverage run -m pytest -n 2 --dist worksteal tests/faults
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include docs/evidence-checker.py --fail-under 100
	@for room in $(ROOMS); do \
	  printf '%-12s %5s %%\n' $$room $$($(BIN)/coverage report --format total --precision 1 --fail-under 0 --include "$$room/*"); \
	done
	$(BIN)/coverage report --omit 'docs/*,migrations/versions/*'

soak: $(READY)  ## a service under load for an hour, and whether it takes more and more of anything
	$(BIN)/python -m tests.soak $(SECONDS)

fuzz: $(FUZZ_READY)  ## bytes that nobody thought of, led by coverage; SECONDS=60 for each target
	for target in catalog dialect usage evidence settings; do \
	  $(FUZZ)/bin/python -m tests.fuzz $$target $(SECONDS) || exit; \
	done

$(FUZZ_READY): requirements-fuzz.lock
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-fuzz.lock
	@touch $@

mutants: $(MUTANTS_READY)  ## the code changed in small ways, and whether a test notices; PATHS="catalog/units.py …"
	$(MUTANTS)/bin/python -m tests.mutants $(PATHS)

$(MUTANTS_READY): requirements-mutants.lock
	$(PYTHON) -m venv $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-mutants.lock
	@touch $@

java:  # Debian's, where it may be installed
	@.ci/packages java

$(SPARK_READY): requirements-spark.lock
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-spark.lock
	@touch $@

test-recipes: $(READY) $(RECIPES:%=.venv-%/.ready)  ## the recipes of deploy/recipes, each by its own engine
	$(BIN)/python -m pytest tests/recipes

.venv-%/.ready: deploy/recipes/%/requirements.lock
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

try-image: $(READY)  ## the image's steps in a clean Debian, and the image run: as root, for minutes
	$(BIN)/python -m tests.trials.image build/image

try-units: $(READY)  ## the systemd units in a Debian that is booted, after `make try-image`
	$(BIN)/python -m tests.trials.units build/image

check: format lint types layers test  ## what CI runs

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

bench: $(READY)  ## the measurements of benchmarks/README.md
	$(BIN)/python -m benchmarks

pictures: $(READY)  ## what each format's message looks like, in docs/formats
	$(BIN)/python -m tests.pictures

screenshots: $(READY) packages  ## what each page looks like, in docs/pages
	$(BIN)/python -m tests.browser

completion: $(READY)  ## the commands as completion knows them anew, in pricetrail/completion
	$(BIN)/python -m tests.pricetrail.completion.tree_file

man: $(READY)  ## a man page for each command, in build/man
	$(BIN)/python -m tests.packaging.man_pages build/man

openapi: $(READY)  ## the API's description anew, in docs/openapi.json
	$(BIN)/python -m tests.web.api.openapi_file

release-fixture: $(READY)  ## a database of this release, for the tests of all later ones
	$(BIN)/python -m tests.migrations.released

release: $(RELEASE_READY) $(READY)  ## wheel, sdist and SBOM in dist/, checked
	$(BIN)/python -m tests.packaging.release $(RELEASE)/bin

$(RELEASE_READY): requirements-release.lock
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-release.lock
	@touch $@

reference: $(READY)  ## the pages of docs/reference anew, from the code
	$(BIN)/python -m tests.docs.reference

site: $(READY)  ## the docs as a site, in build/site; its links are checked
	$(BIN)/python -m tests.docs.site

# What is run has the versions of requirements.lock: those that were tested.
lock:  ## pin the newest versions (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --group dev $(EXTRAS:%=--extra %) pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --group oracles --extra web pyproject.toml -o requirements-oracles.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --constraint requirements.lock --extra apprise --extra mcp --extra web pyproject.toml -o requirements-run.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --constraint requirements.lock --group spark --extra parquet --extra spark pyproject.toml -o requirements-spark.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --constraint requirements.lock --group fuzz --extra encryption --extra parquet --extra web pyproject.toml -o requirements-fuzz.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --constraint requirements.lock --group mutants $(EXTRAS:%=--extra %) pyproject.toml -o requirements-mutants.lock
	uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --group release -o requirements-release.lock
	for recipe in $(RECIPES:%=deploy/recipes/%); do \
	  uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	    $$recipe/requirements.in -o $$recipe/requirements.lock || exit; \
	done

clean:
	rm -rf $(VENV) $(ORACLES) $(FUZZ) $(MUTANTS) $(SPARK) $(RELEASE) $(RECIPES:%=.venv-%) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
