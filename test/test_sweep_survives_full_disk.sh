#!/usr/bin/env bash
# What does a sweep do where it cannot write: a full disk, a folder that is read-only, a file of something else? One clear
# line, exit code 2, and what was there is still there.   usage: test_sweep_survives_full_disk.sh MANTIS SHARED
set -uo pipefail
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'umount "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 3
chmod 755 "$work"
failed=0
cat >s.cfg <<TEXT
networks = "$root/workloads/topologies/resnet18.csv";
schemes = "int8";
accelerators = ( { extends = "int8-32x32"; sizes = { from = 8; to = 64; step = 1; }; } );
TEXT

# refused NAME PATTERN COMMAND...: exit code 2 and one line that matches.
refused() {
    local name=$1 pattern=$2
    shift 2
    "$@" >out.txt 2>&1
    local status=$?
    if [ $status -ne 2 ] || [ "$(wc -l <out.txt)" -ne 1 ] || ! grep -qE "$pattern" out.txt; then
        echo "FAILED $name: exit $status, wanted 2 and one line of /$pattern/:"
        head -n 4 out.txt
        failed=1
    fi
}
# intact NAME DB: the database is whole, has some points, and the sweep goes on from them to the full table.
intact() {
    local before
    [ "$(sqlite3 -batch "$2" 'PRAGMA integrity_check')" = ok ] || { echo "FAILED $1: damaged"; failed=1; }
    before=$(sqlite3 -batch "$2" 'SELECT count(*) FROM points')
    [ "$before" -gt 0 ] && [ "$before" -lt 57 ] || { echo "FAILED $1: $before points of 57"; failed=1; }
    "$mantis" sweep s.cfg --db "$2" --csv rest.csv -j 2 --quiet || failed=1
    cmp whole.csv rest.csv || { echo "FAILED $1: another table"; failed=1; }
    echo "$1: $before points kept"
}
"$mantis" sweep s.cfg --db whole.db --csv whole.csv -j 2 --quiet || exit 1

# A limit on the size of files is a full disk to whoever writes one.
limited() { (trap '' XFSZ; ulimit -f "$1"; shift; exec "$@"); }
refused limit '^mantis: limit.db: .*(full|I/O)' limited 160 "$mantis" sweep s.cfg --db limit.db -j 2 --quiet
intact limit limit.db

# A small file system, where this may be mounted.
mkdir small
if mount -t tmpfs -o size=160k tmpfs small 2>/dev/null; then
    refused full '^mantis: small/s.db: .*(full|I/O)' "$mantis" sweep s.cfg --db small/s.db -j 2 --quiet
    mount -o remount,size=8m small
    intact full small/s.db
    mount -o remount,ro small
    refused read-only-system '^mantis: small/s.db: ' "$mantis" sweep s.cfg --db small/s.db -j 2 --quiet
    refused read-only-new '^mantis: small/new.db: ' "$mantis" sweep s.cfg --db small/new.db -j 2 --quiet
    mount -o remount,rw small
    [ "$(sqlite3 -batch small/s.db 'SELECT count(*) FROM points')" = 57 ] || failed=1
else
    echo "SKIPPED: no file system may be mounted here"
fi

# A folder without the permission to write; root has it everywhere.
mkdir locked
cp whole.db locked/s.db
chmod 555 locked
chmod 444 locked/s.db
plainly=()
[ "$(id -u)" -ne 0 ] || plainly=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if "${plainly[@]}" test -x "$mantis" -a -r "$root/configs/arch/int8-32x32.cfg"; then
    refused locked-new '^mantis: locked/new.db: unable to open' "${plainly[@]}" "$mantis" sweep s.cfg --db locked/new.db --quiet
    refused locked-old '^mantis: locked/s.db: cannot be written' "${plainly[@]}" "$mantis" sweep s.cfg --db locked/s.db --quiet
    cmp whole.db locked/s.db || failed=1
else
    echo "SKIPPED: nobody may run mantis where it lies"
fi
refused absent-folder '^mantis: absent/s.db: unable to open' "$mantis" sweep s.cfg --db absent/s.db --quiet
refused folder '^mantis: locked: unable to open' "$mantis" sweep s.cfg --db locked --quiet

# Files of others stay as they are.
seq 100000 >text.db
sqlite3 other.db 'CREATE TABLE t (x); INSERT INTO t VALUES (1)'
cp whole.db later.db
sqlite3 later.db 'PRAGMA user_version = 99'
for name in text other later; do cp $name.db $name.copy; done
refused text '^mantis: text.db: file is not a database' "$mantis" sweep s.cfg --db text.db --quiet
refused other '^mantis: other.db: is a database of another program' "$mantis" sweep s.cfg --db other.db --quiet
refused later '^mantis: later.db: has tables of version 99' "$mantis" sweep s.cfg --db later.db --quiet
refused merge-text '^mantis: text.db: ' "$mantis" sweep --merge new.db text.db --quiet
refused merge-other '^mantis: other.db: is a database of another program' "$mantis" sweep --merge new.db other.db
refused merge-absent '^mantis: absent.db: cannot be read' "$mantis" sweep --merge new.db absent.db
[ ! -e absent.db ] || { echo "FAILED: merge makes the database that it misses"; failed=1; }
for name in text other later; do cmp $name.db $name.copy || failed=1; done
refused csv 'csv.txt: cannot be written' "$mantis" sweep s.cfg --db whole.db --csv absent/csv.txt --quiet
exit $failed
