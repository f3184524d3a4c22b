#!/usr/bin/env bash
# Does every command do what its help says, with the exit codes and files promised?   usage: test_command_line.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
cd "$work" || exit 3

# expect NAME STATUS PATTERN ARGUMENTS...: mantis ARGUMENTS exits with STATUS and prints something that matches PATTERN.
expect() {
    local name=$1 wanted=$2 pattern=$3 status
    shift 3
    "$mantis" "$@" >out.txt 2>&1 </dev/null
    status=$?
    if [ $status -ne "$wanted" ] || ! grep -qE -- "$pattern" out.txt; then
        echo "FAILED $name: exit $status, wanted $wanted and /$pattern/ from: mantis $*"
        head -n 8 out.txt
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}
data=(--data fashion-mnist)

expect help 0 'usage: mantis COMMAND' --help
expect version 0 '^mantis [0-9]+\.[0-9]+' --version
for command in run compile disasm quantize verify golden dram list; do
    expect "help-$command" 0 "Usage: mantis $command" "$command" --help
    "$mantis" --help | grep -q "^  $command " || { echo "FAILED: --help lacks $command"; failed=$((failed + 1)); }
done
for what in formats:flint pes:ant ops:Conv columns:utilization archs:ant-64x64 quants:rsd8_eb2 data:fashion-mnist \
    technologies:45nm drams:hbm2 parameters:core.rows; do
    expect "list-${what%:*}" 0 "${what#*:}" list "${what%:*}"
done

# --- one scheme, all reports ---
expect run 0 'top-1' run "$model" --arch ant-64x64 --quant ant4 "${data[@]}" --images 40 --quiet \
    --json r.json --csv r.csv --trace t.json.gz -j 2
that width awk 'length > 80 { print; bad = 1 } END { exit bad }' out.txt
that trace-is-gzip gzip -t t.json.gz
for lane in load array vector store; do
    that "trace-lane-$lane" bash -c "zcat t.json.gz | grep -q '\"thread_name\".*\"name\":\"$lane\"'"
done
expect json-stdout 0 '"top1"' run "$model" --arch ant-64x64 --quant ant4 "${data[@]}" --images 40 --json -
if command -v jq >/dev/null; then
    that json jq -e '.accuracy.images == 40 and .scheme == "ant4" and .arch == "ant-64x64"' r.json
    that json-layers-sum jq -e '([.layers[].macs] | add) == .macs and ([.layers[].cycles] | add) == .cycles' r.json
    that json-energy-sums jq -e '((([.layers[].energy_j] | add) / .energy_j.total - 1) | fabs) < 1e-9' r.json
    that json-components-sum jq -e \
        '(((.energy_j | .pe + .sram + .dram + .static) / .energy_j.total - 1) | fabs) < 1e-9' r.json
    that trace-is-json bash -c 'zcat t.json.gz | jq -e ".traceEvents | length > 50"'
    that same-on-stdout bash -c 'diff <(jq -S . r.json) <(jq -S . out.txt)'
fi
that csv-lines test "$(wc -l <r.csv)" -eq 16

# --- engines, threads: same figures ---
"$mantis" run "$model" --arch msd-40x40-skip --quant rsd8_eb2 "${data[@]}" --images 6 -j 1 --csv fast.csv >/dev/null
"$mantis" run "$model" --arch msd-40x40-skip --quant rsd8_eb2 "${data[@]}" --images 6 -j 2 --csv step.csv --engine step >/dev/null
that step-equals-fast cmp fast.csv step.csv

# --- several schemes ---
expect compare 0 '^rsd8_eb1 +msd-40x40' run "$model" "${data[@]}" --images 20 --arch int8-32x32 \
    --quant float32,int8,rsd8_eb1@msd-40x40 --json all.json
that compare-width awk 'length > 80 { bad = 1 } END { exit bad }' out.txt
if command -v jq >/dev/null; then
    that compare-json jq -e 'length == 3 and .[0].cycles == null and .[1].cycles > 0' all.json
fi
expect float32 0 'top-1' run "$model" --quant float32 "${data[@]}" --images 20
expect timing-only 0 'cycles' run "$model" --arch int8-32x32
expect topology 0 '^ *output ' run "$root/workloads/topologies/resnet18.csv" --arch int8-32x32
expect arch-needed 2 'arch.*ant-64x64.*int8-32x32' run "$model"
expect batch 0 'per image, 8 images in a batch' run "$root/workloads/topologies/resnet18.csv" --arch int8-32x32 --batch 8
expect batch-values 2 '--batch is for topologies' run "$model" --arch int8-32x32 --batch 8
expect batch-none 2 'not a whole number in 1' run "$root/workloads/topologies/resnet18.csv" --arch int8-32x32 --batch 0
expect topology-data 2 'topology' run "$root/workloads/topologies/resnet18.csv" --arch int8-32x32 "${data[@]}"

# --- programs ---
expect compile 0 'instructions' compile "$model" --arch ant-64x64 --quant ant4 "${data[@]}" -o p.mprog --quiet
expect disasm 0 'matmul' disasm p.mprog
expect run-program 0 'ant4 on ant-64x64' run p.mprog "${data[@]}" --images 40 --csv program.csv
that program-cycles bash -c 'diff <(cut -d, -f4,8-10 r.csv) <(cut -d, -f4,8-10 program.csv)'
expect program-arch 2 'compiled for ant-64x64' run p.mprog --arch int8-32x32
expect program-quant 2 'compiled already' run p.mprog --quant int8
expect golden 0 'arrays' golden p.mprog "${data[@]}" --first 5 --images 2 -o g.npz --hex hex
that hex-input test "$(wc -l <hex/input.hex)" -eq $((1 + 2 * 28 * 28))
expect verify 0 'no element differs' verify p.mprog --golden g.npz
expect compile-other 0 '.' compile "$model" --arch ant-64x64 --quant int4 "${data[@]}" -o other.mprog --quiet
expect verify-differs 1 'output: image 0.*machine [0-9]+, golden [0-9]+' verify other.mprog --golden g.npz
expect golden-range 2 'has 10000' golden p.mprog "${data[@]}" --first 9999 --images 2 -o h.npz
that nothing-partly-written test ! -e h.npz

# --- quantiser ---
expect quantize-npz 0 'flint4' quantize "$model" --quant ant4 --calib fashion-mnist-calib -o q.npz
expect quantize-onnx 0 'SQNR' quantize "$model" --quant int8 --calib fashion-mnist-calib -o q.onnx
expect quantized-runs 0 'top-1 +9[0-9]' run q.onnx --quant float32 "${data[@]}" --images 200
expect quantize-suffix 2 'npz or .onnx' quantize "$model" --quant int8 --calib fashion-mnist-calib -o q.txt
expect calibration-note 0 'first 100 images of the data itself' run "$model" --arch int8-32x32 --data fashion-mnist-calib \
    --images 10

# --- output files ---
echo old >kept.json
expect bad-run-keeps-output 2 'nonesuch' run "$model" --arch nonesuch --json kept.json
that kept grep -q old kept.json
expect full-disk 2 'No space' run "$model" --arch int8-32x32 --json /dev/full
that device-stays test -c /dev/full
"$mantis" list columns >/dev/full 2>err.txt
that full-stdout test $? -eq 2
expect unwritable 2 'cannot be written' run "$model" --arch int8-32x32 --json /proc/x.json
that no-temporaries test -z "$(find . -name '*.tmp' -o -name '*.??????' | grep -vE '\.(mprog)$' | grep -E 'json\.|csv\.|npz\.|onnx\.' || true)"

# --- a DRAM ---
printf '0 R 0\n40 W 2\n10000 R 50\n' >trace.txt
gzip -k trace.txt
expect dram 0 '^trace: [0-9]+ clocks' dram trace.txt --device ddr4-2400 --commands commands.log
that dram-policies grep -q 'mapping rochrababgco, row open, scheduler fr-fcfs' out.txt
that dram-commands grep -qE '^[0-9]+ 0 ACT 0 0$' commands.log
expect dram-csv 0 '^hbm2,trace,3,[0-9]+,' dram trace.txt trace.txt.gz --device hbm2 --csv
mv out.txt jumped.txt
expect dram-step 0 '^hbm2,trace,3,' dram trace.txt trace.txt.gz --device hbm2 --csv --step
that dram-step-is-the-same cmp out.txt jumped.txt
expect dram-in-order 0 '^hbm2,trace,3,' dram trace.txt --device hbm2 --csv --controller in-order
expect dram-no-controller 2 'not one of in-order, queued' dram trace.txt --device hbm2 --controller fast
expect dram-in-order-steps 2 "queued controller's" dram trace.txt --device hbm2 --controller in-order --step

# --- Ctrl-C ---
"$mantis" run "$model" --arch int8-32x32 "${data[@]}" --json stopped.json >out.txt 2>err.txt &
pid=$!
sleep 1.5
kill -INT $pid
wait $pid
status=$?
that interrupted test $status -eq 130
that interrupted-says-so grep -q 'interrupted' err.txt
that interrupted-writes-nothing test ! -e stopped.json
that interrupted-leaves-nothing test -z "$(find . -name 'stopped*')"

summary
