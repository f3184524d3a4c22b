#!/usr/bin/env bash
# Does mantis plan write what mantis run then runs, within the limits, and refuse what it cannot do?
#   usage: test_plan_is_what_runs.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
hawq=$root/results/published/hawq_ilp_inputs.csv
export OMP_NUM_THREADS=1
cd "$work" || exit 3

# refuses TEXT ARGUMENT...: exit code 2 and one line that has the text.
refuses() {
    local text=$1
    shift
    "$mantis" plan "$@" --quiet >out.txt 2>err.txt
    [ $? -eq 2 ] && [ "$(wc -l <err.txt)" -eq 1 ] && [ ! -s out.txt ] && grep -qF -- "$text" err.txt || {
        cat out.txt err.txt
        return 1
    }
}

# agrees NAME ARCH SCHEME: the file of a plan, run, has the size, BOPS, latency and energy that the plan told.
agrees() {
    "$mantis" run "$model" --calib fashion-mnist-calib --quant "$1.cfg" --arch "$2" --quiet --json run.json >/dev/null &&
        jq -en --slurpfile plan "$1.json" --slurpfile run run.json '
            def near($a; $b): ($a - $b | fabs) <= 1e-9 * ($b | fabs);
            ($run[0] | if type == "array" then .[0] else . end) as $r | $plan[0] as $p |
            near($p.plan.size; $r.model_bytes) and near($p.plan.bops; $r.bops) and
            near($p.simulated.size; $r.model_bytes) and near($p.simulated.bops; $r.bops) and
            near($p.simulated.latency; $r.latency_s) and near($p.simulated.energy; $r.energy_j.total)'
}

# kept NAME: the simulated figures are within the limits, and layers of one group have one choice.
kept() {
    jq -e '. as $p | ([$p.limits | to_entries[] | select(.value != null) | $p.simulated[.key] <= .value * (1 + 1e-12)] | all and length > 0)
        and ($p.layers | group_by(.group) | map([.[].choice] | unique | length == 1) | all)' "$1.json"
}

# Weights and activations on an ANT array; two limits at once.
that "a plan of size and energy" "$mantis" plan "$model" --calib fashion-mnist-calib --candidates int4,int8 --arch ant-64x64 \
    --limit size=0.6 --limit energy=0.5 --images 8 --quiet -o mix.cfg --json mix.json --csv mix.csv
that "its limits are kept" kept mix
that "run finds what the plan told" agrees mix ant-64x64
that "both candidates occur" jq -e '[.layers[].choice] | unique == ["int4", "int8"]' mix.json

# Effectual bits on MSD's array; the latency is that of the whole mix, simulated.
that "a plan of effectual bits" "$mantis" plan "$model" --calib fashion-mnist-calib --candidates rsd8_eb1,rsd8_eb2,rsd8_eb3 \
    --arch msd-40x40 --limit latency=0.3 --images 8 --quiet -o eb.cfg --json eb.json
that "its limit is kept" kept eb
that "run finds what the plan told" agrees eb msd-40x40
that "less latency cannot be less sensitive" jq -en --slurpfile a eb.json '$a[0].plan.sensitivity > 0'

# What --csv writes, --table reads: the same problem, and so the same plan.
that "its own csv is a table" "$mantis" plan --table mix.csv --limit size=0.6 --quiet --json again.json
"$mantis" plan "$model" --calib fashion-mnist-calib --candidates int4,int8 --limit size=0.6 --images 8 --quiet --json size.json >/dev/null
choices() { jq -c '[.layers[] | [.layer, .choice]]' "$1"; }
that "and gives the same plan" test "$(choices again.json)" = "$(choices size.json)"
that "sensitivities from it do, too" "$mantis" plan "$model" --sensitivity mix.csv --limit size=0.6 --quiet --json given.json
that "and give the same plan" test "$(choices given.json)" = "$(choices size.json)"

# A limit that all can keep is no limit; the whole front is monotonous.
that "no limit" "$mantis" plan --table "$hawq" --network resnet18 --limit size=1 --json all.json --quiet
that "leaves 8 bits everywhere" jq -e '[.layers[].choice] | unique == ["int8"]' all.json
that "the tightest limit" "$mantis" plan --table "$hawq" --network resnet18 --limit size=0 --json none.json --quiet
that "leaves 4 bits everywhere" jq -e '[.layers[].choice] | unique == ["int4"]' none.json
that "sharing by hand" "$mantis" plan --table "$hawq" --network resnet18 --limit size=0.5 --share 0,18 --share 15,18 --json shared.json
that "is obeyed" jq -e '[.layers[0, 15, 18].choice] | unique | length == 1' shared.json

that "infeasible" refuses 'limit size=1 MB cannot be met: the least possible is' --table "$hawq" --network resnet18 --limit size=1MB
printf 'layer,sensitivity_x,size_x_bytes,bops_x,sensitivity_y,size_y_bytes,bops_y\na,1,1,9,1,9,1\n' >against.csv
that "infeasible together" refuses 'the limits cannot be met together: size=' --table against.csv --limit size=5B --limit bops=0.5
that "no limit given" refuses '--limit is needed' "$model"
that "no such resource" refuses 'the resource is not one of size, bops, latency, energy' "$model" --limit area=1
that "no such unit" refuses 'unit "MB" is not one of s, ms, us, ns' "$model" --limit latency=1MB
that "no unit" refuses 'has no unit, and so is a fraction' "$model" --limit size=3
that "no accelerator" refuses '--arch is needed' "$model" --calib fashion-mnist-calib --limit latency=0.5
that "no data" refuses '--calib (or --data) is needed' "$model" --limit size=0.5
that "no such layer" refuses 'is not two layers' --table mix.csv --limit size=0.5 --share a,b
that "one candidate twice" refuses '"int8" is there twice' "$model" --calib fashion-mnist-calib --candidates int8,int8 --limit size=1
that "float" refuses 'quantises nothing' "$model" --calib fashion-mnist-calib --candidates float32 --limit size=1
that "table and model" refuses 'one of MODEL and --table' "$model" --table mix.csv --limit size=1
printf 'layer,sensitivity_int4,sensitivity_int8\nnosuch,1,1\n' >bad.csv
that "an unknown layer" refuses 'bad.csv:2: layer "nosuch"' "$model" --sensitivity bad.csv --limit size=0.5
summary
