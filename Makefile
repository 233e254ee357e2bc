# make demo    the main job on made-up sites: Meltano, the taps, a real PostgreSQL
# make test    all tests, linters and type checks
# make format  let ruff rewrite what it can
# make bench   measure the taps beside others; CASES="builds limit" measures these alone
# make test-airflow  the example of examples/airflow in a real Airflow
# make test-targets  loaders, each in an environment of its own, and the README's commands
# make hub     rewrite what is made from what the taps tell of themselves
# make questions  answer the questions of examples/sql again, into docs/questions.md
# make docs    the documentation as a site with a page for each stream: output/site/index.html
#
# Everything is installed below this folder, from the package registry that pip is set up for.

PYTHON ?= python3
# With a new pip, which knows groups, and no setuptools of years ago
VENV = PIP_QUIET=1 $(PYTHON) -m venv --upgrade-deps
PIP = -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export PIP_CONSTRAINT = $(CURDIR)/constraints.txt
export UV_CONSTRAINT = $(CURDIR)/constraints.txt
export MELTANO_SEND_ANONYMOUS_USAGE_STATS = false

.PHONY: demo test test-airflow test-targets lint format bench constraints hub questions docs clean

demo: .venv/ready .venv-meltano/ready
	@.venv/bin/python -W ignore::UserWarning -m demo

test: lint .venv-meltano/ready
	.venv/bin/python -m pytest --numprocesses 4 --dist loadfile

# The example of examples/airflow in a real Airflow: some minutes
test-airflow: .venv/ready .venv-meltano/ready .venv-airflow/ready
	.venv/bin/python -m pytest -m slow tests/examples

# The loaders of docs/targets.md, and the commands of the README as they stand there: many minutes
test-targets: .venv/ready .venv-meltano/ready
	.venv/bin/python -m pytest -m slow tests/targets tests/packaging

lint: .venv/ready
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

# Hub definitions, the extractors in meltano.yml and the pictures of the tables, from the taps
hub: .venv/ready
	.venv/bin/python -m hub.generate

# From tables that the real loader writes: half a minute
questions: .venv/ready .venv-meltano/ready
	@.venv/bin/python -W ignore -m demo.questions

# Of the docs, the taps and rows of the sandbox; nothing is fetched
docs: .venv/ready
	@rm -rf output/site
	@.venv/bin/python -m website output/site && echo output/site/index.html

format: .venv/ready
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

bench: .venv/ready
	@.venv/bin/python -m benchmarks $(CASES)

.venv/ready: pyproject.toml constraints.txt
	$(VENV) .venv
	.venv/bin/python $(PIP) --editable . --group dev
	@touch $@

# Meltano has needs of its own, so it lives beside the taps, not among them
.venv-meltano/ready: pyproject.toml constraints.txt
	$(VENV) .venv-meltano
	.venv-meltano/bin/python $(PIP) --group meltano
	@touch $@

.venv-airflow/ready: examples/airflow/requirements.txt | .venv/ready
	.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-airflow
	env -u UV_CONSTRAINT .venv/bin/uv pip install --quiet --python .venv-airflow/bin/python --requirement $<
	@touch $@

# The newest versions that work together, without the address of any registry
constraints:
	rm -rf .venv .venv-meltano .venv-target && : > constraints.txt
	$(MAKE) .venv/ready .venv-meltano/ready
	$(PYTHON) -m venv .venv-target && .venv-target/bin/pip install --quiet 'meltanolabs-target-postgres~=0.8.1'
	for venv in .venv .venv-meltano .venv-target; do $$venv/bin/python -m pip freeze --exclude-editable; done \
		| sort --unique > constraints.all
	$(PYTHON) -c "import collections, sys; \
		names = collections.Counter(line.split('==')[0] for line in open('constraints.all')); \
		sys.stdout.writelines(l for l in open('constraints.all') if names[l.split('==')[0]] == 1)" > constraints.txt
	rm -rf constraints.all .venv-target

clean:
	rm -rf .venv .venv-meltano .venv-airflow .venv-targets .bench .meltano .demo output dist
