#!/usr/bin/env bash
# Does the Verilog array compute every layer of a real network, sum for sum, in the cycles of the C model?
# usage: layers.sh MANTIS RTL PE DATAFLOW SCHEME
# The shipped network is compiled for an array of 6 x 4 of those PEs; its golden matrices go through
# pe/rtl/bench/array_bench.v under Verilator, those of the last layer also under Icarus, where it is installed, on an
# array of 4 x 2. Then the same with two cores of such PEs, each of which does its own output channels.
set -uo pipefail
mantis=$1 rtl=$2 pe=$3 dataflow=$4 scheme=$5
rows=6 columns=4
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v verilator >/dev/null || { echo "SKIPPED: verilator is not here"; exit 77; }
[ -r /usr/share/datasets/fashion-mnist ] || { echo "SKIPPED: the Fashion-MNIST package is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
fail() {
    echo "FAILED: $*"
    exit 1
}

# --- golden matrices ---
core="{ pe = \"$pe\"; rows = $rows; columns = $columns; dataflow = \"$dataflow\"; };"
printf 'extends = "int8-32x32";\ncore = %s\n' "$core" >arch.cfg
printf 'extends = "./arch.cfg";\nsecond_core = %s\n' "$core" >two.cfg
model=$root/workloads/models/fashion-resnet.onnx
golden() { # ARCH FOLDER
    "$mantis" compile "$model" --arch "$1" --quant "$scheme" --data fashion-mnist --quiet -o p.mprog >log 2>&1 &&
        "$mantis" golden p.mprog --data fashion-mnist --hex "$2" >>log 2>&1 || fail "$(tail -n 3 log)"
}
golden arch.cfg hex
golden two.cfg two

# --- the bench ---
number() { case $1 in int8 | os) echo 0 ;; ant | ws) echo 1 ;; msd) echo 2 ;; esac; }
parameters=("ROWS=$rows" "COLUMNS=$columns" "PE=$(number "$pe")")
small=("ROWS=4" "COLUMNS=2" "PE=$(number "$pe")")
stationary=$(number "$dataflow")
verilator --binary --timing -O3 -j 2 -y "$rtl" --top-module array_bench --Mdir verilated -o bench \
    -MAKEFLAGS "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1" "${parameters[@]/#/-G}" "-GWEIGHT_STATIONARY=1'b$stationary" "$rtl/bench/array_bench.v" >log 2>&1 ||
    fail "$(grep -m 5 -E '^%' log)"

# run COMMAND... PRODUCT: what the bench says of FOLDER/LAYER.matmul.
run() {
    local product=${*: -1}
    mapfile -t arguments <"$product.args"
    "${@:1:$#-1}" "+layer=$product" "${arguments[@]}" +exact 2>&1
}

# run_all FOLDER: how many products pass; all must.
run_all() {
    local products=0 file said
    for file in "$1"/*.args; do
        said=$(run verilated/bench "${file%.args}")
        grep -q '^PASS: .*the C model: ' <<<"$said" || fail "$file: $said"
        products=$((products + 1))
    done
    echo $products
}
layers=$(run_all hex) || fail "$layers"
[ "$layers" -ge 10 ] || fail "only $layers layers"

# Both cores' columns are together those of the layer: its channels, each once.
products=$(run_all two) || fail "$products"
[ "$products" -gt "$layers" ] || fail "only $products products of $layers layers on two cores"
for file in hex/*.matmul.args; do
    layer=$(basename "$file" .matmul.args)
    channels=$(sed -n 's/^+n=//p' "$file")
    cat two/"$layer".matmul*.channels.hex | grep -v // | sort | cmp - <(seq 0 $((channels - 1)) | xargs printf '%08x\n') ||
        fail "$layer: the channels of two cores"
done

if command -v iverilog >/dev/null; then
    iverilog -g2001 -y "$rtl" -s array_bench -o bench.vvp "${small[@]/#/-Parray_bench.}" \
        "-Parray_bench.WEIGHT_STATIONARY=$stationary" "$rtl/bench/array_bench.v" || fail "Icarus refuses the bench"
    said=$(run vvp -n bench.vvp hex/classifier.matmul)
    grep -q '^PASS: ' <<<"$said" || fail "Icarus, classifier: $said"
fi

# --- a bench that passes everything would pass this ---
awk '!/^\/\// && ++n == 7 { $0 = "0000000000123456" } { print }' hex/classifier.matmul.sums.hex >sums
mv sums hex/classifier.matmul.sums.hex
said=$(run verilated/bench hex/classifier.matmul)
grep -q '^FAIL: 1 of 10 sums' <<<"$said" || fail "a wrong sum passed: $said"
echo "$pe $dataflow $scheme: $layers layers, $products products on two cores"
