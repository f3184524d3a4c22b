#!/usr/bin/env bash
# Size, bit operations and latency of HAWQ-V3's published mixed-precision schemes, beside what HAWQ-V3 published.
#
# Conventions, which give the published figures of the uniform schemes to the printed digit: MB = 2^20 bytes of weights at
# the bits of their codes (no biases); bit operations = MACs x weight bits x activation bits; the first and the last layer
# are part of both, at their 8 bits.
source "$(dirname "$0")/common.sh"
arch=ant-64x64
baseline=results/make/hawq-fp32-like.cfg
published=results/published/hawq_zoo.csv
precisions=workloads/precisions/hawq.csv
# HAWQ's networks and the layer tables they are (docs/topologies.md)
networks=(resnet18:resnet18 resnet50:resnet50_v1 resnet50b:resnet50 resnet101:resnet101_v1 inceptionv3:inceptionv3
    mobilenetv2_w1:mobilenetv2_w1)

# figures TABLE QUANT: scheme, MACs, weight bytes, bit operations, cycles and seconds of each scheme@accelerator of a list.
figures() {
    "$mantis" run "workloads/topologies/$1.csv" --quant "$2" --quiet --json "$scratch/run.json" >/dev/null
    jq -r 'if type == "array" then .[] else . end
        | [(.scheme | sub("^hawq:"; "")), .macs, .model_bytes, .bops, .cycles, .latency_s] | join(" ")' "$scratch/run.json"
}

# network HAWQS TABLE: its rows. In 32 bits it has four times the bytes and sixteen times the bit operations of 8 bits.
network() {
    local schemes
    schemes=$(awk -F, -v n="$2" -v a="$arch" '$1 == n && !seen[$2]++ { printf "%shawq:%s@%s", comma, $2, a; comma = "," }' "$precisions")
    {
        figures "$2" "int8@$baseline" | sed 's/^int8/fp32/' | awk '{ $3 *= 4; $4 *= 16; print }'
        figures "$2" "$schemes"
    } >"$scratch/figures"
    awk -v OFS=, -v hawqs="$1" -v table="$2" '
        NR == FNR { if ($1 == "uniform8") uniform8 = $5; if ($1 == "fp32") fp32 = $5; next }
        { printf "%s,%s,%.3f,%.2f,%s,%d,%.3f,%.2f,%.2f\n", hawqs, $1, $3 / 2 ^ 20, $4 / 1e9, table, $5, 1e3 * $6,
                 fp32 / $5, uniform8 / $5 }' "$scratch/figures" "$scratch/figures"
}

# The published columns: each figure, ours relative to it, and the T4's speed-up over its own uniform8.
compare() {
    awk -F, -v OFS=, '
        function error(ours, theirs) { return theirs == "" ? "" : sprintf("%+.1f", 100 * (ours / theirs - 1)) }
        NR == FNR { if (!/^#/) { size[$1, $2] = $3; bops[$1, $2] = $4; t4[$1, $2] = $5; top1[$1, $2] = $6 } next }
        {
            u = t4[$1, "uniform8"]
            print $1, $2, $3, $4, size[$1, $2], error($3, size[$1, $2]), bops[$1, $2], error($4, bops[$1, $2]),
                  $5, $6, $7, $8, $9, t4[$1, $2], (t4[$1, $2] && u ? sprintf("%.2f", t4[$1, $2] / u) : ""), top1[$1, $2]
        }' "$published" -
}

# The last two columns: what the published mixed rows of ResNet-18 come out as. They hold the weights of the down-sampling layers
# (stageN.unit1.identity, which share the bits of another layer) once more, at 8 bits, and not their bit operations.
count_as_published() {
    awk -F, -v OFS=, '
        /^#/ { next }
        FILENAME ~ /inputs/ { if ($1 == "resnet18" && $2 != $3) { stage = ++count + 1; weights[stage] = $7; macs[stage] = $8 } next }
        FILENAME ~ /precisions/ {
            if ($1 == "resnet18" && $2 ~ /_/ && $3 ~ /identity/) {
                stage = substr($3, 6, 1)
                more_size[$2] += weights[stage] / 2 ^ 20
                less_bops[$2] += macs[stage] * $4 * $5 / 1e9
            }
            next
        }
        $1 == "resnet18" && $2 in more_size { print $0, sprintf("%.3f,%.2f", $3 + more_size[$2], $4 - less_bops[$2]); next }
        { print $0, "," }' results/published/hawq_ilp_inputs.csv "$precisions" -
}

title() {
    heading "HAWQ-V3's published schemes: size, bit operations, and latency on $arch" \
        "mantis run workloads/topologies/TOPOLOGY.csv --quant hawq:SCHEME@$arch, for every scheme" \
        "mantis run workloads/topologies/TOPOLOGY.csv --quant int8@$baseline: cycles of the rows fp32"
    cat <<'TEXT'
# size_mb: 2^20 bytes of weights, no biases. bops_g: 10^9 MACs x weight bits x activation bits. Errors: ours relative to the
# published figure. speedup: over the row fp32, of an array with as many bit operations per clock; speedup_uniform8: over that row.
# T4: measured by HAWQ-V3. The bits are bit_config.py's; the published mixed rows differ from what these bits give. Those of
# ResNet-18 hold the down-sampling layers' weights once more, at 8 bits, and not their bit operations: counted so
# (size_mb_as_published, bops_g_as_published) all nine sizes are the printed ones (docs/topologies.md).
TEXT
}

{
    title
    configurations "arch/$arch" quant/hawq
    sed "/^ *#/d; s|^|# $baseline: |" "$baseline"
    echo "network,scheme,size_mb,bops_g,published_size_mb,size_error_percent,published_bops_g,bops_error_percent,topology,cycles,latency_ms,speedup,speedup_uniform8,published_speedup_t4,published_speedup_t4_uniform8,published_top1,size_mb_as_published,bops_g_as_published"
    for pair in "${networks[@]}"; do network "${pair%:*}" "${pair#*:}"; done | compare | count_as_published
} | publish hawq.csv
markdown hawq.csv network,scheme,size_mb,published_size_mb,size_error_percent,size_mb_as_published,bops_g,published_bops_g,bops_error_percent,bops_g_as_published,latency_ms,speedup,speedup_uniform8,published_speedup_t4,published_speedup_t4_uniform8,published_top1 \
    "network,scheme,MB,published,error %,counted as published,G BOPS,published,error %,counted as published,ms,speed-up,over uniform8,T4,T4 over uniform8,T4's top-1 %" |
    grep -v '^# results/make' | publish hawq.md
