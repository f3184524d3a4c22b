#!/usr/bin/env bash
# Is every mistake in a sweep file, or on its command line, told on one line that names the place and what is legal?
# usage: test_sweep_refuses.sh MANTIS SHARED
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
passed=0
failed=0
topology="$root/workloads/topologies/resnet18.csv"
model="$root/workloads/models/fashion-resnet.onnx"

# refused NAME PATTERN ARGUMENTS...: exit code 2 and one line that matches.
refused() {
    local name=$1 pattern=$2
    shift 2
    timeout 20 "$mantis" sweep "$@" >out.txt 2>&1 </dev/null
    local status=$?
    if [ $status -ne 2 ] || [ "$(wc -l <out.txt)" -ne 1 ] || ! grep -qE -- "$pattern" out.txt; then
        echo "FAILED $name: exit $status, wanted 2 and one line of /$pattern/:"
        head -n 4 out.txt
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}
# file NAME PATTERN TEXT: a sweep file of that text is refused.
file() {
    printf '%s\n' "$3" >s.cfg
    refused "$1" "$2" s.cfg --dry-run
}
# of NETWORKS SCHEMES ACCELERATORS MORE: a whole file, a key per line.
of() { printf 'networks = %s;\nschemes = %s;\naccelerators = %s;\n%s\n' "$@"; }
# accelerator NAME PATTERN KEYS: these keys in the only accelerator, which is on line 3.
accelerator() { file "$1" "$2" "$(of "\"$topology\"" '"int8"' "( { extends = \"int8-32x32\"; $3 } )" '')"; }

# --- the keys of the file ---
file empty 's\.cfg: networks is missing: models' ''
file no-schemes 's\.cfg: schemes is missing: quantisation schemes' 'networks = "a.csv"; accelerators = ( );'
file unknown-key 's\.cfg:1: network: unknown; known here: networks, data, calib, images, schemes, accelerators, constraints' 'network = "a.csv";'
file number 's\.cfg:1: networks: must be a text' "$(of 3 '"int8"' '( { extends = "int8-32x32"; } )' '')"
file group 's\.cfg:1: networks: must be a text or a list' "$(of '{ model = "a.csv"; }' '"int8"' '( { extends = "int8-32x32"; } )' '')"
file no-networks 's\.cfg:1: networks: 0 entries are not in 1\.\.256' "$(of '()' '"int8"' '( { extends = "int8-32x32"; } )' '')"
file model-missing 's\.cfg:1: model is missing' "$(of '( { data = "x"; } )' '"int8"' '( { extends = "int8-32x32"; } )' '')"
file model-key 's\.cfg:1: modle: unknown; known here: model, data, calib, images' "$(of '( { modle = "x"; } )' '"int8"' '( { extends = "int8-32x32"; } )' '')"
file absent-model 's\.cfg:1: absent\.onnx: ' "$(of '"absent.onnx"' '"int8"' '( { extends = "int8-32x32"; } )' '')"
file model-kind 's\.cfg:1: s\.cfg: a model is an \.onnx' "$(of '"s.cfg"' '"int8"' '( { extends = "int8-32x32"; } )' '')"
file scheme 's\.cfg:2: schemes: nosuch: no such quantisation scheme; there are: .*ant4' "$(of "\"$topology\"" '"nosuch"' '( { extends = "int8-32x32"; } )' '')"
file scheme-twice 's\.cfg:2: schemes: int8 is there already' "$(of "\"$topology\"" '["int8", "int8"]' '( { extends = "int8-32x32"; } )' '')"
file float 's\.cfg:2: schemes: float32 quantises nothing' "$(of "\"$topology\"" '"float32"' '( { extends = "int8-32x32"; } )' '')"
file data 's\.cfg:1: nosuch: no such data file; there are: fashion' "$(of "\"$model\"" '"int8"' '( { extends = "int8-32x32"; } )' 'data = "nosuch";')"
file images 's\.cfg:1: images: 10001 asked for, fashion-mnist has 10000' "$(of "\"$model\"" '"int8"' '( { extends = "int8-32x32"; } )' 'data = "fashion-mnist"; images = 10001;')"
file negative-images 's\.cfg:4: images: -1 is not in 0\.\.' "$(of "\"$model\"" '"int8"' '( { extends = "int8-32x32"; } )' 'images = -1;')"
file constraint 's\.cfg:4: constraints: "cycles" is not one of network, scheme' "$(of "\"$topology\"" '"int8"' '( { extends = "int8-32x32"; } )' 'constraints = "cycles < 3";')"
file comparison 's\.cfg:4: constraints: "rows ~ 3": must be COLUMN, one of <= <' "$(of "\"$topology\"" '"int8"' '( { extends = "int8-32x32"; } )' 'constraints = "rows ~ 3";')"
file no-value 's\.cfg:4: constraints: "rows <": must be COLUMN' "$(of "\"$topology\"" '"int8"' '( { extends = "int8-32x32"; } )' 'constraints = "rows <";')"
file text-order 's\.cfg:4: constraints: "pe < ant": a text has only = and !=' "$(of "\"$topology\"" '"int8"' '( { extends = "int8-32x32"; } )' 'constraints = "pe < ant";')"
file no-number 's\.cfg:4: constraints: "rows < pe": "pe" is neither a number nor a column of numbers' "$(of "\"$topology\"" '"int8"' '( { extends = "int8-32x32"; } )' 'constraints = ["rows < 3", "rows < pe"];')"
file nan 's\.cfg:4: constraints: "rows < nan": "nan" is neither a number' "$(of "\"$topology\"" '"int8"' '( { extends = "int8-32x32"; } )' 'constraints = "rows < nan";')"

# --- grids of schemes ---
grid() { file "$1" "$2" "$(of "\"$topology\"" "( { $3 } )" '( { extends = "int8-32x32"; } )' '')"; }
grid grid-base 's\.cfg:2: extends is missing: scheme' 'weight_bits = 3;'
grid grid-key 's\.cfg:2: bits: unknown; known here: extends, name, weight_formats, weight_bits, activation_bits, edge_bits' 'extends = "int8"; bits = 3;'
grid grid-absent 's\.cfg:2: schemes: nosuch: no such quantisation scheme' 'extends = "nosuch";'
grid grid-float 's\.cfg:2: schemes: float32 is float or has layers of their own' 'extends = "float32"; weight_bits = 3;'
grid grid-table 's\.cfg:2: schemes: hawq is float or has layers of their own' 'extends = "hawq"; weight_bits = 3;'
grid grid-width 's\.cfg:2: weight_bits: no format of int8 has 9 bits' 'extends = "int8"; weight_bits = { from = 7; to = 9; step = 1; };'
grid grid-edge 's\.cfg:2: edge_bits: no format of int8 has 1 bits' 'extends = "int8"; edge_bits = [1];'
grid grid-range 's\.cfg:2: weight_bits: 33 is not in 1\.\.32' 'extends = "int8"; weight_bits = [33];'
grid grid-text 's\.cfg:2: activation_bits: must be a whole number' 'extends = "int8"; activation_bits = "4";'
grid grid-empty 's\.cfg:2: weight_bits: the list is empty' 'extends = "int8"; weight_bits = [];'
grid grid-many 's\.cfg:2: edge_bits: more than 32 values' "extends = \"int8\"; edge_bits = [$(printf '4, %.0s' {1..32}) 4];"
grid grid-step 's\.cfg:2: edge_bits: a range has a step or a factor' 'extends = "int8"; edge_bits = { from = 4; to = 8; };'
grid grid-format 's\.cfg:2: weight_formats: "rsd" is not one of int, flint' 'extends = "rsd8_eb2"; weight_formats = "rsd";'
grid grid-format-width 's\.cfg:2: weight_formats: there is no pot of 8 bits' 'extends = "int8"; weight_formats = "pot";'
grid grid-digits 's\.cfg:2: weight_bits: no format of rsd8_eb2 has 4 bits' 'extends = "rsd8_eb2"; weight_bits = 4;'
grid grid-twice 's\.cfg:2: schemes: int8\.w3 is there already' 'extends = "int8"; weight_bits = [3, 3];'
file grid-alone 's\.cfg:2: schemes: must be a text or a list' "$(of "\"$topology\"" '{ extends = "int8"; }' '( { extends = "int8-32x32"; } )' '')"
accelerator scheme-pattern 's\.cfg:3: schemes: "ant\*" is not one of the sweep.s: int8' 'schemes = "ant*";'

# --- accelerators ---
file no-list 's\.cfg:3: accelerators: must be a list' "$(of "\"$topology\"" '"int8"' '{ extends = "int8-32x32"; }' '')"
file no-groups 's\.cfg:3: accelerators: must be groups' "$(of "\"$topology\"" '"int8"' '( "int8-32x32" )' '')"
file no-base 's\.cfg:3: extends is missing: accelerator to start from, one of .*ant-64x64' "$(of "\"$topology\"" '"int8"' '( { sizes = [3]; } )' '')"
file base 's\.cfg:3: extends: nosuch: no such accelerator; there are: .*ant-64x64' "$(of "\"$topology\"" '"int8"' '( { extends = "nosuch"; } )' '')"
accelerator key 's\.cfg:3: cores: unknown; known here: sizes, axes, schemes, constraints' 'cores = 3;'
accelerator inner-key 's\.cfg:3: row: unknown; known here: pe, rows, columns' 'core = { row = 3; };'
accelerator range 's\.cfg:3: rows: 1025 is not in 1\.\.1024' 'core = { rows = [3, 1025]; };'
accelerator name 's\.cfg:3: pe: "int9" is not one of int8, ant, msd, msd_skip' 'core = { pe = ["int8", "int9"]; };'
accelerator empty-list 's\.cfg:3: rows: 0 values are not in 1\.\.4096' 'core = { rows = []; };'
accelerator list-of-lists 's\.cfg:3: rows: must be a whole number' 'core = { rows = ( [3] ); };'
accelerator fraction 's\.cfg:3: rows: must be a whole number' 'core = { rows = { from = 1; to = 3; step = 0.5; }; };'
accelerator both 's\.cfg:3: rows: a range has a step or a factor' 'core = { rows = { from = 1; to = 3; step = 1; factor = 2; }; };'
accelerator neither 's\.cfg:3: rows: a range has a step or a factor' 'core = { rows = { from = 1; to = 3; }; };'
accelerator from-zero 's\.cfg:3: rows: a range with a factor begins above 0' 'core = { rows = { from = 0; to = 3; factor = 2; }; };'
accelerator backwards 's\.cfg:3: rows: 0 values are not in' 'core = { rows = { from = 3; to = 1; step = 1; }; };'
accelerator beyond 's\.cfg:3: rows: 1200 is not in 1\.\.1024' 'core = { rows = { from = 300; to = 2000; step = 300; }; };'
accelerator endless 's\.cfg:3: rows: more than 4096 values' 'core = { rows = { from = 1; to = 1000000; step = 1; }; };'
accelerator no-to 's\.cfg:3: to is missing: last value' 'core = { rows = { from = 1; step = 1; }; };'
accelerator kib 's\.cfg:3: kib: 0 is not in' 'scratchpads = { act = { kib = [0]; }; };'
accelerator group 's\.cfg:3: dram: must be a list of groups' 'dram = ( 3 );'
accelerator pad-group 's\.cfg:3: act: must be a group' 'scratchpads = { act = 3; };'
accelerator sizes 's\.cfg:3: sizes: must be a list or a range' 'sizes = 3;'
accelerator axes 's\.cfg:3: axes: must be a list of lists of groups' 'axes = 3;'
accelerator axes-flat 's\.cfg:3: axes: must be a list of lists of groups' 'axes = ( { vector_lanes = 3; } );'
accelerator axes-extends 's\.cfg:3: extends: does not belong here' 'axes = ( ( { extends = "ant-64x64"; } ) );'
accelerator axes-key 's\.cfg:3: rows: unknown; known here: extends, name' 'axes = ( ( { rows = 3; } ) );'
accelerator schemes 's\.cfg:3: schemes: "ant4" is not one of the sweep.s: int8' 'schemes = "ant4";'
accelerator technology 's\.cfg:3: technology: nosuch: no such technology; there are: 28nm' 'technology = ["45nm", "nosuch"];'
accelerator own-constraint 's\.cfg:3: constraints: "x" is not one of' 'constraints = "x = 1";'
many='{ from = 1; to = 1024; step = 1; }'
accelerator explosion 's\.cfg:3: more than 4000000 combinations' "core = { rows = $many; columns = $many; }; vector_lanes = $many; dma_setup = $many; clock_mhz = $many;"
file points 's\.cfg: 8388608 points are more than 4000000' "$(of "( $(printf "\"$topology\", %.0s" {1..7}) \"$topology\" )" '"int8"' "( { extends = \"int8-32x32\"; core = { rows = $many; columns = $many; }; } )" '')"

# --- libconfig's own mistakes ---
file syntax 's\.cfg:1: syntax error' 'networks = ;'
file include 's\.cfg:1: @include is not supported' '@include "x"'
file huge 's\.cfg:1: 99999999999 is too large' 'images = 99999999999;'
file nested 's\.cfg:1: nested too deeply' "networks = $(printf '(%.0s' {1..40})"
head -c 3000 /dev/urandom >s.cfg
refused noise 's\.cfg:[0-9]+: ' s.cfg --dry-run

# --- the command line ---
refused none 'give one SWEEP: a name \(see mantis list sweeps\) or a \.cfg file'
refused two 'give one SWEEP' fashion resnet18
refused absent 'nosuch: no such sweep; there are: fashion' nosuch
refused absent-file 'nosuch\.cfg: No such file' nosuch.cfg
for shard in 0/3 4/3 1/0 1 a/b 1/3x -1/3; do
    refused "shard-$shard" '--shard: ".*" is not I/N with I in 1\.\.N' fashion --shard=$shard
done
refused pareto '--pareto: "speed" is not one of network' fashion --pareto speed
refused merge '--merge: needs OUT\.db and at least one IN\.db' --merge a.db
refused jobs '-j: "0" is not a whole number in 1\.\.1024' fashion -j 0
[ -z "$(ls ./*.db 2>/dev/null)" ] || { echo "FAILED: refusals leave $(ls ./*.db)"; failed=$((failed + 1)); }
echo "$passed refusals as they should be, $failed not"
exit $((failed > 0))
