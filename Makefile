# `make` alone lists what there is to do. Needs Python 3.11 or newer (with venv) and make, nothing else.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= auto
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: base-image engine private help install dev run up down images test test-servers test-deploy resilience seeded-bugs servers lint format types bench snapshots lock clean

help: ## List what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Start the whole portal on this machine: PORT=8000 (Ctrl-C stops it)
	@exec $(BIN)/motcua up --port $(PORT)

up: engine private images ## Start it in containers: SANDBOX=1 to try it, AGENCIES=1 for AMQP (docs/operating.md, "In containers")
	@mkdir -p "$(SECRETS)"
	@docker run --rm --user "$$(id -u):$$(id -g)" --network none --read-only --volume "$(abspath $(SECRETS)):/secrets" \
	  "$(MOTCUA_IMAGE)" secrets /secrets $(HOSTS:%=--host %)
	@$(COMPOSE) up --detach --remove-orphans
	@deploy/wait.sh $(COMPOSE)
	@$(if $(findstring sandbox,$(COMPOSE_FILES)),$(COMPOSE) logs --no-color --no-log-prefix demo)

down: engine ## Stop and remove the containers; the data of a portal in earnest is kept, unless DATA=delete
	@COMPOSE_FILE=$(EVERY_FILE) deploy/down.sh "$(DATA)" $(COMPOSE)

images: engine ## Build the images of the containers
	@$(BUILD) --target production --tag "$(MOTCUA_IMAGE)" . && $(BUILD) --target tools --tag "$(MOTCUA_TOOLS_IMAGE)" .
	@$(if $(findstring sandbox,$(COMPOSE_FILES)),$(BUILD) --target sandbox --tag "$(MOTCUA_SANDBOX_IMAGE)" .)

install: .venv/installed ## Put the portal into .venv

test: dev servers lint ## Check everything, on real servers (see README, "Test it"); WORKERS=0: one after the other
	$(BIN)/pytest -n $(WORKERS)

test-servers: dev servers ## The bus and the whole portal on each choice of servers in turn (CHOICES="given containers local")
	$(BIN)/python -m tests.servers.each_choice $(CHOICES)

test-deploy: dev servers ## Start it in containers, use it, scale it, kill it and take it away (needs a Docker engine)
	$(BIN)/pytest -n 0 tests/deploy/check_*.py

resilience: dev servers ## Kill, cut, poison and wipe for an hour or more; goes on where it was cut off (FRESH=1: anew)
	$(BIN)/python -m tests.resilience.long $(if $(FRESH),--fresh) $(if $(ONLY),--only "$(ONLY)")
	$(BIN)/python -m tests.resilience.table
	MOTCUA_KILLS=39 $(BIN)/pytest tests/resilience/test_kills.py
	$(BIN)/pytest tests/resilience/long_stops.py

seeded-bugs: dev servers ## Put bugs into a copy of the code on purpose: the tests must catch each
	$(BIN)/python -m tests.resilience.seeded_bugs

lint: dev ## Check style, import layers and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: dev ## Put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev servers ## Measure, beside raw limits: five minutes, best with nothing else running
	$(BIN)/python -m tests.bench

snapshots: dev ## Write event schemas, AsyncAPI and OpenAPI anew, after a wanted change
	$(BIN)/python -m tests.architecture.snapshots

lock: dev ## Write the lock files anew, without host names; versions that are locked stay
	$(LOCK) --extra trial --extra dev --group build -o requirements-dev.lock pyproject.toml sdk/pyproject.toml
	$(AGREED) --extra trial --group build -o requirements-trial.lock pyproject.toml sdk/pyproject.toml
	$(AGREED) -o requirements.lock pyproject.toml
	$(AGREED) -o requirements-sandbox.lock sdk/pyproject.toml
	$(AGREED) --group build -o requirements-build.lock

clean: ## Remove what was installed and cached; the data in ./var stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

LOCK := $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header
AGREED := $(LOCK) -c requirements-dev.lock
PROJECTS := . sdk sandbox

# The environment, else the file .env, else what the compose files say: `make` and `docker-compose` typed by hand
# mean the same.
setting = $(or $(shell sed -n 's/^$(1)=//p' .env 2>/dev/null),$(2))
export MOTCUA_IMAGE ?= $(call setting,MOTCUA_IMAGE,motcua:latest)
export MOTCUA_TOOLS_IMAGE ?= $(call setting,MOTCUA_TOOLS_IMAGE,motcua-tools:latest)
export MOTCUA_SANDBOX_IMAGE ?= $(call setting,MOTCUA_SANDBOX_IMAGE,motcua-sandbox:latest)
export SECRETS ?= $(call setting,SECRETS,./deploy/secrets)
PYTHON_IMAGE ?= $(call setting,PYTHON_IMAGE,python:3.13-slim)
HOSTS ?= $(call setting,HOSTS,localhost 127.0.0.1)
LISTEN ?= $(call setting,LISTEN,127.0.0.1)
EVERY_FILE := docker-compose.yml:docker-compose.sandbox.yml:docker-compose.agencies.yml
ifneq ($(SANDBOX)$(AGENCIES)$(PROXY),)
export COMPOSE_FILE := docker-compose.yml$(if $(SANDBOX),:docker-compose.sandbox.yml)$(if \
	$(AGENCIES),:docker-compose.agencies.yml)$(if $(PROXY),:docker-compose.proxy.yml)
endif
COMPOSE_FILES = $(or $(COMPOSE_FILE),$(call setting,COMPOSE_FILE,))
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
BUILD = docker build --quiet --file deploy/Dockerfile --build-arg PYTHON_IMAGE="$(PYTHON_IMAGE)"

dev: .venv/installed-dev ## Put in what developing needs, too
private:
	@[ -z "$(findstring proxy,$(COMPOSE_FILES))" ] || [ "$(LISTEN)" = 127.0.0.1 ] || { \
	  echo "With PROXY=1 the gateway speaks plain HTTP: it may be published at 127.0.0.1 only, and LISTEN is $(LISTEN)."; exit 1; }
engine:
	@docker info >/dev/null 2>&1 || { echo "No Docker engine answers: start one, or join the group docker."; exit 1; }
base-image:
	@echo "$(PYTHON_IMAGE)"
servers: dev
	@$(BIN)/python -m tests.servers.install

.venv/installed: requirements-trial.lock $(PROJECTS:%=%/pyproject.toml) | $(BIN)/python
	@echo "Installing the portal into .venv: a minute the first time ..."
	@$(BIN)/python -m pip install -qq --only-binary :all: --require-hashes -r requirements-trial.lock
	@$(BIN)/python -m pip install -qq --no-build-isolation --no-deps $(PROJECTS:%=-e ./%)
	@touch $@

.venv/installed-dev: requirements-dev.lock sdk/sign/pyproject.toml .venv/installed
	@echo "Installing what the tests need into .venv ..."
	@$(BIN)/python -m pip install -qq --only-binary :all: --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --no-build-isolation --no-deps -e ./sdk/sign
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; type: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("motcua needs Python 3.11 or newer, and $(PYTHON) is %d.%d; type: make PYTHON=python3.11" % v[:2])'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
