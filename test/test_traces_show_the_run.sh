#!/usr/bin/env bash
# Is a trace the run: its instructions, buffers, layers and DRAM commands, in a form that viewers take, and small?
#   usage: test_traces_show_the_run.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
mantis=$1
root=$(cd "$(dirname "$0")/.." && pwd)
command -v jq >/dev/null || { echo "SKIPPED: jq is not here"; exit 77; }
cd "$work" || exit 3
topology=$root/workloads/topologies/resnet18.csv
network=$root/workloads/models/fashion-resnet.onnx

"$mantis" run "$topology" --arch int8-32x32 --trace t.json.gz --quiet >/dev/null || exit 1
"$mantis" run "$topology" --arch int8-32x32 --trace d.json.gz --trace-dram --json r.json --quiet >/dev/null || exit 1
"$mantis" compile "$topology" --arch int8-32x32 -o p.mprog --quiet >/dev/null && "$mantis" disasm p.mprog >listing || exit 1

# --- size: ResNet-18 stays under 20 MB ---
for trace in t d; do
    size=$(stat -c %s $trace.json.gz)
    echo "ResNet-18: $size bytes, $(zcat $trace.json.gz | grep -c '"X"') events"
    that "ResNet-18 takes $size bytes" [ "$size" -lt 20000000 ]
    zcat $trace.json.gz >$trace.json
done

# --- form: what Perfetto and chrome://tracing need of "complete" events (trace event format, ph X and M) ---
that "events lack what viewers need" jq -e '[.traceEvents[] | select(.ph == "X")]
    | length > 1000 and all(.[]; (.name | length > 0) and .ts >= 0 and .dur >= 0 and (.args | type) == "object")' d.json
# lanes_are_whole TRACE: each has a name of its own, and its events follow each other.
lanes_are_whole() {
    that "$1: a lane without a name" jq -e '(([.traceEvents[] | select(.ph == "X") | .tid] | unique)
        - [.traceEvents[] | select(.name == "thread_name") | .tid]) == []' "$1"
    that "$1: two lanes of one name" jq -e '[.traceEvents[] | select(.name == "thread_name") | .args.name]
        | length == (unique | length)' "$1"
    that "$1: events of a lane overlap" jq -e '[.traceEvents[] | select(.ph == "X")
            | {tid, ts: (.ts * 1e6 | round), dur: (.dur * 1e6 | round)}]
        | group_by(.tid) | map(sort_by(.ts) | [.[:-1], .[1:]] | transpose | all(.[]; .[0].ts + .[0].dur <= .[1].ts)) | all' "$1"
}
lanes_are_whole d.json
that "--trace-dram changes more than it adds" diff <(grep -E '"tid":[1-5],"name":"[^t]' t.json) <(grep -E '"tid":[1-5],"name":"[^t]' d.json)
that "a trace shows the DRAM unasked" test "$(grep -c DRAM t.json)" -eq 0

# lane NAME: jq for the events of a lane
lane() {
    echo "(.traceEvents | map(select(.name == \"thread_name\" and .args.name == \"$1\"))[0].tid) as \$tid
        | .traceEvents | map(select(.ph == \"X\" and .tid == \$tid))"
}

# --- layers: those of the report, as long ---
jq -c '.layers[] | [.name, .cycles]' r.json >layers
jq -c "$(lane layers) | .[] | [.name, .args.end_cycle - .args.start_cycle]" t.json >traced
that "layers differ from the report's" diff layers traced
that "there are $(wc -l <layers) layers" [ "$(wc -l <layers)" -eq 21 ]

# --- instructions: those of the program, with its buffers; tiles counted from 0 ---
sed -nE 's/^ *([0-9]+)  (load|store) +L[0-9]+.*\| ([a-z]+@[0-9]+) .*/\1 \3/p' listing >listed
jq -r '.traceEvents[].args | select(.buffer) | "\(.instruction) \(.buffer)"' t.json | sort -n >traced
that "buffers differ from the listing's" diff listed traced
sed -nE 's/^ *([0-9]+)  matmul .* (act@[0-9]+) .* (weight@[0-9]+) (acc@[0-9]+).*/\1 \2 \3 \4/p' listing >listed
jq -r "$(lane array) | .[].args | \"\(.instruction) \(.reads) \(.writes // .adds_to)\"" t.json | sort -n >traced
that "matmuls differ from the listing's" diff listed traced
sed -nE 's/^ *([0-9]+)  vector .*\| ([a-z]+) .* -> (out@[0-9]+).*/\1 \2 \3/p' listing >listed
jq -r "$(lane vector) | .[].args | \"\(.instruction) \(.op) \(.writes)\"" t.json | sort -n >traced
that "vectors differ from the listing's" diff listed traced
that "there are no vectors" [ -s listed ]
that "tiles are not counted one by one" jq -e '[.traceEvents[] | select(.args.instruction != null) | .name / " " | {of: .[:-1], tile: .[-1] | tonumber}]
    | group_by(.of) | all(.[]; map(.tile) == [range(length)])' t.json
that "weights of init_block.conv are not named" grep -q '"name":"init_block.conv weight 0",.*"tensor":"init_block.conv' t.json

# --- DRAM commands: as many as the report counts ---
device=$root/configs/dram/$(sed -nE 's/.*device = "([^"]+)".*/\1/p' "$root/configs/arch/int8-32x32.cfg").cfg
number() { sed -nE "s/^ *$1 = ([0-9]+);.*/\1/p" "$device"; }
burst_bytes=$(($(number bus_width) / 8 * $(number burst_length)))
counted() { # LANES-PATTERN NAME-PATTERN VALUE: sum of VALUE over events
    jq "[.traceEvents[] | select(.name == \"thread_name\" and (.args.name | test(\"$1\"))) | .tid] as \$tids
        | [.traceEvents[] | select(.ph == \"X\" and (.tid | IN(\$tids[])) and (.name | test(\"$2\"))) | $3] | add" d.json
}
reported() {
    jq "[.layers[].$1] | add" r.json
}
compare_dram() {
    that "bytes read differ" [ "$(counted 'DRAM data' '^read ' .args.bursts)" -eq $(($(reported dram_read_bytes) / burst_bytes)) ]
    that "bytes written differ" [ "$(counted 'DRAM data' '^write ' .args.bursts)" -eq $(($(reported dram_write_bytes) / burst_bytes)) ]
    that "activations differ" [ "$(counted 'DRAM bank' '^activate$' 1)" -eq "$(reported dram_activates)" ]
    that "refreshes differ" [ "$(counted 'DRAM refresh' '^refresh$' 1)" -eq "$(reported dram_refreshes)" ]
}
compare_dram
that "a tensor is not found" [ "$(grep -cE '"name":"(read|write) "' d.json)" -eq 0 ]

printf 'extends = "int8-32x32";\ndram = { controller = "queued"; };\n' >queued.cfg
"$mantis" run "$topology" --arch queued.cfg --trace q.json.gz --trace-dram --json r.json --quiet >/dev/null || exit 1
mv d.json in-order.json
zcat q.json.gz >d.json
compare_dram

printf 'extends = "int8-32x32";\ndram = { device = "ddr4-2400-2r"; geometry = { channels = 2; }; };\n' >channels.cfg
"$mantis" run "$network" --arch channels.cfg --quant int8 --trace c.json.gz --trace-dram --json r.json --quiet >/dev/null || exit 1
zcat c.json.gz >d.json
lanes_are_whole d.json
device=$root/configs/dram/ddr4-2400-2r.cfg
burst_bytes=$(($(number bus_width) / 8 * $(number burst_length)))
for channel in 0 1; do
    that "channel $channel has no activations of its own" [ "$(counted "DRAM $channel bank" '^activate$' 1)" -gt 0 ]
done
that "activations of the channels differ" [ "$(counted 'DRAM [01] bank' '^activate$' 1)" -eq "$(reported dram_activates)" ]
that "bytes read by the channels differ" \
    [ "$(counted 'DRAM [01] data' '^read ' .args.bursts)" -eq $(($(reported dram_read_bytes) / burst_bytes)) ]
mv in-order.json d.json

# --- engines and options ---
"$mantis" run "$topology" --arch int8-32x32 --engine step --trace s.json.gz --trace-dram --quiet >/dev/null
that "engine step gives another trace" cmp d.json <(zcat s.json.gz)
refused() { # PATTERN ARGUMENTS...
    local pattern=$1
    shift
    "$mantis" run "$topology" --arch int8-32x32 "$@" >message 2>&1
    that "not refused: $*" [ $? -eq 2 ]
    that "refused otherwise: $*: $(head -n 1 message)" grep -q -- "$pattern" message
}
for engine in fast clocked; do
    "$mantis" run "$network" --arch ant-64x64 --quant ant4 --engine $engine --trace n.json.gz --quiet >/dev/null
    zcat n.json.gz | sed 's/,$//' | sort >$engine
done
that "engine clocked gives another trace" cmp fast clocked
refused 'give --trace' --trace-dram
refused 'waveform, --vcd' --trace-dram --trace refused.json.gz --engine clocked
that "a refused run leaves a file" [ ! -e refused.json.gz ]
summary
