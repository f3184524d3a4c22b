#!/usr/bin/env bash
# The accelerators of ANT's comparison, each with its own format, on trained networks: accuracy, cycles, energy, area.
#
# Accelerators are as large as in that comparison (Guo et al., MICRO 2022, figure 13), on one set of memories. OLAccel
# stands twice: `olaccel` stores every code in 8 bits, `int4` none of the outliers; what OLAccel stores lies between the
# two. What is unpriced is missing from energy and area.
source "$(dirname "$0")/common.sh"
rivals=int8@int8-32x32,ant4@ant-64x64,ant4@ant-64x64-ws,int4@bitfusion-64x64,olaccel@olaccel-32x36
rivals+=,int4@olaccel-32x36,adafloat8@adafloat-32x28,biscaled6@biscaled-32x80

# rows NAME COMMAND...: one line per pair of scheme and accelerator.
rows() {
    local network=$1
    shift
    "$mantis" "$@" --quiet --json "$scratch/rivals.json" >/dev/null
    evaluations "$scratch/rivals.json" | sed "s/^/$network,/"
}

fashion=(run workloads/models/fashion-resnet.onnx --data fashion-mnist --quant "float32,$rivals")
export MANTIS_SHARED=$shared
commands=("mantis ${fashion[*]}")
if reference data/imagenet; then
    imagenet=(run "$shared/data/imagenet/resnet18.onnx" --data test/data/imagenet-test.cfg --images 100 --quant "float32,$rivals")
    commands+=("mantis ${imagenet[*]/#$shared/../shared}")
fi
files=()
for pair in ${rivals//,/ }; do files+=("arch/${pair#*@}" "quant/${pair%@*}"); done
mapfile -t files < <(printf '%s\n' "${files[@]}" | sort -u)
{
    heading "Rival accelerators, each with its own format" "${commands[@]}"
    configurations "${files[@]}"
    echo "network,$evaluation_columns"
    rows fashion-resnet "${fashion[@]}"
    [ -z "${imagenet:-}" ] || rows resnet18 "${imagenet[@]}"
} | publish rivals.csv
markdown rivals.csv | publish rivals.md
