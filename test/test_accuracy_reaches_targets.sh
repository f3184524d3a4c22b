#!/usr/bin/env bash
# Do quantised networks, simulated, keep the accuracy that post-training quantisation should?
#   usage: test_accuracy_reaches_targets.sh MANTIS SHARED
# The shipped network over all Fashion-MNIST test images; ResNet-18 and MobileNetV2 (ImageNet) and ResNet-20 (CIFAR-10) where
# the reference data is, calibrated on the first 100 ImageNet images and tested on the other 1200.
set -euo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
export MANTIS_SHARED=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# hold NAME EXPRESSION: an awk expression that must be true.
hold() {
    if awk "BEGIN { exit !($2) }"; then
        passed=$((passed + 1))
        echo "holds: $1 ($2)"
    else
        failed=$((failed + 1))
        echo "FAILED: $1 ($2)"
    fi
}

# measure MODEL DATA SCHEMES: sets percent[scheme], the top-1 of each scheme in per cent, and images.
declare -A percent
measure() {
    "$mantis" run "$1" --data "$2" --quant "$3" --json "$work/out.json" 2>/dev/null | tee "$work/table"
    local scheme top1
    while read -r scheme top1; do
        percent[$scheme]=$(awk "BEGIN { printf \"%.4f\", 100 * $top1 }")
    done < <(jq -r '.[] | "\(.scheme) \(.accuracy.top1)"' "$work/out.json")
    images=$(jq -r '.[0].accuracy.images' "$work/out.json")
}

measure "$root/workloads/models/fashion-resnet.onnx" fashion-mnist \
    float32,int8@int8-32x32,int4@ant-64x64,ant4@ant-64x64,rsd8_eb2@msd-40x40,rsd8_eb1@msd-40x40
hold "all test images" "$images == 10000"
hold "the shipped network is trained" "${percent[float32]} >= 92"
hold "int8 within 0.3 points of float32" "${percent[int8]} >= ${percent[float32]} - 0.3"
hold "RSD with 2 effectual bits within 1.0 point" "${percent[rsd8_eb2]} >= ${percent[float32]} - 1.0"
hold "ANT 4-bit at least as good as int 4-bit" "${percent[ant4]} >= ${percent[int4]}"

measure "$root/workloads/models/fashion-resnet.onnx" fashion-mnist \
    float32,olaccel@olaccel-32x36,adafloat8@adafloat-32x28,biscaled6@biscaled-32x80
# Numbers near zero are as fine as those of 8 bits, or nearly so; of 4 bits only the dense part is coarse.
hold "AdaptivFloat<8,3> within 1.0 point of float32" "${percent[adafloat8]} >= ${percent[float32]} - 1.0"
hold "BiScaled-FxP6 within 1.0 point" "${percent[biscaled6]} >= ${percent[float32]} - 1.0"
hold "4 bits with 8-bit outliers within 2.0 points" "${percent[olaccel]} >= ${percent[float32]} - 2.0"

if [ -r "$MANTIS_SHARED/data/imagenet/resnet18.onnx" ]; then
    measure "$MANTIS_SHARED/data/cifar10/resnet20.onnx" "$root/test/data/cifar10-test.cfg" float32,int8@int8-32x32
    # Float references: correct answers of ONNX Runtime on the same images, to within one image.
    hold "ResNet-20 float32 is ONNX Runtime's 854 of 932" "(${percent[float32]} * 9.32 - 854)^2 <= 1.01"
    hold "ResNet-20 int8 within 1.0 point" "${percent[int8]} >= ${percent[float32]} - 1.0"

    measure "$MANTIS_SHARED/data/imagenet/resnet18.onnx" "$root/test/data/imagenet-test.cfg" \
        float32,int8@int8-32x32,ant6@ant-64x64,int4@ant-64x64,ant4@ant-64x64
    hold "the other 1200 images" "$images == 1200"
    hold "ResNet-18 int8 within 1.0 point of float32" "${percent[int8]} >= ${percent[float32]} - 1.0"
    hold "ResNet-18 6-bit ANT within 2.0 points" "${percent[ant6]} >= ${percent[float32]} - 2.0"
    hold "ResNet-18 ANT 4-bit 8 points above int 4-bit" "${percent[ant4]} >= ${percent[int4]} + 8.0"

    measure "$MANTIS_SHARED/data/imagenet/mobilenetv2.onnx" "$root/test/data/imagenet-test-unit.cfg" \
        float32,int8@int8-32x32
    hold "MobileNetV2 int8 within 2.0 points" "${percent[int8]} >= ${percent[float32]} - 2.0"
else
    echo "SKIPPED: no reference networks at $MANTIS_SHARED"
fi

echo "$passed hold, $failed do not"
[ "$failed" -eq 0 ]
