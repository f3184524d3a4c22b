#!/usr/bin/env bash
# Does a point of a sweep tell what mantis run tells of the same accelerator?   usage: test_sweep_equals_run.sh MANTIS SHARED
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
failed=0
images=300

cat >s.cfg <<TEXT
networks = ( "$root/workloads/models/fashion-resnet.onnx", "$root/workloads/topologies/resnet18.csv" );
data = "fashion-mnist";
images = $images;
schemes = ["int8", "ant4", "rsd8_eb2"];
accelerators = ( {
    extends = "int8-32x32";
    axes = ( (
        { core = { rows = 16; columns = 40; }; },
        { name = "narrow"; core = { rows = 64; columns = 32; }; scratchpads = { weight = { banks = 1; }; }; }
    ) );
    clock_mhz = [500, 800];
    core = { pe = ["int8", "ant", "msd", "msd_skip"]; dataflow = ["os", "ws"]; accumulator_bits = [16, 32]; };
    dram = { device = ["ddr4-2400-cobg", "hbm2"]; };
    technology = ["45nm", "28nm"];
} );
TEXT
"$mantis" sweep s.cfg --db s.db --json s.json --csv s.csv -j 2 --quiet || exit 1
points=$(jq '.points | length' s.json)
# 2 networks x (int8 on 4 PEs, ant4 on 1, rsd8_eb2 on 2) x 2 shapes x 2 clocks x 2 dataflows x 2 widths x 2 DRAMs x 2 nodes
[ "$points" -eq $((2 * 7 * 64)) ] || { echo "FAILED: $points points"; failed=1; }
[ $(($(wc -l <s.csv) - 1)) -eq "$points" ] || { echo "FAILED: csv has other rows than json"; failed=1; }

# The accelerator of a point as a file of its own.
arch_of() { # POINT
    jq -r '"extends = \"int8-32x32\"; technology = \"\(.technology)\"; clock_mhz = \(.clock_mhz);
        core = { pe = \"\(.pe)\"; dataflow = \"\(.dataflow)\"; rows = \(.rows); columns = \(.columns);
                 accumulator_bits = \(.accumulator_bits); };" +
        (if .choices | test("narrow") then "scratchpads = { weight = { banks = 1; }; };" else "" end) +
        (if .dram == "hbm2" then "dram = { device = \"hbm2\"; };" else "" end)' <<<"$1"
}

# Every 41st point (a prime, so that all values come up), all of its figures.
compared=0
for ((i = 0; i < points; i += 41)); do
    point=$(jq -c ".points[$i]" s.json)
    arch_of "$point" >a.cfg
    network=$(jq -r .network <<<"$point")
    model=$root/workloads/models/$network.onnx data=(--data fashion-mnist -n $images)
    [ -r "$model" ] || model=$root/workloads/topologies/$network.csv data=()
    "$mantis" run "$model" --arch a.cfg --quant "$(jq -r .scheme <<<"$point")" "${data[@]}" --no-reference --quiet \
        --json r.json -j 2 >run.txt 2>&1 || { echo "FAILED: run of point $i: $(cat run.txt)"; failed=1; continue; }
    sqlite3 -batch -json s.db "SELECT l.* FROM layers l JOIN points p ON p.id = l.point WHERE p.network = '$network' AND
        p.scheme = '$(jq -r .scheme <<<"$point")' AND p.choices = '$(jq -r .choices <<<"$point")' ORDER BY layer" >layers.json
    jq -n -r --argjson p "$point" --slurpfile r r.json --slurpfile layers layers.json '
        def same(a; b): if (a | type) == "number" and (b | type) == "number"
                        then ((a - b) | fabs) <= 1e-11 * (b | fabs) else a == b or (a == "" and b == null) end;
        $r[0] as $r | $layers[0] as $layers | {
            cycles: same($p.cycles; $r.cycles), latency_s: same($p.latency_s; $r.latency_s),
            stall_cycles: same($p.stall_cycles; $r.stall_cycles), utilization: same($p.utilization; $r.utilization),
            top1: same($p.top1; $r.accuracy.top1), top5: same($p.top5; $r.accuracy.top5),
            energy: same($p.energy_j; $r.energy_j.total), low: same($p.energy_low_j; $r.energy_j.low),
            high: same($p.energy_high_j; $r.energy_j.high), pe: same($p.energy_pe_j; $r.energy_j.pe),
            sram: same($p.energy_sram_j; $r.energy_j.sram), dram: same($p.energy_dram_j; $r.energy_j.dram),
            static: same($p.energy_static_j; $r.energy_j.static), area: same($p.area_mm2; $r.area_mm2.total),
            area_low: same($p.area_low_mm2; $r.area_mm2.low), area_high: same($p.area_high_mm2; $r.area_mm2.high),
            macs: same($p.macs; $r.macs), bops: same($p.bops; $r.bops), model_bytes: same($p.model_bytes; $r.model_bytes),
            count: same($layers | length; $r.layers | length),
            layers: all(range($layers | length); . as $l | $layers[$l] | del(.point, .layer) | to_entries |
                        all(same(.value; $r.layers[$l][.key])))
        } | to_entries | map(select(.value | not) | .key) | join(" ")' >differences.txt || failed=1
    if grep -q . differences.txt; then
        echo "FAILED: point $i differs in $(cat differences.txt): $(head -c 400 <<<"$point")"
        failed=1
    fi
    compared=$((compared + 1))
done
echo "$compared points are what mantis run tells"
exit $failed
