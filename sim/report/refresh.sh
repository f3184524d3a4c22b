#!/usr/bin/env bash
# Build echarts.min.js anew from npm: library.js bundled by esbuild, both at the versions of package-lock.json.
# The build of mantis needs neither: the file is part of the source.   usage: sim/report/refresh.sh [--check]
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json library.js "$work"
(
    cd "$work"
    npm ci --silent --no-audit --no-fund
    npx --no-install esbuild library.js --bundle --minify --format=iife --global-name=echarts --charset=utf8 \
        --legal-comments=inline --target=es2020 --define:process.env.NODE_ENV='"production"' \
        --outfile=bundle.js --log-level=warning
    {
        echo "/*! Apache ECharts $(node -p 'require("echarts/package.json").version'), Apache License 2.0,"
        echo "    (c) The Apache Software Foundation; with zrender, BSD 3-Clause, (c) Baidu Inc.,"
        echo "    and tslib, 0BSD, (c) Microsoft Corporation. */"
        cat bundle.js
    } >echarts.min.js
)
if [ "${1-}" = --check ]; then
    cmp "$work/echarts.min.js" echarts.min.js && echo "echarts.min.js is what package-lock.json gives"
    exit
fi
cp "$work/echarts.min.js" echarts.min.js
for package in echarts zrender; do cp "$work/node_modules/$package/LICENSE" "$package.LICENSE"; done
cp "$work/node_modules/echarts/NOTICE" echarts.NOTICE
sha256sum echarts.min.js
