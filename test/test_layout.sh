#!/usr/bin/env bash
# Do includes go only where docs/design.md allows?   usage: test_layout.sh MANTIS SHARED
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
    [isa]="isa" [pe]="isa pe" [memory]="isa memory" [workloads]="isa workloads"
    [compiler]="isa pe workloads compiler" [sim]="isa pe memory workloads compiler sim"
)
failures=0
for folder in "${!allowed[@]}"; do
    while IFS=: read -r file line text; do
        target=$(sed -E 's/.*"([a-z]+)\/.*/\1/' <<<"$text")
        if [[ " ${allowed[$folder]} " != *" $target "* ]]; then
            echo "$file:$line: $folder may include only ${allowed[$folder]}: $text"
            failures=$((failures + 1))
        fi
    done < <(grep -rnE '^#include "[a-z]+/' "$folder" --include='*.[ch]' --include='*.cpp' || true)
done
while IFS= read -r file; do
    case "$file" in sim/config*) ;; *)
        echo "$file: libconfig belongs to sim/config*.c alone"
        failures=$((failures + 1))
        ;;
    esac
done < <(grep -rlE '^#include <libconfig' isa pe memory workloads compiler sim || true)
while IFS= read -r file; do
    case "$file" in sim/clocked/* | sim/examples/*) ;; *)
        echo "$file: SystemC belongs to sim/clocked and sim/examples alone"
        failures=$((failures + 1))
        ;;
    esac
done < <(grep -rlE '^#include <(systemc|tlm)' isa pe memory workloads compiler sim || true)
while IFS=: read -r file line text; do
    echo "$file:$line: the oracle shares nothing with what it judges but plain data: $text"
    failures=$((failures + 1))
done < <(grep -nE '^#include "' test/{array,format}_oracle.[ch] |
    grep -vE '"(isa/(arch|err|format|instruction)|test/(array|format)_oracle)\.h"' || true)
[ "$failures" -eq 0 ] && echo "includes follow the layout"
exit $((failures > 0))
