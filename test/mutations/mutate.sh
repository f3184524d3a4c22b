#!/usr/bin/env bash
# Do the tests notice faults? Plants the faults of mutations.txt one at a time in a copy of the tree, builds the test
# that must notice, and runs it.
#   mutate.sh [NAME...]   all faults, or those named; exit 1 if one survives or cannot be planted
#   mutate.sh --check     only see that every fault changes exactly one line of today's tree
#   mutate.sh --table     the list as a table for docs/verification.md
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

names=() whats=() files=() tests=() edits=()
read_list() {
    local line name what file test edit
    while IFS= read -r line; do
        [[ -z $line || $line == \#* ]] && continue
        name=${line%% | *} line=${line#* | }
        what=${line%% | *} line=${line#* | }
        file=${line%% | *} line=${line#* | }
        test=${line%% | *} edit=${line#* | }
        names+=("$name") whats+=("$what") files+=("$file") tests+=("$test") edits+=("$edit")
    done <"$here/mutations.txt"
}

# plant INDEX OUTPUT: the file with fault INDEX; fails, with a message, unless exactly one line differs.
plant() {
    local file=$root/${files[$1]} changed
    [ -r "$file" ] || { echo "${names[$1]}: no file ${files[$1]}" && return 1; }
    sed -e "${edits[$1]}" "$file" >"$2" || { echo "${names[$1]}: sed does not take ${edits[$1]}" && return 1; }
    changed=$(diff "$file" "$2" | grep -c '^>' || true)
    [ "$changed" -eq 1 ] || { echo "${names[$1]}: changes $changed lines of ${files[$1]}, not one" && return 1; }
}

check() {
    local i failures=0 output
    output=$(mktemp)
    for i in "${!names[@]}"; do plant "$i" "$output" || failures=$((failures + 1)); done
    rm -f "$output"
    echo "${#names[@]} faults, $failures do not change exactly one line"
    [ "$failures" -eq 0 ]
}

table() {
    local i
    echo "| fault | what goes wrong | in | caught by |"
    echo "|---|---|---|---|"
    for i in "${!names[@]}"; do echo "| ${names[$i]} | ${whats[$i]} | \`${files[$i]}\` | \`${tests[$i]}\` |"; done
}

# The tracked files as they are now; ../shared beside them. A build type of its own, as what is built dozens of times is
# to build quickly.
copy_tree() {
    mkdir "$work/tree"
    (cd "$root" && git ls-files -z | xargs -0 ls -d 2>/dev/null | tar -T - -c) | tar -x -C "$work/tree"
    [ ! -d "$root/../shared" ] || ln -s "$(cd "$root/../shared" && pwd)" "$work/shared"
    cmake -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Planted -DCMAKE_C_FLAGS_PLANTED=-O2 \
        -DCMAKE_CXX_FLAGS_PLANTED=-O1 >"$work/configure.log" 2>&1 || { cat "$work/configure.log" && return 1; }
}

build() { cmake --build "$work/build" --target "$1" >"$work/build.log" 2>&1; }
passes() { timeout 900 ctest --test-dir "$work/build" -R "^$1\$" --no-tests=error >"$work/test.log" 2>&1; }
selected() { [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }

# Without a fault all tests that are to notice one must pass.
baseline() {
    local i test done=" "
    for i in "${!names[@]}"; do
        test=${tests[$i]}
        selected "${names[$i]}" && [[ $done != *" $test "* ]] || continue
        done+="$test "
        build "$test" || { tail -n 20 "$work/build.log" && return 1; }
        passes "$test" || { tail -n 20 "$work/test.log" && echo "$test fails without a fault" && return 1; }
    done
}

# try INDEX: plant, build, test, restore. Sets `outcome`.
try() {
    local file=$work/tree/${files[$1]} test=${tests[$1]}
    outcome="cannot be planted"
    plant "$1" "$work/planted" || return 0
    cp "$work/planted" "$file"
    if ! build "$test"; then
        outcome="does not compile"
    elif passes "$test"; then
        outcome="SURVIVED $test"
    else
        outcome="caught by $test"
    fi
    cp "$root/${files[$1]}" "$file"
}

run() {
    local i caught=0 survived=0 outcome seconds=$SECONDS
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    copy_tree
    echo "building, and running the tests without a fault"
    baseline
    for i in "${!names[@]}"; do
        selected "${names[$i]}" || continue
        try "$i"
        if [[ $outcome == caught* ]]; then caught=$((caught + 1)); else survived=$((survived + 1)); fi
        printf '%-24s %-28s %s\n' "${names[$i]}" "${files[$i]}" "$outcome"
    done
    echo "$caught caught, $survived survived, $((SECONDS - seconds)) s"
    [ $caught -gt 0 ] && [ $survived -eq 0 ]
}

read_list
case "${1:-}" in
--check) check ;;
--table) table ;;
*)
    only=("$@")
    run
    ;;
esac
