# make reproduce                  everything: dependencies, build, default study, plots
# make reproduce PROFILE=smoke    the same in minutes; its numbers mean nothing (PROFILE=paper: days)
# make bench                      every row's time beside this machine's limit; bench-peers beside PyTorch, bench-scaling against size
# make test-faults                hours: kill -9 and a failure at every call of a run that changes files, flipped bits (make test: a few of each)
# make robosuite-data TASK=Lift   demonstrations of a real simulator, and robosuite-rollouts RUN=...; metaworld-data, metaworld-rollouts alike
# make test-simulators            installs both simulators and tests them: minutes, and 1.7 GB the first time
# make build CPU=x86-64-v3        a program for every machine of a cluster (v4: those with AVX-512; without: for this machine alone)
# make test | build | install | photographs | clean

SHELL := /bin/bash
PROFILE ?= default
EXPERIMENT ?= experiments/tabletop-lift.yaml
RESULTS ?= results
PYTHON ?= python3
SWIFT ?= swift
# What to build for: this machine, or x86-64-v3 (AVX2) or x86-64-v4 (AVX-512) for several.
CPU ?= native
SWIFT_FLAGS ?= -c release -Xcc -march=$(CPU)
# Some tests reach internals (@testable); their build has a folder of its own, so that neither build undoes the other.
TEST_FLAGS ?= $(SWIFT_FLAGS) -Xswiftc -enable-testing --scratch-path .build-test
ALT = $(shell $(SWIFT) build $(SWIFT_FLAGS) --show-bin-path)/alt

# Debian's name of a package, then what shows that it is installed.
missing = $(strip \
	$(if $(shell pkg-config --exists hdf5 2>/dev/null && echo yes),,libhdf5-dev) \
	$(if $(shell pkg-config --exists openblas 2>/dev/null && echo yes),,libopenblas-dev) \
	$(if $(shell pkg-config --exists libpng 2>/dev/null && echo yes),,libpng-dev) \
	$(if $(shell pkg-config --exists zlib 2>/dev/null && echo yes),,zlib1g-dev) \
	$(if $(shell command -v gnuplot),,gnuplot-nox) \
	$(if $(shell command -v pkg-config),,pkg-config))

.PHONY: help reproduce bench bench-peers bench-scaling build test test-faults install swift-version architecture photographs clean estimate

# The lines at the top of this file.
help:
	@sed -n '/^#/!q;s/^# //p' $(firstword $(MAKEFILE_LIST))

reproduce: estimate build
	$(ALT) run $(EXPERIMENT) --results $(RESULTS) $(if $(filter-out default,$(PROFILE)),--profile $(PROFILE))

estimate:
ifeq ($(PROFILE),smoke)
	@echo "Expected: about 5 minutes for the first build, then under 3 minutes; about 1 GB of disk."
else ifeq ($(PROFILE),paper)
	@echo "Expected: about 5 minutes for the first build, then half a day on 2 cores and two days more for p17; about 3 GB of disk."
else
	@echo "Expected: 5 to 10 minutes for the first build, then about 80 minutes on 2 cores (AVX-512; hours on older ones); about 1 GB of disk."
endif
	@echo "Stopped half-way (Ctrl-C saves first), the same command goes on from there."

build: install swift-version architecture
	$(SWIFT) build $(SWIFT_FLAGS)

test: install swift-version architecture
	$(SWIFT) test $(TEST_FLAGS)

test-faults: install swift-version
	ALT_FAULTS=all ALT_FLIPS=300 $(SWIFT) test $(TEST_FLAGS) --filter FaultTests

bench: build
	$(ALT) bench --results $(RESULTS)

# make bench-peers PYTHON=peers/bin/python
bench-peers: build
	$(ALT) bench peers --python $(PYTHON) --rounds 5 --results $(RESULTS)

bench-scaling: build
	$(ALT) bench scaling --results $(RESULTS)

install:
ifneq ($(missing),)
	@set -e; \
	command="apt-get install --yes --no-install-recommends $(missing)"; \
	if ! command -v apt-get >/dev/null; then \
	    echo "Missing: $(missing) (Debian's names). Install them with this system's package manager, then run make again." >&2; exit 1; fi; \
	if [ "$$(id -u)" -eq 0 ]; then become=""; \
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then become="sudo"; \
	else echo "Missing: $(missing). Run this, then make again:" >&2; echo "    sudo apt-get update && sudo $$command" >&2; exit 1; fi; \
	echo "Installing $(missing)"; \
	$$become apt-get update --quiet; \
	$$become env DEBIAN_FRONTEND=noninteractive $$command || { \
	    echo "The installation failed. Run this, then make again:" >&2; echo "    sudo apt-get update && sudo $$command" >&2; exit 1; }
endif

swift-version:
	@version=$$($(SWIFT) --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p'); \
	if [ -z "$$version" ]; then \
	    echo "Swift is missing: install Swift 6.2 or later (https://www.swift.org/install/linux) and put it on PATH." >&2; exit 1; fi; \
	if [ "$$(printf '%s\n6.2\n' "$$version" | sort --version-sort | head -n 1)" != 6.2 ]; then \
	    echo "Swift $$version is too old: 6.2 or later is needed (https://www.swift.org/install/linux)." >&2; exit 1; fi

architecture:
	@if [ "$$(uname -m)" != x86_64 ]; then \
	    echo "This is $$(uname -m): alt is built and tested on x86-64 alone. To try it, run: $(SWIFT) build -c release" >&2; exit 1; fi

photographs:
	datasets/fetch-photographs.sh

# Results and datasets stay: a run is never deleted.
clean:
	rm -rf .build .build-test

include datasets/simulators.mk
