#!/usr/bin/env bash
# Is the committed energy of PEs by zero operands what gate-level simulation gives, does it agree with an independent
# simulation of like PEs, and do zeros save energy?   usage: test_activity_of_twins.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
root=$(cd "$(dirname "$0")/.." && pwd)
reference=$2/reference/energy/pe_energy_osu018_zerodelay.csv
committed=$root/configs/technology/twins_activity.csv

# figure DESIGN,ACT-ZEROS,WEIGHT-ZEROS: pJ per clock, as committed.
figure() { sed -n "s/^$1,//p" "$committed"; }

# near FIGURE WANTED LIMIT: relative.
near() { awk -v a="$1" -v b="$2" -v limit="$3" 'BEGIN { exit !(a > 0 && b > 0 && a / b - 1 <= limit && 1 - a / b <= limit) }'; }

for design in $(sed -n 's/^designs=(\(.*\))$/\1/p' "$root/pe/rtl/activity/activity.sh"); do
    that "$design has every pair of shares" test "$(grep -c "^$design," "$committed")" -eq 25
    that "$design: zeros save energy" awk -F, -v design="$design" '
        $1 == design { energy[$2, $3] = $4; n++ }
        END {
            for (a = 0; a < 100; a += 25) if (energy[a, a] <= energy[a + 25, a + 25]) exit 1
            exit n != 25 || energy[100, 100] < 0.1 * energy[0, 0] # the clock goes on
        }' "$committed"
done

# Uniform operands, zeros now and then: the same PEs, synthesised and simulated by OpenSTA elsewhere.
if [ -r "$reference" ]; then
    while read -r ours theirs; do
        that "$ours is near $theirs" near "$(figure "$ours,0,0")" "$(awk -F, -v top="$theirs" '$1 == top && $2 == "uni" { print $3 }' "$reference")" 0.10
    done <<<"like_mac_8x8 mac8b
like_mac_4x4 mac4b
like_ant_pe ant_peb
like_rsd_pe rsd_pe"
else
    echo "SKIPPED: $reference is not here"
fi

# price NAME FIELD: of configs/technology/45nm.cfg.
price() { sed -n "s/.*name = \"$1\";.* $2 = \([0-9.]*\);.*/\1/p" "$root/configs/technology/45nm.cfg"; }

# Prices of PEs that no source has stand between those of two multiply-accumulates as the energies of the twins do, in logarithms,
# with half of the activations zero; ratios to the lesser one's lower and the greater one's upper bound are the bounds.
while read -r name design macs; do
    read -r value low high <<<"$(awk -v e="$(figure "$design,50,0")" -v macs="$macs" -v small="$(figure like_mac_4x4,50,0)" \
        -v large="$(figure like_mac_8x8,50,0)" -v cheap="$(price mac_4x4 value)" -v dear="$(price mac_8x8 value)" \
        -v least="$(price mac_4x4 low)" -v most="$(price mac_8x8 high)" 'BEGIN {
            e /= macs; slope = log(dear / cheap) / log(large / small)
            print cheap * exp(slope * log(e / small)), e / small * least, e / large * most }')"
    that "$name follows $design" near "$(price "$name" value)" "$value" 0.01
    that "the lower bound of $name follows mac_4x4" near "$(price "$name" low)" "$low" 0.01
    that "the upper bound of $name follows mac_8x8" near "$(price "$name" high)" "$high" 0.01
done <<<"int8x2_mac like_int8x2 2
adafloat_mac like_adafloat_pe 1"

if command -v yosys >/dev/null && command -v iverilog >/dev/null && [ -r /usr/share/qflow/tech/osu018/osu018_stdcells.v ]; then
    "$root/pe/rtl/activity/activity.sh" like_rsd_pe >"$work/again.csv"
    while IFS=, read -r design act weight energy; do
        that "$design,$act,$weight is what simulation gives" near "$(figure "$design,$act,$weight")" "$energy" 0.001
    done < <(sed 1d "$work/again.csv")
    that "simulation gives 25 points" test "$(wc -l <"$work/again.csv")" -eq 26
else
    echo "SKIPPED: yosys, iverilog or qflow-tech-osu018 is not here"
fi
summary
