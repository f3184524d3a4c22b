#!/usr/bin/env bash
# Does bash complete commands, options, names and files, each where it may stand?   usage: test_bash_completes.sh MANTIS SHARED
set -uo pipefail
mantis=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
touch run.json sweep.db net.onnx other.csv net.mprog golden.npz my.cfg notes.txt "two words.cfg"
mkdir folder
script=$("$mantis" completion bash) || exit 1
eval "$script" || exit 1
passed=0 failed=0

# complete_line LINE WORD: what bash offers at the end of LINE, where readline takes WORD for the last word of it.
complete_line() {
    COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
    _mantis "$mantis" "$2" ''
    printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
# offers LINE WORD WANTED...: exactly these are offered.
offers() {
    local line=$1 word=$2 wanted found
    shift 2
    wanted=$(printf '%s\n' "$@" | sort -u)
    found=$(complete_line "$line" "$word")
    if [ "$found" == "$wanted" ]; then
        passed=$((passed + 1))
    else
        echo "FAILED \"$line\": offers" $found "; wanted" $wanted
        failed=$((failed + 1))
    fi
}
names() { # LIST: its names
    "$mantis" list "$1" | cut -d ' ' -f 1
}

[ "$(complete -p mantis)" == "complete -F _mantis mantis" ] || { echo "FAILED: is not registered"; exit 1; }
mapfile -t commands < <("$mantis" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
[ ${#commands[@]} -ge 10 ] || { echo "FAILED: --help lists ${#commands[@]} commands"; exit 1; }
offers 'mantis ' '' --help --version "${commands[@]}"
offers 'mantis dis' dis disasm
offers 'mantis nonesuch ' '' ''

# Every long option that a command's --help shows is offered, and no other.
for command in "${commands[@]}"; do
    mapfile -t options < <("$mantis" "$command" --help | grep -oE '^ {2,6}(-[^-],? )?--[a-z-]+' | grep -oE -- '--.*' | grep -v usage)
    offers "mantis $command --" -- "${options[@]}"
done
offers 'mantis run --no' --no --no-reference

# names, in every way to give them
cfg=(folder my.cfg 'two words.cfg')
mapfile -t archs < <(names archs)
mapfile -t quants < <(names quants)
offers 'mantis run --arch ' '' "${archs[@]}" "${cfg[@]}"
offers 'mantis run -a ' '' "${archs[@]}" "${cfg[@]}"
offers 'mantis run --arch=' '' "${archs[@]}" "${cfg[@]}"
offers 'mantis run --arch=int8-3' int8-3 int8-32x32
offers 'mantis run --arch=int8-3' --arch=int8-3 --arch=int8-32x32
offers 'mantis run net.onnx --quant ' '' "${quants[@]}" "${cfg[@]}"
offers 'mantis run --quant int8,an' int8,an int8,ant-fig13 int8,ant-fig13-adafloat int8,ant4 int8,ant6
offers 'mantis run --quant int8,ant4@int8' int8 int8-32x32
offers 'mantis run --quant int8@int8-32x32,flo' int8-32x32,flo int8-32x32,float32
offers 'mantis compile --data fashion-mnist-' fashion-mnist- fashion-mnist-calib
offers 'mantis dram --device hbm2-' hbm2- hbm2-2ch hbm2-8ch
offers 'mantis run --fpga zc' zc zcu102
offers 'mantis run --engine ' '' fast step clocked
offers 'mantis plan --limit s' s size
offers 'mantis list tech' tech technologies
mapfile -t lists < <(names lists)
offers 'mantis list ' '' "${lists[@]}"
offers 'mantis completion ' '' bash

# files
offers 'mantis run ' '' folder net.onnx other.csv net.mprog
offers 'mantis run --quiet ' '' folder net.onnx other.csv net.mprog
offers 'mantis quantize ' '' folder net.onnx
offers 'mantis verify net.mprog --golden ' '' folder golden.npz
offers 'mantis golden --hex ' '' folder
offers 'mantis report ' '' folder run.json sweep.db
offers 'mantis dram n' n net.onnx net.mprog notes.txt
offers 'mantis run --json not' not notes.txt
offers 'mantis run --images ' '' ''
# An option that takes a name or a file completes to something; numbers are the user's to know.
for command in "${commands[@]}"; do
    while IFS== read -r option kind; do
        [[ $kind =~ ^(N|I/N|COLUMNS|NAME|LAYER,LAYER)$ ]] && continue
        [ -n "$(complete_line "mantis $command $option " '')" ] && passed=$((passed + 1)) && continue
        echo "FAILED: nothing completes mantis $command $option=$kind"
        failed=$((failed + 1))
    done < <("$mantis" "$command" --help | grep -oE -- '--[a-z-]+=[^ ]+')
done

# So does what a command is given.
for command in "${commands[@]}"; do
    kind=$("$mantis" "$command" --help | sed -nE '1s/.*\[OPTION\.\.\.\] ?([^ ]*).*/\1/p')
    [ -z "$kind" ] || [ -n "$(complete_line "mantis $command " '')" ] && passed=$((passed + 1)) && continue
    echo "FAILED: nothing completes mantis $command $kind"
    failed=$((failed + 1))
done

# The line is cut at the cursor.
COMP_LINE='mantis run --arch int8-3 --quant int8' COMP_POINT=24 COMPREPLY=()
_mantis "$mantis" int8-3 --arch
[ "${COMPREPLY[*]}" == int8-32x32 ] || { echo "FAILED: completes ${COMPREPLY[*]} at the cursor"; failed=$((failed + 1)); }

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
