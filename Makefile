# The daily verbs. Every one sets up what is missing first; a second run starts at once.
#   SERVE=0   `make run` stops after the tables are built
#   T=name    `make test` runs only the suites of that label, or with it in their name
#   SEEDS=n   `make simulate` runs n seeds from FIRST on; SEED=n that one
#   BENCH=..  options of bench/bench.py (--quick, --only scan)
export TARN_CACHE ?= $(HOME)/.cache/tarn
export PATH := $(TARN_CACHE)/bin:$(PATH)
# The compiler cache, shared by clones: paths count from the clone's root, and the precompiled header's
# own times do not count.
export CCACHE_DIR ?= $(TARN_CACHE)/ccache
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
export CCACHE_SLOPPINESS ?= pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_MAXSIZE ?= 8G

JOBS ?= $(shell nproc)
SERVE ?= 1
T ?=
LAKE ?= examples/nyc-flights
TARN := build/release/tarn

.PHONY: help setup build run test test-all bench format tidy fuzz simulate clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' Makefile

setup: ## install what is missing (system packages, pinned parts, sample data)
	@sh tools/setup/setup.sh

build: setup ## build build/release/tarn
	@tools/build.sh release $(JOBS)

run: build ## run the example lakehouse end to end, then serve it until Ctrl-C (SERVE=0: do not serve)
	$(TARN) ingest --lake $(LAKE)
	$(TARN) build --lake $(LAKE)
ifneq ($(SERVE),0)
	@exec $(TARN) serve --lake $(LAKE)
endif

test: build ## all tests (T=delta: a part)
	@/usr/bin/python3 tools/test/run.py --jobs $(JOBS) $(if $(T),--only '$(T)')

test-all: build ## all tests and the long ones: tsan, long fuzzing, clang-tidy over everything
	@/usr/bin/python3 tools/test/run.py --jobs $(JOBS) --long $(if $(T),--only '$(T)')

bench: build ## benchmarks, as ratios in one run
	@$$(sh tools/setup/setup.sh --print python) bench/bench.py $(BENCH)

format: setup ## lay out the sources with the pinned clang-format
	@/usr/bin/python3 tools/tidy/layout.py --apply

tidy: setup ## the style tests, and clang-tidy over the last changed files
	@/usr/bin/python3 tools/test/run.py --jobs $(JOBS) --only tidy
	@/usr/bin/python3 tools/tidy/lint.py

fuzz: setup ## fuzz every parser for FUZZ_SECONDS each (default 60)
	@/usr/bin/python3 tools/test/run.py --jobs $(JOBS) --only fuzz --long

simulate: setup ## the simulation with SEEDS further seeds (default 10000), or with SEED=n alone and its whole trace
	@tools/build.sh release $(JOBS) tarn_simulation_test
	build/release/test/simulation/tarn_simulation_test --gtest_filter='Simulation.Loses*' \
	  $(if $(SEED),--seed=$(SEED),--first=$(or $(FIRST),10001) --seeds=$(or $(SEEDS),10000))

clean: ## remove build folders and the example's state (the cache stays)
	rm -rf build $(LAKE)/.tarn
