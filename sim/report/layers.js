// Stacked bars: the layers of a run side by side, and the energy of points.

function layerValue(layer, name) {
    return layer[layerColumn.get(name)];
}

function runPoint(run, name) {
    return valueOf(run.point, name);
}

// The first to look at: the least energy x latency.
function bestRun() {
    const product = (run) => runPoint(run, "edp_js") ?? Infinity;
    return [...report.runs].sort((a, b) => product(a) - product(b))[0] ?? null;
}

// --- cycles, energy and utilisation, a row per layer ---

const LAYER_UNITS = { energy: "J", utilization: "0..1" };

function layerTip(layer) {
    const pairs = report.layer_columns
        .filter((name) => !["name", "op"].includes(name))
        .map((name) => {
            const value = layerValue(layer, name);
            const unit = name.endsWith("_j")
                ? "J"
                : name.endsWith("_bytes")
                  ? "bytes"
                  : (LAYER_UNITS[name] ?? "");
            const kind = typeof value === "string" ? "text" : unit ? "real" : "integer";
            return [title(name), show({ kind, unit }, value)];
        })
        .filter(([, value]) => value !== "–" && value !== "");
    return tip(`${layerValue(layer, "name")} · ${layerValue(layer, "op")}`, pairs, 2);
}

function panel(index, name, colours, names, formatter, extra = {}) {
    const style = axisStyle(colours);
    return {
        x: {
            ...style,
            gridIndex: index,
            type: "value",
            position: "top",
            name,
            nameLocation: "middle",
            nameGap: 26,
            splitNumber: 3,
            axisLabel: { ...style.axisLabel, hideOverlap: true, formatter },
            ...extra,
        },
        y: {
            ...style,
            gridIndex: index,
            type: "category",
            inverse: true,
            data: names,
            axisTick: { show: false },
            axisLabel: { ...style.axisLabel, show: index === 0, interval: 0, width: 150, overflow: "truncate" },
        },
    };
}

function bar(name, index, stack, colour, data) {
    return {
        name,
        type: "bar",
        stack,
        xAxisIndex: index,
        yAxisIndex: index,
        barCategoryGap: "28%",
        itemStyle: { color: colour },
        data,
    };
}

function layerSeries(layers, colours) {
    const of = (name) => layers.map((layer) => layerValue(layer, name));
    // A layer without MACs has no utilisation, and more busy cycles than cycles where it hides behind others.
    const busy = layers.map((layer) =>
        Math.min(layerValue(layer, "compute_cycles") ?? 0, layerValue(layer, "cycles") ?? 0),
    );
    const bounds = layers
        .map((layer, row) => [
            layerValue(layer, "energy_j"),
            row,
            layerValue(layer, "energy_low_j"),
            layerValue(layer, "energy_high_j"),
        ])
        .filter((values) => values.every((value) => value !== null));
    return [
        bar("busy", 0, "cycles", colours.accent, busy),
        bar("stalled", 0, "cycles", colours.stall, of("stall_cycles")),
        ...[...COMPONENTS, ...STATICS].map(([name, label, colour]) =>
            bar(label, 1, "energy", colour, of(name)),
        ),
        whiskers("low .. high", bounds, 0, colours.ink, { xAxisIndex: 1, yAxisIndex: 1 }),
        bar("utilisation", 2, "utilisation", PALETTE[2], of("utilization")),
    ];
}

function layersOption(run, colours) {
    const names = run.layers.map((layer) => layerValue(layer, "name") ?? "");
    const energyUnit = { kind: "real", unit: "J" };
    const panels = [
        panel(0, "cycles", colours, names, (value) => si(value, "", 3)),
        panel(1, "energy, low .. high", colours, names, (value) => show(energyUnit, value, 3)),
        panel(2, "utilisation", colours, names, (value) => `${100 * value} %`, {
            min: 0,
            max: 1,
            interval: 0.25,
        }),
    ];
    const legend = (left, data) => ({
        left,
        bottom: 0,
        data,
        itemWidth: 12,
        itemHeight: 10,
        itemGap: 16,
        textStyle: { color: colours.soft },
    });
    const box = { top: 52, bottom: 34 };
    return {
        animation: false,
        textStyle: { fontFamily: FONT },
        backgroundColor: "transparent",
        grid: [
            { ...box, left: 166, width: "27%" },
            { ...box, left: "44.5%", width: "33%" },
            { ...box, left: "81%", right: 18 },
        ],
        legend: [
            legend(160, ["busy", "stalled"]),
            legend(
                "34%",
                [...COMPONENTS, ...STATICS].map(([, label]) => label),
            ),
        ],
        tooltip: {
            ...tooltipStyle(colours),
            trigger: "axis",
            axisPointer: { type: "shadow", shadowStyle: { color: "rgb(128 128 128 / .12)" } },
            formatter: (hits) => layerTip(run.layers[hits[0].dataIndex]),
        },
        axisPointer: { link: [{ yAxisIndex: "all" }] },
        xAxis: panels.map(({ x }) => x),
        yAxis: panels.map(({ y }) => y),
        series: layerSeries(run.layers, colours),
    };
}

// --- energy of the points ---

const MAX_BARS = 30;
const POINT_COMPONENTS = [...COMPONENTS, ["energy_static_j", "static", "#a9b2be"]];

// All points shown where they are few, else those on the front.
function energyPoints() {
    const { drawn } = shownPoints();
    const chosen = drawn.length <= MAX_BARS ? drawn : fronts(drawn).flatMap(({ points }) => points);
    return chosen.filter((point) => valueOf(point, "energy_j") !== null).slice(0, MAX_BARS);
}

function energiesOption(colours) {
    const points = energyPoints(),
        style = axisStyle(colours);
    const bounds = points
        .map((point, row) => [
            valueOf(point, "energy_j"),
            row,
            valueOf(point, "energy_low_j"),
            valueOf(point, "energy_high_j"),
        ])
        .filter((figures) => figures.every((figure) => figure !== null));
    return {
        animation: false,
        textStyle: { fontFamily: FONT },
        backgroundColor: "transparent",
        grid: { left: 280, right: 40, top: 8, bottom: 62 },
        legend: {
            bottom: 0,
            left: 270,
            itemWidth: 12,
            itemHeight: 10,
            textStyle: { color: colours.soft },
            data: POINT_COMPONENTS.map(([, label]) => label),
        },
        tooltip: {
            ...tooltipStyle(colours),
            trigger: "axis",
            axisPointer: { type: "shadow" },
            formatter: (hits) => pointTip(points[hits[0].dataIndex]),
        },
        xAxis: {
            ...style,
            type: "value",
            axisLabel: { ...style.axisLabel, formatter: (value) => si(value, "J", 3) },
        },
        yAxis: {
            ...style,
            type: "category",
            inverse: true,
            data: points.map(pointName),
            axisTick: { show: false },
            axisLabel: { ...style.axisLabel, interval: 0, width: 260, overflow: "truncate" },
        },
        series: [
            ...POINT_COMPONENTS.map(([column, label, colour]) => ({
                name: label,
                type: "bar",
                stack: "energy",
                barMaxWidth: 22,
                itemStyle: { color: colour },
                data: points.map((point) => valueOf(point, column)),
            })),
            whiskers("low .. high", bounds, 0, colours.ink),
        ],
    };
}
