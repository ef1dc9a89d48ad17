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
# What does little work in a frame is compiled without inlining, Go's runtime too: that takes 45 KB off the
# page (767 to 723 with brotli), and a second of play costs the same (BenchmarkSecondOfPlay as WebAssembly,
# in turns).
COLD    := ./$(WEB)/wasm runtime internal/runtime/... reflect fmt strconv internal/strconv os syscall syscall/js sync \
	internal/sync internal/poll internal/bisect internal/godebug internal/fmtsort strings
WEBSRC  := $(shell find $(WEB)/src $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/tsconfig.json $(WEB)/public -type f ! -name '*.wasm' ! -name wasm_exec.js 2>/dev/null)
ARGS    ?=

.PHONY: help run build web wasm server bench bench-load bench-compare bench-browser test vet lint test-go test-race test-wasm test-web test-e2e nightly soak fuzz fuzz-short golden fmt check-tools services clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

# --- playing -----------------------------------------------------------------------------------

run: build ## build what is stale and start the server with bots; ARGS="--bots 4" passes flags
	@exec $(BIN) serve --data-dir $(CACHE)/data $(ARGS)

build: check-tools ## the one binary, bin/hindsight, with the browser client inside
	@$(MAKE) -j2 web $(CACHE)/go-modules
	@$(MAKE) server

server: ## compile the binary with whatever client is built
	@CGO_ENABLED=0 go build -trimpath -ldflags='$(LDFLAGS)' -o $(BIN) ./server/cmd/hindsight

web: $(CACHE)/web ## the browser client, client-web/dist

wasm: ## the client core as WebAssembly
	@GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' $(COLD:%=-gcflags=%=-l) -o $(WASM) ./$(WEB)/wasm
	@cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $(WEB)/public/wasm_exec.js

# Compiling the server's dependencies takes most of a cold build, so it runs beside the web build. The
# command itself has the page inside and has to wait.
$(CACHE)/go-modules: go.mod go.sum
	@mkdir -p $(CACHE)
	@CGO_ENABLED=0 go build $$(go list ./server/... | grep -v /cmd/) && touch $@

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

MINUTES ?= 10

bench: ## measure the netcode over the whole matrix and write game/netcode/RESULTS.md; MINUTES=10 for each cell
	@go run ./server/cmd/hindsight bench netcode --matrix --minutes $(MINUTES) --out game/netcode

bench-load: ## measure the server under load against plain gws, in turns; CLIENTS=500,1000,2000
	@CGO_ENABLED=0 go build -trimpath -ldflags='$(LDFLAGS)' -o $(BIN) ./server/cmd/hindsight
	@$(BIN) bench floor --clients $(CLIENTS)

CLIENTS ?= 500,1000,2000

bench-compare: ## compare every benchmark with another commit's, and fail if one got worse by a tenth; BASE=main
	@server/load/compare.sh $(BASE)

BASE ?= main

bench-browser: $(CACHE)/npm ## measure the page in Chromium: loading, and frames with 200 drones; BINARIES=old,new compares servers in turns
	@[ -n "$(BINARIES)" ] || $(MAKE) build
	@cd $(WEB) && HINDSIGHT_BIN="$(or $(BINARIES),../$(BIN))" npm run --silent bench

BINARIES ?=

# --- testing -----------------------------------------------------------------------------------

STEPS := vet lint test-go test-race test-wasm fuzz-short test-web test-e2e

test: check-tools services ## every check there is, the browser included; sets up what it needs
	@passed=0; skipped=0; report=; \
	for step in $(STEPS); do \
		printf '\n== %s\n' $$step; began=$$SECONDS; rm -f $(CACHE)/skipped; \
		$(MAKE) $$step || { printf '\n%s failed\n%s passed, 1 failed, %s skipped\n' $$step $$passed $$skipped; exit 1; }; \
		word=ok; if [ -e $(CACHE)/skipped ]; then word="SKIPPED: $$(cat $(CACHE)/skipped)"; skipped=$$((skipped+1)); else passed=$$((passed+1)); fi; \
		report="$$report$$(printf '%-10s %4ds  %s' $$step $$((SECONDS-began)) "$$word")"$$'\n'; \
	done; \
	printf '\n%s%s passed, 0 failed, %s skipped\n' "$$report" $$passed $$skipped

vet: ## gofmt and go vet, for the server and for the browser
	@unformatted=$$(gofmt -l server game protocol $(WEB)/wasm $(WEB)/*.go); [ -z "$$unformatted" ] || { echo "not gofmt'd: $$unformatted"; exit 1; }
	@go vet ./...
	@GOOS=js GOARCH=wasm go vet ./protocol/... ./game/... ./$(WEB)/wasm

lint: ## staticcheck, for the server and for the browser
	@mkdir -p $(CACHE) && go build -modfile=.ci/tools.mod -o $(CACHE)/staticcheck honnef.co/go/tools/cmd/staticcheck
	@$(CACHE)/staticcheck ./...
	@GOOS=js GOARCH=wasm $(CACHE)/staticcheck ./protocol/... ./game/...
# It does not know that the page calls what go:wasmexport names.
	@GOOS=js GOARCH=wasm $(CACHE)/staticcheck -checks=inherit,-U1000 ./$(WEB)/wasm

test-go: ## the pure packages, and the whole netcode in virtual time
	@go test ./protocol/... ./game/... ./server/lab

test-race: ## the shells, under the race detector
	@mkdir -p $(CACHE); export PATH="$$PATH:/usr/sbin" HINDSIGHT_TEST_SKIPS="$$PWD/$(CACHE)/skipped" HINDSIGHT_TEST_PROXIES=required; \
	command -v nginx >/dev/null && command -v haproxy >/dev/null || { HINDSIGHT_TEST_PROXIES=; echo "no nginx or no HAProxy" >> $(CACHE)/skipped; }; \
	go test -race $$(go list ./server/... | grep -v /lab$$)

nightly: ## simnet against the kernel, and the netcode matrix over real sockets; takes an hour and a half; CELLS=regexp chooses, SECONDS=n a cell
	@HINDSIGHT_NIGHTLY=1 HINDSIGHT_CELLS='$(CELLS)' HINDSIGHT_SECONDS='$(SECONDS)' go test ./server/nightly -count=1 -v -parallel 64 -timeout 6h | grep --line-buffered -v '^=== '

SOAK ?= 30m

soak: server ## 200 bots come and go over bad lines: does anything grow, is a result lost? SOAK=30m
	@HINDSIGHT_SOAK=$(SOAK) HINDSIGHT_SOAK_PROGRAM="$$PWD/$(BIN)" go test ./server/nightly -run '^TestSoak$$' -count=1 -v -timeout 0 | grep --line-buffered -v '^=== '

# The tests start PostgreSQL, nginx and HAProxy themselves and say so where one is missing. As root,
# with apt at hand, none is.
services:
	@mkdir -p $(CACHE); missing=; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	command -v haproxy >/dev/null || [ -x /usr/sbin/haproxy ] || missing="$$missing haproxy"; \
	command -v "$${CHROMIUM:-chromium}" >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing$$missing"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

test-wasm: ## the pure packages again, as WebAssembly
	@GOOS=js GOARCH=wasm go test -exec="$$(go env GOROOT)/lib/wasm/go_js_wasm_exec" ./protocol/... ./game/...

FUZZTIME ?= 60s
WITHOUT ?= nothing

# A target and its coordinator take turns, and a switch between two processors costs more than most
# inputs: on one processor they do five times as many.
fuzz: ## every fuzz target for FUZZTIME each: a time (60s), or a number of inputs (10000000x)
	@for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' protocol game server | xargs -n1 dirname | sort -u | grep -vxF '$(WITHOUT)'); do \
		for target in $$(grep -rhoE '^func Fuzz[A-Za-z]+' $$pkg/*_test.go | sed 's/func //'); do \
			go test -run='^$$' -fuzz="^$$target$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=100x -parallel=2 -exec="env GOMAXPROCS=1" ./$$pkg || exit 1; \
		done; \
	done

# A number of inputs and no time: go test may fail with "context deadline exceeded" when its time is
# up, without any finding (go.dev/issue/75804, mended in Go 1.27). The API has the database in it, which
# takes minutes to compile for fuzzing.
fuzz-short:
	@$(MAKE) fuzz FUZZTIME=10000x WITHOUT=server/api

golden: ## write the golden files anew; review the diff
	@go test ./protocol/frame ./game/games/arena ./game/replay -update

test-web: $(CACHE)/npm ## types, lint and unit tests of the browser client
	@cd $(WEB) && npm run --silent check && npm run --silent lint && npm run --silent test

test-e2e: build ## play in a real Chromium
	@chromium=$$(command -v "$${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome || true); \
	if [ -z "$$chromium" ]; then \
		echo "no Chromium; install it with: apt-get install chromium" | tee $(CACHE)/skipped; \
	else \
		cd $(WEB) && CHROMIUM="$$chromium" HINDSIGHT_BIN=../$(BIN) HINDSIGHT_DATA_DIR=../$(CACHE)/e2e-data npm run --silent e2e; \
	fi

fmt: $(CACHE)/npm ## format everything
	@gofmt -w server game protocol $(WEB)/wasm $(WEB)/*.go
	@cd $(WEB) && npx biome check --write .

# -----------------------------------------------------------------------------------------------

check-tools:
	@command -v go >/dev/null || { echo "hindsight: Go 1.26 or newer is needed: https://go.dev/dl"; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "hindsight: Node 20 or newer with npm is needed: https://nodejs.org"; exit 1; }
	@node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' || { echo "hindsight: Node 20 or newer is needed, this is $$(node --version)"; exit 1; }

clean: ## remove all that was built
	rm -rf bin $(CACHE) $(WEB)/node_modules $(WEB)/test-output $(WASM) $(WEB)/public/wasm_exec.js
	find $(WEB)/dist -mindepth 1 ! -name .gitkeep -delete
