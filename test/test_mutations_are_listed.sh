#!/usr/bin/env bash
# Does every planted fault change exactly one line of today's tree, and is the table in docs/verification.md the list?
set -euo pipefail
cd "$(dirname "$0")/.."
test/mutations/mutate.sh --check
documented=$(sed -n '/^<!-- test\/mutations\/mutate.sh --table -->$/,/^<!-- end -->$/p' docs/verification.md | grep '^|')
diff <(echo "$documented") <(test/mutations/mutate.sh --table) || {
    echo "docs/verification.md: its table is not what test/mutations/mutate.sh --table prints"
    exit 1
}
