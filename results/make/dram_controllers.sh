#!/usr/bin/env bash
# What the fast model of the DRAM leaves out: networks on one accelerator with each device, by memory.
source "$(dirname "$0")/common.sh"

accelerator=int8-32x32
devices=(ddr4-2400 ddr4-2400-cobg lpddr4-2400 hbm2)
networks=(resnet18 resnet50 mobilenetv2 vgg16 alexnet bert_base vit_b16)
shipped=workloads/models/fashion-resnet.onnx

# number DEVICE FIELD: of its configuration.
number() { sed -n "s/^ *$2 *= *\([0-9.]*\);.*/\1/p" "configs/dram/$1.cfg"; }

# ideal DEVICE: a memory without rows, of the device's bandwidth and the latency of its first access.
ideal() {
    local bus=$(($(number "$1" bus_width) / 8))
    printf 'ideal = { clock_period_ps = %.0f; bytes_per_clock = %d; burst_bytes = %d; latency = %d; };' \
        "$(awk -v ns="$(number "$1" tCK)" 'BEGIN { print 1000 * ns }')" $((2 * bus)) $((bus * $(number "$1" burst_length))) \
        $(($(number "$1" tRCDRD) + $(number "$1" CL)))
}

# accelerators DEVICE: ideal.cfg, in-order.cfg and queued.cfg.
accelerators() {
    local memory
    for memory in "$(ideal "$1")" "device = \"$1\"; controller = \"in-order\";" "device = \"$1\"; controller = \"queued\";"; do
        printf 'extends = "%s";\ndram = { %s };\n' "$accelerator" "$memory"
    done | awk -v folder="$scratch" 'NR % 2 { base = $0; next }
        { print base "\n" $0 >(folder "/" (NR == 2 ? "ideal" : NR == 4 ? "in-order" : "queued") ".cfg") }'
}

# run NETWORK MEMORY: its stats, in MEMORY.json.
run() {
    local model=(workloads/topologies/"$1".csv)
    [ "$1" != fashion-resnet ] || model=("$shipped" --data fashion-mnist --images 1 --no-reference)
    "$mantis" run "${model[@]}" --arch "$scratch/$2.cfg" --quant int8 --quiet --json "$scratch/$2.json" >/dev/null
}

# row NETWORK DEVICE: row hits are accesses that found their row open.
row() {
    local memory burst
    for memory in ideal in-order queued; do run "$1" "$memory"; done
    burst=$(($(number "$2" bus_width) / 8 * $(number "$2" burst_length)))
    jq -r --slurp --arg network "$1" --arg device "$2" --argjson burst "$burst" '
        def sum($counter): [.layers[][$counter]] | add;
        def bursts: (sum("dram_read_bytes") + sum("dram_write_bytes")) / $burst;
        def opened: sum("dram_activates");
        def percent: . * 100000 | round / 1000;
        . as [$ideal, $in_order, $queued] |
        [$network, $device, $ideal.cycles, $in_order.cycles, $queued.cycles,
         ($in_order.cycles / $ideal.cycles - 1 | percent), ($queued.cycles / $in_order.cycles - 1 | percent),
         ($in_order | bursts), ($queued | bursts), ($in_order | opened), ($queued | opened),
         ($in_order | 1 - opened / bursts | percent), ($queued | 1 - opened / bursts | percent)] | @csv' \
        "$scratch"/{ideal,in-order,queued}.json | tr -d '"'
}

{
    heading "Cycles by memory: an ideal one of the device's bandwidth, the in-order model, the queued controller" \
        "mantis run NETWORK --arch ARCH --quant int8, ARCH being $accelerator with each memory" \
        "each is compiled for its own memory"
    configurations arch/$accelerator "${devices[@]/#/dram/}"
    printf 'network,device,ideal,in_order,queued,in_order_over_ideal,queued_over_in_order,in_order_bursts,queued_bursts,'
    printf 'in_order_activates,queued_activates,in_order_row_hits,queued_row_hits\n'
    for device in "${devices[@]}"; do
        accelerators "$device"
        for network in "${networks[@]}" fashion-resnet; do row "$network" "$device"; done
    done
} | publish dram_controllers.csv
markdown dram_controllers.csv \
    network,device,ideal,in_order,queued,in_order_over_ideal,queued_over_in_order,in_order_activates,queued_activates,in_order_row_hits,queued_row_hits \
    "network,device,cycles ideal,in-order,queued,in-order over ideal %,queued over in-order %,activates in-order,queued,row hits in-order %,queued %" |
    publish dram_controllers.md
