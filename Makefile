# make help lists the targets. .ci/run calls the same ones.
# The supported Go releases. GOTOOLCHAIN=go1.27.3 make test tests with one of them.
RELEASES    := go1.26.8 go1.27.3

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

# In a bubble of testing/synctest, Go's random generator for FIPS 140 panics: it measures how the time varies, and the
# time stands still. The whole tests come before the subtests: go test looks no further than the first pattern that fits
# a part of a name.
FIPS := . ./flow ./mfatest
BUBBLES := awk '/^func / { name = /^func Test/ ? $$2 : ""; sub(/\(.*/, "", name) } \
  name && /(synctest\.Test|in(Bubble|Bubbles|Memory))\(/ { print "^" name "$$"; name = "" }'

.PHONY: fips
fips: ## run the tests with FIPS 140 enforced
	GODEBUG=fips140=only go test -skip "$$($(BUBBLES) $(FIPS:%=%/*_test.go) examples/*/*_test.go | paste -sd '|')|/^bubble|//^bubble" $(FIPS) ./examples/... ./internal/input ./internal/redact

.PHONY: vet
vet: ## go vet, in every module
	for module in $(MODULES); do ( \
	  cd $$module && if [ -n "$$(go list ./... 2>/dev/null)" ]; then go vet ./...; fi \
	); done

.PHONY: lint
lint: ## gofmt, golangci-lint (with vet and staticcheck) and go mod tidy, in every module
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt: $$unformatted"; exit 1; fi
	go -C tools/golangci build -o $(BIN)/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	for module in $(MODULES); do ( \
	  cd $$module && go mod tidy -diff && \
	  if [ -n "$$(go list ./... 2>/dev/null)" ]; then $(BIN)/golangci-lint run ./...; fi \
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
	CGO_ENABLED=0 go build -o /dev/null ./examples/tenant # as its Dockerfile needs it
	go test ./examples/...
	for module in $(EXAMPLES); do \
	  go -C $$module build -o /dev/null ./...; \
	  go -C $$module test ./...; \
	done

.PHONY: store
store: ## test the store on Redis, under the race detector; needs Debian's redis-server
	go -C flow/redisstore test -race -parallel 8 ./... # they mostly wait

.PHONY: fleet
fleet: ## the full counts of what processes share over Redis, and what a limiter achieves; needs a quiet machine
	go -C flow/redisstore test -count=1 -parallel 8 -v -run Fleet . -fleet.full
	go -C examples/fleet test -count=1 -v -run measured . -fleet.full

# The test cache does not see the sources, scripts and programs that these tests read.
HEAVY := go -C test test -count=1

.PHONY: faults
faults: ## run every fault against every operation, under the race detector too
	$(HEAVY) ./faults
	$(HEAVY) -race ./faults

.PHONY: leaks
leaks: ## print, compare and encode every exported type in every way and look for secrets
	$(HEAVY) -race ./leaks

.PHONY: npm
npm:
	cd test/compat/javascript && npm ci --loglevel=error

.PHONY: compat
compat: npm ## run clients that others wrote against mfatest; needs Node.js
	$(HEAVY) ./compat/...

.PHONY: live
live: ## check the facts of docs/facts.md on a tenant of Auth0, and write down what it does; asks first
	go -C test run ./live/cmd -write $(CURDIR)/docs/facts.md

.PHONY: browser
browser: npm ## drive the login page in Chromium and check it with axe-core; needs Debian's chromium and Node.js
	$(HEAVY) ./browser

.PHONY: pictures
pictures: npm ## pictures of every state of the login page, in .bin/pictures/index.html; BASE=commit: beside those of that commit
	test/browser/pictures.sh $(BIN)/pictures $(BASE)

.PHONY: edge
edge: ## the full counts behind nginx, HAProxy and squid, through a freeze and on callers' transports; needs these three
	$(HEAVY) -timeout 60m -v ./edge -edge.full

.PHONY: heavy
heavy: npm ## faults, leaks, compat and live (on the fake) side by side, then browser, edge (in brief) and benchtest
	@$(MAKE) --no-print-directory -j2 heavyplain heavyrace
	$(HEAVY) ./browser # by itself, and so is the next: Chromium, the peers and their children need the processors in time
	$(HEAVY) ./edge
	@$(MAKE) --no-print-directory benchtest

.PHONY: heavyplain
heavyplain:
	$(HEAVY) ./compat/... ./faults ./leaks ./live/...

.PHONY: heavyrace
heavyrace:
	$(HEAVY) -race ./faults ./leaks

# The last commit whose bursts opened a connection for each call.
UNGATED := 6e6d698

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
	$(BIN)/benchstat -filter '.name:Burst' -row /burst -col /way $(BIN)/bench.txt
	@$(MAKE) --no-print-directory bursts
endif

.PHONY: bursts
bursts: ## measure bursts and reconnects, with a server in another process, against a commit that was not made for them
	go -C tools build -o $(BIN)/ ./compare
	$(BIN)/compare -bursts -rounds 10 $(UNGATED)

.PHONY: benchtest
benchtest: ## test the benchmark, and that it runs
	go -C test test -bench 'Call|Growth|Burst/burst=cold' -benchtime 1x ./bench >/dev/null

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME seconds
	@# By count, again and again: Go 1.26 can take the end of a time for a failure
	@# (https://go.dev/issue/75804).
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r dir; do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' "$$dir"/*_test.go | sed 's/func //'); do \
	    for (( end = SECONDS + $(FUZZTIME); SECONDS < end; )); do \
	      go -C "$$dir" test -run '^$$' -fuzz "^$$target\$$" -fuzztime 5000x .; \
	    done; \
	  done; \
	done

.PHONY: vuln
vuln: ## look for known vulnerabilities in every module; asks vuln.go.dev
	go -C tools build -o $(BIN)/ golang.org/x/vuln/cmd/govulncheck
	for module in $(MODULES); do ( \
	  cd $$module && if [ -n "$$(go list ./... 2>/dev/null)" ]; then $(BIN)/govulncheck ./...; fi \
	); done

# What depends on the Go release, and what does not.
EACH := vet test race fips quickstart examples store heavy fuzz
ONCE := lint api cover

.PHONY: each
each: ## all that depends on the Go release, with the one that runs
	@for target in $(EACH); do $(STEP); done

.PHONY: once
once: ## all that does not
	@for target in $(ONCE); do $(STEP); done

.PHONY: all
all: once ## everything but bench and vuln, with all supported Go releases
	@for release in $(RELEASES); do GOTOOLCHAIN=$$release $(MAKE) --no-print-directory each FUZZTIME=1; done

STEP = printf '\n== make %s, %s\n' $$target "$$(go env GOVERSION)"; time $(MAKE) --no-print-directory $$target
export TIMEFORMAT := == %R s, of processors %U s and %S s in the system
