#!/usr/bin/env bash
# Does workloads/topologies/generate.py give the committed layer tables, byte for byte, and does mantis run each of them?
# usage: test_topologies_are_generated.sh MANTIS SHARED
set -uo pipefail
mantis=$1
topologies=$(cd "$(dirname "$0")/.." && pwd)/workloads/topologies
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
for table in "$topologies"/*.csv; do
    "$mantis" run "$table" --quant int8@int8-32x32 --quiet >"$work/out" 2>&1 ||
        { echo "FAILED: $table: $(tail -n 1 "$work/out")"; failed=1; }
done
# Products of activations take time and bit operations, but are no part of the model: 12 encoders of
# 12 x 768 x 768 weights and a pooler; 2 x 12 x 128 x 128 x 768 of the MACs are attention's.
"$mantis" run "$topologies/bert_base.csv" --quant int8@int8-32x32 --quiet >"$work/out"
grep -q 'model  *85524480 bytes, 11174.216 M MACs, 715.150 GBOPS' "$work/out" ||
    { echo "FAILED: bert_base: $(grep model "$work/out")"; failed=1; }
[ $failed -eq 0 ] || exit 1

command -v python3 >/dev/null || { echo "SKIPPED: python3 is not here"; exit 77; }
mkdir "$work/generated"
python3 "$topologies/generate.py" "$work/generated" || { echo "FAILED: generate.py"; exit 1; }
# resnet18_gemm.csv is the peers' workload, ant and msd those of one paper each: not generated
diff -r --exclude=ant --exclude=msd --exclude=generate.py --exclude=resnet18_gemm.csv "$topologies" "$work/generated" ||
    { echo "FAILED: the committed tables are not what generate.py writes"; exit 1; }
