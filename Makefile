# Hindsight. `make` alone lists what can be made; `make run` and `make test` do their own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CGO_ENABLED ?= 1
WEB     := client-web
WASM    := $(WEB)/public/hindsight.wasm
BIN     := bin/hindsight
CACHE   := .cache
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
WEBSRC  := $(shell find $(WEB)/src $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/tsconfig.json $(WEB)/public -type f ! -name '*.wasm' ! -name wasm_exec.js 2>/dev/null)
ARGS    ?=

.PHONY: help run build web wasm server test check-tools vet lint test-go test-race test-wasm test-web test-e2e fuzz golden fmt clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

# --- playing -----------------------------------------------------------------------------------

run: build ## build what is stale and start the server with bots; ARGS="--bots 4" passes flags
	@exec $(BIN) serve $(ARGS)

build: check-tools ## the one binary, bin/hindsight, with the browser client inside
	@$(MAKE) -j2 web $(CACHE)/go-modules
	@$(MAKE) server

server: ## compile the binary with whatever client is built
	@CGO_ENABLED=0 go build -trimpath -ldflags='$(LDFLAGS)' -o $(BIN) ./server/cmd/hindsight

web: $(CACHE)/web ## the browser client, client-web/dist

wasm: ## the client core as WebAssembly
	@GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o $(WASM) ./$(WEB)/wasm
	@cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $(WEB)/public/wasm_exec.js

# Compiling the server's dependencies takes most of a cold build, so it runs beside the web build.
$(CACHE)/go-modules: go.mod go.sum
	@mkdir -p $(CACHE)
	@CGO_ENABLED=0 go build ./server/... && touch $@

$(CACHE)/npm: $(WEB)/package.json $(WEB)/package-lock.json
	@mkdir -p $(CACHE)
	@cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CACHE)/web: $(CACHE)/npm $(WEBSRC) $(CACHE)/wasm.sum
	@cd $(WEB) && npm run --silent build
	@touch $@

# The sum changes only when the WASM does, so an unchanged core rebuilds no page.
$(CACHE)/wasm.sum: wasm
	@mkdir -p $(CACHE)
	@sha256sum $(WASM) | cmp -s - $@ || sha256sum $(WASM) > $@

check-tools:
	@command -v go >/dev/null || { echo "hindsight: Go 1.26 or newer is needed: https://go.dev/dl"; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "hindsight: Node 20 or newer with npm is needed: https://nodejs.org"; exit 1; }
	@node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' || { echo "hindsight: Node 20 or newer is needed, this is $$(node --version)"; exit 1; }

clean: ## remove all that was built
	rm -rf bin $(CACHE) $(WEB)/node_modules $(WEB)/test-output $(WASM) $(WEB)/public/wasm_exec.js
	find $(WEB)/dist -mindepth 1 ! -name .gitkeep -delete
