#!/usr/bin/env bash
# The benchmark behind ./run bench: everything on one core, in one run, as ratios.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${MANTIS_BENCH_SECONDS:-8}
core=${MANTIS_BENCH_CORE:-$(($(nproc) - 1))}
bench() { OMP_NUM_THREADS=1 taskset -c "$core" build/test/bench "$@"; }
# clocked_array PE DATAFLOW: millions of PE-clocks/s of the register-level 64x64 array
clocked_array() { awk -v pe="$1" -v dataflow="$2" '$1 == pe && $2 == dataflow { print $6 }' <<<"$array_rates"; }
onnxruntime() { NODE_PATH=build/oracle/node_modules taskset -c "$core" node test/bench/onnxruntime.js "$@" "$seconds"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

resnet=../shared/data/imagenet/resnet18.onnx
model=workloads/models/fashion-resnet.onnx
shape=(1 28 28)
name="the shipped network"
if [ -r "$resnet" ]; then
    model=$resnet shape=(3 224 224) name=ResNet-18
else
    echo "SKIPPED: $resnet is not here; measuring the shipped network instead"
fi

echo "mantis on one core ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)), $seconds s each"
echo
float=$(onnxruntime "$model" "${shape[@]}")
read -r images gmacs memory < <(bench images "$model" int8-32x32 int8 "$seconds")
gemm=$(bench gemm "$model" "$seconds")
read -r ant _ _ < <(bench images "$model" ant-64x64 ant4 "$seconds")
read -r msd _ _ < <(bench images "$model" msd-40x40 rsd8_eb2 "$seconds")
read -r networks cycles < <(bench timing workloads/topologies/resnet18.csv int8-32x32 int8 "$seconds")
printf '%-52s %10s\n' "$name, values + cycles + energy, int8, images/s" "$images"
printf '%-52s %10s\n' "ONNX Runtime float32, images/s" "$float"
printf '%-52s %10s\n' "  mantis int8 / ONNX Runtime float32" "$(ratio "$images" "$float")"
printf '%-52s %10s\n' "ANT 4-bit, images/s" "$ant"
printf '%-52s %10s\n' "RSD 8-bit, 2 effectual bits, images/s" "$msd"
printf '%-52s %10s\n' "whole network, GMAC/s" "$gmacs"
printf '%-52s %10s\n' "oneDNN int8 GEMM on the same shapes, GMAC/s" "$gemm"
printf '%-52s %10s\n' "  part of the GEMM rate reached" "$(ratio "$gmacs" "$gemm")"
printf '%-52s %10s\n' "peak memory, MiB" "$memory"
echo
echo "ResNet-18, timing only ($cycles cycles on int8-32x32), seconds per network:"
printf '  %-50s %10s\n' "mantis, compiled and mapped anew each time" "$(awk -v n="$networks" 'BEGIN { printf "%.4f", 1 / n }')"
# One-core times of the other simulators on the same 1.814 GMAC, measured on machines of this class.
printf '  %-50s %10s\n' "ONNXim 32x32 (timing only)" 1.4 "ANT simulator (analytical)" 7.5 \
    "DNNsim Stripes (value-dependent)" 15 "SCALE-Sim 32x32 WS" 227 "STONNE 16x16 (with values)" 560
printf '  %-50s %10s\n' "networks per second, mantis" "$networks"

# What the DRAM models cost, and what the networks' cycles are with them; the memories take turns.
dram=$(bench dram workloads/topologies/resnet18.csv int8-32x32 int8 "$seconds")
echo
echo "ResNet-18, timing only, by memory: seconds per network, as a ratio to the ideal memory's:"
awk '{ if (NR == 1) { all = $2; own = $3 }
       printf "  %-50s %10.4f %8.2f   machine alone %.4f %6.2f   %s cycles\n", $1, $2, $2 / all, $3, $3 / own, $4 }' <<<"$dram"

# Registers and Verilog: the same 64x64 array clock by clock.
array_rates=$(taskset -c "$core" build/test/bench_clocked_array 1)
verilator=$(taskset -c "$core" build/test/rtl/speed/rtl_array_rate | awk '{ printf "%.0f", $1 / 1e6 }')
echo
echo "One clock at a time, 64x64 PEs, output-stationary, millions of PE-clocks/s:"
printf '  %-50s %10s\n' "clocked array, int8" "$(clocked_array int8 os)" "clocked array, ANT 4-bit" "$(clocked_array ant os)" \
    "clocked array, RSD 8-bit, 2 effectual bits" "$(clocked_array msd os)" "Verilog twin in Verilator, int8" "$verilator" \
    "  clocked / Verilator, int8" "$(ratio "$(clocked_array int8 os)" "$verilator")"
echo
echo "The shipped network in SystemC, one image, every register, seconds (start-up and compilation included):"
for pair in int8@int8-32x32 ant4@ant-64x64 rsd8_eb2@msd-40x40; do
    begin=$(date +%s.%N)
    taskset -c "$core" build/mantis run workloads/models/fashion-resnet.onnx --data fashion-mnist --images 1 --no-reference \
        --quant "$pair" --engine clocked --quiet >/dev/null
    printf '  %-50s %10s\n' "$pair" "$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }')"
done

test/bench/sweep.sh build/mantis
