#!/usr/bin/env bash
# Runs the benchmarks, prints the table of ratios, and keeps the raw output as
# bench/results/<date>-<time>.txt if it ran them all. Then
#
#   go run ./report
#
# writes docs/benchmarks.md, its pictures and the README's table from it.
#
#   bash bench/run.sh                     all: rows ten times, curves three
#   bash bench/run.sh -n 3 -t 100ms Pool  only those that match, a quick look
#
# The runs of a row follow one another, each with all of the row's sides, so
# that sides are compared within seconds, on the machine as it was then.
set -euo pipefail
cd "$(dirname "$0")"

runs=10 benchtime=250ms
while getopts n:t: option; do
    case $option in
        n) runs=$OPTARG ;;
        t) benchtime=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
pattern=${1:-.}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go test -c -o "$tmp/bench.test" .
go build -o "$tmp/report" ./report

raw=$tmp/raw.txt
if [[ $pattern == . ]]; then
    mkdir -p results
    raw=results/$(date -u +%F-%H%M).txt
fi

{
    echo "# $(date -u '+%F %H:%M') UTC, load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
    echo "# $(grep -m1 'model name' /proc/cpuinfo 2>/dev/null | cut -d: -f2- | xargs), $(getconf _NPROCESSORS_ONLN) cores, $(uname -sr), $(go env GOVERSION)"
    echo "# commit $(git rev-parse --short HEAD 2>/dev/null || echo none)$(git diff --quiet HEAD 2>/dev/null || echo ', changed')"
    echo "# bash bench/run.sh -n $runs -t $benchtime $pattern"
} >"$raw"

failed=0
for row in $("$tmp/bench.test" -test.list '^Benchmark' | grep -E "$pattern"); do
    n=$runs
    [[ $row != BenchmarkCurve* ]] || n=$(((runs + 2) / 4))
    for _ in $(seq "$n"); do
        "$tmp/bench.test" -test.run '^$' -test.bench "^$row\$" -test.benchtime "$benchtime" -test.timeout 10m >"$tmp/out" ||
            { cat "$tmp/out" >&2; failed=1; }
        grep 'ns/op' "$tmp/out" >>"$raw" || true
    done
    echo "$row" >&2
done

"$tmp/report" -table "$raw" || failed=1
exit "$failed"
