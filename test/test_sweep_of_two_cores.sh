#!/usr/bin/env bash
# Does a sweep of accelerators with two cores tell of each, accuracy included, what mantis run tells?
# usage: test_sweep_of_two_cores.sh MANTIS SHARED
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
model=$root/workloads/models/fashion-resnet.onnx
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
fail() {
    echo "FAILED: $*"
    exit 1
}
# Weights of one signed digit and of 2-bit integers differ much, so that who computes a channel shows in the images told right.
cat >coarse.cfg <<TEXT
weights = { formats = ["rsd_eb1"]; bits = 8; };
activations = { formats = ["int"]; bits = 8; };
second_core = { weights = { formats = ["int"]; bits = 2; }; };
TEXT
sed 's/bits = 2/bits = 8/' coarse.cfg >fine.cfg
second='second_core = { pe = "int8x2"; rows = 16; columns = 16; };'
cat >s.cfg <<TEXT
networks = "$model";
data = "fashion-mnist";
images = 300;
schemes = ["coarse.cfg", "fine.cfg"];
accelerators = ( {
    extends = "msd-40x40";
    axes = ( (
        { name = "one"; clock_mhz = 500; },
        { name = "beside"; $second },
        { name = "skipping"; core = { dataflow = "ws"; }; second_core = { pe = "msd_skip"; rows = 24; columns = 24; }; },
        { name = "again"; $second },
        { name = "unnamed"; second_core = { rows = 16; columns = 16; }; },
        { name = "ant"; second_core = { pe = "adafloat"; rows = 16; columns = 16; }; }
    ) );
    core = { rows = [24, 40]; };
} );
TEXT
arch_of() { # POINT
    jq -r '"core = { rows = \(.rows); dataflow = \"\(.dataflow)\"; };"' <<<"$1"
    case $(jq -r .choices <<<"$1") in
    *beside*) echo "$second" ;;
    *skipping*) echo 'second_core = { pe = "msd_skip"; rows = 24; columns = 24; };' ;;
    esac
    echo 'extends = "msd-40x40";'
}
"$mantis" sweep s.cfg --db s.db --json s.json --csv s.csv -j 2 >sweep.txt 2>&1 || fail "$(cat sweep.txt)"

# Of six alternatives x 2 arrays x 2 schemes three are left out: a second "beside", a core without pe, one that takes no int.
points=$(jq '.points | length' s.json)
[ "$points" -eq $((3 * 2 * 2)) ] || fail "$points points"
grep -q 'left out 4: the same as another point' sweep.txt || fail "doubles: $(cat sweep.txt)"
grep -q 'left out 4: second_core.pe is missing' sweep.txt || fail "a core without pe: $(cat sweep.txt)"
grep -q 'left out 2: scheme coarse: PE adafloat does not take' sweep.txt || fail "a core that takes no int: $(cat sweep.txt)"

# Points of one core share an accuracy (one block of images), two cores have one each.
blocks=$(sqlite3 -batch s.db 'SELECT count(*) FROM accuracies')
[ "$blocks" -eq $(((1 + 2 * 2) * 2)) ] || fail "$blocks blocks of images"
jq -e '.points | all(.images == 300 and .top1 > 0 and .error == null)' s.json >/dev/null || fail "a point without accuracy"

for ((i = 0; i < points; i++)); do
    point=$(jq -c ".points[$i]" s.json)
    arch_of "$point" >a.cfg
    "$mantis" run "$model" --arch a.cfg --quant "$(jq -r .scheme <<<"$point").cfg" --data fashion-mnist -n 300 --no-reference \
        --quiet --json r.json -j 2 >run.txt 2>&1 || fail "run of point $i: $(cat run.txt)"
    jq -e -n --argjson p "$point" --slurpfile r r.json '$r[0] as $r | $p.cycles == $r.cycles and $p.area_mm2 == $r.area_mm2.total
        and $p.top1 == $r.accuracy.top1 and $p.top5 == $r.accuracy.top5
        and ($p.energy_j - $r.energy_j.total | fabs) <= 1e-11 * $p.energy_j' >/dev/null ||
        fail "point $i: $point; run: $(jq -c '[.cycles, .accuracy, .energy_j.total, .area_mm2.total]' r.json)"
done
# Shares do matter here: not all accelerators of two cores are right equally often.
jq -e '[.points[] | select(.scheme == "coarse" and (.choices | test("=one") | not)) | .top1] | unique | length > 1' s.json \
    >/dev/null || fail "all shares of the channels are as accurate"
# PEs of both cores count.
jq -e '.points | all(if (.choices | test("beside")) then .pes == .rows * 40 + 256 elif (.choices | test("=one"))
    then .pes == .rows * 40 else .pes == .rows * 40 + 576 end)' s.json >/dev/null || fail "pes"

for i in 1 2 3; do
    "$mantis" sweep s.cfg --shard $i/3 -j 2 --quiet || fail "shard $i"
done
"$mantis" sweep --merge merged.db s.*of3.db >/dev/null || fail "merge"
"$mantis" sweep s.cfg --db merged.db --csv merged.csv --quiet || fail "export of the merged shards"
cmp s.csv merged.csv || fail "the table of shards differs"
[ "$(sqlite3 -batch merged.db 'SELECT count(*) FROM accuracies')" -eq "$blocks" ] || fail "shards did blocks twice"

# Another scheme of the second core is another scheme to its points: their accuracies are done anew.
sed -i 's/bits = 8; }; };$/bits = 7; }; };/' fine.cfg
"$mantis" sweep s.cfg --db s.db --dry-run | grep -q ' 6 of them to do.* on 5 blocks' ||
    fail "a changed second core leaves $("$mantis" sweep s.cfg --db s.db --dry-run)"
echo "$points points of one and two cores are what mantis run tells"
