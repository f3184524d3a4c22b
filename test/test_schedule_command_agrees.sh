#!/usr/bin/env bash
# Does mantis schedule cost what it writes as what it found, take published schedules, and does mantis run take its own?
#   usage: test_schedule_command_agrees.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
resnet18=$root/workloads/topologies/msd/resnet18.csv

# schedule FILE ARGUMENTS...: its csv into a file.
schedule() {
    "$mantis" schedule "$resnet18" --arch msd-ultra96 --effectual-bits 2 --csv --quiet "${@:2}" >"$1"
}

that "search" schedule "$work/found.csv" --write-schedule "$work/tiles.csv"
that "cost of what was written" schedule "$work/given.csv" --schedule "$work/tiles.csv"
that "what is written costs what was found" cmp "$work/found.csv" "$work/given.csv"
that "21 layers" test "$(wc -l <"$work/found.csv")" -eq 22
"$mantis" schedule "$resnet18" --arch msd-ultra96 --effectual-bits 2 --quiet >"$work/text"
sum=$(awk -F, 'NR > 1 { sum += $NF } END { print sum }' "$work/found.csv")
that "total is the sum" grep -q "^total: $sum cycles, .* at 214 MHz" "$work/text"
that "no layer exceeds the buffers" test "$(awk -F, 'NR > 1 && !$(NF - 1)' "$work/found.csv" | wc -l)" -eq 0

# The scheme's digits are the effectual bits unless given: the edges of rsd8_eb1 have four.
"$mantis" schedule "$resnet18" --arch msd-ultra96 --quant rsd8_eb1 --csv --quiet | awk -F, 'NR > 1 { print $7 }' | uniq -c |
    tr -s ' ' >"$work/bits"
that "effectual bits of the scheme" diff <(printf ' 1 4\n 19 1\n 1 4\n') "$work/bits"

# One published row (results/published/msd_schedules.csv), and the same with tiles twice as wide.
published() {
    printf 'layer,tile_h,tile_w,tile_n,tile_k,weights_outer,first_core_channels\nConv1,%s,%s,64,3,0,32\n' "$1" "$1"
}
published 16 >"$work/conv1.csv"
schedule "$work/conv1" --schedule "$work/conv1.csv"
that "published cycles of Conv1" grep -qx 'Conv1,16,16,64,3,32,2,49,.*,compute,1,116860' "$work/conv1"
that "other layers are searched" diff <(sed 1,2d "$work/found.csv") <(sed 1,2d "$work/conv1")
published 110 >"$work/large.csv"
schedule "$work/large" --schedule "$work/large.csv"
that "a tile that does not fit is told" grep -q '^Conv1,110,.*,0,[0-9.]*$' "$work/large"
"$mantis" schedule "$resnet18" --arch msd-ultra96 --schedule "$work/large.csv" --quiet >"$work/text"
that "and noted" grep -q '^note: 1 layers need larger buffers' "$work/text"

that "run takes what was written" "$mantis" run "$resnet18" --arch msd-ultra96 --quant rsd8_eb2 --schedule "$work/tiles.csv" --quiet
that "vector layers are left out" "$mantis" schedule "$root/workloads/models/fashion-resnet.onnx" --arch msd-ultra96 --quant rsd8_eb2 \
    --quiet --write-schedule "$work/onnx.csv"
summary
