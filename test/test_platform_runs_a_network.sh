#!/usr/bin/env bash
# Does the example platform, over its bus, compute what mantis computes, in as many cycles?
#   usage: test_platform_runs_a_network.sh MANTIS SHARED
set -euo pipefail
mantis=$1
build=$(dirname "$mantis")
platform=$build/example_platform
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if [ ! -r /usr/share/datasets/fashion-mnist ]; then
    echo "SKIPPED: /usr/share/datasets/fashion-mnist is not here"
    exit 77
fi

# run PROGRAM OPTIONS...: the platform; leaves its report in report.txt
run() {
    "$platform" "$@" >report.txt 2>error.txt || { cat report.txt error.txt; exit 1; }
}

# cycles_are EXPECTED
cycles_are() {
    grep -qx "cycles  $1" report.txt || { echo "not $1 cycles:"; cat report.txt; exit 1; }
}

# network ARCH SCHEME IMAGE: what every layer leaves in the platform's memory, and the cycles, are mantis's; with the image
# encoded by the platform, and with codes that mantis encoded.
network() {
    "$mantis" compile "$model" --arch "$1" --quant "$2" --data fashion-mnist --quiet -o p.mprog >/dev/null
    "$mantis" golden p.mprog --data fashion-mnist --first "$3" -o golden.npz >/dev/null
    cycles=$("$mantis" run p.mprog --quiet --json - | jq .cycles)
    run p.mprog --data fashion-mnist --image "$3" --golden platform.npz
    cycles_are "$cycles"
    layers=$("$mantis" verify p.mprog --golden platform.npz | sed 's/.*: //')
    [ "$layers" = "$("$mantis" verify p.mprog --golden golden.npz | sed 's/.*: //')" ]
    grep '^levels' report.txt >levels.txt
    run p.mprog --input golden.npz
    grep -qxFf levels.txt report.txt
    cycles_are "$cycles"
    echo "same: $2 on $1, image $3, $cycles cycles, $layers"
}

network msd-40x40 rsd8_eb2 7
network int8-32x32 int8 0
network msd-ultra96 msd_eb2 5
network ant-64x64 ant4 3

echo "a slow memory: the same bits in more cycles"
run p.mprog --input golden.npz --latency 1000 --golden slow.npz
"$mantis" verify p.mprog --golden slow.npz >/dev/null
grep -qxFf levels.txt report.txt
[ "$(sed -n 's/^cycles  //p' report.txt)" -gt "$cycles" ]

echo "a waveform"
run p.mprog --vcd w.vcd
grep -q 'scope module array' w.vcd

# refused TEXT OPTIONS...: exit code 2 and one line that says TEXT
refused() {
    local text=$1 status=0
    shift
    "$platform" "$@" >/dev/null 2>error.txt || status=$?
    [ "$status" -eq 2 ] && grep -q "$text" error.txt || { echo "exit code $status:"; cat error.txt; exit 1; }
}
head -c 5000 p.mprog >cut.mprog
printf '\223NUMPY\1\0v\0%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (), }" >other.npz
printf x >>other.npz
refused 'cut.mprog: damaged' cut.mprog
refused 'memory 1: the program needs' p.mprog --memory 1
refused 'is not in 0..9999' p.mprog --data fashion-mnist --image 10000
refused 'missing.npz' p.mprog --input missing.npz
refused 'needs an array "input"' p.mprog --input other.npz
refused 'no program given'

echo "the manual's command line links it too"
flags=()
if [ "$(nm "$build/libmantis.a" 2>/dev/null | grep -c __asan_)" -gt 0 ]; then # the archives of a sanitized build
    flags=(-fsanitize=address,undefined)
fi
gcc -std=gnu17 -I"$root" "${flags[@]}" -c "$root/sim/examples/platform_workload.c"
g++ -std=c++17 -I"$root" "${flags[@]}" "$root"/sim/examples/platform*.cpp platform_workload.o \
    "$build/sim/libmantis_clocked.a" "$build/libmantis.a" -o platform \
    $(pkg-config --cflags --libs systemc libconfig jansson libzip libprotobuf-c zlib libjpeg) -ldnnl -lgomp -lpthread -lm
./platform p.mprog --input golden.npz 2>/dev/null | grep -qxFf levels.txt
