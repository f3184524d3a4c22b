#!/usr/bin/env bash
# Grids of widths on trained networks, with accuracy: the shipped one on 4000 test images, those of the reference data on theirs.
source "$(dirname "$0")/common.sh"
source results/make/grids.bash
sweep shipped "{ model = \"$PWD/workloads/models/fashion-resnet.onnx\"; data = \"fashion-mnist\"; images = 4000; }"
tables=("$scratch/shipped.csv")
if reference data/cifar10; then
    sweep cifar10 "{ model = \"$shared/data/cifar10/resnet20.onnx\"; data = \"$PWD/test/data/cifar10-test.cfg\"; }"
    tables+=("$scratch/cifar10.csv")
fi
if reference data/imagenet; then
    # fewer images, and first and last layer at 8 bits only, for the sake of time
    sweep imagenet "{ model = \"$shared/data/imagenet/resnet18.onnx\"; data = \"$PWD/test/data/imagenet-test.cfg\"; images = 50; },
        { model = \"$shared/data/imagenet/mobilenetv2.onnx\"; data = \"$PWD/test/data/imagenet-test-unit.cfg\"; images = 50; }" \
        's/"\(int\|ant\|rsd\)\.\*"/"\1.*.e8"/'
    tables+=("$scratch/imagenet.csv")
fi
publish_grids "Grids of widths: accuracy of trained networks" '$at["top1_percent"]' \
    "Cells: top-1 in percent: fashion-resnet on 4000 images, resnet20 on 932, resnet18 and mobilenetv2 on 50, where one image is 2." \
    ",images,top1_percent" "${tables[@]}"
