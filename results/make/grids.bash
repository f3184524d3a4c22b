# Sourced by grids.sh and grids-accuracy.sh: sweeps of configs/sweep/grids.cfg and their tables. The sweeps run anew unless
# MANTIS_GRIDS names a folder for their databases, where they go on (docs/sweep.md).
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

# rows FILE.csv...: network,format,weights,activation_bits,edge_bits,accelerator,size_mb,bops_g,cycles,energy_uj of sweeps, with
# images,top1_percent where there are; a scheme is called int.w4.a8.e8 or rsd.rsd_eb2.a8.e8.
rows() {
    awk -F, -v OFS=, '
        function accuracy() { return $at["images"] == "" ? "" : OFS $at["images"] OFS sprintf("%.2f", 100 * $at["top1"]) }
        FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["error"] != "" { print $at["network"] ", " $at["scheme"] ": " $at["error"] >"/dev/stderr"; exit 1 }
        {
            split($at["scheme"], part, ".")
            weights = part[1] == "rsd" ? substr(part[2], 5) : substr(part[2], 2) # "eb2", "4"
            print $at["network"], part[1], weights, substr(part[3], 2), substr(part[4], 2), $at["accelerator"],
                  sprintf("%.3f", $at["model_bytes"] / 2 ^ 20), sprintf("%.3f", $at["bops"] / 1e9), $at["cycles"],
                  sprintf("%.2f", $at["energy_j"] * 1e6) accuracy()
        }' "$@"
}

# matrices CELL: per network and format a table of rows W at each edge, columns A. CELL is an awk expression of a row.
matrices() {
    awk -F, '
        /^#/ { next }
        !header++ { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            group = $1 ", " $2 " on " $6
            if (!(group in lines)) groups[++count] = group
            line = $3 " | " $5
            if (!((group, line) in size)) lines[group] = lines[group] ";" line
            size[group, line] = $at["size_mb"]
            cell[group, line, $4] = '"$1"'
        }
        END {
            for (g = 1; g <= count; g++) {
                printf "\n## %s\n\n", groups[g]
                print "| W | edge | MB | A4 | A5 | A6 | A7 | A8 |\n|---|---|---|---|---|---|---|---|"
                n = split(lines[groups[g]], order, ";")
                for (l = 2; l <= n; l++) {
                    printf "| %s | %s |", order[l], size[groups[g], order[l]]
                    for (a = 4; a <= 8; a++) printf " %s |", cell[groups[g], order[l], a]
                    print ""
                }
            }
        }' "$folder/$name.csv"
}

# publish_grids TITLE CELL LEGEND COLUMNS FILE.csv...: results/NAME.csv and results/NAME.md.
publish_grids() {
    local title=$1 cell=$2 legend=$3 columns=$4
    shift 4
    rows "$@" >"$scratch/rows"
    {
        heading "$title" "mantis sweep grids, or its schemes and accelerators on other networks (results/make/$name.sh)"
        echo "# weights: bits of a code, or eb1..eb3: that many signed digits, of 4 bits each, a single one of 5. edge_bits: first and"
        echo "# last layer, weights (of signed digits half as many digits) and activations. size_mb: 2^20 bytes. bops_g: 10^9 MACs x"
        echo "# weight bits x activation bits. All of one input."
        configurations sweep/grids quant/int8 quant/ant4 quant/rsd8_eb2 arch/bitfusion-64x64 arch/ant-64x64 arch/msd-40x40
        echo "network,format,weights,activation_bits,edge_bits,accelerator,size_mb,bops_g,cycles,energy_uj$columns"
        cat "$scratch/rows"
    } | publish "$name.csv"
    {
        grep '^#' "$folder/$name.csv" | grep -v '^# configs/'
        echo "# $legend"
        matrices "$cell"
    } | publish "$name.md"
}
