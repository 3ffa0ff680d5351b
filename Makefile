# What one does with this repository. On Windows: the plain `python -m …` lines are in README.md.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV_VERSION := 0.13.9

# albumentations asks the network for updates when it is imported; nothing here may need a network.
export NO_ALBUMENTATIONS_UPDATE := 1

.DEFAULT_GOAL := help
.PHONY: help install lab project submission grade test notebooks check-notebooks bench lock clean

help: ## this list
	@echo "The image augmentation course. Start with: make lab"
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: $(VENV)/ready ## make the environment (the other commands do it when it is missing)

# uv installs in a fraction of pip's time; where it cannot (a proxy, a mirror), pip does the same.
$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@echo "Installing the course into $(VENV) (1 to 5 minutes, about 3 GB, needs a network this once)"
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) \
		&& $(RUN) -m uv pip install --python $(RUN) --compile-bytecode -r requirements.txt \
		|| $(RUN) -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

lab: $(VENV)/ready ## open the course in JupyterLab
	$(RUN) -m jupyter lab notebooks

project: $(VENV)/ready ## compare none, basic, cutmix and mixup, and write a report
	$(RUN) -m utils.experiment --augment none basic cutmix mixup --out runs/project

submission: $(VENV)/ready ## assess the project of lesson 14 and pack it: make submission PROJECT=runs/project_ID
	$(RUN) -m utils.submission $(PROJECT)

grade: $(VENV)/ready ## grade the project: make grade SUBMISSIONS=folder OUT=folder (solutions/GRADING.md)
	$(if $(and $(SUBMISSIONS),$(OUT)),,$(error Say what to grade, and where results go: make grade SUBMISSIONS=folder OUT=folder))
	$(RUN) -m utils.grading "$(SUBMISSIONS)" --out "$(OUT)"

# The last line runs the lessons as a reader does, and compares what they print with what is stored.
test: $(VENV)/ready ## lint, all tests, and the lessons' outputs compared
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m pytest
	$(if $(wildcard solutions/*.ipynb),$(RUN) -m pytest --nbval --nbval-current-env --nbval-cell-timeout=120 -x solutions)

notebooks: $(VENV)/ready ## build the notebooks whose script in solutions/ changed
	$(RUN) -m tools.build_notebooks

check-notebooks: $(VENV)/ready ## say where a notebook is not what its script gives
	$(RUN) -m tools.build_notebooks --check

bench: $(VENV)/ready ## measure speed, memory and label errors against other libraries (about 15 minutes)
	$(RUN) -m tools.bench
	$(RUN) -m tools.bench --waiting

# One set of versions for every system and Python; each combination is resolved again to prove it.
# promise, which tensorflow-datasets needs, is the one package without a wheel: pure Python.
lock: $(VENV)/ready ## compile requirements.in to requirements.txt
	$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --upgrade \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		requirements.in -o requirements.txt
	@for system in x86_64-unknown-linux-gnu aarch64-apple-darwin x86_64-pc-windows-msvc; do \
		for version in 3.11 3.12 3.13; do \
			$(RUN) -m uv pip compile --quiet --python-version $$version --python-platform $$system \
				--only-binary :all: --no-binary promise requirements.txt > /dev/null || exit 1; \
			echo "resolves: Python $$version on $$system"; \
		done; \
	done

clean: ## remove caches and prepared data (results in runs/ stay)
	rm -rf data/prepared .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
