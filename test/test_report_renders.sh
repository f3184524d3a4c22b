#!/usr/bin/env bash
# Does the HTML report render, show values on hover, filter, and keep hostile names in their place?
# usage: test_report_renders.sh MANTIS SHARED; needs jq and Debian's chromium
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
[ -n "$chromium" ] && command -v jq >/dev/null || { echo "SKIPPED: chromium and jq are needed"; exit 77; }
cd "$work" || exit 3

# saw NAME PATTERN: the probe's line NAME has the pattern.
saw() { that "$page: $1" grep -E -- "^$1: .*$2" probe.txt; }

# browse PAGE: open the page with the probe at its end; what it saw to probe.txt, the browser's words to log.txt.
browse() {
    page=$1
    { cat "$page.html"; echo '<script>'; cat "$root/test/report_probe.js"; echo '</script>'; } >probed.html
    "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --window-size=1280,900 \
        --virtual-time-budget=5000 --enable-logging=stderr --v=0 --dump-dom "file://$work/probed.html" \
        >dom.html 2>log.txt
    sed -n '/<pre id="probe">/,/<\/pre>/p' dom.html |
        sed 's/.*<pre id="probe">//; s/<.pre>.*//; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >probe.txt
    that "$page: probed" test -s probe.txt
    that "$page: no error in the probe" bash -c '! grep ^error: probe.txt'
    that "$page: a silent console" bash -c '! grep -E "CONSOLE|Uncaught|Refused" log.txt'
    that "$page: under 5 MB" test "$(stat -c %s "$page.html")" -lt 5000000
    that "$page: nothing is fetched" bash -c "! grep -qE '(src|href)=\"(https?:)?//' $page.html"
    saw overflow none
}

model=$root/workloads/models/fashion-resnet.onnx
timed=(run "$model" --data fashion-mnist --images 20 --no-reference --quiet -j 2)

# --- several runs: hover has the values that the JSON has, a filter leaves the others ---
that run "$mantis" "${timed[@]}" --arch ant-64x64 --quant ant4,int8@int8-32x32,rsd8_eb2@msd-40x40 --json runs.json
that report "$mantis" report runs.json -o runs.html
browse runs
saw count '3 of 3 points shown'
saw chip ant4
saw filtered '2 of 3 points shown'
saw restored '3 of 3 points shown'
saw axis area
saw charts 'scatter energies layers roofline'
saw front '0$'
# The first point of the front is the fastest one.
fastest=$(jq -r 'min_by(.latency_s) | .scheme' runs.json)
cycles=$(jq -r 'min_by(.latency_s) | .cycles' runs.json | sed -E ':a; s/([0-9])([0-9]{3})( |$)/\1 \2\3/; ta')
saw hover "^hover: $fastest|$fastest"
saw hover "cycles$cycles"
saw hover "PE$(jq -r 'min_by(.latency_s) | .configuration.pe' runs.json)"
saw layer 'cycles[0-9 ]+.*stall cycles'
saw roofline 'whole run.*MAC/B.*MAC/s'
saw svg svg
saw png 'data:image/png;base64'
saw prices 'mac_4x4|mac_8x8'

# --- one run: no design space to show ---
that one "$mantis" "${timed[@]}" --arch ant-64x64 --quant ant4 --json one.json
that report "$mantis" report one.json -o one.html
browse one
saw charts 'layers roofline$'

# --- a sweep's database ---
cat >small.cfg <<EOF
networks = "$model";
schemes = ["int8", "int4"];
accelerators = ( { extends = "int8-32x32"; name = "small"; core = { rows = [8, 16, 32]; dataflow = ["os", "ws"]; }; } );
EOF
that sweep "$mantis" sweep small.cfg --db small.db --quiet -j 2
that report "$mantis" report small.db -o small.html
browse small
saw count '12 of 12 points shown'
saw front '0$'
saw filtered '6 of 12 points shown'
saw layer 'cycles[0-9 ]+'

# --- names that would like to be markup or script ---
jq --arg evil '</script><script>window.hostile=1</script><!--<img src=x onerror="window.hostile=1">' \
    '[.[] | .model = $evil | .scheme = ($evil + .scheme) | .arch = $evil | .configuration.pe = $evil
      | .technology = $evil | .layers[].name = $evil | .layers[].act_format = $evil
      | .prices[].source = $evil | .prices[].price = {"a": $evil}
      | .unpriced = $evil]' runs.json >hostile.json
that report "$mantis" report hostile.json -o hostile.html
browse hostile
saw hostile 'nothing ran'
saw elements '0$'
saw hover 'window.hostile'
saw svg svg
saw layer 'window.hostile'

# --- the same plots as files, where the library for them is (its heap is none that LeakSanitizer can walk) ---
if ASAN_OPTIONS=detect_leaks=0 "$mantis" report hostile.json -o hostile.html --svg plots 2>svg.txt; then
    for plot in pareto energy layers roofline; do
        that "$plot.svg" bash -c "tr -d '\n' <plots/$plot.svg | grep -q '^<svg .*</svg>$'"
        that "$plot.svg holds no markup of a name" bash -c "! grep -qE '<(script|img)' plots/$plot.svg"
    done
    that "names are escaped" grep -q '&lt;/script&gt;' plots/layers.svg
    that "svg into a file" bash -c "! '$mantis' report one.json -o one.html --svg one.json 2>/dev/null"
else
    that "says what --svg needs" grep -q libjavascriptcoregtk svg.txt
fi

# --- values of other kinds than expected, and no values: the page still stands ---
jq '[.[] | .latency_s = "x" | .energy_j = null | .layers[0] = 3 | .layers[1] = {} | .prices = [null, 1, {"share": "x"}]
     | .utilization = [1]]' runs.json >odd.json
that report "$mantis" report odd.json -o odd.html
browse odd
saw count '0 of 3 points shown.*3 without a value'

# --- files that are no source ---
refuses() {
    local pattern=$1
    shift
    "$mantis" report "$@" -o refused.html >out.txt 2>&1
    that "exit 2 of $*" test $? -eq 2
    that "says why of $*" grep -qE -- "$pattern" out.txt
    that "nothing written of $*" test ! -e refused.html
}
echo '{"model": 3}' >no.json
echo '[' >broken.json
echo '[]' >empty.json
head -c 3000 small.db >cut.db
refuses 'no SOURCE'
refuses 'absent.json' absent.json
refuses 'evaluation 1 is not one of mantis run --json' no.json
refuses 'broken.json:[0-9]+' broken.json
refuses 'empty.json: holds no evaluation' empty.json
refuses 'cut.db: ' cut.db
refuses 'no.json' runs.json no.json

summary
