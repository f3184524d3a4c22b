#!/usr/bin/env bash
# Do help and manual page fit a terminal of 24 x 80, and name every command and option?
#   usage: test_help_fits_the_screen.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1

# fits NAME LINES: the text on standard input.
fits() {
    awk -v name="$1" -v lines="$2" 'length > 80 || /[ \t]$/ { print name ":" NR ": " $0; bad = 1 }
        END { if (NR > lines) { print name ": " NR " lines"; bad = 1 } exit bad }'
}

"$mantis" --help >"$work/help" || exit 1
that "mantis --help is more than a screen" fits --help 24 <"$work/help"
mapfile -t commands < <(sed -nE 's/^  ([a-z]+) .*/\1/p' "$work/help")
that "--help lists ${#commands[@]} commands" [ ${#commands[@]} -ge 10 ]
"$mantis" man >"$work/mantis.1" || exit 1
for command in "${commands[@]}"; do
    "$mantis" "$command" --help >"$work/$command" || { echo "FAILED: $command --help"; failed=$((failed + 1)); }
    that "mantis $command --help is too wide" fits "$command --help" 100 <"$work/$command"
    "$mantis" "$command" --usage >"$work/usage" || { echo "FAILED: $command --usage"; failed=$((failed + 1)); }
    that "mantis $command --usage is too wide" fits "$command --usage" 24 <"$work/usage"
    # The page's section of the command has its options, in any order.
    awk -v head=".SS \"mantis $command\\\\fR" '/^\.S/ { on = index($0, head) == 1 } on' "$work/mantis.1" |
        sed -nE 's/^(\\fB\\-.\\fR, )?\\fB\\-\\-([a-z\\-]+)\\fR.*/\2/p' | tr -d '\\' | sort >"$work/page-options"
    grep -oE '^ {2,6}(-[^-],? )?--[a-z-]+' "$work/$command" | sed 's/.*--//' | grep -vxE 'help|usage' | sort >"$work/help-options"
    that "manual page and --help differ in the options of $command" diff "$work/help-options" "$work/page-options"
done

if command -v groff >/dev/null; then
    groff -man -ww -z "$work/mantis.1" 2>"$work/warnings"
    that "groff warns: $(head -n 3 "$work/warnings")" [ ! -s "$work/warnings" ]
    that "the page is empty" [ "$(groff -man -Tascii "$work/mantis.1" 2>/dev/null | wc -l)" -gt 100 ]
else
    echo "SKIPPED: groff is not here to check the manual page"
fi
if command -v man >/dev/null && command -v groff >/dev/null; then
    LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l "$work/mantis.1" >"$work/page" 2>"$work/warnings"
    that "man warns: $(head -n 3 "$work/warnings")" [ ! -s "$work/warnings" ]
    that "the page does not show --arch" grep -q -- '--arch=ARCH' "$work/page"
fi
summary
