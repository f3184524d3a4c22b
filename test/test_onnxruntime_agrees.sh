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
shipped=$root/workloads/models/fashion-resnet.onnx
export MANTIS_SHARED=$2

# agree MODEL DATA CALIB ARCH SCHEME
agree() {
    local model=$1 data=$2 calib=$3 arch=$4 scheme=$5
    echo "--- $(basename "$model"), $scheme on $arch"
    "$mantis" quantize "$model" --quant "$scheme" --calib "$calib" -o "$work/q.npz" >"$work/log" 2>&1
    "$mantis" compile "$model" --arch "$arch" --quant "$scheme" --calib "$calib" -o "$work/p.mprog" >"$work/log" 2>&1
    "$mantis" golden "$work/p.mprog" --data "$data" --images 1 -o "$work/g.npz" >"$work/log" 2>&1
    "$mantis" verify "$work/p.mprog" --golden "$work/g.npz"
    NODE_PATH=$modules node "$root/test/oracle/layers.js" "$model" "$work/q.npz" "$work/g.npz"
}
for pair in int8-32x32:int8 ant-64x64:int4 msd-40x40:rsd8_eb2; do
    agree "$shipped" fashion-mnist fashion-mnist-calib "${pair%:*}" "${pair#*:}"
done
if [ -r "$2/data/imagenet/resnet18.onnx" ]; then
    data=$root/test/data/imagenet-test
    agree "$2/data/imagenet/resnet18.onnx" "$data.cfg" "$data-calib.cfg" int8-32x32 int8
    data=$root/test/data/imagenet-test-unit
    agree "$2/data/imagenet/mobilenetv2.onnx" "$data.cfg" "$data-calib.cfg" int8-32x32 int8
else
    echo "SKIPPED: no reference networks at $2"
fi
