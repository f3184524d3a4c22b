#!/usr/bin/env bash
# Does a sweep that is killed at random moments lose, double or change a point?   usage: test_sweep_resumes.sh MANTIS SHARED
# MANTIS_SWEEP_KILLS sets how often it is killed (default 6), MANTIS_SEED when.
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
kills=${MANTIS_SWEEP_KILLS:-6}
RANDOM=${MANTIS_SEED:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
echo "$kills kills, seed ${MANTIS_SEED:-1} (MANTIS_SWEEP_KILLS, MANTIS_SEED)"

cat >s.cfg <<TEXT
networks = ( "$root/workloads/models/fashion-resnet.onnx", "$root/workloads/topologies/resnet18.csv" );
data = "fashion-mnist";
images = 1200;
schemes = ["int8", "ant4"];
accelerators = ( {
    extends = "int8-32x32";
    sizes = [1$(for ((i = 0; i < kills; i++)); do printf ', %d' $((8 + 4 * i)); done)];
    core = { pe = ["int8", "ant"]; dataflow = ["os", "ws", "is"]; };
    scratchpads = { out = { kib = [8, 64]; }; };
} );
TEXT
fail() {
    echo "FAILED: $*"
    exit 1
}
sql() { sqlite3 -batch -noheader "$1" "$2"; }

start=$(date +%s%N)
"$mantis" sweep s.cfg --db whole.db --csv whole.csv -j 2 --quiet || fail "the uninterrupted sweep"
milliseconds=$((($(date +%s%N) - start) / 1000000))
points=$(sql whole.db 'SELECT count(*) FROM points')
[ "$points" -gt $((30 * kills)) ] || fail "only $points points: too few to interrupt"
grep -q 'too small to fuse' whole.csv || fail "no point fails, and some should"

# Every third kill hits its start, where tables are made; the others its work, after half a second of quantising, spread
# so that some work is left for the last one.
: >before.txt
for ((i = 0; i < kills; i++)); do
    "$mantis" sweep s.cfg --db killed.db -j 2 --quiet 2>killed.log &
    sleep "$(awk -v i=$i -v r=$RANDOM -v ms=$milliseconds -v n="$kills" 'BEGIN {
        print i % 3 ? 0.5 + r / 32768 * ms / 1000 * 2 / n : r / 32768 * 0.3 }')"
    kill -KILL $! 2>/dev/null
    wait $! 2>/dev/null
    [ -e killed.db ] || continue
    [ "$(sql killed.db 'PRAGMA integrity_check')" = ok ] || fail "kill $i damages the database"
    # Every row that was there still is, under the number it had: nothing is done twice.
    sql killed.db 'SELECT id, key FROM points ORDER BY id' >after.txt 2>/dev/null || : >after.txt
    [ -z "$(comm -23 <(sort before.txt) <(sort after.txt))" ] || fail "kill $i loses points"
    echo "kill $i: $(wc -l <after.txt) of $points points"
    mv after.txt before.txt
done

"$mantis" sweep s.cfg --db killed.db --csv killed.csv -j 2 --quiet || fail "the last run"
[ -z "$(comm -23 <(sort before.txt) <(sql killed.db 'SELECT id, key FROM points' | sort))" ] || fail "done points are done again"
cmp whole.csv killed.csv || fail "the tables differ"
all_rows() {
    sql "$1" "SELECT p.key, l.* FROM layers l JOIN points p ON p.id = l.point" | sed 's/|[0-9]*|/|/' | sort
    sql "$1" "SELECT * FROM accuracies" | sort
    sql "$1" "SELECT key, count(*) FROM points GROUP BY key HAVING count(*) > 1"
}
diff <(all_rows whole.db) <(all_rows killed.db) || fail "layers or accuracies differ"

# A run that is asked to stop says so, keeps what is done, and ends as the signal would have.
"$mantis" sweep s.cfg --db stopped.db -j 2 --quiet 2>stopped.log &
sleep "$(awk -v ms=$milliseconds 'BEGIN { print ms / 3000 }')"
kill -TERM $!
wait $!
status=$?
[ $status -eq 143 ] || fail "SIGTERM: exit $status, wanted 143"
grep -q '^mantis: interrupted after [0-9]* of [0-9]* jobs' stopped.log || fail "SIGTERM: no message"
[ "$(wc -l <stopped.log)" -eq 1 ] || fail "SIGTERM: more than one line"
"$mantis" sweep s.cfg --db stopped.db --csv stopped.csv -j 2 --quiet || fail "the run after SIGTERM"
cmp whole.csv stopped.csv || fail "the table after SIGTERM differs"
echo "$points points, killed $kills times: the same table"
