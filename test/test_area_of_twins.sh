#!/usr/bin/env bash
# Is the committed area of the Verilog twins what synthesis gives, and does it agree with published PEs where the design is
# the same?   usage: test_area_of_twins.sh MANTIS SHARED
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
reference=$2/reference/energy/synth_area.csv
committed=$root/configs/technology/twins_area.csv
area=$root/pe/rtl/area
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# ratios CSV NAME-COLUMN AREA-COLUMN BASE: area of each design relative to BASE.
ratios() {
    awk -F, -v name="$2" -v area="$3" -v base="$4" '
        $area + 0 > 0 { sizes[$name] = $area } END { for (d in sizes) print d, sizes[d] / sizes[base] }' "$1" | sort
}

# compare TITLE LIMIT: lines of "name ratio wanted" on standard input, each within LIMIT.
compare() {
    awk -v title="$1" -v limit="$2" '
        { off = $2 / $3 - 1; printf "  %-18s %.4f, %.4f: %+.1f %%\n", $1, $2, $3, 100 * off
          if (off < 0) off = -off
          if (off > limit) { print "FAILED " title ": " $1; bad = 1 } }
        END { if (!NR) { print "FAILED " title ": nothing to compare"; bad = 1 } exit bad }' || failed=1
}

# The multiplier that synthesis uses multiplies.
if command -v iverilog >/dev/null; then
    iverilog -g2005 -o "$work/bench" "$area/baugh_wooley.v" "$area/baugh_wooley_bench.v" &&
        vvp "$work/bench" | grep -q 'all products equal' || { echo "FAILED baugh_wooley"; failed=1; }
fi

# Where the design is that of the reference: the frame of like_reference.v.
if [ -r "$reference" ]; then
    echo "relative to the 8 x 8 MAC, twins and reference (OSU 0.18 um):"
    grep '^osu018,' "$reference" | sed 's/^osu018,//' >"$work/reference.csv"
    ratios "$committed" 1 2 like_mac_8x8 | sed -n 's/^like_//p' | sed 's/^mac_8x8/mac8b/; s/^mac_4x4/mac4b/; s/^ant_pe/ant_peb/' |
        sort >"$work/ours"
    ratios "$work/reference.csv" 1 3 mac8b >"$work/theirs"
    join "$work/ours" "$work/theirs" >"$work/both"
    [ "$(wc -l <"$work/both")" -eq 4 ] || { echo "FAILED: not all four designs were compared"; failed=1; }
    compare reference 0.10 <"$work/both"
else
    echo "SKIPPED: $reference is not here"
fi

# Synthesis again.
"$area/area.sh" >"$work/now.csv"
status=$?
if [ $status -eq 77 ]; then
    [ $failed -eq 0 ] && exit 77
    exit 1
fi
[ $status -eq 0 ] || exit 1
echo "relative to cell_int8, now and as committed:"
ratios "$work/now.csv" 1 2 cell_int8 >"$work/ours"
ratios "$committed" 1 2 cell_int8 >"$work/theirs"
[ "$(cut -d' ' -f1 "$work/ours")" = "$(cut -d' ' -f1 "$work/theirs")" ] || { echo "FAILED: other designs"; failed=1; }
join "$work/ours" "$work/theirs" | compare committed 0.10
exit $failed
