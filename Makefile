# `make help` lists the commands. `make PYTHON=python3.13 setup` uses that Python instead of python3.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test check bench profile soak sandbox install package audit lock docs protocol browser screenshots clean needs-python needs-terraform

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with all dependencies

demo: needs-terraform setup ## apply, show and destroy the example against a sandbox; KEEP=1 keeps it running
	@$(BIN)/dynatrace-sandbox run -- $(BIN)/python examples/demo.py $(if $(KEEP),--keep)

test: needs-terraform setup ## run all tests, with the real Terraform and a real browser (see make browser)
	$(BIN)/pytest --numprocesses=auto --maxprocesses=8 --dist=worksteal

browser: setup ## make sure that there is a Chromium for the tests of HTML pages
	@$(BIN)/python -m tests.browser.chromium

check: setup ## check lint, format, types and generated files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python proto/generate.py --check
	$(BIN)/python templates/generate.py --check

bench: needs-terraform setup ## measure time, memory and requests; OFFICIAL_PROVIDER=/path adds the official provider
	@$(BIN)/python -m benchmarks

profile: setup ## measure 5000 calls of the provider: calls per second, and where the time goes
	@$(BIN)/python -m benchmarks.calls

soak: needs-terraform setup ## check that memory and descriptors do not grow over thousands of operations
	@$(BIN)/python -m benchmarks.soak

sandbox: setup ## serve a simulated Dynatrace and AWS until Ctrl-C
	@$(BIN)/dynatrace-sandbox serve

install: setup ## install both providers where `terraform init` finds them
	@$(BIN)/terraform-provider-dynatrace install
	@$(BIN)/terraform-provider-aws-iam install

package: setup ## build a zip that needs no Python, checksums and a wheel in dist/; MIRROR=DIR fills a mirror
	@$(BIN)/python -m release $(if $(MIRROR),--mirror '$(MIRROR)') $(if $(SOURCE),--source '$(SOURCE)')

audit: setup ## check what requirements.txt pins for known vulnerabilities
	@$(BIN)/python -m release.audit

lock: setup ## write requirements.txt from pyproject.toml; UPGRADE=--upgrade takes the newest versions
	$(BIN)/uv pip compile --quiet --universal --python-version=3.11 --all-extras --group=dev $(UPGRADE) \
		--generate-hashes --no-emit-index-url --no-annotate --custom-compile-command='make lock' --output-file=requirements.txt pyproject.toml

docs: setup ## generate the pages in docs/ from schemas, templates and examples
	$(BIN)/python templates/generate.py

screenshots: setup browser ## take the pictures in docs/images from real pages
	@$(BIN)/python -m tests.browser.screenshots

protocol: setup ## generate the messages in src/terraform_plugin/_protocol from proto/
	$(BIN)/python proto/generate.py

clean: ## delete everything that the other commands created
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): requirements.txt pyproject.toml | needs-python
	@echo "Installing the dependencies in requirements.txt into .venv. This takes 1 to 2 minutes the first time."
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

needs-python:
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer with its venv module is required (on Debian: apt install python3-venv), but $(PYTHON) is not." >&2; \
		echo "To use another Python on the path: make PYTHON=python3.13 setup" >&2; exit 1; }

needs-terraform:
	@command -v "$$TERRAFORM" >/dev/null || command -v terraform >/dev/null || command -v tofu >/dev/null || { \
		echo "Found neither terraform nor tofu on the path, and TERRAFORM is not set. Install Terraform 1.8 or newer: https://developer.hashicorp.com/terraform/install" >&2; \
		echo "or OpenTofu 1.7 or newer: https://opentofu.org/docs/intro/install" >&2; exit 1; }
