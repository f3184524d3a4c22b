#!/usr/bin/env bash
# Area of the Verilog twins in gate equivalents (area / area of a two-input NAND), as csv on standard output. Synthesis by
# yosys for the cells of OSU 0.18 um, as Debian's qflow-tech-osu018 has them; multipliers become Baugh-Wooley arrays
# (baugh_wooley.v), which yosys has none of.   usage: area.sh [DESIGN...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=${MANTIS_LIBERTY:-/usr/share/qflow/tech/osu018/osu018_stdcells.lib}
nand=NAND2X1
command -v yosys >/dev/null || { echo "area.sh: no yosys (apt install yosys)" >&2; exit 77; }
[ -r "$library" ] || { echo "area.sh: no $library (apt install qflow-tech-osu018)" >&2; exit 77; }

# NAME or NAME=MODULE:PARAMETER=VALUE,...
designs=(cell_int8 cell_ant_2x2 cell_msd_os cell_msd_ws
    cell_int8_ws=cell_int8:WEIGHT_STATIONARY=1 cell_ant_2x2_ws=cell_ant_2x2:WEIGHT_STATIONARY=1
    pe_int8 pe_ant pe_ant_fused pe_msd decoder_ant
    decoder_int4=decoder_int:BITS=4 decoder_flint4=decoder_flint:BITS=4 decoder_flint8=decoder_flint:BITS=8
    decoder_pot4=decoder_pot:BITS=4 decoder_float4_e2=decoder_float:BITS=4,EXPONENT_BITS=2
    digit_booth digit_rsd like_mac_8x8 like_mac_4x4 like_ant_pe like_rsd_pe)
[ $# -eq 0 ] || designs=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The area that the library gives a cell.
cell_area() {
    awk -v cell="$1" '$0 ~ "cell *\\(" cell "\\)" { inside = 1 }
        inside && /area/ { gsub(/[^0-9.]/, ""); print; exit }' "$library"
}

# synthesise NAME MODULE PARAMETERS: the statistics go to $work/NAME.
synthesise() {
    local parameters= pair
    for pair in ${3//,/ }; do
        parameters+="chparam -set ${pair%=*} ${pair#*=} $2; "
    done
    yosys -q -p "read_verilog $(ls "$here"/../*.v "$here"/like_reference.v | tr '\n' ' '); ${parameters}hierarchy -top $2;
        proc; flatten; opt; wreduce; opt_clean; techmap -autoproc -map $here/baugh_wooley.v; opt; synth -top $2;
        dfflibmap -liberty $library; abc -liberty $library; opt_clean -purge;
        tee -o $work/$1 stat -liberty $library" >"$work/$1.log" 2>&1 || { cat "$work/$1.log" >&2; return 1; }
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
jobs=$(nproc)
for design in "${designs[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
    measure "$design" &
done
wait
echo "design,gate_equivalents,cells,flip_flops"
for design in "${designs[@]}"; do
    cat "$work/${design%%=*}.csv"
done
