# Everything runs from .venv, made from requirements/*.lock at the first use of a target.
# make PYTHON=/path/to/python3.12 … chooses the interpreter that .venv is made with.
SHELL := /bin/sh
.DEFAULT_GOAL := help
export PYTHON

BIN := .venv/bin
PROGRAMS := sipp=sip-tester curl=curl faketime=faketime nginx=nginx
# What only tests use that root alone can run: tests/scale, skipped for others.
PROGRAMS += $(if $(filter 0,$(shell id -u)),kamailio=kamailio ip=iproute2)
# These time sound: two at once, for they wait for its end, and nothing else beside them.
ALONE := tests/telephony
# Built and run by a target of its own.
IMAGE := tests/image
# More than cores, for some wait most of the time; tests/sharing.py says in which order.
WORKERS := 3
COVERAGE := --cov --cov-append --cov-report=term-missing:skip-covered --cov-fail-under=90

.PHONY: help demo up test test-image chaos bench lint lock openapi readme env env-dev clean

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: env ## A whole campaign with real calls to trial phones; DEMO_EXIT=1: end afterwards
	@exec $(BIN)/tingting demo

up: env ## The whole service in the foreground, data in TINGTING_HOME
	@exec $(BIN)/tingting up

test: env-dev ## All tests; ARGS="-k name tests/unit" picks some, COV=1 adds the coverage gate
	@sh scripts/system-packages.sh $(PROGRAMS)
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	@rm -f .coverage
	@failed=0; set -x; \
	$(BIN)/python -m pytest -n $(WORKERS) --max-worker-restart 0 $(if $(COV),--cov --cov-report=) $(patsubst %,--ignore=%,$(ALONE) $(IMAGE)) || failed=1; \
	$(BIN)/python -m pytest -n 2 --max-worker-restart 0 $(if $(COV),$(COVERAGE)) $(ALONE) || failed=1; \
	exit $$failed
endif

test-image: env-dev ## Build the image without an engine and run a campaign from it; as root
	@sh scripts/system-packages.sh buildah=buildah debootstrap=debootstrap
	$(BIN)/python -m pytest $(IMAGE)

chaos: env-dev ## Faults during runs of 10,000 calls, about an hour; ROUNDS=10 a tenth, ROWS=1,8 some; SOAK_MINUTES=120 a soak
	@sh scripts/system-packages.sh faketime=faketime
	$(BIN)/python -m chaos --rounds $(or $(ROUNDS),100) --rows "$(ROWS)" --soak-minutes $(or $(SOAK_MINUTES),0)

bench: env-dev ## The engine beside the raw limits of its parts; SIZE=20000: a short form, ONLY="dispatch": some rows
	$(BIN)/python -m bench $(SIZE) $(if $(ONLY),--only $(ONLY))

lint: env-dev ## Linters, types, import rules, migrations against models, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_migrations.py
	$(BIN)/hadolint Dockerfile

lock: env-dev ## Write requirements/*.lock anew; UPGRADE=1: to the newest allowed versions
	@sh scripts/lock.sh

readme: env-dev ## Write the README's table of settings anew
	$(BIN)/python scripts/readme_settings.py

openapi: env-dev ## Write docs/openapi.json anew, after a change of the API that was meant
	$(BIN)/python -m app.api.openapi > docs/openapi.json

env: ## .venv with what the stack needs
	@sh scripts/environment.sh run

env-dev: ## .venv with what the tests need as well
	@sh scripts/environment.sh dev

clean: ## Remove .venv and caches; data folders stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
