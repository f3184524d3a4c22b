#!/bin/bash
# Is every Verilog module free of lint, Verilog-2001, and synthesizable without latches? lint.sh <folder of modules>...
# Each module in turn is the top. Icarus and yosys are asked where they are installed.
set -u
command -v verilator >/dev/null || { echo "SKIPPED: verilator is not here"; exit 77; }

folders=()
modules=()
for folder in "$@"; do
    folders+=(-y "$folder")
    modules+=("$folder"/*.v)
done
complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT
failures=0

# quietly <command>...: it must succeed without a word.
quietly() {
    "$@" >"$complaints" 2>&1 && [ ! -s "$complaints" ] && return
    echo "FAILED: $*"
    cat "$complaints"
    failures=$((failures + 1))
}

for module in "${modules[@]}"; do
    name=$(basename "$module" .v)
    quietly verilator --lint-only -Wall "${folders[@]}" --top-module "$name" "$module"
    if command -v iverilog >/dev/null; then
        quietly iverilog -g2001 -Wall "${folders[@]}" -s "$name" -o /dev/null "$module"
    fi
    if command -v yosys >/dev/null; then
        quietly yosys -q -p "read_verilog ${modules[*]}; hierarchy -check -top $name; proc; check -assert
                             select -assert-none t:\$dlatch"
    fi
done
echo "${#modules[@]} modules, $failures failures"
[ "$failures" -eq 0 ]
