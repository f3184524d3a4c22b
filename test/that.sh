# Sourced by test scripts: checks that are counted, and a folder $work that goes with the script.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# that TEXT COMMAND...: the command succeeds; where it does not, TEXT and what it printed.
that() {
    local text=$1
    shift
    if "$@" >"$work/that.txt" 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAILED $text: $*"
        head -c 1000 "$work/that.txt"
        failed=$((failed + 1))
    fi
}

# The end of a script: the sum, and the exit code that goes with it.
summary() {
    echo "$passed passed, $failed failed"
    exit $((failed > 0))
}
