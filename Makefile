# Suanzi. `make demo` shows it, `make test` proves it; both set up what they need.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := target/release/suanzi
export CARGO_INCREMENTAL ?= 0
export CARGO_TERM_COLOR ?= auto
SERVERS := suanzi-store-remote/servers,suanzi-tests/servers
# Tests that need a cluster are built only where there is one.
RAY := suanzi-executor-ray/cluster,suanzi-tests/cluster
SPARK := suanzi-executor-spark/cluster,suanzi-tests/cluster
CLUSTER := $(RAY),$(SPARK)
# Property tests draw the same cases each time; `make soak` draws others, and more of them.
export PROPTEST_RNG_SEED ?= 20180614

.PHONY: help demo build web manifest test test-web test-api test-db test-s3 test-ray parity test-spark test-mlflow bench-web screenshots chromium java test-defects defects check wheel test-wheel bench bench-peers bench-serving fmt clean soak sizes rust-tools
help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: build  ## generate data, run the example pipeline, show its evaluation
	@examples/demo.sh $(BIN)

build: $(VENV)/.ready web  ## target/release/suanzi and .venv
	@echo "building $(BIN) (some minutes the first time)"
	@cargo build --release --locked -p suanzi-cli

web: web/dist/index.html  ## web/dist, the canvas

test: $(VENV)/.ready web/node_modules/.ready  ## all tests that need no server
	@echo "Rust tests (the first build takes some minutes)"
	cargo test --workspace --locked --quiet
	@echo "Python tests"
	$(VENV)/bin/python -m pytest -rs python/tests
	$(VENV)/bin/python -m pytest -rs bench/tests
	@echo "Tests of the canvas without a browser"
	cd web && npx vitest run

check: $(VENV)/.ready web/src/api/schema.d.ts rust-tools  ## formatting, lints, types, layers, stale files
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features $(SERVERS),$(CLUSTER) --locked --quiet -- -D warnings
	cd python && ../$(VENV)/bin/ruff check --config pyproject.toml . ../examples ../bench ../tests/api ../tests/databases ../tests/clusters ../tests/ray ../tests/s3 ../tests/spark ../tests/mlflow
	cd python && ../$(VENV)/bin/ruff format --check --config pyproject.toml . ../examples ../bench ../tests/api ../tests/databases ../tests/clusters ../tests/ray ../tests/s3 ../tests/spark ../tests/mlflow
	cd python && ../$(VENV)/bin/mypy
	cd python && ../$(VENV)/bin/python -m suanzi.sdk.manifest --package suanzi.operators --check
	cd web && npx tsc --noEmit && npx eslint .

manifest: $(VENV)/.ready  ## what the engine knows of the standard operators, made again from their code
	cd python && ../$(VENV)/bin/python -m suanzi.sdk.manifest --package suanzi.operators --out suanzi/operators/manifest.json

test-web: $(VENV)/.ready web chromium  ## the canvas in a headless browser, against the real program
	@cargo build --locked --quiet -p suanzi-cli
	cd web && npx playwright test

test-api: $(VENV)/.ready web target/api-venv/.ready  ## schemathesis against the real program: no 5xx, every answer as described
	@cargo build --locked --quiet -p suanzi-cli
	target/api-venv/bin/python tests/api/run.py

test-db: $(VENV)/.ready  ## the store's suite, the example and a served engine on a MariaDB and a PostgreSQL started for it
	@cargo build --locked --quiet -p suanzi-cli
	@cargo test --locked --quiet -p suanzi-store-remote -p suanzi-tests --features $(SERVERS) --test servers --test kill_servers --no-run
	tests/databases/servers.sh sh -ec 'cargo test --locked --quiet -p suanzi-store-remote -p suanzi-tests --features $(SERVERS) --test servers --test kill_servers -- --test-threads=1; \
	  tests/databases/end_to_end.sh target/debug/suanzi; \
	  $(VENV)/bin/python tests/databases/tables.py target/debug/suanzi; \
	  $(VENV)/bin/python tests/databases/serving.py; \
	  $(VENV)/bin/python tests/databases/outage.py'

test-s3: $(VENV)/.ready web target/s3-venv/.ready  ## artifacts on an S3 server started for it: one process, separated engines, a platform, faults
	@cargo build --locked --quiet -p suanzi-cli
	$(VENV)/bin/python -m pytest -q -rs tests/s3

test-ray: $(VENV)/.ready web target/ray-venv/.ready target/s3-venv/.ready  ## the Ray executor on a real Ray cluster of two nodes
	@cargo build --locked --quiet -p suanzi-cli
	@cargo test --locked --quiet --no-run -p suanzi-executor-ray -p suanzi-tests --features $(RAY) --test cluster --test ray
	@env CARGO_NET_OFFLINE=true AWS_ACCESS_KEY_ID=suanzi-test AWS_SECRET_ACCESS_KEY=correct-horse-battery-staple \
	  $(PYTHON) tests/ray/run.py target/ray-venv/bin/ray sh -ec 'cargo test --locked \
	  -p suanzi-executor-ray -p suanzi-tests --features $(RAY) --test cluster --test ray -- --nocapture --test-threads=1; \
	  $(VENV)/bin/python -m pytest -q -rs tests/s3/on_ray.py'

parity: $(VENV)/.ready web target/ray-venv/.ready target/ray-venv/.parity  ## docs/reference/parity.md: each standard operator here and on a Ray cluster
	@cargo build --locked --quiet -p suanzi-cli
	@$(PYTHON) tests/ray/run.py target/ray-venv/bin/ray $(CURDIR)/$(VENV)/bin/python tests/ray/parity.py target/debug/suanzi docs/reference/parity.md

test-spark: $(VENV)/.ready web target/spark-venv/.ready java  ## the Spark executor on a real Spark with two executors of its own
	@cargo build --locked --quiet -p suanzi-cli
	@cargo test --locked --quiet --no-run -p suanzi-executor-spark -p suanzi-tests --features $(SPARK) --test cluster --test spark
	@env CARGO_NET_OFFLINE=true $(PYTHON) tests/spark/run.py target/spark-venv/bin/python cargo test --locked \
	  -p suanzi-executor-spark -p suanzi-tests --features $(SPARK) --test cluster --test spark -- --nocapture --test-threads=1

java:
	@command -v java >/dev/null || { echo "installing a Java runtime"; apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless; }

bench-web: $(VENV)/.ready web chromium  ## frames, opening times and edit to answer in a headless browser; see web/bench/
	@cargo build --locked --quiet -p suanzi-cli
	cd web && npx playwright test --config playwright.bench.config.ts

screenshots: $(VENV)/.ready web chromium  ## take the pictures of docs/images again
	@cargo build --locked --quiet -p suanzi-cli
	cd web && npx playwright test --config playwright.screenshots.config.ts

chromium:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'cjk' || { echo "installing chromium and Chinese fonts"; apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; }

wheel: build  ## target/wheels/suanzi-….whl: program, canvas and Python package, for `pip install`
	@$(VENV)/bin/python python/packaging/wheel.py

test-wheel: wheel  ## the wheel in an environment with Python alone, then without a network
	@$(PYTHON) python/packaging/test_wheel.py

defects:  ## target/debug/suanzi-defects, a program with planted defects for SUANZI_DEFECTS_BIN
	@cargo build --locked --quiet -p suanzi-cli --features planted-defects && cp target/debug/suanzi target/debug/suanzi-defects
	@cargo build --locked --quiet -p suanzi-cli

test-defects: $(VENV)/.ready defects  ## deaths beside each durable step lose nothing, planted defects are found within their budget of kills
	SUANZI_DEFECTS_BIN=$(CURDIR)/target/debug/suanzi-defects cargo test --locked -p suanzi-tests --test kill planted -- --nocapture

bench: build  ## what Suanzi costs, into docs/benchmarks.md; QUICK=1 in under five minutes, ONLY=light40 one workload
	@cargo build --release --locked --quiet -p suanzi-cli -p suanzi-dag-engine --bin suanzi --example wide --example recovery
	@QUICK=$(QUICK) $(VENV)/bin/python bench/run.py --suanzi $(BIN) $(addprefix --only ,$(ONLY))

bench-peers: build  ## the same workloads through Airflow, Prefect, Dagster, Luigi, Dask, Ray, Kedro, Metaflow, into docs/benchmarks-peers.md; ONLY=ray shows one, with AGAIN=1 in the last report; QUICK=1
	@QUICK=$(QUICK) $(VENV)/bin/python bench/peers/run.py --suanzi $(BIN) $(addprefix --only ,$(ONLY)) $(if $(AGAIN),--again)

target/serving-env/.ready:  # beside .venv: MLflow wants other versions
	@$(PYTHON) -m venv target/serving-env
	@target/serving-env/bin/pip install --quiet fastapi "uvicorn[standard]" "mlflow>=3" "$$($(VENV)/bin/python -m pip freeze | grep '^scikit-learn==')"
	@touch $@

bench-serving: build target/serving-env/.ready  ## one row a request: Suanzi, FastAPI with scikit-learn, mlflow models serve; into docs/benchmarks-serving.md
	@$(VENV)/bin/python bench/serving/run.py --suanzi $(BIN) --python target/serving-env/bin/python

target/mlflow-env/.ready:  # beside .venv: MLflow wants other versions
	@$(PYTHON) -m venv target/mlflow-env
	@target/mlflow-env/bin/pip install --quiet "mlflow>=3"
	@touch $@

test-mlflow: $(VENV)/.ready target/mlflow-env/.ready  ## runs sent to a real MLflow server, read back by MLflow's own client
	@cargo build --locked --quiet -p suanzi-cli
	target/mlflow-env/bin/python tests/mlflow/run.py target/debug/suanzi

sizes: $(VENV)/.ready  ## docs/reference/sizes.md: each standard operator on 5,000 columns and on 5,000,000 rows; goes on where it was stopped
	@mkdir -p target
	cd python && OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 ../$(VENV)/bin/python -m suanzi.operators.examples.sizes --kept ../target/sizes.jsonl --out ../docs/reference/sizes.md

soak: $(VENV)/.ready defects  ## long campaigns: properties on new cases, simulated worlds, power cuts, kills of the real engine, planted defects, operators on wide and long tables; SECONDS_LONG=3600 SEEDS=1000000 make soak
	@env -u PROPTEST_RNG_SEED PROPTEST_CASES=$${CASES:-10000} cargo test --locked --quiet $(addprefix -p suanzi-,dag operator protocol scheduler schedule store artifact)
	@SUANZI_SIM_SEEDS=$${SEEDS:-100000} cargo test --locked --quiet -p suanzi-sim --test seeds -- --nocapture
	@SUANZI_POWER_CUTS=$${CUTS:-10000} cargo test --locked --quiet -p suanzi-store --lib power -- --nocapture
	@SUANZI_SOAK_SECONDS=$${SECONDS_LONG:-600} SUANZI_DEFECTS_BIN=$(CURDIR)/target/debug/suanzi-defects \
	  cargo test --locked -p suanzi-tests --test kill -- --nocapture --test-threads=1
	@SUANZI_SIZES=1 $(VENV)/bin/python -m pytest python/tests/operators/test_ops_sizes.py

fmt:  ## format everything
	cargo fmt --all
	cd python && ../$(VENV)/bin/ruff format --config pyproject.toml . ../examples ../bench ../tests/api ../tests/databases ../tests/clusters ../tests/ray ../tests/s3 ../tests/spark
	cd python && ../$(VENV)/bin/ruff check --fix --config pyproject.toml . ../examples ../bench ../tests/api ../tests/databases ../tests/clusters ../tests/ray ../tests/s3 ../tests/spark

# fmt and clippy are parts of the Rust toolchain that a minimal installation lacks.
rust-tools:
	@cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || rustup component add rustfmt clippy

clean:  ## remove what was built
	rm -rf target $(VENV) .demo web/dist web/node_modules

$(VENV)/.ready: python/pyproject.toml
	@echo "Python environment in $(VENV) (a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "installing python3-venv"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e 'python[dev]'
	@touch $@

target/api-venv/.ready: tests/api/requirements.txt $(VENV)/.ready
	@echo "Python environment of schemathesis in target/api-venv"
	@test -x target/api-venv/bin/python || $(PYTHON) -m venv target/api-venv
	@target/api-venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/api/requirements.txt
	@touch $@

target/ray-venv/.ready: tests/ray/requirements.txt
	@echo "Python environment of Ray in target/ray-venv (a minute the first time)"
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "installing python3-venv"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	@test -x target/ray-venv/bin/python || $(PYTHON) -m venv target/ray-venv
	@target/ray-venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/ray/requirements.txt
	@touch $@

target/s3-venv/.ready: tests/s3/requirements.txt $(VENV)/.ready
	@echo "Python environment of an S3 server in target/s3-venv"
	@test -x target/s3-venv/bin/python || $(PYTHON) -m venv target/s3-venv
	@target/s3-venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/s3/requirements.txt
	@touch $@

# The versions that are here: another one's results may differ by themselves.
target/ray-venv/.parity: tests/ray/parity-requirements.txt target/ray-venv/.ready $(VENV)/.ready
	@echo "libraries of operators in target/ray-venv"
	@$(VENV)/bin/python -m pip freeze --disable-pip-version-check --exclude-editable > target/ray-venv/here.txt
	@target/ray-venv/bin/python -m pip install --quiet --disable-pip-version-check -c target/ray-venv/here.txt -r tests/ray/requirements.txt -r tests/ray/parity-requirements.txt
	@touch $@

target/spark-venv/.ready: tests/spark/requirements.txt
	@echo "Python environment of Spark in target/spark-venv (a minute the first time)"
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "installing python3-venv"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	@test -x target/spark-venv/bin/python || $(PYTHON) -m venv target/spark-venv
	@target/spark-venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/spark/requirements.txt
	@touch $@

# The lock file names no download addresses, so that any mirror serves; npm 10 would write some, npm 11 doesn't.
web/node_modules/.ready: web/package.json web/package-lock.json web/.npmrc
	@echo "packages of the canvas (half a minute the first time)"
	@cd web && npx --yes npm@11 ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.ready web/index.html web/vite.config.ts web/tsconfig.json $(shell find web/src -type f 2>/dev/null)
	@echo "building the canvas"
	@cd web && npx vite build --logLevel warn
	@touch $@

# Made, not kept: it can't be stale.
web/src/api/schema.d.ts: docs/reference/openapi.json web/node_modules/.ready
	@cd web && npm run --silent api >/dev/null
	@touch $@
