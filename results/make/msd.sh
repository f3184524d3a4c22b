#!/usr/bin/env bash
# MSD's scheduler: its published schedules and cycles, the lockstep model at those schedules, mantis's own search under the same
# assumptions, the same schedules on the machine; resources on three FPGAs.
source "$(dirname "$0")/common.sh"
schedules=results/published/msd_schedules.csv
by_bits=results/published/msd_cycles_by_eb.csv
published_resources=results/published/msd_resources.csv
ultra96=(msd-ultra96 "$schedules")                # arch and table of the published schedules with 2 effectual bits
ultra96_by_bits=(msd-ultra96-18x18 "$by_bits")    # those by effectual bits

# published TABLE NETWORK BITS: its rows as layer,cycles,k_tile,c_tile,o_tile,k_tiles,c_tiles,lut_ratio.
published() {
    awk -F, -v OFS=, -v network="$2" -v bits="$3" '
        /^#/ { next }
        !count { for (count = 1; count <= NF; count++) at[$count] = count; next }
        $at["network"] == network && $at["effectual_bits"] == bits {
            print $at["layer"], $at["cycles"], $at["k_tile"], $at["c_tile"], $at["o_tile"], $at["k_tiles"], $at["c_tiles"],
                  $at["lut_ratio"]
        }' "$1"
}

# as_schedule [literally]: published rows as a file for --schedule. Depthwise rows have one output channel (k_tile = 1); four
# have their channels in the column k_tile and one input channel, which is taken for what it must mean, unless literally.
as_schedule() {
    echo layer,tile_h,tile_w,tile_n,tile_k,weights_outer,first_core_channels
    awk -F, -v OFS=, -v literally="${1:-}" '
        $3 == "" { next }
        { n = $3; k = $4 }
        $3 == 1 && $6 == 1 { n = $4; k = 1 }
        $4 == 1 && $7 == 1 { k = 1; if (literally != "") n = 1 }
        { print $1, $5, $5, n, k, 0, int($8 * n + 0.5) }'
}

# csv COLUMN: layer and that column of what mantis prints as csv, as layer,COLUMN; of run, from its lines of layers alone.
csv() {
    awk -F, -v OFS=, -v column="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; key = at["layer"] ? at["layer"] : at["name"]; cells = NF
                  print "layer", column; next }
        NF == cells { print $key, $at["cycles"] }'
}

# on_machine NETWORK ARCH BITS: the schedule in $scratch/given with full timing.
on_machine() {
    "$mantis" run "workloads/topologies/msd/$1.csv" --arch "$2" --quant "results/make/msd-eb$3.cfg" --schedule "$scratch/given" \
        --quiet --csv - | csv machine
}

# layers ARCH TABLE NETWORK BITS: the rows of one network.
layers() {
    local model=(schedule "workloads/topologies/msd/$3.csv" --arch "$1" --effectual-bits "$4" --quiet)
    published "$2" "$3" "$4" >"$scratch/rows"
    as_schedule <"$scratch/rows" >"$scratch/given"
    as_schedule literally <"$scratch/rows" >"$scratch/literal"
    { echo layer,published,tiled; awk -F, -v OFS=, '{ print $1, $2, $3 != "" }' "$scratch/rows"; } >"$scratch/published"
    echo layer,modelled | tee "$scratch/modelled" | sed s/modelled/printed/ >"$scratch/printed"
    echo layer,machine >"$scratch/machine"
    if [ "$(wc -l <"$scratch/given")" -gt 1 ]; then
        "$mantis" "${model[@]}" --csv --schedule "$scratch/given" | csv modelled >"$scratch/modelled"
        "$mantis" "${model[@]}" --csv --schedule "$scratch/literal" | csv printed >"$scratch/printed"
        on_machine "$3" "$1" "$4" >"$scratch/machine"
    fi
    "$mantis" "${model[@]}" --csv | csv searched | join_columns "$scratch/published" layer published,tiled |
        join_columns "$scratch/modelled" layer modelled | join_columns "$scratch/printed" layer printed |
        join_columns "$scratch/machine" layer machine | awk -F, -v OFS=, -v arch="$1" -v network="$3" -v bits="$4" '
            NR > 1 && $4 { print arch, network, $1, bits, $3, $5, sprintf("%.3f", 100 * ($5 / $3 - 1)), ($6 == $5 ? "" : $6), $2,
                                 $7, sprintf("%.3f", $7 / $5) }
            NR > 1 && !$4 { print arch, network, $1, bits, $3, "", "", "", $2, "", "" }'
}

# The networks of the two platforms whose schedules are not given.
others=(msd-xc7z020:resnet18 msd-xc7z020:mobilenetv2 msd-xc7z020:vgg16 msd-zcu102:resnet18 msd-zcu102:resnet50 msd-zcu102:vgg16
    msd-ultra96:vitbase)

all_layers() {
    local network bits
    echo arch,network,layer,effectual_bits,published,modelled,difference_percent,modelled_as_printed,searched,machine,machine_over_modelled
    for network in mobilenetv2 resnet18 resnet50 vgg16; do layers "${ultra96[@]}" "$network" 2; done
    for network in resnet18 resnet50 vgg16; do
        for bits in 1 2 3; do layers "${ultra96_by_bits[@]}" "$network" "$bits"; done
    done
    for network in "${others[@]}"; do layers "${network%:*}" /dev/null "${network#*:}" 2; done
}

# own ARCH NETWORK BITS: clock in MHz and seconds of the search for the whole network; cycles of mantis's own tiles on the machine.
own() {
    "$mantis" schedule "workloads/topologies/msd/$2.csv" --arch "$1" --effectual-bits "$3" --quiet |
        sed -n 's/^total: .* at \(.*\) MHz, in \(.*\) s;.*/\1,\2,/p' | tr -d '\n'
    "$mantis" run "workloads/topologies/msd/$2.csv" --arch "$1" --quant "results/make/msd-eb$3.cfg" --quiet --json - | jq .cycles
}

# totals: of the layers on standard input, by network and effectual bits.
totals() {
    local arch network bits line
    echo arch,network,effectual_bits,layers,published,modelled,largest_difference_percent,searched,searched_over_published,search_seconds,searched_ms,machine,machine_over_modelled,machine_own_tiles
    awk -F, -v OFS=, '
        NR == 1 { next }
        { key = $1 OFS $2 OFS $4; if (!(key in layers)) keys[++count] = key; layers[key]++
          published[key] += $5; modelled[key] += $6; searched[key] += $9; machine[key] += $10
          difference = $7 < 0 ? -$7 : $7; if ($7 != "" && difference >= worst[key]) worst[key] = difference }
        END { for (i = 1; i <= count; i++) { k = keys[i]
                  print k, layers[k], published[k], modelled[k], worst[k], searched[k], machine[k] } }' |
        while IFS=, read -r arch network bits line; do
            echo "$arch,$network,$bits,$line,$(own "$arch" "$network" "$bits")"
        done | awk -F, -v OFS=, '
            function shown(value) { return value ? value : "" }
            { print $1, $2, $3, $4, shown($5), shown($6), ($6 ? $7 : ""), $8, ($5 ? sprintf("%.4f", $8 / $5) : ""), $11,
                    sprintf("%.3f", $8 / $10 / 1000), shown($9), ($9 ? sprintf("%.3f", $9 / $6) : ""), $12 }'
}

# resources: what each platform takes, beside the device and what was implemented.
resources() {
    local fpga arch buffers
    echo arch,fpga,luts,ffs,dsps,bram36_scheduler,bram36_machine,device_luts,device_ffs,device_dsps,device_bram36,implemented_luts,implemented_dsps,implemented_bram36,luts_percent,dsps_percent
    for fpga in ultra96 xc7z020 zcu102; do
        arch=msd-$fpga
        buffers=$("$mantis" schedule workloads/topologies/msd/vitbase.csv --arch "$arch" --quiet | sed -n 's/.*buffers of \(.*\) BRAM18/\1/p')
        "$mantis" run workloads/topologies/msd/vitbase.csv --arch "$arch" --quant results/make/msd-eb2.cfg --fpga "$fpga" --quiet --json - |
            jq -r --arg arch "$arch" --argjson buffers "$buffers" '.fpga | [$arch, .platform, .total.luts, .total.ffs, .total.dsps,
                $buffers / 2, .total.bram18 / 2, .device.luts, .device.ffs, .device.dsps, .device.bram18 / 2] | join(",")'
    done | awk -F, -v OFS=, -v published="$published_resources" '
        BEGIN { while ((getline line <published) > 0) if (split(line, cell, ",") == 7 && line !~ /^#/) {
                    luts[cell[1]] = 1000 * cell[5]; dsps[cell[1]] = cell[6]; brams[cell[1]] = cell[7] } }
        { print $0, luts[$1], dsps[$1], brams[$1], (luts[$1] ? sprintf("%+.1f", 100 * ($3 / luts[$1] - 1)) : ""),
                (dsps[$1] ? sprintf("%+.1f", 100 * ($5 / dsps[$1] - 1)) : "") }'
}

# without ASSUMPTION...: total cycles of each network at the published schedules, with these switched off.
without() {
    local network assumption
    {
        echo 'extends = "msd-ultra96"; lockstep = {'
        for assumption in "$@"; do echo "$assumption = false;"; done
        echo '};'
    } >"$scratch/without.cfg"
    for network in mobilenetv2 resnet18 resnet50 vgg16; do
        published "$schedules" "$network" 2 | as_schedule >"$scratch/given"
        "$mantis" schedule "workloads/topologies/msd/$network.csv" --arch "$scratch/without.cfg" --effectual-bits 2 --quiet \
            --schedule "$scratch/given" | sed -n 's/^total: \([0-9.]*\) .*/,\1/p'
    done | tr -d '\n'
}

# Those that bear on the cost of a given schedule; the others are about buffers and about the search.
costly=(skew_ignored loads_in_parallel short_loads_slow gaps_loaded stores_every_pass edges_whole)

assumptions() {
    local assumption
    echo switched_off,mobilenetv2,resnet18,resnet50,vgg16
    echo "none$(without)"
    for assumption in "${costly[@]}"; do echo "$assumption$(without "$assumption")"; done
    echo "all$(without "${costly[@]}")"
    awk -F, '$1 == "msd-ultra96" && $12 { cycles[$2] = $12 }
        END { print "the machine instead," cycles["mobilenetv2"] "," cycles["resnet18"] "," cycles["resnet50"] "," cycles["vgg16"] }' \
        "$folder/msd.csv"
}

archs=(arch/msd-ultra96 arch/msd-ultra96-18x18 arch/msd-xc7z020 arch/msd-zcu102)
commands=("mantis schedule workloads/topologies/msd/NETWORK.csv --arch ARCH --effectual-bits BITS [--schedule PUBLISHED]"
    "mantis run workloads/topologies/msd/NETWORK.csv --arch ARCH --quant results/make/msd-ebBITS.cfg [--schedule PUBLISHED]")

{
    heading "MSD's scheduler, layer by layer: published cycles, the same model here, mantis's search under it, the machine" "${commands[@]}"
    configurations "${archs[@]}"
    cat <<'TEXT'
# published: cycles of results/published. modelled: the lockstep model (docs/compiler.md) at the published tiles and split.
# modelled_as_printed: where that is something else with the row read literally: four depthwise rows have the channels of a tile
# in the column of output channels. searched: mantis's search, same model, same buffers. machine: the published tiles with full
# timing: skew, one DRAM channel of banks and rows that loads and stores share, edges at their own size, nothing loaded twice that a
# scratchpad holds. Its channel is DDR4-2400, 19.2 GB/s at most; the model has 16 bytes a cycle a port, 3.4 GB/s.
TEXT
    all_layers | tee "$scratch/layers.csv"
} | publish msd_layers.csv

{
    heading "MSD's scheduler: totals by network" "${commands[@]}"
    configurations "${archs[@]}"
    cat <<'TEXT'
# Cycles; columns as in msd_layers.csv. machine_own_tiles: what mantis compiles for the machine by its own estimate instead.
# msd-ultra96: the schedules published with 2 effectual bits. msd-ultra96-18x18: cycles published by effectual bits, whose own tiles
# show that they are of a larger bit-parallel array and smaller buffers; tiles are given for ResNet-50 alone. Elsewhere none is given.
# The machine brings a row of pixels to all columns of a core, so a depthwise layer keeps one column busy; the published model
# counts one channel a column. Those layers make up MobileNetV2's excess.
TEXT
    totals <"$scratch/layers.csv"
} | publish msd.csv
markdown msd.csv | publish msd.md

{
    heading "MSD's published schedules without assumptions of the published model" "${commands[0]}"
    configurations arch/msd-ultra96
    cat <<'TEXT'
# Cycles of the schedules published with 2 effectual bits, by the lockstep model with one of its assumptions switched off
# (docs/compiler.md), with all of them, and on the machine.
TEXT
    assumptions
} | publish msd_assumptions.csv
markdown msd_assumptions.csv | publish msd_assumptions.md

{
    heading "MSD on three FPGAs: resources" "mantis run workloads/topologies/msd/vitbase.csv --arch ARCH --fpga FPGA"
    configurations "${archs[@]}" fpga/ultra96 fpga/xc7z020 fpga/zcu102
    cat <<'TEXT'
# luts, ffs, dsps: PEs x cost of a PE + control and DMA (docs/energy.md, FPGA view). bram36_scheduler: the buffers that MSD's scheduler
# assumes, block RAMs behind a bank x banks; bram36_machine: the scratchpads of the machine. implemented: as published.
# LUTs: of the difference to the implemented design, which is 2700 and 1000, all lies within the scheduler's round 10 000 for control
# and DMA. DSPs: it has 8 and 4 more than its arrays have PEs. Block RAMs: the buffers that the scheduler assumes exceed the device
# on all three platforms. The design's are smaller: two of 18 Kibit a bank (hardware/vivado/ultrascale/rtl/def.sv) would be 192 of
# 36 Kibit on ultra96, of 194; on xc7z020 the same gives 164 and one gives 82, of 139.
TEXT
    resources
} | publish msd_resources.csv
markdown msd_resources.csv | publish msd_resources.md
