# The two commands: `make demo` and `make test`. Everything else is made by them when it is missing.
SHELL := /bin/bash
VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test bench assets messages pins lint clean-demo

demo: $(VENV)/.runtime assets  ## start the portal with its demo base on SQLite, at one address
	@SPORTELLO_MODE=demo $(PYTHON) -m sportello demo $(ARGS)

test: $(VENV)/.dev assets  ## install what the tests need, then run every check and both halves of the suite
	@$(PYTHON) tests/machine.py
	@$(PYTHON) tests/run.py $(ARGS)

bench: $(VENV)/.dev assets  ## measure the load, the pages and the queries at the reference size
	@$(PYTHON) -m bench $(ARGS)

$(VENV)/bin/uv:
	@python3 -m venv $(VENV) || (echo "python3 -m venv is missing: apt-get install python3-venv" && exit 1)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/uv
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes -r requirements.txt
	@$(UV) pip install --quiet --python $(PYTHON) --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes -r requirements-dev.txt
	@touch $@

assets: $(VENV)/.runtime  ## fetch the front-end files from npm and compile the translations
	@$(PYTHON) -m sportello.config.assets
	@$(PYTHON) -m sportello.config.translations

messages: $(VENV)/.dev  ## collect the strings of the code into the translation files (needs gettext)
	@cd src/sportello && SPORTELLO_MODE=test ../../$(PYTHON) -m sportello makemessages --locale it --locale es --no-wrap --no-location --no-obsolete --ignore "*/tests/*" --ignore "*/testing/*"

pins: | $(VENV)/bin/uv  ## write the pinned requirements anew from pyproject.toml
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 pyproject.toml -o requirements.txt
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev pyproject.toml -c requirements.txt -o requirements-dev.txt

clean-demo:  ## forget the demo base
	rm -rf var
