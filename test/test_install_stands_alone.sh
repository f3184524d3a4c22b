#!/usr/bin/env bash
# Does what cmake --install puts somewhere work there, without the source tree?
#   usage: test_install_stands_alone.sh MANTIS SHARED
set -uo pipefail
source "$(dirname "$0")/that.sh"
build=$(cd "$(dirname "$1")" && pwd)
command -v cmake >/dev/null || { echo "SKIPPED: cmake is not here"; exit 77; }
[ -r "$build/libmantis.a" ] || { echo "SKIPPED: libmantis.a is not built"; exit 77; }

DESTDIR=$work/stage cmake --install "$build" --prefix /opt/mantis >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
that "DESTDIR is not all there is" [ "$(ls "$work/stage")" == opt ]
mv "$work/stage/opt/mantis" "$work/moved"
cd "$work/moved" || exit 1
for file in bin/mantis include/mantis.h share/man/man1/mantis.1 share/bash-completion/completions/mantis \
    share/mantis/configs/arch/int8-32x32.cfg share/mantis/workloads/models/fashion-resnet.onnx; do
    that "$file is not installed" [ -s "$file" ]
done
that "the manual page is another program's" cmp share/man/man1/mantis.1 <(bin/mantis man)
that "the completion is another program's" cmp share/bash-completion/completions/mantis <(bin/mantis completion bash)

# The program reads its own configs, not those that it was built from: a name is added, one taken away.
cp share/mantis/configs/arch/int8-32x32.cfg share/mantis/configs/arch/only-here.cfg
that "an accelerator beside the program is not found" bin/mantis run share/mantis/workloads/topologies/resnet18.csv --arch only-here
echo 'core = {' >share/mantis/configs/arch/ant-64x64.cfg
bin/mantis run share/mantis/workloads/topologies/resnet18.csv --arch ant-64x64 >"$work/message" 2>&1
that "the configs of the source tree are read" grep -q "moved/.*share/mantis/configs/arch/ant-64x64.cfg" "$work/message"
that "the shipped network does not run" bin/mantis run share/mantis/workloads/models/fashion-resnet.onnx --arch int8-32x32 --quant int8
that "a shipped sweep does not find its network" bin/mantis sweep resnet18 --db "$work/sweep.db" --dry-run

cat >"$work/version.c" <<'C'
#include <mantis.h>
#include <stdio.h>
int main(void)
{
    return puts(mantis_version()) < 0;
}
C
archive=$(find . -name libmantis.a)
library=$(cd "$(dirname "$archive")" && pwd)
export PKG_CONFIG_PATH=$library/pkgconfig
flags=()
[ "$(nm "$archive" 2>/dev/null | grep -c __asan_)" -gt 0 ] && flags=(-fsanitize=address,undefined)
mapfile -t library_flags < <(pkg-config --define-variable=libdir="$library" --define-variable=includedir="$PWD/include" \
    --cflags --libs mantis | xargs -n 1)
that "a program does not build with pkg-config's flags" cc "${flags[@]}" "$work/version.c" "${library_flags[@]}" -o "$work/version"
that "library and program are of different versions" [ "mantis $("$work/version")" == "$(bin/mantis --version)" ]
summary
