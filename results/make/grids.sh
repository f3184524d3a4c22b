#!/usr/bin/env bash
# Grids of widths: size, bit operations, cycles and energy of five networks in integers, ANT's formats and signed digits.
source "$(dirname "$0")/common.sh"
source results/make/grids.bash
sweep grids
publish_grids "Grids of widths: size, bit operations, cycles and energy" \
    'sprintf("%.3g / %.3g / %.3g", $at["bops_g"], $at["cycles"] / 1e6, $at["energy_uj"] / 1e3)' \
    "Cells: G BOPS / M cycles / mJ." "" "$scratch/grids.csv"
