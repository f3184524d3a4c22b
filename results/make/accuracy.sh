#!/usr/bin/env bash
# Accuracy, cycles, energy and area of trained networks in all formats, one table per network.
source "$(dirname "$0")/common.sh"
all=int8@int8-32x32,int6@ant-64x64,ant6@ant-64x64,int4@ant-64x64,ant4@ant-64x64
all+=,rsd8_eb3@msd-40x40,rsd8_eb2@msd-40x40,rsd8_eb1@msd-40x40

# accuracies NAME MODEL DATA SCHEMES
accuracies() {
    local command=(run "$2" --data "$3" --quant "float32,$4") pair files=()
    for pair in ${4//,/ }; do files+=("arch/${pair#*@}" "quant/${pair%@*}"); done
    mapfile -t files < <(printf '%s\n' "${files[@]}" | sort -u)
    "$mantis" "${command[@]}" --quiet --json "$scratch/$1.json" >/dev/null
    {
        heading "$1: accuracy, cycles, energy and area by number format" "mantis ${command[*]/#$shared/../shared}"
        configurations "${files[@]}"
        echo "$evaluation_columns"
        evaluations "$scratch/$1.json"
    } | publish "$1.csv"
    markdown "$1.csv" | publish "$1.md"
}

accuracies fashion-resnet workloads/models/fashion-resnet.onnx fashion-mnist "$all"
export MANTIS_SHARED=$shared
if reference data/cifar10; then
    accuracies resnet20-cifar10 "$shared/data/cifar10/resnet20.onnx" test/data/cifar10-test.cfg "$all"
fi
if reference data/imagenet; then
    accuracies resnet18-imagenet "$shared/data/imagenet/resnet18.onnx" test/data/imagenet-test.cfg "$all"
    accuracies mobilenetv2-imagenet "$shared/data/imagenet/mobilenetv2.onnx" test/data/imagenet-test-unit.cfg \
        int8@int8-32x32,ant6@ant-64x64,rsd8_eb3@msd-40x40
fi
