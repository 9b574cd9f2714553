# The two commands of the README are `make demo` and `make test`; each sets up all it needs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
OUT ?= demo-out

.PHONY: demo test check bench fuzz pictures schema setup clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml packaging/system_libraries.sh
	@sh packaging/system_libraries.sh
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "emrassess 需要 Python 3.11 或更新版本")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev --editable .
	@touch $@

demo: setup
	$(BIN)/emrassess demo --out $(OUT)

test: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --dist loadgroup

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	PYTHONPATH=. $(BIN)/lint-imports

# For example `make bench BENCH="--full scale"`; see tests/bench.py.
bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.bench $(BENCH)

fuzz: setup
	$(BIN)/python -m tests.fuzz 10000

pictures: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.help_pictures resources/help

schema: setup
	$(BIN)/python -m emrassess.packs.schema criteria

clean:
	rm -rf $(VENV) build dist demo-out
