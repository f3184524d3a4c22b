#!/usr/bin/env bash
# Grids of widths, by network and format: size, bit operations, cycles and energy of layer tables, and accuracy of trained
# networks. The sweeps run anew unless MANTIS_GRIDS names a folder for their databases, where they go on (docs/sweep.md).
source "$(dirname "$0")/common.sh"
databases=$(realpath "${MANTIS_GRIDS:-$scratch}")
definition=configs/sweep/grids.cfg
export MANTIS_SHARED=$shared

# sweep NAME [NETWORKS [EDIT]]: NAME.csv in $scratch of the sweep grids, or of its schemes and accelerators, edited by sed, on
# other networks.
sweep() {
    local file=grids
    if [ $# -gt 1 ]; then
        file=$scratch/$1.cfg
        { echo "networks = ( $2 );"; sed -n '/^schemes/,$p' "$definition" | sed "${3:-}"; } >"$file"
    fi
    "$mantis" sweep "$file" --db "$databases/$1.db" --csv "$scratch/$1.csv" >"$scratch/log" 2>&1 ||
        { cat "$scratch/log" >&2; return 1; }
}

# rows FILE.csv...: network,format,weights,activation_bits,edge_bits,... of sweeps; a scheme is called int.w4.a8.e8 or
# rsd.rsd_eb2.a8.e8.
rows() {
    awk -F, -v OFS=, '
        FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            split($at["scheme"], part, ".")
            weights = part[1] == "rsd" ? substr(part[2], 5) : substr(part[2], 2) # "eb2", "4"
            print $at["network"], part[1], weights, substr(part[3], 2), substr(part[4], 2), $at["accelerator"],
                  sprintf("%.3f", $at["model_bytes"] / 2 ^ 20), sprintf("%.3f", $at["bops"] / 1e9), $at["cycles"],
                  sprintf("%.2f", $at["energy_j"] * 1e6), $at["images"],
                  ($at["top1"] == "" ? "" : sprintf("%.2f", 100 * $at["top1"])), $at["error"]
        }' "$@"
}

# matrices TITLE CELL: per network and format a table of rows W at each edge, columns A. CELL is an awk expression of a row.
matrices() {
    awk -F, -v title="$1" '
        /^#/ { next }
        !header++ { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { group = $1 " " $2 }
        '"$3"' {
            if (!(group in seen)) { seen[group]; groups[++count] = group; place[group] = $1 ", " $2 " on " $6 }
            line = $3 SUBSEP $5
            if (!((group, line) in known)) { known[group, line]; lines[group] = lines[group] " " line }
            size[group, line] = $at["size_mb"]
            images[group] = $at["images"]
            cell[group, line, $4] = '"$2"'
        }
        END {
            for (g = 1; g <= count; g++) {
                group = groups[g]
                printf "\n## %s%s\n\n", place[group], (title ? ": " sprintf(title, images[group]) : "")
                print "| W | edge | MB | A4 | A5 | A6 | A7 | A8 |\n|---|---|---|---|---|---|---|---|"
                n = split(lines[group], order, " ")
                for (edge = 4; edge <= 8; edge += 4)
                    for (l = 1; l <= n; l++) {
                        split(order[l], key, SUBSEP)
                        if (key[2] != edge) continue
                        printf "| %s | %s | %s |", key[1], key[2], size[group, order[l]]
                        for (a = 4; a <= 8; a++) printf " %s |", cell[group, order[l], a]
                        print ""
                    }
            }
        }' "$folder/grids.csv"
}

columns=network,format,weights,activation_bits,edge_bits,accelerator,size_mb,bops_g,cycles,energy_uj,images,top1_percent,error
sweep topologies
sweep shipped "{ model = \"$PWD/workloads/models/fashion-resnet.onnx\"; data = \"fashion-mnist\"; }"
tables=("$scratch/topologies.csv" "$scratch/shipped.csv")
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

{
    heading "Grids of widths: size, bit operations, cycles and energy by network, and accuracy of trained networks" \
        "mantis sweep grids" "the same schemes and accelerators on trained networks, with accuracy"
    echo "# weights: bits of a code, or eb1..eb3: that many signed digits of 8 bits. edge_bits: first and last layer, weights and"
    echo "# activations. size_mb: 2^20 bytes. bops_g: 10^9 MACs x weight bits x activation bits. One input. images: accuracy on the"
    echo "# first so many; differences below 100/sqrt(images) points mean nothing."
    configurations sweep/grids quant/int8 quant/ant4 quant/rsd8_eb2 arch/bitfusion-64x64 arch/ant-64x64 arch/msd-40x40
    echo "$columns"
    rows "${tables[@]}"
} | publish grids.csv
{
    grep '^#' "$folder/grids.csv" | grep -v '^# configs/'
    echo "# Cells of layer tables: G BOPS / M cycles / mJ. Cells of trained networks: top-1 in percent."
    matrices "" 'sprintf("%.3g / %.3g / %.3g", $at["bops_g"], $at["cycles"] / 1e6, $at["energy_uj"] / 1e3)' '$at["images"] == ""'
    matrices "top-1 on %s images" '$at["top1_percent"]' '$at["images"] != ""'
} | publish grids.md
