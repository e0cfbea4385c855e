# Everything a developer types. `make test` installs and starts what it needs.
GO ?= go

.PHONY: all build test check bench demo demo-web fuzz cross model coverage sbom clean help
all: build

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

build: ## build bin/zcrm
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/zcrm ./cmd/zcrm

demo: build ## the whole life of a token, offline
	@bin/zcrm demo

demo-web: ## the sample web application against the simulator: sign in with Zoho, see leads
	@$(GO) run ./examples/webapp -sim

test: ## every test, with the race detector, real servers and the official Node SDK
	$(GO) run ./internal/servertest/with -- $(GO) test -race -timeout 20m $(TESTFLAGS) ./...
	cd examples/outside && $(GO) test -race $(TESTFLAGS) ./...

# Test support that runs servers and kills processes is not shipped. G104, left out as
# a rule, is mostly an error of a close or removal after the one that matters.
GOSEC_NOT = -exclude-dir=bench -exclude-dir=interop -exclude-dir=internal/servertest -exclude-dir=internal/model -exclude-dir=internal/storm

check: ## format, vet, lint, cross-builds
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these'; exit 1; }
	$(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
	$(GO) tool -modfile=tools/go.mod gosec -quiet -exclude=G104 $(GOSEC_NOT) ./...
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(MAKE) cross

cross: ## zcrm builds for every system, without cgo
	@for t in linux/amd64 linux/arm64 darwin/arm64 windows/amd64; do \
		echo "build $$t"; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -o /dev/null ./cmd/zcrm || exit 1; \
		CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./... || exit 1; \
	done

bench: ## measure, and write docs/performance.md
	$(GO) run ./bench -out docs/performance.md

model: ## search the refresh protocol exhaustively, and write the result into docs/refresh.md
	@$(GO) run ./internal/model -markdown > bin/model.md
	@sed -i -e '/^<!-- model -->$$/r bin/model.md' -e '/^<!-- model -->$$/,/^<!-- \/model -->$$/{/^<!-- /!d}' docs/refresh.md

coverage: ## docs/coverage.md: the operations of Zoho's API and the methods that call them
	$(GO) run ./internal/contract/coverage

FUZZTIME ?= 60s

fuzz: ## each fuzz target for a minute (FUZZTIME=10s: less)
	@GO='$(GO)' .ci/fuzz $(FUZZTIME)

sbom: build ## the bill of materials of zcrm (CycloneDX), beside the program
	$(GO) run ./internal/sbom bin/zcrm > bin/zcrm.cdx.json

clean: ## remove what was built
	rm -rf bin dist
