# Two commands are enough: `make demo` and `make test`. Each makes its virtual environment.

# The first Python that runs and is new enough; a name on the PATH may be a mere shim.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV   ?= .venv
BIN     = $(VENV)/bin
PYTEST  = $(BIN)/python -m pytest
WORKERS ?= auto

.PHONY: demo test check format lint types imports soak weights wheel bench docs gallery servers clean help

help:           ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

demo: $(VENV)/.demo  ## install, then the main job on sample mail
	@$(BIN)/triage demo

test: $(VENV)/.dev servers  ## install, then every test
	@$(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/.dev servers format lint types imports  ## the gate: format, lint, types, imports, tests
	@$(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

format: $(VENV)/.dev
	@$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	@$(BIN)/ruff check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

soak: $(VENV)/.dev servers  ## the long loops in full: kill, fuzz, histories
	@TRIAGE_SOAK=1 $(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

weights: $(VENV)/.dev  ## train what is shipped anew from training/ (some minutes)
	@$(BIN)/triage train --corpus training --into src/triage/ranking/weights

bench: $(VENV)/.dev servers  ## ratios, not seconds
	@PYTHONPATH=tests $(BIN)/python -m bench

wheel: $(VENV)/.dev  ## build the wheel and try it in a bare environment, outside the checkout
	@rm -rf dist build/bare && $(BIN)/python -m build --wheel --outdir dist . >/dev/null
	@"$(PYTHON)" -m venv build/bare && build/bare/bin/python -m pip install --quiet "$$(ls dist/*.whl)[demo]"
	@here=$$PWD && cd "$$(mktemp -d)" && "$$here/build/bare/bin/triage" demo >/dev/null && echo "the wheel works"

docs: $(VENV)/.dev  ## write the generated pages of docs/reference anew
	@$(BIN)/python docs/generate.py

gallery: $(VENV)/.dev  ## write docs/gallery anew: every kind of reply in every language
	@$(BIN)/python docs/gallery.py

servers:        ## Dovecot for the tests, where root and apt are there
	@tests/servers/install.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "triage needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo
