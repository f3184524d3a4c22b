#!/usr/bin/env bash
# Is the table of a sweep the same wherever it is computed: threads, shards, mpirun; and does a sweep that grows keep what
# it has, and one whose inputs change compute anew?   usage: test_sweep_places_agree.sh MANTIS SHARED
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
fail() {
    echo "FAILED: $*"
    exit 1
}
# same NAME: the table of NAME.db is that of two threads.
same() {
    "$mantis" sweep s.cfg --db "$1.db" --csv "$1.csv" --quiet || fail "export of $1"
    cmp two.csv "$1.csv" || fail "the table of $1 differs"
}
# waiting NAME: how many points + blocks of images a dry run still finds.
waiting() { "$mantis" sweep s.cfg --db "$1.db" --dry-run | sed -n 's/.* \([0-9]*\) of them to do.* on \([0-9]*\) blocks.*/\1+\2/p'; }

sweep_file() { # SIZES
    cat >s.cfg <<TEXT
networks = ( "$root/workloads/models/fashion-resnet.onnx", "$root/workloads/topologies/resnet18.csv" );
data = "fashion-mnist";
images = 600;
schemes = ("int8", "ant4", "here.cfg");
accelerators = (
    { extends = "int8-32x32"; sizes = $1; core = { pe = ["int8", "ant", "msd_skip"]; dataflow = ["os", "is"]; }; },
    { extends = "ant-64x64"; schemes = "ant4"; clock_mhz = { from = 250; to = 1000; factor = 2; }; }
);
TEXT
}
cp "$root/configs/quant/rsd8_eb2.cfg" here.cfg
sweep_file '[1, 16, 32]'

"$mantis" sweep s.cfg --db one.db -j 1 --quiet || fail "one thread"
"$mantis" sweep s.cfg --db two.db -j 2 --csv two.csv --json two.json --quiet || fail "two threads"
points=$(($(wc -l <two.csv) - 1))
# 3 sizes x 2 dataflows x (int8 on three PEs, ant4 on ant, rsd8_eb2 on msd_skip), and 3 clocks; on two networks.
[ $points -eq $(((3 * 2 * 5 + 3) * 2)) ] || fail "$points points"
same one

for i in 1 2 3; do
    SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_COUNT=3 SLURM_CPUS_PER_TASK=2 MANTIS=$mantis \
        bash "$root/configs/sweep/shards.sbatch" s.cfg --quiet || fail "shard $i"
done
"$mantis" sweep --merge shards.db s.*of3.db >merge.txt || fail "merge"
grep -q "$points points added" merge.txt || fail "merge adds: $(cat merge.txt)"
"$mantis" sweep --merge shards.db s.2of3.db >merge.txt && grep -q ' 0 points added' merge.txt || fail "merging twice"
[ "$(waiting shards)" = 0+0 ] || fail "merged shards lack $(waiting shards)"
same shards
rows() { sqlite3 -batch "$1" "SELECT (SELECT count(*) FROM points), (SELECT count(*) FROM layers), (SELECT count(*) FROM accuracies)"; }
[ "$(rows shards.db)" = "$(rows two.db)" ] || fail "merged rows: $(rows shards.db), wanted $(rows two.db)"

# Points that contradict each other are not joined.
cp s.1of3.db changed.db
sqlite3 changed.db 'UPDATE points SET cycles = cycles + 1 WHERE id = (SELECT min(id) FROM points WHERE error IS NULL)'
"$mantis" sweep --merge shards.db changed.db 2>merge.txt && fail "a contradiction is merged"
grep -q 'changed.db: 1 points differ' merge.txt || fail "contradiction: $(cat merge.txt)"

# More sizes: only the new points are done. (Sizes 24, 40 and 48, without the clocks.)
sweep_file '{ from = 16; to = 48; step = 8; }'
[ "$(waiting two)" = $((3 * 2 * 5 * 2))+0 ] || fail "a grown sweep has $(waiting two) to do"
"$mantis" sweep s.cfg --db two.db -j 2 --quiet && [ "$(waiting two)" = 0+0 ] || fail "the grown sweep"

# Another scheme under the same name: its points and its accuracy (600 images: 2 blocks) are done again.
sed -i 's/calibration_images = 100/calibration_images = 90/' here.cfg
[ "$(waiting two)" = $((5 * 2 * 2))+2 ] || fail "a changed scheme leaves $(waiting two) to do"

# Other bytes in the model are another model, whatever it does.
cp "$root/workloads/models/fashion-resnet.onnx" "$root/workloads/topologies/resnet18.csv" .
sed -i "s|\"$root/[a-z/]*/|\"|g" s.cfg
sed -i 's/calibration_images = 90/calibration_images = 100/' here.cfg
[ "$(waiting two)" = 0+0 ] || fail "models elsewhere leave $(waiting two) to do"
sed -i '2s/^\([a-zA-Z]*\)/\1x/' resnet18.csv
[ "$(waiting two)" = $((5 * 2 * 5 + 3))+0 ] || fail "a changed topology leaves $(waiting two) to do"

if ! ldd "$mantis" | grep -q libmpi || ! command -v mpirun >/dev/null; then
    echo "SKIPPED: mpirun: Open MPI is not here, or mantis is built without it"
    exit 0
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cp "$root/workloads/topologies/resnet18.csv" .
sweep_file '[1, 16, 32]'
mpirun --oversubscribe -n 3 "$mantis" sweep s.cfg --db mpi.db --quiet || fail "mpirun"
[ "$(waiting mpi)" = 0+0 ] || fail "mpirun leaves $(waiting mpi) to do"
same mpi
[ "$(rows mpi.db)" = "$(rows one.db)" ] || fail "rows of mpirun"
SLURM_NNODES=2 SLURM_CPUS_PER_TASK=2 MANTIS=$mantis bash "$root/configs/sweep/mpi.sbatch" s.cfg --db mpi2.db --quiet ||
    fail "mpirun with two threads each"
same mpi2
mpirun --oversubscribe -n 3 "$mantis" sweep absent.cfg >mpi.txt 2>&1 && fail "mpirun of nothing"
[ "$(grep -c '^mantis: absent.cfg' mpi.txt)" -eq 1 ] || fail "mpirun says $(cat mpi.txt)"
echo "$points points: one table from threads, shards and ranks"
