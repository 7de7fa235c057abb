# Everything happens in .venv/ of this checkout. `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
RUN ?= runs/demo
CLASSIC := cramped_room asymmetric_advantages coordination_ring forced_coordination counter_circuit
# Numerical libraries must not start a thread per core in each of several processes.
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench peers system clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/.core ## Set up .venv/ with talkoot and what it needs to play

demo: .venv/.core ## Watch two agents cook and tidy, and one task planned, offline; leaves a table and two replays
	@echo "The first 45 steps of Cramped Room, thought aloud:"
	@$(BIN)/python examples/two_agents_cook.py rulebook cramped_room:horizon=45 | sed 's/^/  /'
	@echo
	@$(BIN)/talkoot eval $(CLASSIC) --team proagent+proagent --seeds 0:1 --run $(RUN) --png $(RUN)/scores.png
	@$(BIN)/talkoot replay $(RUN)
	@echo
	@echo "Two agents tidy a home. Neither sees another room than its own, and talking takes a step:"
	@$(BIN)/python examples/two_agents_tidy.py rulebook household/test 10 | sed 's/^/  /'
	@$(BIN)/talkoot play household/test --seed 10 --team coela+coela --run $(RUN)/household
	@echo
	@echo "A task in plain language:"
	@sed 's/^/  /' src/talkoot/planning/packs/domains/blocksworld/example.txt
	@echo "Its plan, checked, with a reason for each step:"
	@$(BIN)/talkoot plan --domain blocksworld --example --picture $(RUN)/plan.png
	@echo
	@echo "Open in a browser: $(RUN)/replay.html, every step, thought, prompt and verdict in the five kitchens,"
	@echo "and $(RUN)/household/replay.html, the home: who knew what, who told whom, and what came of it."
	@echo "The model was 'rulebook': rules that read the prompts, no language model. With one of yours, for example:"
	@echo "  $(BIN)/talkoot play cramped_room --team proagent+proagent --model qwen3@http://localhost:11434/v1 --watch"

test: .venv/.dev ## Set up all that the tests need, and run them
	@$(MAKE) --no-print-directory chromium opengl speech
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/.dev ## Format, lint, types, import rules
	$(BIN)/ruff format --check src tests bench examples
	$(BIN)/ruff check src tests bench examples
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev ## Measure speed against the peers at hand
	$(BIN)/talkoot bench overcooked

peers: .venv/.dev ## Install what benchmarks compare with; OVERCOOKED_AI=FOLDER adds your checkout of overcooked_ai
	$(BIN)/pip install -q -e '.[peers]'
ifdef OVERCOOKED_AI
	echo "$(abspath $(OVERCOOKED_AI))/src" > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/overcooked_ai.pth
else
	@echo "overcooked_ai with the old rules exists only as a source checkout: make peers OVERCOOKED_AI=FOLDER"
endif

system: ## Install the Debian packages in system-packages.txt that are missing (needs root)
	@missing=$$(grep -v '^#' system-packages.txt | while read -r p; do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $$missing; \
	else echo "run this as root, then again: apt-get install -y $$missing" >&2; exit 1; fi

clean: ## Remove the environment, caches and build leftovers (runs/ stays)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: chromium opengl speech
chromium:
	@command -v chromium >/dev/null || $(MAKE) --no-print-directory system
speech:
	@command -v ffmpeg >/dev/null && command -v espeak-ng >/dev/null || $(MAKE) --no-print-directory system
opengl:
	@$(BIN)/python -c 'from talkoot.worlds.household.vision.render import driver; driver()' 2>/dev/null || \
	  $(MAKE) --no-print-directory system

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "talkoot needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory system
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check -e .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.core
