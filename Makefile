# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What there is to type: `make help`.

PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=
PINS_ARGS ?=
WORKERS ?= 2
SCENARIOS ?= --all
NODE ?=
ROWS ?=
KUBERNETES ?=
SLICES ?=
ORACLES ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/.installed
SOURCES := plugins extensions/eda tests tools roles/control_plane/files examples/clusters/trial
CONTROL_PLANE := $(BIN)/python roles/control_plane/files/control_plane.py

# The option $(2) where its program $(1) is there: those that setup-envtest installs are without some. The demo then ends
# with step 8, and namespaces get no ServiceAccount.
with_program = $(if $(KUBEBUILDER_ASSETS),$(if $(wildcard $(KUBEBUILDER_ASSETS)/$(1)),$(2)),$(2))
DEMO_PARTS = $(if $(filter-out 0 no false,$(NODE)),--node,$(call with_program,registry,--registry))
TRIAL_PARTS = $(call with_program,kube-controller-manager,--controller-manager)

# A collections folder that holds this checkout; expanded in recipes only, when .venv is there.
COLLECTIONS = $$($(BIN)/python tools/checkout.py)
CHECKOUT := ansible_collections/keyring/kubernetes

# `make check` runs these two at a time, in a minute.
QUICK_CHECKS := format style types unit
# `make test` runs these two at a time, the quick ones first, and then the integration tests.
CHECKS := $(QUICK_CHECKS) changelog licences tarball importer sanity molecule site ansible-lint

# Tools start one another by name. Not exported: it would hide $(PYTHON) while .venv is made again.
RUN := @env PATH="$(CURDIR)/$(BIN):$$PATH"

# Ansible refuses to start where the locale is not UTF-8.
ifneq (,$(filter C POSIX,$(LC_ALL)))
export LC_ALL := C.UTF-8
endif

.DEFAULT_GOAL := help
.PHONY: help check venv demo demo-picture example control-plane docs pins worst-cases bench matrix another-kubernetes oracles test lint build release clean \
  $(CHECKS) integration node

help:
	@echo 'make check          format, style, types and unit tests, in a minute: after every change'
	@echo 'make test           every check; exits non-zero when one fails'
	@echo
	@echo 'make demo           the main job, on a Kubernetes API server of its own with a registry'
	@echo 'make demo NODE=1    then a Pod that pulls a private image; Linux, root, runc, util-linux; first builds take minutes'
	@echo 'make example        one playbook for three clusters: check mode, apply, run again, each timed'
	@echo 'make control-plane  a Kubernetes API server to try things on, until Ctrl-C'
	@echo
	@echo 'make lint           format, style, types, changelog, licences, ansible-lint'
	@echo 'make sanity         ansible-test sanity'
	@echo 'make unit           tests without a server, in seconds'
	@echo 'make integration    tests on a real API server'
	@echo 'make node           tests with Pods on a real kubelet; Linux, root, runc, util-linux; first builds take minutes'
	@echo 'make molecule       the roles, each from its first run to its last in a cluster of its own'
	@echo 'make build          the tarball for ansible-galaxy'
	@echo 'make release        changelog, commit, tag, tarball and checksum of the version in galaxy.yml; DRY_RUN=1: in a copy'
	@echo 'make venv           the tools in $(VENV); the others do it when needed'
	@echo 'make docs           the pages of docs/, and the registry roles and job templates that are made from rows'
	@echo 'make demo-picture   the picture of the demo in the README'
	@echo 'make site           the documentation as a site, in .site/'
	@echo 'make pins           the digests and versions of all Python packages, from what people have pinned'
	@echo 'make worst-cases    the time of every parser on its worst input, written into tests/README.md'
	@echo 'make bench          measure it against what else does its work, in a quarter of an hour'
	@echo 'make matrix         the tests on every ansible-core and Python that are supported; hours, or some ROWS'
	@echo 'make another-kubernetes  tests on the API server of another KUBERNETES, built when first asked for'
	@echo 'make oracles        read the Secrets back with the code of their consumers, or of some ORACLES; first builds take minutes'
	@echo 'make clean          remove what make has put into this folder'
	@echo
	@echo 'PYTHON=python3.12   the Python to make $(VENV) with (3.11 or later)'
	@echo "PYTEST_ARGS='-k x'  more arguments for unit and integration"
	@echo 'WORKERS=2           unit and integration tests at once; integration: an API server for each; 0: no workers'
	@echo 'SLICES=3            example: six clusters in this many slices, each on a worker of ansible-runner, one of them killed'
	@echo "SCENARIOS='-s ghcr' one scenario for molecule; --all: all of them"
	@echo "ROWS='2.16 2.20/3.12' rows for matrix, by ansible-core, Python or both; all of them without"
	@echo 'KUBERNETES=1.35.4   the version for another-kubernetes'
	@echo "ORACLES='argocd flux' files in tests/oracles, without test_; all of them without"
	@echo "PINS_ARGS=--upgrade the newest of the packages that no one has pinned"
	@echo "BENCH_ARGS=--quick  arguments for bench; --help lists them"

venv: $(INSTALLED)

$(INSTALLED): requirements-dev.txt
	@test ! -L $(VENV) || \
	  { echo '$(VENV) is a symlink, and its tools are not those of requirements-dev.txt. Nothing was changed.' \
	    'Install them where it leads to, or remove the symlink.' >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || \
	  { echo 'There is no $(PYTHON) on PATH. Install Python 3.11 or later, or name one: make PYTHON=…' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); 3.11 or later is needed. Name one: make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo '$(PYTHON) has no venv module. Install it (Debian, Ubuntu: python3-venv).' >&2; exit 1; }
	@echo 'Installing the tools of requirements-dev.txt into $(VENV): once, about a minute.'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  --requirement requirements-dev.txt
	@touch $@

demo: $(INSTALLED)
	@export ANSIBLE_COLLECTIONS_PATH="$(COLLECTIONS)" ANSIBLE_CALLBACK_RESULT_FORMAT=yaml \
	  ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false ANSIBLE_DISPLAY_SKIPPED_HOSTS=false; \
	$(CONTROL_PLANE) exec $(DEMO_PARTS) -- $(BIN)/ansible-playbook --diff playbooks/demo.yml

demo-picture: $(INSTALLED)
	@ANSIBLE_FORCE_COLOR=true $(MAKE) --no-print-directory demo | $(BIN)/python tools/demo_picture.py

example: $(INSTALLED)
	$(RUN) ANSIBLE_COLLECTIONS_PATH="$(COLLECTIONS)" python examples/clusters/trial/$(if $(SLICES),slices.py --slices $(SLICES),run.py)

control-plane: $(INSTALLED)
	@$(CONTROL_PLANE) run $(TRIAL_PARTS)

docs: $(INSTALLED)
	@PYTHONPATH="$(COLLECTIONS)" $(BIN)/python tools/preset_page.py
	@$(BIN)/python tools/playbook_page.py
	@$(BIN)/python tools/registry_roles.py
	@PYTHONPATH="$(COLLECTIONS)" $(BIN)/python tools/failure_page.py
	@PYTHONPATH="$(COLLECTIONS)" $(BIN)/python tools/rights_page.py
	@$(BIN)/python tools/consumer_page.py
	@PYTHONPATH="$(COLLECTIONS)" $(BIN)/python tools/awx_templates.py

site: $(INSTALLED)
	$(RUN) python tools/docsite.py .site

pins: $(INSTALLED)
	$(RUN) python tools/pins.py $(PINS_ARGS)

worst-cases: $(INSTALLED)
	@PYTHONPATH="$(COLLECTIONS)" $(BIN)/python tools/worst_cases.py

bench: $(BENCH_INSTALLED)
	@PYTHONPATH=tests $(BENCH_VENV)/bin/python -m bench $(BENCH_ARGS)

$(BENCH_INSTALLED): tests/bench/requirements.txt $(INSTALLED)
	@echo 'Installing what is measured into $(BENCH_VENV): once, a few minutes.'
	@$(BIN)/python -m venv --clear $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  --requirement tests/bench/requirements.txt
	@touch $@

matrix: $(INSTALLED)
	$(RUN) nice -n 10 python tools/matrix.py $(ROWS)

another-kubernetes: $(INSTALLED)
	@assets=$$(PYTHONPATH=roles/control_plane/files nice -n 10 $(BIN)/python tools/another_kubernetes.py $(KUBERNETES)) && \
	  KUBEBUILDER_ASSETS="$$assets" $(MAKE) --no-print-directory integration

oracles: $(INSTALLED)
	$(RUN) nice -n 10 pytest --capture=no $(if $(ORACLES),$(ORACLES:%=tests/oracles/test_%.py),tests/oracles) $(PYTEST_ARGS)

check: $(INSTALLED)
	@begin=$$(date +%s) && \
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(addprefix step-,$(QUICK_CHECKS)) && \
	echo "All $(words $(QUICK_CHECKS)) steps passed in $$(($$(date +%s) - begin)) s. Before a merge: make test"

test: $(INSTALLED)
	@begin=$$(date +%s) && \
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(addprefix step-,$(CHECKS)) && \
	$(MAKE) --no-print-directory step-integration && \
	echo "All $(words $(CHECKS) integration) steps passed in $$(($$(date +%s) - begin)) s."

step-%: $(INSTALLED)
	@echo '[$*]'; begin=$$(date +%s); \
	$(MAKE) --no-print-directory $* || { echo '[$*] FAILED. Run it alone: make $*' >&2; exit 1; }; \
	echo "[$*] passed in $$(($$(date +%s) - begin)) s"

lint: format style types changelog licences ansible-lint

format: $(INSTALLED)
	$(RUN) ruff format --diff --quiet

style: $(INSTALLED)
	$(RUN) ruff check --quiet
	$(RUN) yamllint --strict .

types: $(INSTALLED)
	@root="$(CURDIR)"; cd "$(COLLECTIONS)" && \
	MYPYPATH=.:$(CHECKOUT)/tests:$(CHECKOUT)/tools:$(CHECKOUT)/roles/control_plane/files:$(CHECKOUT)/examples/clusters/trial \
	"$$root/$(BIN)/mypy" --config-file "$$root/pyproject.toml" --cache-dir "$$root/.mypy_cache" --no-error-summary \
	  $(addprefix $(CHECKOUT)/,$(wildcard $(SOURCES)))

changelog: $(INSTALLED)
	$(RUN) antsibull-changelog lint

licences: $(INSTALLED)
	$(RUN) reuse lint --quiet || $(BIN)/reuse lint --lines

unit: $(INSTALLED)
	$(RUN) pytest tests/unit --numprocesses $(WORKERS) --dist worksteal $(PYTEST_ARGS)

tarball: $(INSTALLED)
	$(RUN) python tools/tarball.py

importer: $(INSTALLED)
	$(RUN) python tools/importer.py

sanity: $(INSTALLED)
	$(RUN) python tools/sanity.py

ansible-lint: $(INSTALLED)
	$(RUN) ANSIBLE_COLLECTIONS_PATH="$(COLLECTIONS)" ansible-lint -q --nocolor

molecule: $(INSTALLED)
	$(RUN) ANSIBLE_COLLECTIONS_PATH="$(COLLECTIONS)" ANSIBLE_HOME="$(CURDIR)/.ansible" MOLECULE_COMMAND_BORDERS=false \
	  molecule test $(SCENARIOS)

# What is built inside a test shows no progress.
integration: $(INSTALLED)
	@$(CONTROL_PLANE) build --node >/dev/null || echo 'Tests with Pods are skipped where no node can run.' >&2
	$(RUN) pytest tests/integration --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

node: $(INSTALLED)
	@$(CONTROL_PLANE) build --node >/dev/null
	$(RUN) pytest tests/integration/node tests/integration/control_plane/test_node.py $(PYTEST_ARGS)

build: $(INSTALLED)
	$(RUN) python tools/tarball.py .

release: $(INSTALLED)
	$(RUN) python tools/release.py $(if $(DRY_RUN),--dry-run)

clean:
	rm -rf $(VENV) $(BENCH_VENV) .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache .site keyring-kubernetes-*.tar.gz SHA256SUMS
	find . -name __pycache__ -prune -exec rm -rf {} +
