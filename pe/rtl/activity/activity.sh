#!/usr/bin/env bash
# How the energy of a PE depends on zero operands: gate-level simulation of the PEs of like_reference.v with shares of zero
# activations and weights, the rest uniform, as csv on standard output: pJ per clock in OSU 0.18 um, without glitches. Only
# ratios between the rows of a design are meant to be used.   usage: activity.sh [DESIGN...]
source "$(dirname "$0")/../area/synthesise.sh"
here=$rtl/activity
cells=${library%.lib}.v
clocks=2000
shares=(0 25 50 75 100)
command -v iverilog >/dev/null || { echo "$0: no iverilog (apt install iverilog)" >&2; exit 77; }

# DESIGN: activations at once, bits of an activation, of a weight, those of a weight that are drawn, the zero weight, ports of
# the operands
declare -A operands=(
    [like_mac_8x8]="1 8 8 8 0 .act(act),.weight(weight)"
    [like_mac_4x4]="1 4 4 4 0 .act(act),.weight(weight)"
    [like_ant_pe]="1 8 8 8 0 .act(act[4:0]),.act_shift(act[7:5]),.weight(weight[4:0]),.weight_shift(weight[7:5])"
    [like_rsd_pe]="1 8 5 4 16 .act(act),.digit(weight)"
    [like_int8x2]="2 8 8 8 0 .act_0(act[7:0]),.act_1(act[15:8]),.weight(weight)"
    [like_adafloat_pe]="1 8 8 8 0 .act(act),.weight(weight)"
    [like_biscaled_pe]="1 7 7 7 0 .act(act),.weight(weight)"
)

# point DESIGN,ACT-ZEROS,WEIGHT-ZEROS: its line.
point() {
    local design act_zeros weight_zeros file
    IFS=, read -r design act_zeros weight_zeros <<<"$1"
    file=$work/$design-$act_zeros-$weight_zeros
    vvp "$work/$design.bench" +clocks=$clocks "+act_zeros=$act_zeros" "+weight_zeros=$weight_zeros" "+vcd=$file.vcd" >/dev/null
    echo "$1,$("$here/switching.py" "$library" "$work/$design.v" "$file.vcd" $clocks)" >"$file.csv"
    rm "$file.vcd"
}

# bench DESIGN: synthesised, and compiled with its operands.
bench() {
    local lanes act weight drawn zero ports
    read -r lanes act weight drawn zero ports <<<"${operands[$1]}"
    synthesise "$1" "$1" ""
    iverilog -gno-specify -DDESIGN="$1" -DLANES="$lanes" -DACT_BITS="$act" -DWEIGHT_BITS="$weight" -DWEIGHT_DRAWN="$drawn" -DWEIGHT_ZERO="$zero" \
        -DPORTS=".clock(clock),$ports,.sum(sum)" -o "$work/$1.bench" "$cells" "$work/$1.v" "$here/activity_bench.v" 2>"$work/$1.log" ||
        { cat "$work/$1.log" >&2; return 1; }
}

designs=(like_mac_8x8 like_mac_4x4 like_ant_pe like_rsd_pe like_int8x2 like_adafloat_pe like_biscaled_pe)
[ $# -eq 0 ] || designs=("$@")
parallel bench "${designs[@]}"
points=()
for design in "${designs[@]}"; do
    for act in "${shares[@]}"; do
        for weight in "${shares[@]}"; do points+=("$design,$act,$weight"); done
    done
done
parallel point "${points[@]}"
echo "design,act_zeros_percent,weight_zeros_percent,pj_per_clock"
for point in "${points[@]}"; do cat "$work/${point//,/-}.csv"; done
