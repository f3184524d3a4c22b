#!/usr/bin/env bash
# ANT, Figure 13: cycles and energy of six accelerators on eight networks, batch 64, normalised to AdaFloat; under the published
# model's assumptions and prices, and with each assumption switched off in turn.
source "$(dirname "$0")/common.sh"
networks=(vgg16 resnet18 resnet50 inceptionv3 vit mnli cola sst_2)
accelerators=(ant_os ant_ws bitfusion olaccel biscaled adafloat)
batch=64

# --- what is switched off ---
skew='core = { preload = "%s"; fill = "%s"; drain = "%s"; };\n'
banks='dram = { device = "hbm2-2ch"; controller = "in-order"; };\n'
declare -A variants=(
    [published]='technology = "ant-published";\n'
    [overlapped]="${skew//%s/overlapped}"
    [exposed]="${skew//%s/exposed}"
    [banks]="$banks"
    [full]="${skew//%s/overlapped}${banks}dma_setup = 8;\n"
)

arch_of() { echo "ant-fig13-${1#ant_}"; }
scheme_of() { [ "$1" = adafloat ] && echo ant-fig13-adafloat || echo "ant-fig13:$1"; }

# simulate NETWORK ACCELERATOR VARIANT: a line of raw figures.
simulate() {
    local arch=$scratch/$2-$3.cfg
    printf "extends = \"%s/configs/arch/%s.cfg\";\n${variants[$3]}" "$PWD" "$(arch_of "$2")" >"$arch"
    "$mantis" run "workloads/topologies/ant/$1.csv" --arch "$arch" --quant "$(scheme_of "$2")" --batch $batch --quiet \
        --json "$scratch/run.json" >/dev/null
    jq -r --arg n "$1" --arg a "$2" --arg v "$3" '.energy_j as $e | [$n, $a, $v, .cycles, $e.static_dram, $e.dram,
        $e.sram + $e.static_sram, $e.pe + $e.static_logic, ([.layers[].compute_cycles] | add),
        .dram_bytes.read + .dram_bytes.write, .unpriced] | @tsv' "$scratch/run.json"
}

# --- the published model's cycles, without its stalls ---
# os: ceil(B O^2 / (N f)) ceil(OC / (M f)) K^2 IC; ws: B O^2 ceil(OC / (M f)) ceil(K^2 IC / (N f)); f = floor(8 / max(bits, 4)).
formula() {
    local network=$1 accelerator=$2
    awk -F ', *' -v OFS='\t' -v network="$network" -v accelerator="$accelerator" -v batch=$batch '
        function up(a, b) { return int((a + b - 1) / b) }
        BEGIN {
            split("ant_os 32 32 ant_ws 32 32 bitfusion 32 32 olaccel 16 18 biscaled 32 80 adafloat 32 28", sizes, " ")
            for (i = 1; i in sizes; i += 3) if (sizes[i] == accelerator) { rows = sizes[i + 1]; columns = sizes[i + 2] }
        }
        /^#/ { next }
        FNR == NR { if ($1 == network && $2 == accelerator) bits[$3] = $4; next }
        /^Layer/ { is_gemm = $2 == "M"; next }
        {
            if (is_gemm) { pixels = $2; filters = $3; reduction = $4 }
            else {
                pixels = (up($2 - $4, $8) + 1) * (up($3 - $5, $8) + 1)
                filters = $7
                reduction = $4 * $5 * $6
            }
            f = int(8 / (bits[$1] > 4 ? bits[$1] : 4))
            pixels *= batch
            steps = accelerator == "ant_ws" ? pixels * up(reduction, rows * f) : reduction * up(pixels, rows * f)
            cycles += up(filters, columns * f) * steps
        }
        END { print network, accelerator, "formula", cycles }' workloads/precisions/ant.csv "workloads/topologies/ant/$network.csv"
}

for network in "${networks[@]}"; do
    for accelerator in "${accelerators[@]}"; do
        formula "$network" "$accelerator"
        for variant in published overlapped exposed banks full; do simulate "$network" "$accelerator" "$variant"; done
    done
done >"$scratch/raw.tsv"
awk -F '\t' '$3 == "full" && $11 != "" { print "ant_fig13: " $2 ": not priced by 45nm: " $11 }' "$scratch/raw.tsv" | sort -u >&2

# --- the table ---
# Cycles are over AdaFloat's of the same network under the published assumptions; energies over its total energy in the same
# column group. Rows "mean" and "geomean" are over the networks.
assemble() {
    awk -F '\t' -v networks="${networks[*]}" -v accelerators="${accelerators[*]}" '
        function ratio(value, base) { return base ? sprintf("%.4f", value / base) : "" }
        function total(n, a, v) { return part[n, a, v, 5] + part[n, a, v, 6] + part[n, a, v, 7] + part[n, a, v, 8] }
        function put(n, a, column, value) { cell[n, a, column] = value }
        function fill(n, a,   v, i, base, name) {
            base = cycles[n, "adafloat", "published"]
            put(n, a, "cycles_formula", ratio(cycles[n, a, "formula"], cycles[n, "adafloat", "formula"]))
            put(n, a, "cycles", ratio(cycles[n, a, "published"], base))
            put(n, a, "array", ratio(part[n, a, "published", 9], cycles[n, a, "formula"]))
            for (i = 1; i <= off_count; i++) put(n, a, "cycles_" off[i], ratio(cycles[n, a, off[i]], base))
            put(n, a, "cycles_full_by_full", ratio(cycles[n, a, "full"], cycles[n, "adafloat", "full"]))
            for (i = 5; i <= 8; i++) {
                put(n, a, parts[i - 4], ratio(part[n, a, "published", i], total(n, "adafloat", "published")))
                put(n, a, "our_" parts[i - 4], ratio(part[n, a, "full", i], total(n, "adafloat", "full")))
            }
            put(n, a, "dram_gb", sprintf("%.2f", part[n, a, "published", 10] / 1e9))
        }
        function means(a,   c, i, n, sum, logs) {
            for (c = 1; c <= column_count; c++) {
                sum = logs = 0
                for (i = 1; i <= network_count; i++) {
                    n = cell[names[i], a, columns[c]]
                    sum += n
                    logs += log(n > 0 ? n : 1e-300)
                }
                put("mean", a, columns[c], sprintf("%.4f", sum / network_count))
                put("geomean", a, columns[c], sprintf("%.4f", exp(logs / network_count)))
            }
        }
        function row(n, a,   c, text) {
            text = n "," a
            for (c = 1; c <= column_count; c++) text = text "," cell[n, a, columns[c]]
            print text
        }
        BEGIN {
            network_count = split(networks, names, " ")
            accelerator_count = split(accelerators, kinds, " ")
            off_count = split("overlapped exposed banks full", off, " ")
            split("static dram buffer core", parts, " ")
            text = "cycles_formula cycles array cycles_overlapped cycles_exposed cycles_banks cycles_full cycles_full_by_full"
            text = text " static dram buffer core dram_gb our_static our_dram our_buffer our_core"
            column_count = split(text, columns, " ")
        }
        {
            cycles[$1, $2, $3] = $4
            for (i = 5; i <= 10; i++) part[$1, $2, $3, i] = $i
        }
        END {
            header = "network,accelerator"
            for (c = 1; c <= column_count; c++) header = header "," columns[c]
            print header
            for (j = 1; j <= accelerator_count; j++) {
                for (i = 1; i <= network_count; i++) fill(names[i], kinds[j])
                means(kinds[j])
            }
            names[++network_count] = "mean"
            names[++network_count] = "geomean"
            for (i = 1; i <= network_count; i++)
                for (j = 1; j <= accelerator_count; j++) row(names[i], kinds[j])
        }' "$scratch/raw.tsv"
}

# Published figures beside ours, and the difference of cycles.
sed 's/^network,accelerator,cycles,energy_static,energy_dram,energy_buffer,energy_core/network,accelerator,published_cycles,published_static,published_dram,published_buffer,published_core/' \
    results/published/ant_fig13.csv >"$scratch/published.csv"
{
    heading "ANT (MICRO 2022), Figure 13: cycles and energy normalised to AdaFloat, batch $batch" \
        "mantis run workloads/topologies/ant/NETWORK.csv --arch ARCH --quant ant-fig13:ACCELERATOR --batch $batch"
    cat <<TEXT
#
# cycles: mantis under the published assumptions (configs/arch/ant-fig13-*): nothing for preload, fill and drain, a DRAM of 128
#   bytes per cycle that is never late. cycles_formula: the published model's own formulas, without its stalls. published_cycles,
#   difference: what the paper's artifact gives, to two digits, and cycles less that.
# array: array cycles over those of the formulas, which divide a layer's pixels and channels once, where mantis cuts them into
#   tiles that fit its scratchpads.
# cycles_overlapped, _exposed: preload, fill and drain beside neighbouring folds, or in every fold. cycles_banks: a DRAM with banks,
#   rows and refresh (two HBM2 channels side by side, as wide), served in order. cycles_full: overlapped and banks. All over
#   AdaFloat's cycles under the published assumptions, so that what an assumption is worth is the difference of two columns;
#   cycles_full_by_full is over AdaFloat's full cycles.
# static, dram, buffer, core: energy under the published assumptions at the published prices (technology ant-published), over
#   AdaFloat's total. DRAM is less than published: mantis's tiling finds less traffic (dram_gb) than the published model's loops;
#   with AdaFloat's published DRAM share in the total, every other share is within 0.02 of the published one. Static is the
#   DRAM's standing power alone; core has the PEs' leakage; the core's price is a 45 nm figure beside 28 nm SRAM. dram_gb: the
#   traffic. our_*: energy of cycles_full at the prices of 45nm, over AdaFloat's total at these; static is the DRAM's standing
#   power there too, buffer and core hold their leakage.
# mean is the arithmetic mean over the networks, as in the figure, whose mean columns are arithmetic; geomean the geometric one.
TEXT
    configurations arch/ant-fig13-os arch/ant-fig13-ws arch/ant-fig13-bitfusion arch/ant-fig13-olaccel arch/ant-fig13-biscaled \
        arch/ant-fig13-adafloat quant/ant-fig13 quant/ant-fig13-adafloat
    printf "# variant full: ${variants[full]}" | sed '2,$s/^/# variant full: /'
    assemble | join_columns "$scratch/published.csv" network,accelerator \
        published_cycles,published_static,published_dram,published_buffer,published_core |
        awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print $0, "difference"; next }
            { p = $at["published_cycles"]; print $0, p == "" ? "" : sprintf("%+.4f", $at["cycles"] - p) }'
} | publish ant_fig13.csv
markdown ant_fig13.csv \
    network,accelerator,published_cycles,cycles_formula,cycles,difference,cycles_overlapped,cycles_exposed,cycles_banks,cycles_full |
    publish ant_fig13.md
{
    printf '\nEnergy over that of AdaFloat: published, at the published prices, at the prices of 45nm.\n'
    markdown ant_fig13.csv network,accelerator,published_static,published_dram,published_buffer,published_core,static,dram,buffer,core,our_static,our_dram,our_buffer,our_core |
        sed '/^#/d'
} >>"$folder/ant_fig13.md"
