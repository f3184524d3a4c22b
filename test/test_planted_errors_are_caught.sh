#!/usr/bin/env bash
# Are unit errors in the program caught? Each is planted in a copy of one source, compiled in front of the libraries, and
# the tests of energy must then fail; without one they must pass.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$(dirname "$1")" && pwd)
command -v cc >/dev/null || { echo "SKIPPED: no C compiler"; exit 77; }
[ "$(nm "$1" 2>/dev/null | grep -c __asan_init)" -eq 0 ] || { echo "SKIPPED: libraries are sanitised"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

libraries=("$build"/sim/libmantis_sim.a "$build"/compiler/libmantis_compiler.a "$build"/workloads/libmantis_workloads.a
    "$build"/memory/libmantis_memory.a "$build"/pe/libmantis_pe.a "$build"/isa/libmantis_isa.a)
for library in "${libraries[@]}"; do
    [ -r "$library" ] || { echo "SKIPPED: $library is not built"; exit 77; }
done

# run_tests SOURCE: the tests of energy with SOURCE in front of the libraries.
run_tests() {
    local test
    for test in test_energy_adds_up test_energy_units_hold; do
        cc -O1 -w -I"$root" -DTEST_SOURCE_DIR="\"$root\"" -DSHARED_DIR="\"$scratch/nowhere\"" -DTEST_BINARY_DIR="\"$scratch\"" \
            -DMANTIS_SOURCE_DIR="\"$root\"" "$root/test/$test.c" "$1" -Wl,--start-group "${libraries[@]}" -Wl,--end-group \
            -lcmocka -lconfig -ljansson -lzip -lz -ljpeg -lprotobuf-c -ldnnl -lgomp -lpthread -lm -o "$scratch/$test" \
            2>"$scratch/log" || { cat "$scratch/log"; return 2; }
        MANTIS_HOME=$root "$scratch/$test" >"$scratch/log" 2>&1 || return 1
    done
}

# plant NAME SOURCE FROM TO: replace the one place where FROM stands in SOURCE.
plant() {
    local copy=$scratch/$(basename "$2") status
    if [ "$(grep -cF -- "$3" "$root/$2")" -ne 1 ]; then
        echo "FAIL $1: \"$3\" is not once in $2"
        failed=$((failed + 1))
        return
    fi
    awk -v from="$3" -v to="$4" '{
        at = index($0, from)
        print at ? substr($0, 1, at - 1) to substr($0, at + length(from)) : $0 }' "$root/$2" >"$copy"
    run_tests "$copy"
    status=$?
    if { [ "$1" = nothing ] && [ $status -eq 0 ]; } || { [ "$1" != nothing ] && [ $status -eq 1 ]; }; then
        echo "ok $1: $([ $status -eq 0 ] && echo passes || echo caught)"
        passed=$((passed + 1))
    else
        echo "FAIL $1: status $status"
        failed=$((failed + 1))
    fi
}

model=sim/energy_model.c dram=sim/energy_dram.c currents=memory/dram_energy.c energy=sim/energy.c sram=sim/technology_sram.c
plant nothing $model 'PICO = 1e-12' 'PICO = 1e-12'
plant 'nJ for pJ' $model 'PICO = 1e-12' 'PICO = 1e-9'
plant 'uW for mW' $model 'MILLI = 1e-3' 'MILLI = 1e-6'
plant 'nJ for pJ of DRAM' $dram 'price->unit_j = PICO; /* of a command */' 'price->unit_j = 1e-9;'
plant 'a device for its rank' $currents ' * devices' ''
plant 'clocks for ns of DRAM' $currents ' * device->tCK' ''
plant 'bytes for bursts' $dram '1.0 / dram_config_burst_bytes(&model->arch->dram) : 1' '1 : 1'
plant 'mW for uW' $model 'MICRO = 1e-6' 'MICRO = 1e-3'
plant 'ns for cycles' $energy '(model->arch->clock_khz * 1e3)' '1e9'
plant 'cycles for seconds' $energy ' / (model->arch->clock_khz * 1e3)' ''
plant 'kHz for Hz' $energy 'clock_khz * 1e3' 'clock_khz * 1e0'
plant 'bytes for bits' $energy 'COUNTER(counter), kind, 0, 8,' 'COUNTER(counter), kind, 0, 1,'
plant 'one macro for a scratchpad' $model 'price->events = model->pad_macros[rule->which];' 'price->events = 1;'
plant 'a fused group for its PEs' $energy 'count * operands->fused[rule->core] : count' 'count : count'
plant 'arithmetic for geometric mean' $sram 'return exp(log(y0) + (log(y1) - log(y0)) *' 'return (y0 + (y1 - y0) *'
plant 'whole width for a bit' $sram 'return point->read_pj / point->width_bits;' 'return point->read_pj;'
plant 'a component lost' $energy 'add(&energy.total_j, charges[i].joules);' 'if (i % 7) add(&energy.total_j, charges[i].joules);'
plant 'static while busy only' $energy '(double)stats->cycles /' '(double)stats->counters.array_busy /'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
