#!/usr/bin/env bash
# Does every layer's integer output equal ONNX Runtime's?   usage: test_onnxruntime_agrees.sh MANTIS SHARED
set -euo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
modules=$root/build/oracle/node_modules
if [ ! -d "$modules/onnxruntime-node" ]; then
    echo "SKIPPED: ONNX Runtime is not installed; ./run test installs it"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
model=$root/workloads/models/fashion-resnet.onnx

# agree ARCH SCHEME
agree() {
    echo "--- $2 on $1"
    "$mantis" quantize "$model" --quant "$2" --calib fashion-mnist-calib -o "$work/q.npz" >"$work/log" 2>&1
    "$mantis" compile "$model" --arch "$1" --quant "$2" --calib fashion-mnist-calib -o "$work/p.mprog" >"$work/log" 2>&1
    "$mantis" golden "$work/p.mprog" --data fashion-mnist --images 1 -o "$work/g.npz" >"$work/log" 2>&1
    "$mantis" verify "$work/p.mprog" --golden "$work/g.npz"
    NODE_PATH=$modules node "$root/test/oracle/layers.js" "$model" "$work/q.npz" "$work/g.npz"
}
agree int8-32x32 int8
agree ant-64x64 int4
agree msd-40x40 rsd8_eb2
