#!/usr/bin/env bash
# Compares two commits of this repository by the same benchmarks, their runs
# interleaved, and lets benchstat say what differs.
#
#   bash bench/compare.sh HEAD~1 HEAD PoolEmpty
#   bash bench/compare.sh -n 6 -t 100ms main . Future    "." is the tree as it is
set -euo pipefail
cd "$(dirname "$0")/.."

runs=10 benchtime=250ms
while getopts n:t: option; do
    case $option in
        n) runs=$OPTARG ;;
        t) benchtime=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
(($# >= 2)) || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
commits=("$1" "$2")
pattern=${3:-.}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"; git worktree prune' EXIT
for i in 0 1; do
    tree=$PWD
    if [[ ${commits[i]} != . ]]; then
        tree=$tmp/tree$i
        git worktree add --quiet --detach "$tree" "${commits[i]}"
    fi
    (cd "$tree/bench" && GOWORK=off go test -c -o "$tmp/$i.test" .)
done
(cd tools && GOWORK=off GOTOOLCHAIN=go1.27.3 go build -o "$tmp/" golang.org/x/perf/cmd/benchstat)

# Only our own sides: the others are the same in both.
for _ in $(seq "$runs"); do
    for i in 0 1; do
        "$tmp/$i.test" -test.run '^$' -test.bench "$pattern/^thence" -test.benchtime "$benchtime" -test.benchmem >>"$tmp/$i.txt"
    done
done
cd "$tmp"
mv 0.txt "${commits[0]//\//_}.old.txt"
mv 1.txt "${commits[1]//\//_}.new.txt"
./benchstat -filter '.unit:(ns/op OR allocs/op)' ./*.old.txt ./*.new.txt
