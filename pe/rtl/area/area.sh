#!/usr/bin/env bash
# Area of the Verilog twins in gate equivalents (area / area of a two-input NAND), as csv on standard output.
#   usage: area.sh [DESIGN...]
source "$(dirname "$0")/synthesise.sh"
nand=NAND2X1

# NAME or NAME=MODULE:PARAMETER=VALUE,...
designs=(cell_int8 cell_ant_2x2 cell_msd_os cell_msd_ws
    cell_int8x2 cell_int8x2_packed=cell_int8x2:PACKED=1 cell_adafloat cell_biscaled cell_bitfusion_2x2 cell_olaccel_4x4
    decoder_adafloat8=decoder_adafloat:BITS=8 decoder_biscaled6=decoder_biscaled:BITS=6
    cell_int8_ws=cell_int8:WEIGHT_STATIONARY=1 cell_ant_2x2_ws=cell_ant_2x2:WEIGHT_STATIONARY=1
    pe_int8 pe_ant pe_ant_fused pe_msd decoder_ant
    decoder_int4=decoder_int:BITS=4 decoder_flint4=decoder_flint:BITS=4 decoder_flint8=decoder_flint:BITS=8
    decoder_pot4=decoder_pot:BITS=4 decoder_float4_e2=decoder_float:BITS=4,EXPONENT_BITS=2
    digit_booth digit_rsd like_mac_8x8 like_mac_4x4 like_ant_pe like_rsd_pe like_int8x2 like_adafloat_pe
    like_biscaled_pe)
[ $# -eq 0 ] || designs=("$@")

# The area that the library gives a cell.
cell_area() {
    awk -v cell="$1" '$0 ~ "cell *\\(" cell "\\)" { inside = 1 }
        inside && /area/ { gsub(/[^0-9.]/, ""); print; exit }' "$library"
}

# The line of a design in the csv.
measure() {
    local name=${1%%=*} rest=${1#*=} parameters=
    local module=${rest%%:*}
    [ "$rest" = "$module" ] || parameters=${rest#*:}
    synthesise "$name" "$module" "$parameters"
    awk -v name="$name" -v unit="$unit" '/Number of cells/ { cells = $NF } $1 ~ /^DFF/ { registers += $2 }
        /Chip area/ { area = $NF } END { printf "%s,%.2f,%d,%d\n", name, area / unit, cells, registers }' \
        "$work/$name" >"$work/$name.csv"
}

unit=$(cell_area "$nand")
parallel measure "${designs[@]}"
echo "design,gate_equivalents,cells,flip_flops"
for design in "${designs[@]}"; do
    cat "$work/${design%%=*}.csv"
done
