# `make help` lists the commands. `make PYTHON=python3.13 setup` takes another Python than python3.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test check bench profile soak sandbox install package audit lock docs protocol clean needs-python needs-terraform

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything in it, once

demo: needs-terraform setup ## the page's example applied, shown and destroyed, against a sandbox
	@$(BIN)/dynatrace-sandbox run -- $(BIN)/python examples/demo.py

test: needs-terraform setup ## all tests, with the real Terraform
	$(BIN)/pytest --numprocesses=auto --maxprocesses=8 --dist=worksteal

check: setup ## lint, format, types, generated files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python proto/generate.py --check
	$(BIN)/python templates/generate.py --check

bench: needs-terraform setup ## how long, how much memory, how many requests; with OFFICIAL_PROVIDER=/path side by side
	@$(BIN)/python -m benchmarks

profile: setup ## 5000 calls of the provider: how many a second, and where the time goes
	@$(BIN)/python -m benchmarks.calls

soak: needs-terraform setup ## thousands of operations on one provider process: memory and descriptors must stay flat
	@$(BIN)/python -m benchmarks.soak

sandbox: setup ## a pretend Dynatrace and AWS, until Ctrl-C
	@$(BIN)/dynatrace-sandbox serve

install: setup ## both providers, where `terraform init` finds them
	@$(BIN)/terraform-provider-dynatrace install
	@$(BIN)/terraform-provider-aws-iam install

package: setup ## dist/: a zip that needs no Python, checksums, a wheel; with MIRROR=DIR also a mirror
	@$(BIN)/python -m release $(if $(MIRROR),--mirror '$(MIRROR)') $(if $(SOURCE),--source '$(SOURCE)')

audit: setup ## known vulnerabilities of what requirements.txt pins, or that it could not look
	@$(BIN)/python -m release.audit

lock: setup ## requirements.txt from pyproject.toml; with UPGRADE=--upgrade the newest of everything
	$(BIN)/uv pip compile --quiet --universal --python-version=3.11 --all-extras --group=dev $(UPGRADE) \
		--generate-hashes --no-emit-index-url --no-annotate --custom-compile-command='make lock' --output-file=requirements.txt pyproject.toml

docs: setup ## the pages in docs, from schemas, templates and examples
	$(BIN)/python templates/generate.py

protocol: setup ## the messages in src/terraform_plugin/_protocol, from proto
	$(BIN)/python proto/generate.py

clean: ## remove what the other commands made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): requirements.txt pyproject.toml | needs-python
	@echo "Installing what requirements.txt lists into .venv: a minute or two the first time."
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

needs-python:
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv); $(PYTHON) is not that." >&2; \
		echo "With another one on the path: make PYTHON=python3.13 setup" >&2; exit 1; }

needs-terraform:
	@command -v "$$TERRAFORM" >/dev/null || command -v terraform >/dev/null || command -v tofu >/dev/null || { \
		echo "Neither terraform nor tofu is on the path, nor named in TERRAFORM. Get Terraform 1.8 or newer: https://developer.hashicorp.com/terraform/install" >&2; \
		echo "or OpenTofu 1.7 or newer: https://opentofu.org/docs/intro/install" >&2; exit 1; }
