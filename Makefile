# What a person does here. Everything runs in .venv, which uv makes from uv.lock.
STACK ?= local
PYTHON ?= python3
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/nim-sandbox
UV := $(or $(shell command -v uv 2>/dev/null),$(CACHE)/uv/bin/uv)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Without byte code every start of Python costs a second more, and a test run starts it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv

AGAINST = $(if $(BASE),--base '$(BASE)') $(if $(HEAD),--head '$(HEAD)') $(if $(REPORT),--report '$(REPORT)')

.DEFAULT_GOAL := help
.PHONY: help up preview previews comment place profiles down status adopt test test-unit test-vllm test-node lint lock bench engine tools env snapshot schema

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  up, preview, place, profiles, down and status take STACK=<name> (default local): a file stacks/Pulumi.<name>.yaml"

up: tools ## Bring the endpoints of a stack up
	@python -m stacks up $(STACK)

preview: engine ## Say what `up` would do; needs no cluster. BASE=<commit>: against its files; REPORT=<folder>
	@python -m stacks preview $(STACK) $(AGAINST)

previews: engine ## Preview what changed since BASE=<commit>, for a comment in REPORT=<folder>
	@python -m stacks previews $(AGAINST)

comment: ## Write REPORT's comment to its pull request on GitHub
	@$(PYTHON) tools/comment.py '$(REPORT)/comment.md'

place: env ## Say which nodes would be the cheapest for a stack
	@python -m stacks place $(STACK)

down: env ## Take the stack down again; what is kept is named
	@python -m stacks down $(STACK)

status: tools ## Say whether file, state, cluster and endpoints agree
	@python -m stacks status $(STACK)

adopt: tools ## Take over existing objects: FILE=<what kubectl get -o yaml printed>
	@python -m stacks adopt $(STACK) $(FILE) $(if $(GPU),--gpu $(GPU))

profiles: env ## Compare what images list of themselves with the lock file
	@python -m stacks profiles $(STACK)

engine: env # What a preview needs of the tools
	@nim-sandbox tools --engine

tools: env ## Provide pulumi and the sandbox's programs (once: about 12 minutes)
	@nim-sandbox tools

test-unit: env ## Unit and program tests alone
	@pytest -m 'not engine and not vllm and not node and not live'

test: lint tools ## Prove it: lint, unit, program and engine tests
	@nim-sandbox tools --karpenter --lws
	@$(MAKE) --no-print-directory test-unit
	@pytest -m engine -n 3 --dist loadfile --timeout 600
	@echo "not run: the tiers vllm (a real vLLM: make test-vllm) and node (real containers, as root: make test-node); nothing tests a cluster of yours"

test-vllm: env ## The launcher with a real vLLM, in an environment of its own (once: 6 GB)
	@pytest -m vllm

test-node: tools ## Containers and images of the sandbox for real; as root on Linux (once: about 6 minutes more)
	@pytest -m node --timeout 900

lint: env ## ruff, mypy --strict, import-linter
	@ruff check . && ruff format --check . && mypy . && lint-imports

lock: env ## Check the lock file against stack files and manifests
	@nim-profiles lock --check

snapshot: env ## Write the golden files anew; read the diff as code
	@pytest -q --snapshot-update -k snapshot

schema: env ## Write stacks/stack.schema.json from the settings
	@python -m stacks.schema

bench: env ## Measure against peers and limits
	@python bench/run.py

env: .venv/.synced

.venv/.synced: uv.lock pyproject.toml profiles/pyproject.toml components/pyproject.toml launcher/pyproject.toml policy/pyproject.toml sandbox/pyproject.toml | $(UV)
	@$(UV) sync --locked --quiet
	@touch $@

$(CACHE)/uv/bin/uv:
	@echo "installing uv into $(CACHE)/uv"
	@$(PYTHON) -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet uv==0.13.9
