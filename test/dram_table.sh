#!/usr/bin/env bash
# The DRAM model beside DRAMsim3: all traces on all set-ups.   usage: dram_table.sh MANTIS REFERENCE
set -euo pipefail
mantis=$1
reference=$2
pairs="ddr4_2400_1r_bgco=ddr4-2400 ddr4_2400_1r_cobg=ddr4-2400-cobg lpddr4_2400_1r=lpddr4-2400 hbm2_1ch=hbm2
    ddr4_2400_2r_stock=ddr4-2400-2r hbm2_8ch_stock=hbm2-8ch"

echo "# $("$mantis" --version)"
echo "# mantis dram TRACE --device DEVICE --csv, beside DRAMsim3's figures (dramsim3_reference.csv; its energy is corrected"
echo "# for the clock period that it leaves out). Errors in %. A trace's name says what it does: t01 reads in order ..."
for pair in $pairs; do
    echo "#"
    "$mantis" dram --device "${pair#*=}" "$reference"/traces/t12_*_"${pair%=*}".txt.gz | sed -n '1,3s/^/# /p'
done
echo
for pair in $pairs; do
    "$mantis" dram --csv --device "${pair#*=}" "$reference"/traces/*_"${pair%=*}".txt.gz | sed "s/_${pair%=*},/,/; s/^/${pair%=*},/"
done | awk -F, '
    function error(value, wanted) { return wanted ? (value / wanted - 1) * 100 : 0 }
    function size(x) { return x < 0 ? -x : x }
    FNR == NR { # the reference: figures by set-up and trace
        if (FNR == 1) for (i = 1; i <= NF; i++) column[$i] = i
        else for (name in column) figure[$1, $2, name] = $column[name]
        next
    }
    $2 == "device" { for (i = 1; i <= NF; i++) own[$i] = i; next }
    {
        clocks = figure[$1, $3, "cycles_last_done"]; energy = figure[$1, $3, "total_pJ"]
        hits = figure[$1, $3, "read_row_hits"] + figure[$1, $3, "write_row_hits"]
        own_hits = $own["read_row_hits"] + $own["write_row_hits"]
        activates = figure[$1, $3, "num_act"]
        if ($2 != last) {
            printf "%s%-15s %-30s %8s %8s %7s %9s %9s %9s %9s %10s %10s %7s\n", last ? "\n" : "", "device", "trace", "DRAMsim3",
                "clocks", "error", "ACT", "theirs", "row hits", "theirs", "uJ", "theirs", "error"
            last = $2
        }
        clock_error = error($own["clocks"], clocks); energy_error = error($own["total_pJ"], energy)
        printf "%-15s %-30s %8d %8d %7.3f %9d %9d %9d %9d %10.3f %10.3f %7.3f\n", $2, $3, clocks, $own["clocks"], clock_error,
            $own["ACT"], activates, own_hits, hits, $own["total_pJ"] / 1e6, energy / 1e6, energy_error
        rows++
        exact += $own["clocks"] == clocks && $own["ACT"] == activates && own_hits == hits
        if (size(clock_error) > worst_clocks) worst_clocks = size(clock_error)
        if (size(energy_error) > worst_energy) worst_energy = size(energy_error)
    }
    END {
        printf "\n%d rows, %d with all clocks and counts equal; largest error: clocks %.3f %%, energy %.3f %%\n", rows, exact,
            worst_clocks, worst_energy
    }' "$reference/dramsim3_reference.csv" -
