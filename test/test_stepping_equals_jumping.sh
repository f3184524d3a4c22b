#!/usr/bin/env bash
# Does going one cycle at a time give byte-identical stats and outputs on whole compiled networks?
#   usage: test_stepping_equals_jumping.sh MANTIS SHARED     (test_machine_clocks_agree does so on random programs)
set -euo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
shipped=$root/workloads/models/fashion-resnet.onnx
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# same MODEL ARCH SCHEME RUN-OPTIONS...
same() {
    local model=$1 arch=$2 scheme=$3 engine
    shift 3
    for engine in fast step; do
        "$mantis" run "$model" --arch "$arch" --quant "$scheme" --engine "$engine" --json "$engine.json" --csv "$engine.csv" \
            --trace "$engine.gz" "$@" >/dev/null 2>&1
        sed -i "s/\"engine\": *\"$engine\"/\"engine\": \"\"/" "$engine.json"
        gunzip -c "$engine.gz" >"$engine.trace"
    done
    cmp fast.json step.json
    cmp fast.csv step.csv
    cmp fast.trace step.trace
    echo "same: $(basename "$model") $scheme on $arch, $(jq -r '.cycles' fast.json) cycles"
}
for pair in int8-32x32:int8 ant-64x64:ant4 ant-64x64-ws:int4 msd-40x40:rsd8_eb2 msd-40x40-skip:rsd8_eb3; do
    same "$shipped" "${pair%:*}" "${pair#*:}" --data fashion-mnist --images 20 --no-reference
done
same "$root/workloads/topologies/resnet18.csv" int8-32x32 int8
