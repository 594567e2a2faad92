# Everything runs from .venv, which these targets make themselves from the hashed locks in
# requirements/. An up-to-date .venv is left alone, so nothing here needs a network twice.
#
#   make run ARGS="--port 9000"     make test ARGS="-k promise"     make test PYTHON=python3.12

VENV := .venv
WHEELS := .venv.wheels
BIN := $(VENV)/bin
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

# The caller's virtual environment and pip options stay outside; what reaches the package index
# (its address, certificates, proxy, cache) comes in. Without the bytecode that one process leaves
# for the next, each of the hundreds that the tests start would compile all modules again.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME MYPYPATH PYTHONDONTWRITEBYTECODE
unexport $(filter-out \
    PIP_CONFIG_FILE PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_NO_INDEX PIP_FIND_LINKS \
    PIP_TRUSTED_HOST PIP_CERT PIP_CLIENT_CERT PIP_PROXY PIP_KEYRING_PROVIDER \
    PIP_DEFAULT_TIMEOUT PIP_RETRIES PIP_CACHE_DIR PIP_NO_CACHE_DIR, \
    $(filter PIP_%,$(.VARIABLES)))

.PHONY: help run test check bench fuzz kill-test feed-test million screenshots format lock clean
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/run.lock $(VENV)/project.stamp ## serve on 127.0.0.1:8080; the first start makes an account
	@exec $(BIN)/doorstep serve --quickstart $(ARGS)

# Four processes, a file of tests at a time: each of them often waits, for PostgreSQL or a server.
# ARGS="-n 0" makes it one, as -s and --pdb want it.
TOGETHER := -n 4 --dist loadscope

# The rules of accessibility that the browser tests judge by, and that lock's copy beside them.
NPM := tests/web
AXE := $(NPM)/node_modules/package-lock.json

test: $(VENV)/dev.lock $(VENV)/project.stamp $(AXE) ## run the tests
	@exec $(BIN)/python -m pytest $(TOGETHER) $(ARGS)

# TESTS=no leaves the tests out, for .ci/run, which calls `make test` by itself.
check: $(VENV)/dev.lock $(VENV)/project.stamp $(AXE) ## format, lint, types, direction of imports, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy --strict src
	$(BIN)/lint-imports --no-cache --no-logo
ifneq ($(TESTS),no)
	$(BIN)/python -m pytest $(TOGETHER) $(ARGS)
endif

bench: $(VENV)/dev.lock $(VENV)/project.stamp ## measure the server over HTTP beside its floors; ARGS=--json for comparing
	@exec $(BIN)/python -m benchmarks $(ARGS)

# The long forms of tests that the suite runs in short; without a limit of time for one test.
LONG := $(BIN)/python -m pytest --long --timeout=0 -s

fuzz: $(VENV)/dev.lock $(VENV)/project.stamp ## throw generated and broken requests at a real server
	@exec $(LONG) tests/e2e/test_fuzz.py tests/web/dashboard/test_hostile_requests.py $(ARGS)

kill-test: $(VENV)/dev.lock $(VENV)/project.stamp ## kill servers, workers, receivers, PostgreSQL, mail servers, backups
	@exec $(LONG) tests/e2e/test_kills.py tests/store/test_migration_kill.py \
	    tests/e2e/test_postgres_kills.py tests/e2e/test_failover.py \
	    tests/e2e/test_postgres_races.py tests/e2e/test_webhook_kills.py \
	    tests/e2e/test_mail_kills.py $(ARGS)

feed-test: $(VENV)/dev.lock $(VENV)/project.stamp ## read the feed while four processes write 100,000 events
	@exec $(LONG) tests/e2e/test_feed_readers.py tests/store/test_as_of.py $(ARGS)

million: $(VENV)/dev.lock $(VENV)/project.stamp ## a million orders: creates, listings, deadlines, memory
	@exec $(LONG) tests/e2e/test_million.py tests/e2e/test_million_postgres.py \
	    tests/e2e/test_deadlines.py $(ARGS)

screenshots: $(VENV)/dev.lock $(VENV)/project.stamp $(AXE) ## take the pictures of the pages in docs/pictures anew
	@exec $(BIN)/python -m docs.make_screenshots

format: $(VENV)/dev.lock ## rewrite the code as `make check` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Keeps the versions that are locked, where it can; ARGS=--upgrade takes the newest ones.
lock: ## write requirements/*.txt anew from pyproject.toml
	@$(need_python)
	@"$(FOUND_PYTHON)" -m venv --clear $(VENV).lock
	@$(VENV).lock/bin/python -m pip $(PIP_QUIET) install uv==$(UV_VERSION)
	$(COMPILE) --group build -o requirements/run.txt pyproject.toml
	$(COMPILE) --group build --group dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml
	@rm -rf $(VENV).lock

clean: ## remove .venv and all that is made again; never a database
	rm -rf $(VENV) $(VENV).lock $(WHEELS) $(NPM)/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- the environment ---------------------------------------------------------------------------

# The first interpreter that is new enough and can make an environment; PYTHON overrides.
CANDIDATES := python3.13 python3.12 python3.11 python3 python
CAN_MAKE_VENV := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
FOUND_PYTHON = $(shell for python in $(if $(PYTHON),"$(PYTHON)",$(CANDIDATES)); do \
    if "$$python" -I -c '$(CAN_MAKE_VENV)' >/dev/null 2>&1; then echo "$$python"; break; fi; done)
need_python = $(if $(FOUND_PYTHON),,$(error $(if $(PYTHON),PYTHON=$(PYTHON) will not do: )doorstep \
    needs Python 3.11 or newer with its venv and ensurepip modules (Debian, Ubuntu: apt-get install python3 python3-venv)))

PIP_QUIET := --quiet --no-input --disable-pip-version-check
COMPILE = $(VENV).lock/bin/uv --quiet --no-config pip compile --universal --python-version 3.11 \
    --generate-hashes --no-header --no-emit-index-url --no-emit-find-links $(ARGS)

# An environment made in another folder (this one was moved or copied), by another interpreter
# than PYTHON names, or whose interpreter has gone, is made anew.
ifneq ($(shell cat $(VENV)/folder 2>/dev/null),$(CURDIR))
STALE := stale
else ifneq ($(if $(PYTHON),$(shell cat $(VENV)/made-by 2>/dev/null)),$(PYTHON))
STALE := stale
else ifneq ($(shell $(BIN)/python -I -c 'import pip; print(1)' 2>/dev/null),1)
STALE := stale
endif
.PHONY: stale
stale:

# The copy of a lock in .venv says that it is installed: contents count, not dates. It is written
# last, so an interrupted install has none. Everything is fetched before the old environment goes,
# so one that works survives a failed download; then the new one is made from nothing.
changed = $(shell cmp -s requirements/$(1).txt $(VENV)/$(1).lock || echo stale)
$(VENV)/run.lock: $(call changed,run)
$(VENV)/dev.lock: $(call changed,dev)
$(VENV)/run.lock $(VENV)/dev.lock: $(VENV)/%.lock: $(STALE)
	@$(need_python)
	@echo "Installing requirements/$*.txt into $(VENV); this is done once."
	@test -z "$(STALE)" || "$(FOUND_PYTHON)" -I -m venv --clear $(VENV)
	@$(BIN)/python -I -m pip $(PIP_QUIET) download --require-hashes --only-binary :all: \
	    --dest $(WHEELS) -r requirements/$*.txt
	@test -n "$(STALE)" || "$(FOUND_PYTHON)" -I -m venv --clear $(VENV)
	@$(BIN)/python -I -m pip $(PIP_QUIET) install --no-index --find-links $(WHEELS) \
	    --require-hashes -r requirements/$*.txt
	@rm -rf $(WHEELS)
	@echo "$(FOUND_PYTHON)" > $(VENV)/made-by
	@echo "$(CURDIR)" > $(VENV)/folder
	@cp requirements/run.txt $(VENV)/run.lock # dev.txt holds all of run.txt
	@test $* = run || cp requirements/$*.txt $@

# `npm ci` removes the folder first, so an interrupted one leaves no copy. Without npm the tests say
# what they could not try.
$(AXE): $(shell cmp -s $(NPM)/package-lock.json $(NPM)/node_modules/package-lock.json || echo stale)
	@! command -v npm >/dev/null || { \
	    echo "Installing $(NPM)/package-lock.json into $(NPM)/node_modules; this is done once." && \
	    npm --prefix $(NPM) ci --loglevel=error --no-audit --no-fund >/dev/null && \
	    cp $(NPM)/package-lock.json $@; }

$(VENV)/project.stamp: pyproject.toml
	@$(BIN)/python -I -m pip $(PIP_QUIET) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@
