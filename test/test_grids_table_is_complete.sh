#!/usr/bin/env bash
# Does results/grids.csv hold every point of the grids, with the sizes and bit operations that the layer tables come to?
# usage: test_grids_table_is_complete.sh MANTIS SHARED
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source "$root/test/that.sh"
cd "$root" || exit 3
points() { grep -v '^#' results/grids.csv | tail -n +2; }

# Weights of 2..8 (int), 3..8 (ant) bits or 1..3 digits x activations of 4..8 bits x two edges, of five networks, each once.
for network in resnet18 resnet101 mobilenetv1 mobilenetv2 regnetx_600m; do
    for format in int ant rsd; do
        case $format in int) weights="2 3 4 5 6 7 8" ;; ant) weights="3 4 5 6 7 8" ;; rsd) weights="eb1 eb2 eb3" ;; esac
        for w in $weights; do for a in 4 5 6 7 8; do for e in 4 8; do echo "$network,$format,$w,$a,$e"; done; done; done
    done
done | sort >"$work/wanted"
that "a point is missing, or there twice" diff "$work/wanted" <(points | cut -d, -f1-5 | sort)

# From the layer tables: a signed digit takes 4 bits, a single one 5 (docs/formats.md); the first and the last layer have the edge's bits, or half
# as many digits.
awk -F', *' '
    FNR == 1 { network = FILENAME; sub(/.*\//, "", network); sub(/\.csv/, "", network); next }
    {
        groups = $9 == "" ? 1 : $9
        n = ++layers[network]
        weights[network, n] = $4 * $5 * $6 / groups * $7
        macs[network, n] = weights[network, n] * ((($2 - $4) / $8) + 1) * ((($3 - $5) / $8) + 1)
    }
    END {
        FS = ","
        while ((getline <"'"$work"'/wanted") > 0) {
            size = bops = 0
            for (n = 1; n <= layers[$1]; n++) {
                edge = n == 1 || n == layers[$1]
                w = edge ? $5 : $3
                if ($2 == "rsd") w = edge ? 4 * $5 / 2 : $3 == "eb1" ? 5 : 4 * substr($3, 3)
                size += weights[$1, n] * w / 8 / 2 ^ 20
                bops += macs[$1, n] * w * (edge ? $5 : $4) / 1e9
            }
            printf "%s,%s,%s,%s,%s,%.3f,%.3f\n", $1, $2, $3, $4, $5, size, bops
        }
    }' workloads/topologies/{resnet18,resnet101,mobilenetv1,mobilenetv2,regnetx_600m}.csv | sort >"$work/counted"
that "sizes or bit operations are not the layers'" diff "$work/counted" <(points | cut -d, -f1-5,7,8 | sort)
that "a point has no cycles or no energy" awk -F, '!($9 > 0 && $10 > 0) { bad = 1 } END { exit bad }' <(points)
summary
