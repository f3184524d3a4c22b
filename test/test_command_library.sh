#!/usr/bin/env bash
# Does libmantis work from its archive and one header, and give what the command line gives?
#   usage: test_command_library.sh MANTIS SHARED
set -euo pipefail
mantis=$1
build=$(dirname "$mantis")
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "the header alone: C17 and C++"
cc -std=c17 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c "$root/sim/mantis.h"
c++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ "$root/sim/mantis.h"

lines=$(wc -l <"$root/sim/examples/classify.c")
[ "$lines" -le 35 ] || { echo "the example has $lines lines"; exit 1; }
flags=()
if [ "$(nm "$build/libmantis.a" 2>/dev/null | grep -c __asan_)" -gt 0 ]; then # the archive of a sanitized build
    flags=(-fsanitize=address,undefined)
fi
echo "the example against libmantis.a"
cc -std=c17 -Wall -Wextra -I"$root" "${flags[@]}" "$root/sim/examples/classify.c" "$build/libmantis.a" -o "$work/classify" \
    $(pkg-config --libs libconfig jansson libzip libprotobuf-c zlib libjpeg) -ldnnl -lgomp -lpthread -lm
"$work/classify" "$model" ant-64x64 ant4 fashion-mnist 100 >"$work/library.txt"
head -n 3 "$work/library.txt"
"$mantis" run "$model" --arch ant-64x64 --quant ant4 --data fashion-mnist --images 100 >"$work/command.txt"
cycles=$(sed -nE 's/.*, ([0-9]+) cycles,.*/\1/p;q' "$work/library.txt")
top1=$(sed -nE 's/^top-1 ([0-9.]+) %.*/\1/p;q' "$work/library.txt")
grep -q "cycles  *$cycles per image" "$work/command.txt"
grep -q "top-1  *$top1 %" "$work/command.txt"
status=0
"$work/classify" "$model" nonesuch ant4 fashion-mnist 100 2>"$work/error.txt" || status=$?
[ "$status" -eq 2 ]
grep -q 'nonesuch.*ant-64x64' "$work/error.txt"
echo "library and command line agree: $cycles cycles, top-1 $top1 %"
