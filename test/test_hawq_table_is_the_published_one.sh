#!/usr/bin/env bash
# Does results/hawq.csv hold the sizes and bit operations of HAWQ-V3's schemes, as its own tables give them and as it published
# them? usage: test_hawq_table_is_the_published_one.sh MANTIS SHARED
set -uo pipefail
mantis=$(realpath "$1")
reference=$(realpath -m "$2")/reference
root=$(cd "$(dirname "$0")/.." && pwd)
source "$root/test/that.sh"
cd "$root" || exit 3
command -v jq >/dev/null || { echo "SKIPPED: jq is not here"; exit 77; }

MANTIS_RESULTS=$work results/make/hawq.sh "$mantis" "" >"$work/log" 2>&1
that "results/make/hawq.sh fails: $(tail -n 1 "$work/log")" [ -s "$work/hawq.md" ]
sizes() { grep -v '^#' "$1" | cut -d, -f1-9; } # what does not depend on timing
that "results/hawq.csv is not what ./run tables hawq gives" diff <(sizes results/hawq.csv) <(sizes "$work/hawq.csv")
that "its columns do not begin with network,scheme,size_mb,bops_g" \
    [ "$(sizes "$work/hawq.csv" | head -n 1 | cut -d, -f1-4)" = network,scheme,size_mb,bops_g ]

[ -e "$reference/hawq_zoo.csv" ] || {
    echo "SKIPPED: $reference/hawq_zoo.csv is not here"
    [ "$failed" -eq 0 ] && exit 77
    summary
}
rows() { grep -v '^#' "$work/hawq.csv" | tail -n +2; }

that "published figures of ResNet-18 are not the reference's" \
    diff <(grep -E '^(network|resnet18),' results/published/hawq_zoo.csv) <(tr -d '\r' <"$reference/hawq_zoo.csv")
that "a published scheme has no row" diff \
    <(tail -n +2 "$reference/hawq_bit_config.csv" | tr -d '\r' | cut -d, -f1,2 | sort -u) \
    <(rows | cut -d, -f1,2 | grep -v ',fp32$' | sort -u)
command -v python3 >/dev/null && {
    python3 workloads/precisions/hawq.py "$reference/hawq_bit_config.csv" "$work/precisions.csv"
    that "precisions/hawq.csv is not what hawq.py writes" cmp workloads/precisions/hawq.csv "$work/precisions.csv"
}

# Without our layer tables: HAWQ's weight modules stand in the order of its integer program's layers, with the first and the
# last around them; its parameters are in 2^20 (ResNet-18) or 10^6 (ResNet-50); activations have their layer's bits.
awk -F, -v OFS=, '
    function add(weights, macs, bits) { size += weights * bits / 8 / 2 ^ 20; bops += macs * bits * bits / 1e9 }
    FILENAME ~ /ilp/ { w[$1, $2] = $6 * ($1 == "resnet18" ? 2 ^ 20 : 1e6); m[$1, $2] = $7 * 1e6; last[$1] = $2; next }
    FNR == 1 || !($1 in last) || $4 != "weight" { next }
    /init/ { size = bops = 0; at = 0; add(9408, 112 * 112 * 9408, $5); next }
    /quant_output/ { fc = $1 == "resnet18" ? 512000 : 2048000; add(fc, fc, $5)
                     printf "%s,%s,%.3f,%.2f\n", $1, $2, size, bops; next }
    { add(w[$1, at], m[$1, at], $5); at++ }' "$reference/hawq_ilp_inputs.csv" "$reference/hawq_bit_config.csv" >"$work/independent"
that "sizes or bit operations are not those of HAWQ's own parameters and MACs" \
    diff <(sort "$work/independent") <(rows | cut -d, -f1-4 | grep -E '^resnet(18|50),' | grep -v ,fp32, | sort)

# Uniform rows of ResNet-18: rounded to the printed digit, bit operations cut where they are not rounded (34.7 is printed as
# 34). All others within 2.5 % of what the printed figure may stand for: half a unit of its last digit either way.
that "a figure is off the published one" awk -F, '
    function off(ours, theirs, unit) {
        return ours < (theirs - unit / 2) * 0.975 || ours > (theirs + unit / 2) * 1.025
    }
    $5 == "" { next }
    { compared++ }
    $1 == "resnet18" && $2 ~ /uniform/ && (sprintf("%.1f", $3) != $5 || (sprintf("%.0f", $4) != $7 && int($4) != $7)) ||
        off($3, $5, 0.1) || off($4, $7, 1) { print "  " $0; bad = 1 }
    END { exit bad || compared != 25 }' <(rows)

# The published mixed rows of ResNet-18 hold the down-sampling layers' weights once more, at 8 bits: 64 x 128 + 128 x 256 +
# 256 x 512 bytes; and not their bit operations, which are 0.9 to 1.6 % of all. Counted so, sizes are the printed ones, and bit
# operations within 2.5 %.
that "the published mixed rows of ResNet-18 are explained otherwise" awk -F, '
    $1 != "resnet18" || $2 !~ /_/ { if ($17 != "" || $18 != "") { print "  " $0; bad = 1 } next }
    { rows++; more = $17 - $3 - 172032 / 2 ^ 20; less = ($4 - $18) / $4; off = $18 / $7 - 1 }
    sprintf("%.1f", $17) != $5 || more ^ 2 > 1e-6 || less < 0.009 || less > 0.017 || off ^ 2 > 0.025 ^ 2 { print "  " $0; bad = 1 }
    END { exit bad || rows != 9 }' <(rows)
summary
