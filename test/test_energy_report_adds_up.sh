#!/usr/bin/env bash
# Does the report of the shipped network add up to 1e-9, by layer, by component and by price, at every node, and does every
# price tell where it is from?   usage: test_energy_report_adds_up.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
command -v jq >/dev/null || { echo "SKIPPED: no jq"; exit 77; }
cd "$work" || exit 3

# equal NAME SUM TOTAL: two jq expressions agree to 1e-9.
equal() {
    that "$1" jq -e "def near(a; b): if b == 0 then a == 0 else ((a / b - 1) | fabs) < 1e-9 end; near($2; $3)" r.json
}

for run in int8@int8-32x32 ant4@ant-64x64 int8@ant-64x64 rsd8_eb2@msd-40x40 rsd8_eb2@msd-40x40-skip ant6@ant-64x64-ws \
    msd_eb2@msd-ultra96; do
    for node in 45nm 32nm 28nm; do
        arch=${run#*@} scheme=${run%@*}
        printf 'extends = "%s";\ntechnology = "%s";\n' "$arch" "$node" >"$arch-$node.cfg"
        that "$run-$node-runs" "$mantis" run "$model" --arch "$arch-$node.cfg" --quant "$scheme" --quiet --json r.json
        equal "$run-$node-layers" '[.layers[].energy_j] | add' .energy_j.total
        equal "$run-$node-layers-low" '[.layers[].energy_low_j] | add' .energy_j.low
        equal "$run-$node-layers-high" '[.layers[].energy_high_j] | add' .energy_j.high
        equal "$run-$node-components" '.energy_j | .pe + .sram + .dram + .static' .energy_j.total
        equal "$run-$node-static" '.energy_j | .static_logic + .static_sram + .static_dram' .energy_j.static
        for bound in value:total low:low high:high; do
            equal "$run-$node-prices-${bound%:*}" "[.prices[] | select(.joules) | .joules.${bound%:*}] | add" \
                ".energy_j.${bound#*:}"
            equal "$run-$node-areas-${bound%:*}" "[.prices[] | select(.mm2) | .mm2.${bound%:*}] | add" \
                ".area_mm2.${bound#*:}"
        done
        for component in pe sram dram static_logic static_sram static_dram; do
            equal "$run-$node-layers-$component" "[.layers[].energy_${component}_j] | add" ".energy_j.$component"
            equal "$run-$node-prices-$component" \
                "[.prices[] | select(.component == \"$component\") | .joules.value] | add" ".energy_j.$component"
        done
        equal "$run-$node-shares" '[.prices[] | select(.joules) | .share] | add' 1
        equal "$run-$node-area" '.area_mm2 | .pe + .sram + .other' .area_mm2.total
        that "$run-$node-bounds" jq -e '(.energy_j | .low <= .total and .total <= .high) and
            (.area_mm2 | .low <= .total and .total <= .high)' r.json
        that "$run-$node-sources" jq -e '.unpriced == "" and (.prices | length > 20) and
            ([.prices[] | (.source | length > 5) and (.provenance | test("measured|primary|secondary|derived|scaled")) and
            .low <= .value and .value <= .high and .count > 0] | all)' r.json
        that "$run-$node-clock" jq -e '[.sram_access[] | .too_slow == (.access_ns > .clock_period_ns)] | all' r.json
    done
done

# --- as text ---
"$mantis" run "$model" --arch ant-64x64 --quant ant4 --quiet --explain-energy >out.txt
that explain-fits awk 'length > 80 { print; bad = 1 } END { exit bad }' out.txt
for text in 'mac_4x4 .*0.1202 pJ (0.076 .. 0.55)' 'events of pe_clocks; 45 nm, primary' 'BitFusion PE 4x4' \
    'static: logic' 'ddr4-2400-cobg RD'; do
    that "explain-$text" grep -q "$text" out.txt
done
"$mantis" run "$model" --arch ant-64x64 --quant ant4,int8@int8-32x32 --quiet --explain-energy >out.txt
that explain-two test "$(grep -c '^prices of' out.txt)" -eq 2
that comparison-bounds grep -q 'uJ/image      low     high       mm2    low   high at' out.txt
that comparison-fits awk 'length > 80 { print; bad = 1 } END { exit bad }' out.txt

# --- a clock that the scratchpads cannot follow ---
printf 'extends = "int8-32x32";\nclock_mhz = 4000;\n' >fast.cfg
"$mantis" run "$model" --arch fast.cfg --quant int8 --quiet --json r.json >out.txt
"$mantis" run "$model" --arch fast.cfg --quant int8 --quiet >out.txt
that slow-text grep -qE 'too slow +act: 16 KiB x 64 bits take [0-9.]+ ns, a clock 0.250 ns' out.txt
that slow-json jq -e '.sram_access[0] | .too_slow and .clock_period_ns == 0.25 and .macro_bytes == 16384' r.json

# --- on an FPGA ---
# Zero operands change what PEs take, and the sums still hold.
"$mantis" run "$model" --arch int8-32x32 --quiet --no-reference --data fashion-mnist --images 20 --json plain.json >out.txt
that activity-runs "$mantis" run "$model" --arch int8-32x32 --quiet --no-reference --data fashion-mnist --images 20 --activity 5 --json r.json
that activity-seen jq -e '.activity | .zero_act > 0 and .zero_act < 1 and .zero_weight > 0 and .zero_weight < 1' r.json
that activity-unseen jq -e '.activity == null' plain.json
that activity-changes-pes-only jq -e --slurpfile plain plain.json '(.energy_j | del(.total, .low, .high, .pe))
    == ($plain[0].energy_j | del(.total, .low, .high, .pe)) and .energy_j.pe != $plain[0].energy_j.pe and .cycles == $plain[0].cycles' r.json
equal activity-layers '[.layers[].energy_j] | add' .energy_j.total
equal activity-components '.energy_j | .pe + .sram + .dram + .static' .energy_j.total
# Each core's zeros make the price of its own PEs; two signed digits of a weight are never zero.
that activity-two-runs "$mantis" run "$model" --arch msd-ultra96 --quant msd_eb2 --quiet --no-reference --data fashion-mnist --images 20 \
    --activity 5 --json two.json
that activity-two-seen jq -e '.activity | ([.zero_act, .array2_zero_act, .array2_zero_weight] | all(. > 0 and . < 1)) and .zero_weight == 0' two.json
that activity-two-layers jq -e '([.layers[].energy_j] | add) / .energy_j.total - 1 | fabs < 1e-9' two.json
that activity-one-core jq -e '.activity | has("array2_zero_act") | not' r.json
equal activity-prices '[.prices[] | select(.joules) | .joules.value] | add' .energy_j.total
that activity-needs-data bash -c "! '$mantis' run '$model' --arch int8-32x32 --quiet --activity 5 2>message && grep -q 'give --data' message"

"$mantis" run "$model" --arch msd-40x40 --quant rsd8_eb2 --quiet --fpga xc7z020 --json r.json >out.txt
"$mantis" run "$model" --arch msd-40x40 --quant rsd8_eb2 --quiet --fpga xc7z020 >out.txt
that fpga-text grep -q 'xc7z020, 1600 PEs of 17 LUT, 23 FF, 0 DSP' out.txt
that fpga-fits awk 'length > 80 { print; bad = 1 } END { exit bad }' out.txt
that fpga-json jq -e '.fpga | .pes == 1600 and .total.luts == 37200 and .device.luts == 53200' r.json
that fpga-unknown bash -c "! '$mantis' run '$model' --arch msd-40x40 --quiet --fpga nonesuch 2>&1 | grep -v 'ultra96, xc7z020'"
summary
