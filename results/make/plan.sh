#!/usr/bin/env bash
# The precision planner: HAWQ-V3's published problems, and trade-offs of the shipped network on two accelerators.
source "$(dirname "$0")/common.sh"

# --- HAWQ-V3's integer programs: three resources, three fractions, two networks ---

inputs=results/published/hawq_ilp_inputs.csv

# The bits of a plan's layers in one word: "8884..."; candidates are named by them.
# A layer that all candidates treat alike has none.
bits='[.layers[] | if [.candidates[]] | unique | length == 1 then "-" else .choice[-1:] end] | join("")'

published() { # NETWORK RESOURCE FRACTION: the bits that HAWQ-V3 published
    awk -F, -v key="$1,$2,$3" '$1 "," $2 "," $3 == key { print $4 }' results/published/hawq_ilp_choices.csv
}

# What a choice (bits, one digit a layer) costs, and whether it is within: "sensitivity resource".
cost_of() { # PLAN.json BITS RESOURCE
    jq -r --arg bits "$2" --arg resource "$3" '
        [.layers, ($bits | split(""))] | transpose | map(.[1] as $b | .[0].candidates["int" + $b]) |
        "\(map(.sensitivity) | add) \(map(.[$resource]) | add)"' "$1"
}

problem() { # NETWORK RESOURCE FRACTION
    local theirs plan=$scratch/problem.json
    "$mantis" plan --table "$inputs" --network "$1" --limit "$2=$3" --json "$plan" --quiet >/dev/null
    theirs=$(published "$@")
    read -r sensitivity amount < <(cost_of "$plan" "$theirs" "$2")
    jq -r --arg network "$1" --arg resource "$2" --arg fraction "$3" --arg theirs "$theirs" --argjson sensitivity "$sensitivity" \
        --argjson amount "$amount" "
        ($bits) as \$ours | def rounded(\$digits): . * pow(10; \$digits) | round / pow(10; \$digits);
        def share(\$x): (\$x - .least[\$resource]) / (.greatest[\$resource] - .least[\$resource]) | rounded(4);
        [\$network, \$resource, \$fraction, (.plan.sensitivity | rounded(6)), share(.plan[\$resource]),
            (\$sensitivity | rounded(6)), share(\$amount),
            ([\$ours, \$theirs | split(\"\")] | transpose | map(select(.[0] != .[1])) | length), \$ours, \$theirs] | @csv" \
        "$plan" | tr -d '"'
}

{
    heading "Plans of HAWQ-V3's published problems beside its published choices" \
        "mantis plan --table $inputs --network NETWORK --limit RESOURCE=FRACTION"
    echo "# used: what the choice takes of the way from 4 bits throughout (0) to 8 bits throughout (1); the limit is the fraction."
    echo "# Sensitivities are sums of Hessian trace x squared error of the weights; a plan's is the least possible within its limit."
    echo "network,resource,fraction,sensitivity,used,published_sensitivity,published_used,layers_that_differ,bits,published_bits"
    for network in resnet18 resnet50; do
        for resource in size bops latency; do
            for fraction in 0.25 0.5 0.75; do problem "$network" "$resource" "$fraction"; done
        done
    done
} | publish plan.csv
markdown plan.csv | publish plan.md

# --- trade-offs of the shipped network ---

model=workloads/models/fashion-resnet.onnx
data=fashion-mnist
arguments=()  # of one run over all schemes
declare -A plans # NAME: its plan's json
declare -A plan_of_arch # any plan on that accelerator

# front ARCH CANDIDATES RESOURCE FRACTION...: plans at those limits, sensitivities measured once; uniform schemes beside them.
front() {
    local arch=$1 candidates=$2 resource=$3 fraction name measured=$scratch/$1.csv
    shift 3
    for name in ${candidates//,/ }; do arguments+=("$name@$arch"); done
    [ -e "$measured" ] || "$mantis" plan "$model" --data "$data" --candidates "$candidates" --limit size=1 \
        --csv "$measured" --quiet >/dev/null
    for fraction in "$@"; do
        name=$arch-$resource-$fraction
        "$mantis" plan "$model" --sensitivity "$measured" --arch "$arch" --candidates "$candidates" \
            --limit "$resource=$fraction" -o "$scratch/$name.cfg" --json "$scratch/$name.json" --quiet >/dev/null
        arguments+=("$scratch/$name.cfg@$arch")
        plans[$name]=$scratch/$name.json
        plan_of_arch[$arch]=$scratch/$name.json
    done
}

front msd-40x40 rsd8_eb1,rsd8_eb2,rsd8_eb3 latency 0.1 0.25 0.4 0.55 0.7 0.85
front ant-64x64 int4,int8 size 0.25 0.5 0.75
front ant-64x64 int4,int8 energy 0.25 0.5 0.75

mapfile -t arguments < <(printf '%s\n' "${arguments[@]}" | awk '!seen[$0]++')
"$mantis" run "$model" --data "$data" --quant "$(IFS=,; echo "${arguments[*]}")" --no-reference --json "$scratch/run.json" --quiet >/dev/null

# Figures of one scheme of the run, of its plan where it is one, and else its sensitivities from another plan.
scheme_row() { # SCHEME ARCH ANOTHER.json [PLAN.json]
    jq -r --arg scheme "$1" --arg arch "$2" --slurpfile other "$3" --slurpfile plan "${4:-/dev/null}" "
        def rounded(\$digits): if . == null then \"\" else . * pow(10; \$digits) | round / pow(10; \$digits) end;
        .[] | select(.scheme == \$scheme and .arch == \$arch) | (\$plan[0] // null) as \$p |
        [\$arch, \$scheme, (if \$p then \$p.plan.sensitivity else [\$other[0].layers[].candidates[\$scheme].sensitivity] | add end | rounded(7)), (.accuracy.top1 * 100 | rounded(2)),
            .model_bytes, (.bops / 1e9 | rounded(4)), (\$p | if . then .plan.latency * 1e6 | rounded(3) else \"\" end),
            (.latency_s * 1e6 | rounded(3)), (\$p | if . then .plan.energy * 1e6 | rounded(3) else \"\" end),
            (.energy_j.total * 1e6 | rounded(3)), (\$p | if . then $bits else \"\" end)] | @csv" "$scratch/run.json" | tr -d '"'
}

{
    heading "Plans of fashion-resnet under limits of simulated latency, size and energy, beside one scheme throughout" \
        "mantis plan $model --data $data --candidates rsd8_eb1,rsd8_eb2,rsd8_eb3 (or int4,int8) --limit size=1 --csv MEASURED.csv" \
        "mantis plan $model --sensitivity MEASURED.csv --arch ARCH --candidates ... --limit RESOURCE=FRACTION -o PLAN.cfg" \
        "mantis run $model --data $data --quant PLAN.cfg@ARCH,..."
    echo "# choice: a digit per layer, the effectual bits of rsd8, the bits of int; - where all are alike. Sensitivity: divergence of the output's distribution,"
    echo "# 32 images. Latency and energy: planned as a sum over layers, then simulated whole. Top-1: 10 000 images."
    echo "# The first and the last layer keep int8 (four digits) under every candidate; their clocks depend on their neighbours' formats."
    configurations arch/msd-40x40 arch/ant-64x64 quant/rsd8_eb1 quant/rsd8_eb2 quant/rsd8_eb3 quant/int4 quant/int8
    echo "arch,scheme,sensitivity,top1_percent,size_bytes,gbops,planned_latency_us,latency_us,planned_energy_uj,energy_uj,choice"
    for argument in "${arguments[@]}"; do
        name=$(basename "${argument%@*}" .cfg)
        scheme_row "$name" "${argument#*@}" "${plan_of_arch[${argument#*@}]}" "${plans[$name]:-}"
    done
} | publish plan-tradeoff.csv
markdown plan-tradeoff.csv | publish plan-tradeoff.md
