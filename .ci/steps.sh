# The steps of .ci/run, one function each. Each runs in a subshell at the root
# of the repository, with GOWORK=off and the older toolchain selected, and
# fails by its exit status.

# modules lists the directories that hold a go.mod; code_modules, those of
# them that hold code.
modules() { find . -name go.mod -not -path './.git/*' -not -path '*/testdata/*' -printf '%h\n' | sort; }

code_modules() {
    local m
    for m in $(modules); do
        [[ -z $(find "$m" -name '*.go' -print -quit) ]] || echo "$m"
    done
}

version() { GOTOOLCHAIN=$1 go env GOVERSION; }

tree_state() { git status --porcelain --untracked-files=all; }

unchanged() {
    diff <(echo "$1") <(echo "$(tree_state)") || { echo "the steps changed the tree (right)"; return 1; }
}

# Only the newer gofmt can read generic methods.
formatted() {
    local bad
    bad=$(find . -name '*.go' -not -path './.git/*' -print0 |
        xargs -0 "$(GOTOOLCHAIN=$newer go env GOROOT)/bin/gofmt" -l -d 2>&1)
    [[ -z $bad ]] || { echo "$bad"; echo "format with: gofmt -w, of $newer"; return 1; }
}

# So that no later step's time is the network's.
download() {
    local m
    GOTOOLCHAIN=$newer go version
    for m in $(modules); do
        (cd "$m" && go mod download) || return 1
    done
}

# The tools stay outside: what they require is nobody else's business.
workspace() {
    diff <(modules | grep -vx ./tools | sed "s#^\.#$root#" | sort) \
        <(GOWORK=$root/go.work go list -m -f '{{.Dir}}' | sort) ||
        { echo "go.work (right) should use every module (left) but ./tools"; return 1; }
}

tidy() { cd "$1" && go mod tidy -diff; }

vet() { cd "$1" && export GOTOOLCHAIN=$2 && go build -o /dev/null ./... && go vet ./...; }

# Built and checked, not run: the kernel need not run 32-bit programs. The one
# fault that only a run shows, a 64-bit word that is not aligned, archtest
# rules out. The benchmarks' sums need 64 bits.
vet_32bit() {
    local m
    export GOTOOLCHAIN=$newer GOARCH=386 CGO_ENABLED=0
    for m in $(code_modules | grep -vx ./bench); do
        (cd "$m" && go build -o /dev/null ./... && go vet ./...) || return 1
    done
}

# readme N runs the N-th of the README's two commands, in the workspace.
readme() {
    local commands
    mapfile -t commands < <(sed -nE 's/^(\$ |    )?(go (run|test) \.\/[^`#]*).*/\2/p' README.md)
    if ((${#commands[@]} != 2)); then
        printf 'README.md should have two commands, "go run ./..." and "go test ./...", each on a line; it has:\n'
        printf '%s\n' "${commands[@]}"
        return 1
    fi
    echo "${commands[$1 - 1]}"
    unset GOWORK
    timeout 10m bash -c "${commands[$1 - 1]}"
}

# The linter is built by the newer toolchain: it type-checks the standard
# library of the toolchain that it runs under, generic methods included.
build_linter() { cd tools && GOTOOLCHAIN=$newer go build -o "$tmp/bin/" tool; }

lint() { cd "$1" && GOTOOLCHAIN=$newer "$tmp/bin/staticcheck" ./...; }

bench_smoke() { cd "$1" && go test -timeout 5m -run '^$' -bench . -benchtime 1x ./...; }

race() { cd "$1" && GOTOOLCHAIN=$2 go test -race -shuffle=on -timeout 8m ./...; }

# The race detector allocates, so these skip there; the README's test runs
# them under the older toolchain.
allocs() { GOTOOLCHAIN=$1 go test -run Alloc -timeout 5m ./...; }
