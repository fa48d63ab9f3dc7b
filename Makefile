# make help lists the targets. .ci/run calls the same ones.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MODULES     := $(sort $(dir $(shell git ls-files '*go.mod')))
EXAMPLES    := $(dir $(shell git ls-files 'examples/*/go.mod'))
BIN         := $(CURDIR)/.bin
FUZZTIME    ?= 60
MINCOVER    := 95

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

.PHONY: test
test: ## run the tests
	go test ./...

.PHONY: race
race: ## run the tests under the race detector
	go test -race ./...

.PHONY: lint
lint: ## gofmt, vet, golangci-lint (with staticcheck) and go mod tidy, in every module
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt: $$unformatted"; exit 1; fi
	go -C tools/golangci build -o $(BIN)/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	for module in $(MODULES); do ( \
	  cd $$module && go mod tidy -diff && \
	  if [ -n "$$(go list ./... 2>/dev/null)" ]; then go vet ./... && $(BIN)/golangci-lint run ./...; fi \
	); done

.PHONY: api
api: ## compare the exported API with docs/api.txt and the last release; UPDATE=1 rewrites the file
	go -C tools test ./...
	go -C tools build -o $(BIN)/ ./api golang.org/x/exp/cmd/apidiff
	$(BIN)/api >$(BIN)/api.txt
	$(if $(UPDATE),cp $(BIN)/api.txt docs/api.txt)
	diff -u docs/api.txt $(BIN)/api.txt || { echo 'if that is meant: make api UPDATE=1, and CHANGELOG.md'; exit 1; }
	tools/api/compatible.sh $(BIN)/apidiff

# What users call. The contract tests, in a package of their own, count as well.
COVERED := . ./flow ./mfatest ./internal/input ./internal/redact ./internal/transport

.PHONY: cover
cover: ## coverage of the packages that users call, and fail below the limit
	@mkdir -p $(BIN)
	@go test -coverprofile=$(BIN)/cover.out -coverpkg="$$(echo $(COVERED) | tr ' ' ,)" $(COVERED) ./internal/contract >$(BIN)/cover.txt || { cat $(BIN)/cover.txt; exit 1; }
	@awk -v least=$(MINCOVER) '\
	  NR > 1 { statements[$$1] = $$2; if ($$3 > 0) hit[$$1] = 1 } \
	  END { \
	    for (block in statements) { package = block; sub("/[^/]*$$", "", package); all[package] += statements[block]; if (block in hit) covered[package] += statements[block] } \
	    for (package in all) { percent = 100 * covered[package] / all[package]; printf "%s %.1f%%\n", package, percent; if (percent < least) low = 1 } \
	    if (low) { print "coverage is below " least "%"; exit 1 } \
	  }' $(BIN)/cover.out

.PHONY: quickstart
quickstart: ## run the quickstart and compare what it prints
	go run ./examples/quickstart | diff examples/quickstart/testdata/embedded.txt -

.PHONY: examples
examples: ## build and test the examples, also those that are modules
	go build -o /dev/null ./examples/...
	go test ./examples/...
	for module in $(EXAMPLES); do \
	  go -C $$module build -o /dev/null ./...; \
	  go -C $$module test ./...; \
	done

.PHONY: faults
faults: ## run every fault against every operation, under the race detector too
	go -C test test ./faults
	go -C test test -race ./faults

.PHONY: leaks
leaks: ## print every exported type in every way and look for secrets
	go -C test test -race -count=1 ./leaks # the test cache does not see the sources that it reads

.PHONY: compat
compat: ## run clients that others wrote against mfatest; needs Node.js
	cd test/compat/authjs && npm ci --loglevel=error
	go -C test test -count=1 ./compat/... # the test cache does not see the scripts

.PHONY: browser
browser: ## drive the login page in Chromium; needs Debian's chromium
	go -C test test -count=1 ./browser # the test cache does not see the example

.PHONY: bench
bench: ## measure what a call costs beside other ways; BASE=commit: against that commit, and fail if it got worse
ifdef BASE
	go -C tools build -o $(BIN)/ ./compare
	$(BIN)/compare $(BASE)
else
	go -C tools build -o $(BIN)/ golang.org/x/perf/cmd/benchstat
	go -C test test -run '^$$' -bench . -benchtime 200ms -count 6 ./bench >$(BIN)/bench.txt
	$(BIN)/benchstat -filter '.name:Call' -row /net,/op -col /way $(BIN)/bench.txt
	$(BIN)/benchstat -filter '.name:Growth' $(BIN)/bench.txt
endif

.PHONY: benchtest
benchtest: ## test the benchmark, and that it runs
	go -C test test -bench . -benchtime 1x ./bench >/dev/null

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME seconds
	@# By count, again and again: Go 1.26 can take the end of a time for a failure
	@# (https://go.dev/issue/75804).
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r dir; do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' "$$dir"/*_test.go | sed 's/func //'); do \
	    for (( end = SECONDS + $(FUZZTIME); SECONDS < end; )); do \
	      go test -run '^$$' -fuzz "^$$target\$$" -fuzztime 5000x "$$dir"; \
	    done; \
	  done; \
	done

.PHONY: vuln
vuln: ## look for known vulnerabilities in every module; asks vuln.go.dev
	go -C tools build -o $(BIN)/ golang.org/x/vuln/cmd/govulncheck
	for module in $(MODULES); do ( \
	  cd $$module && if [ -n "$$(go list ./... 2>/dev/null)" ]; then $(BIN)/govulncheck ./...; fi \
	); done

.PHONY: all
all: test race lint api cover quickstart examples faults leaks compat browser benchtest ## everything but fuzzing, bench and vuln
