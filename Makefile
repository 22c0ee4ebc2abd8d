# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what it needs by itself.
# What belongs here: set-up, checks, tests, lock files. What does not: anything the `kam` command can do.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST_READER := .venv-oldest-reader
# Two halves of the tests at a time; what shares a prepared company stays together. One test: make test PYTEST_ARGS="-n 0 -k ..."
PYTEST_ARGS ?= -n 2 --dist worksteal
# Warehouses of tests are written in memory where there is room: waiting for a disk is half of their time.
SCRATCH := $(shell test -w /dev/shm && test "$$(df -Pk /dev/shm | awk 'NR==2 {print $$4}')" -gt 6000000 \
	&& echo PYTEST_DEBUG_TEMPROOT=/dev/shm)
PYTEST := $(SCRATCH) $(BIN)/python -m pytest $(if $(SCRATCH),-o tmp_path_retention_policy=failed -o tmp_path_retention_count=1)
UV := $(shell command -v uv 2>/dev/null)

.PHONY: help demo test test-slow test-kill check format lock dictionary benchmark clean
.PHONY: check-style check-types check-sql check-dictionary

help:
	@echo "make demo       a made-up company, all the way to the published key-account list (folder demo/)"
	@echo "make test       the tests"
	@echo "make check      every static check: ruff, mypy, import rules, SQL"
	@echo "make test-slow  the tests that take minutes, and the laws with more examples"
	@echo "make test-kill  a hundred nights killed and started again; takes an hour"
	@echo "make benchmark  speed and memory beside a hand-written script"

# --- set-up: uv when it is there, venv and pip when not -------------------------------------------------

define create_venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "kam_pipeline needs Python 3.11 or newer; say which one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(1)/bin/python || $(if $(UV),$(UV) venv --quiet --python $(PYTHON) $(1),$(PYTHON) -m venv $(1))
endef

define install_locked
	@echo "installing $(2) into $(1)"
	@$(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python --require-hashes -r $(2),$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(2))
endef

define install_checkout
	@$(if $(UV),$(UV) pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps -e .,$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .)
endef

$(VENV)/.ready: requirements.lock pyproject.toml
	$(call create_venv,$(VENV))
	$(call install_locked,$(VENV),requirements.lock)
	$(call install_checkout)
	@touch $@

# The development lock holds all that the other one does.
$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml
	$(call create_venv,$(VENV))
	$(call install_locked,$(VENV),requirements-dev.lock)
	$(call install_checkout)
	@touch $@

# The oldest DuckDB client that the README promises; a test opens the published file with it.
$(OLDEST_READER)/.ready: requirements-oldest-reader.lock
	$(call create_venv,$(OLDEST_READER))
	$(call install_locked,$(OLDEST_READER),requirements-oldest-reader.lock)
	@touch $@

# --- the two commands ------------------------------------------------------------------------------------

demo: $(VENV)/.ready
	@$(BIN)/kam demo --dir demo

test: $(VENV)/.ready-dev $(OLDEST_READER)/.ready
	@$(PYTEST) $(PYTEST_ARGS)

test-slow: $(VENV)/.ready-dev $(OLDEST_READER)/.ready
	@$(PYTEST) -m "slow or hypothesis" -k "not of_a_hundred_kills" $(PYTEST_ARGS)

# A hundred nights killed at as many moments, each started again: about an hour of two cores.
test-kill: $(VENV)/.ready-dev
	@$(BIN)/python -m pytest -m slow tests/robustness -k of_a_hundred_kills $(PYTEST_ARGS)

# --- checks ----------------------------------------------------------------------------------------------

# Two at a time: types and SQL take longest, a core each.
check: $(VENV)/.ready-dev
	@$(MAKE) --no-print-directory -j 2 check-style check-types check-sql check-dictionary

check-style: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

check-types: $(VENV)/.ready-dev
	$(BIN)/mypy

check-sql: $(VENV)/.ready-dev
	$(BIN)/sqlfluff lint sql

check-dictionary: $(VENV)/.ready-dev
	$(BIN)/python -m kam_pipeline.data_dictionary --check docs/data_dictionary.md

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix sql

dictionary: $(VENV)/.ready
	$(BIN)/python -m kam_pipeline.data_dictionary --write docs/data_dictionary.md

benchmark: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/spine.py

# New versions within the bounds of pyproject.toml; hashes, no index addresses.
lock:
	uv pip compile pyproject.toml --group install --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header --upgrade -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header --upgrade -o requirements-dev.lock

clean:
	rm -rf $(VENV) $(OLDEST_READER) demo build dist
