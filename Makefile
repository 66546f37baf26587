# Kiln's own commands; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

SWIFT_FILES := Package.swift Sources Tests bench

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what is missing, build (release), prepare the recipes
	@scripts/setup.sh run
	@swift build -c release --static-swift-stdlib --product kiln
	@.build/release/kiln prepare

.PHONY: run
run: setup ## The same, then serve on port 8080
	@exec .build/release/kiln serve

.PHONY: test
test: ## Install what the tests need and run all of them
	@scripts/setup.sh test
	@scripts/test.sh

.PHONY: format
format: ## Rewrite the Swift files in the house style
	@swift format -i -r $(SWIFT_FILES)

.PHONY: lint
lint: ## Check style, room boundaries and shell scripts; change nothing
	@swift format lint --strict -r $(SWIFT_FILES)
	@swift build --build-tests --explicit-target-dependency-import-check error
	@scripts/lint.sh

.PHONY: bench
bench: ## Measure, beside the machine's own ceiling, and print the tables
	@scripts/setup.sh bench
	@swift build -c release --static-swift-stdlib --product kiln
	@swift build -c release --static-swift-stdlib --product LinkBench
	@swift build -c release --static-swift-stdlib --product MailBench
	@bench/run.sh

.PHONY: clean
clean: ## Remove what was built; data and uploads stay
	@rm -rf .build
