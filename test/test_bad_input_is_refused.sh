#!/usr/bin/env bash
# Does every bad input give exit code 2, one clear line that names the file and what is wrong, and nothing half written?
#   usage: test_bad_input_is_refused.sh MANTIS SHARED
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
images=/usr/share/datasets/fashion-mnist
proto=$(find /usr/include -name onnx.proto -path '*onnx*' | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
passed=0
failed=0

# refuse NAME PATTERN ARGUMENTS...: mantis ARGUMENTS must exit with 2 and print one line on stderr that matches PATTERN.
refuse() {
    local name=$1 pattern=$2 status lines
    shift 2
    timeout 60 "$mantis" "$@" >out.txt 2>err.txt </dev/null
    status=$?
    lines=$(wc -l <err.txt)
    if [ $status -ne 2 ] || [ "$lines" -ne 1 ] || ! grep -qE -- "$pattern" err.txt; then
        echo "FAILED $name: exit $status, $lines lines, wanted /$pattern/ from: mantis $*"
        head -n 5 err.txt
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

# onnx NAME: text-format graph body on standard input becomes NAME.onnx.
onnx() {
    { echo 'ir_version: 7 opset_import { domain: "" version: 13 } graph { name: "g"'; cat; echo '}'; } |
        protoc -I "$(dirname "$proto")" --encode=onnx.ModelProto "$proto" >"$1.onnx" || exit 3
}

# image DIMS...: declare graph input x of these dims; result: declare output y.
image() {
    echo "input { name: \"x\" type { tensor_type { elem_type: 1 shape {"
    for dim in "$@"; do echo "dim { dim_value: $dim }"; done
    echo '} } } }'
}
result() {
    echo 'output { name: "y" type { tensor_type { elem_type: 1 } } }'
}
# weights NAME VALUE DIMS...: a float initializer filled with VALUE (as many as the dims say, 64 at the most).
weights() {
    local name=$1 value=$2 count=1 dim
    shift 2
    echo "initializer { name: \"$name\" data_type: 1"
    for dim in "$@"; do echo "dims: $dim"; count=$((count * dim)); done
    for ((i = 0; i < count && i < 64; i++)); do echo "float_data: $value"; done
    echo '}'
}
node() { # OPERATOR OUTPUT INPUTS...
    echo "node { op_type: \"$1\" name: \"n_$2\" output: \"$2\""
    shift 2
    for input in "$@"; do echo "input: \"$input\""; done
    echo '}'
}
config() { # NAME, text on standard input
    cat >"$1.cfg"
}
run() { # MODEL ARGUMENTS...: the arguments of a plain run
    echo run "$1" --arch "${2:-int8-32x32}" --quant "${3:-int8}"
}

# --- command line -----------------------------------------------------------------------------------------------------
refuse no-command 'command'
refuse unknown-command 'frobnicate' frobnicate
refuse unknown-option 'frobnicate' run "$model" --arch int8-32x32 --frobnicate
refuse no-model 'MODEL|model' run --arch int8-32x32
refuse missing-model 'absent.onnx.*No such file' $(run absent.onnx)
refuse unknown-model-kind 'model.txt|\.onnx' $(run model.txt)
refuse folder-as-model 'directory|read' $(run "$work")
refuse unknown-arch 'nonesuch.*int8-32x32' $(run "$model" nonesuch)
refuse unknown-scheme 'nonesuch.*int8' $(run "$model" int8-32x32 nonesuch)
refuse unknown-data 'nonesuch' $(run "$model") --data nonesuch
refuse images-not-a-number 'images' $(run "$model") --data fashion-mnist --images many
refuse images-negative 'images' $(run "$model") --data fashion-mnist --images -3
refuse scheme-and-pe 'flint|rsd|int' $(run "$model" int8-32x32 rsd8_eb2)
refuse output-folder-missing 'nowhere' $(run "$model") --json nowhere/out.json
refuse list-what 'formats.*columns' list teapots

# --- ONNX -------------------------------------------------------------------------------------------------------------
: >empty.onnx
refuse onnx-empty 'empty.onnx' $(run empty.onnx)
head -c 5000 /dev/zero | tr '\0' '\377' >noise.onnx
refuse onnx-noise 'noise.onnx' $(run noise.onnx)
for size in 100 10000 300000; do
    head -c $size "$model" >"cut$size.onnx"
    refuse "onnx-truncated-$size" "cut$size.onnx" $(run "cut$size.onnx")
done
{ image 1 1 8 8; result; node Frobnicate y x; } | onnx unknown
refuse onnx-unknown-operator 'unknown.onnx: node 0 .*Frobnicate.*Conv' $(run unknown.onnx)
{ image 1 1 8 8; result; node Relu a b; node Relu b a; node Add y a x; } | onnx cycle
refuse onnx-cycle 'cycle.onnx: .*(cycle|cyclic)' $(run cycle.onnx)
{ image 1 1 8 8; result; node Conv y x w; } | onnx dangling
refuse onnx-missing-input 'dangling.onnx: node 0 .*"?w"?' $(run dangling.onnx)
{ image 1 1 8 8; result; weights w nan 1 1 3 3; node Conv y x w; } | onnx nan
refuse onnx-nan-weights 'nan.onnx: .*w.*(NaN|nan|finite)' $(run nan.onnx)
{ image 1 1 8 8; result; weights w inf 1 1 3 3; node Conv y x w; } | onnx inf
refuse onnx-infinite-weights 'inf.onnx: .*w' $(run inf.onnx)
{ image 1 3 8 8; result; weights w 1 1 1 3 3; node Conv y x w; } | onnx channels
refuse onnx-channel-mismatch 'channels.onnx: node 0' $(run channels.onnx)
{ image 1 1 8 8; result; weights w 1 1 1 9 9; node Conv y x w; } | onnx kernel
refuse onnx-kernel-larger-than-image 'kernel.onnx: node 0' $(run kernel.onnx)
{ image 1 1 100000 100000; result; weights w 1 64 1 1 1; node Conv y x w; } | onnx huge
refuse onnx-huge-image 'huge.onnx' $(run huge.onnx)
{ image 1 1 8 8; result; weights w 1 2000000000 2000000000 3 3; node Conv y x w; } | onnx hugeweights
refuse onnx-huge-weights 'hugeweights.onnx: .*w' $(run hugeweights.onnx)
{ image 1 1 8 8; result; weights w 1 1 1 30 30; node Conv y x w; } | onnx short
refuse onnx-short-weights 'short.onnx: .*w' $(run short.onnx)
{ image 1 1 0 8; result; weights w 1 1 1 1 1; node Conv y x w; } | onnx zero
refuse onnx-zero-dim 'zero.onnx' $(run zero.onnx)
{ image 1 1 -4 8; result; weights w 1 1 1 1 1; node Conv y x w; } | onnx negative
refuse onnx-negative-dim 'negative.onnx' $(run negative.onnx)
{ image 1 1 8 8; result; weights x 1 1; node Relu y x; node Relu y x; } | onnx twice
refuse onnx-defined-twice 'twice.onnx' $(run twice.onnx)
{ image 1 1 8 8; result; echo 'initializer { name: "w" data_type: 8 dims: 1 }'; node Conv y x w; } | onnx strings
refuse onnx-wrong-type 'strings.onnx: .*w' $(run strings.onnx)
{ image 1 1 8 8; node Relu y x; } | onnx nooutput
refuse onnx-no-output 'nooutput.onnx: .*output' $(run nooutput.onnx)

# --- topology ---------------------------------------------------------------------------------------------------------
printf 'Layer name, M, N, K,\nl1, 10, zero, 3,\n' >words.csv
refuse csv-not-a-number 'words.csv:2: ' $(run words.csv)
printf 'Layer name, M, N, K,\nl1, 10, 0, 3,\n' >zeros.csv
refuse csv-zero 'zeros.csv:2: ' $(run zeros.csv)
printf 'Layer name, M, N, K,\nl1, 99999999999, 4, 3,\n' >large.csv
refuse csv-huge 'large.csv:2: ' $(run large.csv)
printf 'a, b\n' >header.csv
refuse csv-unknown-header 'header.csv:1: ' $(run header.csv)

# --- arch, scheme and data files --------------------------------------------------------------------------------------
arch=$root/configs/arch/int8-32x32.cfg
broken() { # NAME SED-EXPRESSION: the int8 arch with one thing wrong
    sed -E "$2" "$arch" >"$1.cfg"
    cmp -s "$arch" "$1.cfg" && { echo "FAILED $1: the edit changed nothing"; failed=$((failed + 1)); }
}
broken rows0 's/rows *= *32/rows = 0/'
refuse arch-zero-rows 'rows0.cfg:[0-9]+: .*rows.*1\.\.1024' $(run "$model" ./rows0.cfg)
broken rowsmany 's/rows *= *32/rows = 4096/'
refuse arch-too-many-rows 'rowsmany.cfg:[0-9]+: .*1\.\.1024' $(run "$model" ./rowsmany.cfg)
broken rowstext 's/rows *= *32/rows = "many"/'
refuse arch-wrong-type 'rowstext.cfg:[0-9]+: .*rows' $(run "$model" ./rowstext.cfg)
broken pename 's/pe *= *"int8"/pe = "int9"/'
refuse arch-unknown-pe 'pename.cfg:[0-9]+: .*int9.*ant' $(run "$model" ./pename.cfg)
broken unknownkey 's/rows *= *32/rows = 32; colour = 3/'
refuse arch-unknown-key 'unknownkey.cfg:[0-9]+: .*colour' $(run "$model" ./unknownkey.cfg)
head -c 200 "$arch" >cutarch.cfg
refuse arch-truncated 'cutarch.cfg:[0-9]+: ' $(run "$model" ./cutarch.cfg)
sed -E '/act *=/,/;/ s/(kib *= *)[0-9]+/\1 0/' "$arch" >nopad.cfg
printf 'extends = "ant-fig13-os";\ndram = {\n    timing = { CL = 20; };\n};\n' >idealtiming.cfg
refuse arch-ideal-with-timing 'idealtiming.cfg:3: timing: .*"ant-fig13-os" is ideal' $(run "$model" ./idealtiming.cfg)
printf 'extends = "int8-32x32";\ndram = { geometry = { rows = 1; }; };\n' >smalldram.cfg
refuse dram-too-small 'tensors take [0-9.]+ MiB of DRAM: ddr4-2400-cobg holds 0.1 MiB' $(run "$model" ./smalldram.cfg)
refuse arch-no-scratchpad 'nopad.cfg:[0-9]+: ' $(run "$model" ./nopad.cfg)
config badscheme <<<'name = "x"; weights = { formats = ["int"]; bits = 99; }; activations = { formats = ["int"]; bits = 8; };'
refuse scheme-bits 'badscheme.cfg:[0-9]+: .*bits' $(run "$model" int8-32x32 ./badscheme.cfg)
config badfamily <<<'name = "x"; weights = { formats = ["posit"]; bits = 8; }; activations = { formats = ["int"]; bits = 8; };'
refuse scheme-format 'badfamily.cfg:[0-9]+: .*posit.*flint' $(run "$model" int8-32x32 ./badfamily.cfg)
config nofile <<<'type = "idx"; path = "absent-images"; labels = "absent-labels";'
refuse data-missing-file 'absent-images' $(run "$model") --data ./nofile.cfg
config badtype <<<'type = "tarot"; path = "x";'
refuse data-type 'badtype.cfg:[0-9]+: .*tarot.*idx' $(run "$model") --data ./badtype.cfg
config nolabels <<<"type = \"idx\"; path = \"$images/t10k-images-idx3-ubyte.gz\"; labels = \"missing-labels\";"
refuse data-missing-labels 'missing-labels' $(run "$model") --data ./nolabels.cfg
head -c 5000 "$images/t10k-images-idx3-ubyte.gz" >cut.gz
config cutdata <<<"type = \"idx\"; path = \"cut.gz\"; labels = \"$images/t10k-labels-idx1-ubyte.gz\";"
refuse data-truncated 'cut.gz' $(run "$model") --data ./cutdata.cfg
config swapped <<<"type = \"idx\"; path = \"$images/t10k-labels-idx1-ubyte.gz\"; labels = \"$images/t10k-images-idx3-ubyte.gz\";"
refuse data-swapped 'ubyte.gz' $(run "$model") --data ./swapped.cfg
head -c 1000 /dev/urandom >noise.npz
config noisenpz <<<'type = "npz"; path = "noise.npz";'
refuse data-noise-npz 'noise.npz' $(run "$model") --data ./noisenpz.cfg
{ image 1 3 28 28; result; weights w 0.1 8 3 1 1; node Conv c x w; node GlobalAveragePool p c; node Flatten y p; } | onnx colour
mkdir photos
head -c 3000 /dev/urandom >photos/a.jpg
echo 'a.jpg 0' >photos/labels.txt
config photos <<<'type = "images"; path = "photos"; labels = "labels.txt"; crop = 28;'
refuse data-broken-jpeg 'a.jpg' $(run colour.onnx) --data ./photos.cfg
head -c 3000 /dev/urandom >records.bin
config records <<<'type = "cifar10"; path = "records.bin";'
refuse data-odd-records 'records.bin' $(run "$model") --data ./records.cfg

# --- programs ---------------------------------------------------------------------------------------------------------
if "$mantis" compile "$model" --arch int8-32x32 --quant int8 -o good.mprog >/dev/null 2>&1; then
    size=$(stat -c %s good.mprog)
    for part in 0 7 64 4096 $((size - 1)); do
        head -c "$part" good.mprog >cut.mprog
        refuse "program-truncated-$part" 'cut.mprog' run cut.mprog
    done
    { head -c $((size / 2)) good.mprog; printf 'X'; tail -c +$((size / 2 + 2)) good.mprog; } >flip.mprog
    refuse program-corrupt 'flip.mprog' run flip.mprog
    refuse program-disasm 'flip.mprog' disasm flip.mprog
    refuse verify-no-golden 'absent.npz' verify good.mprog --golden absent.npz
    refuse verify-not-golden 'noise.npz' verify good.mprog --golden noise.npz
else
    echo "FAILED: cannot compile the shipped network"
    failed=$((failed + 1))
fi
# --- traces of a DRAM ---
printf '0 R 0\n40 Q 5\n' >kind.txt
printf '0 R 0\n' | gzip | head -c 20 >cut.txt.gz
printf '200000000 R 0\n' >far.txt
printf '0 R 0\n' >good.txt
: >empty.txt
refuse trace-kind 'kind.txt:2: "Q" is neither R nor W' dram kind.txt --device ddr4-2400
refuse trace-cut 'cut.txt.gz: .*gzip' dram cut.txt.gz --device ddr4-2400
refuse trace-empty 'empty.txt: holds no request' dram empty.txt --device ddr4-2400
refuse trace-far 'far.txt: request 1: address 200000000 is beyond the 8192 MiB' dram far.txt --device ddr4-2400
refuse trace-absent 'absent.txt: No such file' dram absent.txt --device ddr4-2400
refuse trace-folder '/tmp: not a regular file' dram /tmp --device ddr4-2400
refuse trace-none 'no TRACE given' dram --device ddr4-2400
refuse trace-no-device '--device is needed, one of ddr4-2400,' dram good.txt
refuse trace-device 'ddr9: no such DRAM device; there are: ddr4-2400,' dram good.txt --device ddr9
refuse trace-commands 'one TRACE at a time' dram good.txt good.txt --device hbm2 --commands out.log
refuse trace-disk-full 'full' dram good.txt --device hbm2 --commands /dev/full

topology=$root/workloads/topologies/msd/resnet18.csv
tiles=layer,tile_h,tile_w,tile_n,tile_k,weights_outer,first_core_channels
printf '%s\nConvX,1,1,1,1,0,1\n' $tiles >unknown.csv
printf '%s\nConv1,111,1,1,1,0,1\n' $tiles >tall.csv
printf '%s\nConv1,1,1,8,1,0,9\n' $tiles >share.csv
refuse schedule-no-arch 'schedule: --arch is needed' schedule "$topology"
refuse schedule-no-model 'no MODEL given' schedule --arch msd-ultra96
refuse schedule-no-lockstep 'int8-32x32: has no group lockstep' schedule "$topology" --arch int8-32x32
refuse schedule-bits '"0" is not a whole number in 1..8' schedule "$topology" --arch msd-ultra96 --effectual-bits 0
refuse schedule-unknown 'unknown.csv:2: resnet18 has no layer "ConvX"' schedule "$topology" --arch msd-ultra96 --schedule unknown.csv
refuse schedule-tall 'Conv1: line 2: tile_h: 111 is not in 1..110' schedule "$topology" --arch msd-ultra96 --schedule tall.csv
refuse schedule-share 'first_core_channels: 9 is not in 0..8' schedule "$topology" --arch msd-ultra96 --schedule share.csv
refuse schedule-disk-full 'full' schedule "$topology" --arch msd-ultra96 --write-schedule /dev/full

refuse compile-disk-full 'full' compile "$model" --arch int8-32x32 --quant int8 -o /dev/full
[ -z "$(find . -name '*.tmp*')" ] || { echo "FAILED: temporary files left"; failed=$((failed + 1)); }

echo "$passed bad inputs refused, $failed not"
[ "$failed" -eq 0 ]
