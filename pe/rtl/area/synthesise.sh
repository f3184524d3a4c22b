# Sourced: synthesis of the Verilog twins by yosys for the cells of OSU 0.18 um, as Debian's qflow-tech-osu018 has them;
# multipliers become Baugh-Wooley arrays (baugh_wooley.v), which yosys has none of. Sets $library, $work, $jobs.
set -euo pipefail
rtl=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
library=${MANTIS_LIBERTY:-/usr/share/qflow/tech/osu018/osu018_stdcells.lib}
command -v yosys >/dev/null || { echo "$0: no yosys (apt install yosys)" >&2; exit 77; }
[ -r "$library" ] || { echo "$0: no $library (apt install qflow-tech-osu018)" >&2; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=$(nproc)

# synthesise NAME MODULE PARAMETERS: the netlist goes to $work/NAME.v, its statistics to $work/NAME. Only the files of the
# module and of those below it are read: abc's result depends, by some per cent, on whatever else there is.
synthesise() {
    local parameters= pair source=$rtl/$2.v
    for pair in ${3//,/ }; do
        parameters+="chparam -set ${pair%=*} ${pair#*=} $2; "
    done
    [ -r "$source" ] || source=$rtl/area/$2.v
    [ -r "$source" ] || source=$rtl/area/like_reference.v
    yosys -q -p "read_verilog $source; ${parameters}hierarchy -top $2 -libdir $rtl;
        proc; flatten; opt; wreduce; opt_clean; techmap -autoproc -map $rtl/area/baugh_wooley.v; opt; synth -top $2;
        dfflibmap -liberty $library; abc -liberty $library; opt_clean -purge; write_verilog -noattr -noexpr $work/$1.v;
        tee -o $work/$1 stat -liberty $library" >"$work/$1.log" 2>&1 || { cat "$work/$1.log" >&2; return 1; }
}

# parallel FUNCTION ARGUMENT...: FUNCTION of each argument, as many at a time as there are cores.
parallel() {
    local function=$1 argument
    shift
    for argument in "$@"; do
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
        "$function" "$argument" &
    done
    wait
}
