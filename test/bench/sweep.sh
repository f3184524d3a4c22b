#!/usr/bin/env bash
# Points per second of mantis sweep: the timing of ResNet-18, its mapping searched anew for each of 648 accelerators, on one
# core and on two. The best of several runs, taken in turns: other work on the machine only ever slows one down.
#   usage: sweep.sh [MANTIS]
set -euo pipefail
cd "$(dirname "$0")/../.."
mantis=$(realpath "${1:-build/mantis}")
sweep=$PWD/configs/sweep/resnet18.cfg
runs=${MANTIS_BENCH_RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# once CORES: seconds of the whole sweep, start and database included.
once() {
    rm -f ./*.db*
    local start
    start=$(date +%s%N)
    taskset -c "0-$(($1 - 1))" "$mantis" sweep "$sweep" --db bench.db -j "$1" --quiet
    echo $(($(date +%s%N) - start)) | awk '{ print $1 / 1e9 }'
}
for ((i = 0; i < runs; i++)); do
    once 1 >>one
    once 2 >>two
done
points=$("$mantis" sweep "$sweep" --db bench.db --csv - --quiet | tail -n +2 | wc -l)
one=$(sort -n one | head -n 1) two=$(sort -n two | head -n 1)
rate() { awk -v p="$points" -v s="$1" 'BEGIN { printf "%.0f", p / s }'; }
echo "ResNet-18, timing only, $points accelerators (array, dataflow, buffers, DRAM), best of $runs runs:"
printf '  %-50s %10s\n' "points per second on one core" "$(rate "$one")" "points per second on two cores" "$(rate "$two")" \
    "  two cores / one core" "$(awk -v a="$one" -v b="$two" 'BEGIN { printf "%.2f", a / b }')"
