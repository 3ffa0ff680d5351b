# What one does with this repository. On Windows: the plain `python -m …` lines are in docs/install.md.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# Lesson 12 alone needs PyTorch, which is large: it has an environment of its own.
VENV_TORCH := .venv-torch
RUN_TORCH := $(VENV_TORCH)/bin/python
# So has the website: Sphinx and a browser's driver, and nothing of the course.
VENV_SITE := .venv-site
RUN_SITE := $(VENV_SITE)/bin/python
UV_VERSION := 0.13.9

# albumentations asks the network for updates when it is imported; nothing here may need a network.
export NO_ALBUMENTATIONS_UPDATE := 1

.DEFAULT_GOAL := help
.PHONY: help install lab lab-torch project submission grade lint format check test test-torch notebooks notebooks-torch check-notebooks site test-site bench recipes lock clean

help: ## this list
	@echo "The image augmentation course. Start with: make lab"
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: $(VENV)/ready ## make the environment (the other commands do it when it is missing)

# $(call install,REQUIREMENTS) makes the environment whose file `ready` is the target.
# uv installs in a fraction of pip's time; where it cannot (a proxy, a mirror), pip does the same.
define install
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) \
		&& $(@D)/bin/python -m uv pip install --python $(@D)/bin/python --compile-bytecode -r $(1) \
		|| $(@D)/bin/python -m pip install --disable-pip-version-check -r $(1)
	@touch $@
endef

$(VENV)/ready: requirements.txt pyproject.toml
	@echo "Installing the course into $(VENV) (1 to 5 minutes, about 3 GB, needs a network this once)"
	$(call install,requirements.txt)

$(VENV_TORCH)/ready: requirements-torch.txt requirements.txt pyproject.toml
	@echo "Installing the course and PyTorch into $(VENV_TORCH) (2 to 15 minutes, needs a network this once;"
	@echo "on Linux about 8 GB, since PyTorch comes with all of CUDA there: it runs without a GPU)"
	$(call install,requirements-torch.txt)

$(VENV_SITE)/ready: requirements-site.txt
	@echo "Installing what builds the site into $(VENV_SITE) (1 to 3 minutes, needs a network this once)"
	$(call install,requirements-site.txt)

lab: $(VENV)/ready ## open the course in JupyterLab, in copies of your own (work/) that no update overwrites
	$(RUN) -m tools.lab

lab-torch: $(VENV_TORCH)/ready ## the same with PyTorch, for lesson 12
	$(RUN_TORCH) -m tools.lab

project: $(VENV)/ready ## compare none, basic, cutmix and mixup, and write a report
	$(RUN) -m utils.experiment --augment none basic cutmix mixup --out runs/project

submission: $(VENV)/ready ## assess the project of lesson 14 and pack it: make submission PROJECT=runs/project_ID
	$(RUN) -m utils.grading.submission $(PROJECT)

CLASS_LIST = $(if $(ROSTER),--roster "$(ROSTER)")
grade: $(VENV)/ready ## grade the project: make grade SUBMISSIONS=folder OUT=folder (solutions/GRADING.md)
	$(if $(and $(SUBMISSIONS),$(OUT)),,$(error Say what to grade, and where results go: make grade SUBMISSIONS=folder OUT=folder))
	$(RUN) -m utils.grading "$(SUBMISSIONS)" --out "$(OUT)" $(CLASS_LIST)

# Two processes; a file's tests and a notebook's cells stay together, in their order.
PYTEST := $(RUN) -m pytest -n 2 --dist loadscope --no-loadscope-reorder
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=300

lint: $(VENV)/ready ## what a commit must pass: ruff, and the format
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

format: $(VENV)/ready ## let ruff mend what it can, and format
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

check: lint ## the daily command: lint, and the tests that train nothing (3 to 5 minutes)
	$(PYTEST) -m "not torch and not site and not slow"

# nbval runs the lessons as a reader does and compares what they print with what is stored (tools/proofs.py).
test: lint ## lint, all tests, the lessons proved and their outputs compared; nothing of PyTorch
	$(RUN) -c "from utils import data; data.directory()"  # draws the toy dogs: once, not in both processes
	$(PYTEST) $(NBVAL) solutions tests

# Whatever bears the mark `torch`: the proofs of lesson 12, its outputs, and torchvision's defects.
test-torch: $(VENV_TORCH)/ready ## the tests that need PyTorch, and lesson 12's outputs compared
	$(RUN_TORCH) -m pytest -m torch $(NBVAL) solutions tests

notebooks: $(VENV)/ready ## build the notebooks whose script in solutions/ changed
	$(RUN) -m tools.build_notebooks

notebooks-torch: $(VENV_TORCH)/ready ## the same with PyTorch, where lesson 12's code changed
	$(RUN_TORCH) -m tools.build_notebooks

check-notebooks: $(VENV)/ready ## say where a notebook is not what its script gives
	$(RUN) -m tools.build_notebooks --check

site: $(VENV_SITE)/ready ## build the website from what is committed; nothing is executed (less than half a minute)
	$(RUN_SITE) -m sphinx -q -W docs runs/site
	@echo "Open runs/site/index.html"

test-site: site ## test the website in a real browser, the system's Chromium
	$(RUN_SITE) -m pytest --noconftest -m site tests/test_site.py

bench: $(VENV)/ready ## measure speed, memory and label errors against other libraries (about 20 minutes)
	$(RUN) -m tools.bench
	$(RUN) -m tools.bench --waiting

# After a change of utils/data, pipeline, training, models, augment, mixing: CONTRIBUTING.md says what follows.
recipes: $(VENV)/ready ## tell whether a changed source changes results, and renew the guard if not (2 minutes)
	$(RUN) -m tools.recipes

# One set of versions for every system and Python; each combination is resolved again to prove it.
# promise, which tensorflow-datasets needs, is the one package without a wheel: pure Python.
# PyTorch's wheels ask for macOS 14.
lock: $(VENV)/ready ## compile requirements.in to requirements.txt, and those of PyTorch and of the site likewise
	@for name in requirements requirements-torch requirements-site; do \
		$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
			--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			$$name.in -o $$name.txt || exit 1; \
		for system in x86_64-unknown-linux-gnu aarch64-apple-darwin x86_64-pc-windows-msvc; do \
			for version in 3.11 3.12 3.13; do \
				MACOSX_DEPLOYMENT_TARGET=14.0 $(RUN) -m uv pip compile --quiet --python-version $$version \
					--python-platform $$system --only-binary :all: --no-binary promise $$name.txt > /dev/null || exit 1; \
				echo "$$name resolves: Python $$version on $$system"; \
			done; \
		done; \
	done

clean: ## remove caches and prepared data (results in runs/ stay)
	rm -rf data/prepared .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)*/*' -prune -exec rm -rf {} +
