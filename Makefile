PYTHON ?= python3
STARTED := $(shell date +%s)
RUN := .venv/.run
DEV := .venv/.dev
BENCH := .venv/.bench
ifneq ($(filter-out embedded containers,$(STACK)),)
$(error unknown STACK=$(STACK): leave it out for the embedded stack, or set STACK=containers)
endif
ALL_TESTS := $(if $(filter containers,$(STACK)),tests/integration tests/e2e --stack=containers)

.DEFAULT_GOAL := help
.PHONY: help demo up down status clean check unit test bench faults fuzz requirements lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(RUN) ## Play the complete journey of a tandem on a stack of its own (KEEP=1 leaves it running until Ctrl-C)
	@.venv/bin/tandem demo --since $(STARTED) $(if $(KEEP),--keep)

up: $(RUN) ## Start the stack and the services in the background
	@.venv/bin/tandem up

down: $(RUN) ## Stop them; data stay
	@.venv/bin/tandem down

status: $(RUN) ## Show what runs, and the backlog of each service
	@.venv/bin/tandem status || [ $$? -eq 3 ]

clean: ## Stop everything and delete ALL data in var: database, Kafka, emails, logs, results of bench, faults and fuzz
	@if [ -x .venv/bin/tandem ]; then .venv/bin/tandem down; fi
	@rm -rf var
	@echo "Deleted var: database, Kafka, emails and logs of \`make up\` and of the demo, results of bench, faults and fuzz."

check: $(DEV) ## Check format, lint, types, import contracts and retired words
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/codespell

unit: $(DEV) ## Run the tests that need no stack, in seconds
	@.venv/bin/pytest tests/unit tests/contract

test: $(DEV) ## Run all tests (STACK=containers: integration and end-to-end tests, on containers)
	@.venv/bin/pytest $(ALL_TESTS)

bench: $(BENCH) ## Benchmark the pipeline, 15 minutes (QUICK=1: 90 seconds; ONLY=part); results in var/bench
	@.venv/bin/python -m tests.benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

faults: $(DEV) ## Inject faults into a stack and verify its history, 30 minutes (QUICK=1: 5 minutes; ONLY=name SEED=n); results in var/faults
	@.venv/bin/tandem-faults $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED))

fuzz: $(DEV) ## Feed a stack with random input at every entry, 30 minutes (QUICK=1: 1 minute; SEED=n); results in var/fuzz
	@.venv/bin/python -m tests.fuzz --minutes $(if $(QUICK),1,30) $(if $(SEED),--seed $(SEED))

requirements: $(DEV) ## List the requirements of the programme that no test covers
	@.venv/bin/python -m tools.requirement_coverage

lock: $(DEV) ## Resolve pyproject.toml into the hash-locked requirements in locks
	@$(COMPILE) locks/bootstrap.txt --group bootstrap
	@$(COMPILE) locks/services.txt pyproject.toml
	@$(COMPILE) locks/demo.txt pyproject.toml --extra demo --constraints locks/services.txt
	@$(COMPILE) locks/run.txt pyproject.toml --extra embedded --constraints locks/demo.txt
	@$(COMPILE) locks/dev.txt pyproject.toml --extra embedded --extra test --constraints locks/run.txt
	@$(COMPILE) locks/bench.txt pyproject.toml --extra embedded --extra test --extra bench --constraints locks/dev.txt

COMPILE := .venv/bin/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url \
	--universal --python-version 3.11 --generate-hashes --output-file

$(RUN): locks/bootstrap.txt locks/run.txt pyproject.toml
	@$(PYTHON) tools/bootstrap_venv.py locks/run.txt $@ $^

$(DEV): locks/dev.txt $(RUN)
	@$(PYTHON) tools/bootstrap_venv.py locks/dev.txt $@ $^

$(BENCH): locks/bench.txt $(DEV)
	@$(PYTHON) tools/bootstrap_venv.py locks/bench.txt $@ $^
