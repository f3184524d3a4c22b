# Sourced by the scripts of this folder, each of which makes results/NAME.csv and results/NAME.md. Started by
# `./run tables [NAME...]`, with the project's root as working directory:
#   $1 the mantis binary, $2 the folder of reference data (absent for most users: what needs it is left out, loudly).
#
#   {
#       heading "Title" "mantis run X --quant Y"   # title, then the commands whose figures the table holds
#       configurations arch/int8-32x32 quant/int8
#       printf 'network,scheme,cycles\n'
#       ...
#   } | publish NAME.csv
#   markdown NAME.csv network,scheme,cycles | publish NAME.md
set -euo pipefail
mantis=$1
shared=${2:-}
name=$(basename "$0" .sh)
folder=${MANTIS_RESULTS:-results} # tests write elsewhere
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export OMP_NUM_THREADS=1

# heading TITLE COMMAND...: what every table opens with.
heading() {
    printf '# %s\n# %s\n# made by: ./run tables %s\n' "$1" "$("$mantis" --version)" "$name"
    shift
    [ $# -eq 0 ] || printf '# command: %s\n' "$@"
}

# configurations HOME/NAME...: the files that decide the figures, line by line, with those they extend, each once.
declare -A configurations_printed
configurations() {
    local item base
    for item in "$@"; do
        [ -z "${configurations_printed[$item]:-}" ] || continue
        configurations_printed[$item]=yes
        sed "/^ *#/d; s|^|# configs/$item.cfg: |" "configs/$item.cfg"
        base=$(sed -n 's/^extends *= *"\([^"]*\)".*/\1/p' "configs/$item.cfg")
        [ -z "$base" ] || configurations "${item%/*}/$base"
    done
}

# reference PATH: whether that file or folder of reference data is there; says so where it is not.
reference() {
    [ -n "$shared" ] && [ -e "$shared/$1" ] && return
    echo "$name: SKIPPED what needs $1: not here" >&2
    return 1
}

# publish FILE: standard input becomes results/FILE, complete or not at all.
publish() {
    cat >"$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "$folder/$1"
}

# markdown FILE.csv [COLUMNS [HEADINGS]]: the leading lines of a table, without the configurations, and its columns (all, or
# those listed, comma between them) as a Markdown table.
markdown() {
    awk -F, -v columns="${2:-}" -v headings="${3:-}" '
        function row(cells, count,   i, text) {
            text = "|"
            for (i = 1; i <= count; i++) text = text " " cells[i] " |"
            print text
        }
        /^#/ { if (!count && $0 !~ /^# configs\//) print; next }
        !count {
            for (i = 1; i <= NF; i++) place[$i] = i
            count = split(columns == "" ? $0 : columns, names, ",")
            for (i = 1; i <= count; i++) if (!(names[i] in place)) { print "no column " names[i] >"/dev/stderr"; exit 1 }
            if (split(headings, titles, ",") != count) for (i = 1; i <= count; i++) titles[i] = names[i]
            print ""
            row(titles, count)
            for (i = 1; i <= count; i++) rule[i] = "---"
            row(rule, count)
            next
        }
        { for (i = 1; i <= count; i++) cells[i] = $place[names[i]]; row(cells, count) }' "$folder/$1"
}

# join_columns SECOND.csv KEY,... FIGURE,...: to the csv on standard input, the further columns of SECOND.csv where the keys are
# equal; empty where it has no such row.
join_columns() {
    awk -F, -v OFS=, -v keys="$2" -v figures="$3" '
        function key(   i, text) {
            text = ""
            for (i = 1; i <= key_count; i++) text = text SUBSEP $place[key_names[i]]
            return text
        }
        function places(   i) { delete place; for (i = 1; i <= NF; i++) place[$i] = i }
        BEGIN { key_count = split(keys, key_names, ","); figure_count = split(figures, figure_names, ",") }
        FNR == 1 { header = 0 }
        /^#/ { if (FNR != NR) print; next }
        !header {
            header = 1
            places()
            if (FNR != NR) print $0, figures
            next
        }
        NR == FNR { for (i = 1; i <= figure_count; i++) figure[key(), i] = $place[figure_names[i]]; next }
        { line = $0; for (i = 1; i <= figure_count; i++) line = line OFS figure[key(), i]; print line }' "$1" -
}

# evaluations FILE: what `mantis run --json FILE` found, a csv line per pair of scheme and accelerator under these columns.
evaluation_columns=scheme,arch,images,top1_percent,change_points,cycles,energy_uj,energy_low_uj,energy_high_uj,area_mm2,model_kib,gbops,unpriced
evaluations() {
    jq -r '
        def fixed($digits): if . == null then "" else . * pow(10; $digits) | round / pow(10; $digits) end;
        .[] | [.scheme, .arch, .accuracy.images, (.accuracy.top1 * 100 | fixed(2)),
            (if .scheme == "float32" then 0 else (.accuracy.top1 - .accuracy.fp32_top1) * 100 | fixed(2) end), .cycles,
            (.energy_j | (.total, .low, .high) | if . then . * 1e6 | fixed(2) else "" end),
            (.area_mm2.total | fixed(2)), (.model_bytes / 1024 | fixed(1)), (.bops / 1e9 | fixed(2)),
            (.unpriced // "" | gsub(", "; "; "))] | @csv' "$1" | tr -d '"'
}
