#!/usr/bin/env bash
# The DRAM model beside DRAMsim3: all traces on all set-ups.
source "$(dirname "$0")/common.sh"
reference reference/dram || exit 0
dram=$shared/reference/dram
declare -A devices=([ddr4_2400_1r_bgco]=ddr4-2400 [ddr4_2400_1r_cobg]=ddr4-2400-cobg [lpddr4_2400_1r]=lpddr4-2400 [hbm2_1ch]=hbm2
    [ddr4_2400_2r_stock]=ddr4-2400-2r [hbm2_8ch_stock]=hbm2-8ch)
setups=(ddr4_2400_1r_bgco ddr4_2400_1r_cobg lpddr4_2400_1r hbm2_1ch ddr4_2400_2r_stock hbm2_8ch_stock)

# run SETUP CONTROLLER: figures of all its traces, behind the set-up's name.
run() {
    "$mantis" dram --csv --controller "$2" --device "${devices[$1]}" "$dram"/traces/*_"$1".txt.gz | sed "s/_$1,/,/; s/^/$1,/"
}

{
    heading "DRAM: mantis and DRAMsim3, trace by trace" "mantis dram TRACE --device DEVICE --csv" \
        "mantis dram TRACE --device DEVICE --csv --controller in-order"
    echo "# Beside DRAMsim3's figures (its energy corrected for the clock period that it leaves out). Errors in %."
    echo "# in_order: the faster controller of machines, which overlaps nothing but a request with the rows of the next."
    for setup in "${setups[@]}"; do
        "$mantis" dram --device "${devices[$setup]}" "$dram"/traces/t12_*_"$setup".txt.gz | sed -n '1,3s/^ */# /p'
    done
    for setup in "${setups[@]}"; do
        run "$setup" in-order | sed '1d; s/^/in-order,/'
        run "$setup" queued
    done | awk -F, '
        function error(value, wanted) { return wanted ? (value / wanted - 1) * 100 : 0 }
        function larger(a, b) { a = a < 0 ? -a : a; return a > b ? a : b }
        FNR == NR { # the reference: figures by set-up and trace
            if (FNR == 1) for (i = 1; i <= NF; i++) column[$i] = i
            else for (name in column) figure[$1, $2, name] = $column[name]
            next
        }
        $1 == "in-order" { in_order[$2, $4] = $6; next }
        $2 == "device" {
            for (i = 1; i <= NF; i++) own[$i] = i
            if (!rows) print "device,trace,clocks,dramsim3_clocks,error_percent,activates,dramsim3_activates,row_hits,dramsim3_row_hits," \
                "energy_uj,dramsim3_energy_uj,energy_error_percent,in_order_clocks,in_order_error_percent"
            next
        }
        {
            clocks = figure[$1, $3, "cycles_last_done"]; energy = figure[$1, $3, "total_pJ"]
            hits = figure[$1, $3, "read_row_hits"] + figure[$1, $3, "write_row_hits"]
            own_hits = $own["read_row_hits"] + $own["write_row_hits"]
            activates = figure[$1, $3, "num_act"]
            clock_error = error($own["clocks"], clocks); energy_error = error($own["total_pJ"], energy)
            printf "%s,%s,%d,%d,%.3f,%d,%d,%d,%d,%.3f,%.3f,%.3f,%d,%.2f\n", $2, $3, $own["clocks"], clocks, clock_error, $own["ACT"],
                activates, own_hits, hits, $own["total_pJ"] / 1e6, energy / 1e6, energy_error, in_order[$1, $3],
                error(in_order[$1, $3], clocks)
            rows++
            exact += $own["clocks"] == clocks && $own["ACT"] == activates && own_hits == hits
            worst = larger(clock_error, worst); worst_energy = larger(energy_error, worst_energy)
        }
        END {
            printf "# %d rows, %d with all clocks and counts equal; largest error: clocks %.3f %%, energy %.3f %%\n", rows, exact,
                worst, worst_energy
        }' "$dram/dramsim3_reference.csv" -
} | publish dram.csv
markdown dram.csv | publish dram.md
