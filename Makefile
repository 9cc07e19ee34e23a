PYTHON ?= python3
STARTED := $(shell date +%s)
RUN := .venv/.run
DEV := .venv/.dev
BENCH := .venv/.bench
ifneq ($(filter-out embedded containers,$(STACK)),)
$(error STACK=$(STACK) is unknown: leave it out for the embedded stack, or say STACK=containers)
endif
ALL_TESTS := $(if $(filter containers,$(STACK)),tests/integration tests/e2e --stack=containers)

.DEFAULT_GOAL := help
.PHONY: help demo up down status clean check unit test bench faults requirements lock

help: ## Tell what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(RUN) ## Play a whole journey on real parts (KEEP=1 leaves it running until Ctrl-C)
	@.venv/bin/tandem demo --since $(STARTED) $(if $(KEEP),--keep)

up: $(RUN) ## Start the stack and the services in the background, for your own input
	@.venv/bin/tandem up

down: $(RUN) ## End what runs; data stay
	@.venv/bin/tandem down

status: $(RUN) ## Tell what runs and what waits
	@.venv/bin/tandem status

clean: ## End what runs and delete ALL its data: database, bus, mails, logs, what bench and faults found (var)
	@if [ -x .venv/bin/tandem ]; then .venv/bin/tandem down; fi
	@rm -rf var
	@echo "Deleted var: database, bus, mails and logs of \`make up\` and of the demo, and what bench and faults found."

check: $(DEV) ## Format, lint, types, import contracts
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

unit: $(DEV) ## The tests that need no stack, in seconds
	@.venv/bin/pytest tests/unit tests/contract

test: $(DEV) ## All tests (STACK=containers runs integration and flows on containers)
	@.venv/bin/pytest $(ALL_TESTS)

bench: $(BENCH) ## Measure the pipeline beside its references, 15 minutes (QUICK=1: 90 seconds; ONLY=part); figures and picture in var/bench
	@.venv/bin/python -m tests.benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

faults: $(DEV) ## Play faults on the real house and audit it, half an hour (QUICK=1: five minutes; ONLY=name SEED=n); table in var/faults
	@.venv/bin/tandem-faults $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED))

requirements: $(DEV) ## List the requirements that no test covers
	@.venv/bin/python -m tools.requirement_coverage

lock: $(DEV) ## Resolve pyproject.toml anew into the locks with hashes
	@$(LOCK) locks/services.txt
	@$(LOCK) locks/demo.txt --extra demo
	@$(LOCK) locks/run.txt --extra embedded
	@$(LOCK) locks/dev.txt --extra embedded --extra test
	@$(LOCK) locks/bench.txt --extra embedded --extra bench

LOCK := .venv/bin/uv pip compile pyproject.toml --quiet --no-header --no-annotate --no-emit-index-url \
	--universal --python-version 3.11 --generate-hashes --output-file

$(RUN): locks/run.txt pyproject.toml
	@$(PYTHON) tools/bootstrap_venv.py locks/run.txt
	@touch $@

$(DEV): locks/dev.txt $(RUN)
	@$(PYTHON) tools/bootstrap_venv.py locks/dev.txt
	@touch $@

$(BENCH): locks/bench.txt $(DEV)
	@$(PYTHON) tools/bootstrap_venv.py locks/bench.txt
	@touch $@
