// Values as text, elements, colours. Names come from users' files: they become text nodes, never markup.

const report = JSON.parse(reportText);
const columns = new Map(report.columns.map((column, index) => [column.name, { ...column, index }]));
const layerColumn = new Map(report.layer_columns.map((name, index) => [name, index]));

function valueOf(point, name) {
    return report.points[point][columns.get(name).index];
}

function byId(id) {
    return document.getElementById(id);
}

// An element with attributes ("on..." are listeners); children are elements or texts.
function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (typeof value === "boolean") made[name] = value;
        else made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
}

// --- numbers ---

const PREFIXES = [
    [1e15, "P"],
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
    [1, ""],
    [1e-3, "m"],
    [1e-6, "µ"],
    [1e-9, "n"],
    [1e-12, "p"],
    [1e-15, "f"],
];

// 1234567 as "1 234 567".
function grouped(value) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}

function digits(value, count = 4) {
    if (value === 0) return "0";
    const magnitude = Math.abs(value);
    if (magnitude >= 10 ** count && magnitude < 1e7)
        return grouped(Math.round(value));
    return magnitude >= 1e-4 && magnitude < 1e7
        ? String(Number(value.toPrecision(count)))
        : value.toExponential(count - 1);
}

function si(value, unit, count = 4) {
    if (value === 0) return `0 ${unit}`.trim();
    const magnitude = Math.abs(value) * (1 + 1e-9);
    const [scale, prefix] = PREFIXES.find(([limit]) => magnitude >= limit) ?? [1, ""];
    return `${digits(value / scale, count)}${unit ? " " : ""}${prefix}${unit}`;
}

// A value in the unit of its column; units that take prefixes get one.
function show(column, value, count = 4) {
    if (value === null || value === undefined) return "–";
    if (column.kind === "text") return value;
    if (column.unit === "0..1") return `${digits(100 * value, count)} %`;
    if (["J", "s", "J s"].includes(column.unit)) return si(value, column.unit, count);
    if (column.unit === "bytes") return si(value, "B", count);
    if (column.kind === "integer") return grouped(value);
    return column.unit ? `${digits(value, count)} ${column.unit.replace("mm2", "mm²")}` : digits(value, count);
}

function axisText(column, value) {
    if (["cycles", ""].includes(column.unit) && Math.abs(value) >= 1e4) return si(value, "", 3);
    return show({ ...column, kind: "real", unit: column.unit === "cycles" ? "" : column.unit }, value, 3);
}

const SHORT = {
    pe: "PE",
    pes: "PEs",
    edp_js: "EDP",
    top1: "top-1",
    top5: "top-5",
    macs: "MACs",
    bops: "BOPs",
    dram: "DRAM",
    energy_j: "energy",
    area_mm2: "area",
    latency_s: "latency",
    utilization: "utilisation",
    dram_bytes: "DRAM traffic",
    clock_mhz: "clock",
    act_kib: "act scratchpad",
    weight_kib: "weight scratchpad",
    param_kib: "param scratchpad",
    acc_kib: "acc scratchpad",
    out_kib: "out scratchpad",
    dram_gbps: "DRAM bandwidth",
};

// "energy_pe_j" as words: "energy PE".
function title(name) {
    return (
        SHORT[name] ??
        name
            .replace(/_(j|mm2|s|kib)$/, "")
            .split("_")
            .map((word) => ({ pe: "PE", sram: "SRAM", dram: "DRAM" })[word] ?? word)
            .join(" ")
    );
}

// --- colours ---

const PALETTE = [
    "#2f7fc1",
    "#e07b28",
    "#3c9d5b",
    "#a9559f",
    "#c9a21a",
    "#d14d4a",
    "#45adb8",
    "#8a7361",
    "#7474d6",
    "#97aa3d",
];
const OTHER = "#8b95a3";
const COMPONENTS = [
    ["energy_pe_j", "PE", "#e07b28"],
    ["energy_sram_j", "SRAM", "#2f7fc1"],
    ["energy_dram_j", "DRAM", "#8d5bb0"],
];
const STATICS = [
    ["energy_static_logic_j", "static logic", "#efbd94"],
    ["energy_static_sram_j", "static SRAM", "#97bfe0"],
    ["energy_static_dram_j", "static DRAM", "#c6adda"],
];

let forcedLight = false; // paper and exported pictures are light

function theme() {
    if (forcedLight)
        return {
            card: "#ffffff",
            ink: "#1b2430",
            soft: "#5a6675",
            line: "#d9dee5",
            grid: "#e9ecf1",
            accent: "#0b6e6e",
            stall: "#c9d0da",
        };
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(
        ["card", "ink", "soft", "line", "grid", "accent", "stall"].map((name) => [
            name,
            style.getPropertyValue(`--${name}`).trim(),
        ]),
    );
}

// --- parts of charts ---

// Without quotes: the SVG of ECharts has the family inside a quoted attribute.
const FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif";

function axisStyle(colours) {
    return {
        axisLine: { show: true, lineStyle: { color: colours.line } },
        axisTick: { lineStyle: { color: colours.line } },
        axisLabel: { color: colours.soft, fontSize: 12 },
        splitLine: { lineStyle: { color: colours.grid } },
        nameTextStyle: { color: colours.ink, fontSize: 13, fontWeight: 600 },
        minorTick: { show: false },
    };
}

function tooltipStyle(colours) {
    return {
        backgroundColor: colours.card,
        borderColor: colours.line,
        textStyle: { color: colours.ink, fontSize: 12 },
        confine: true,
        transitionDuration: 0,
        extraCssText: "box-shadow: 0 4px 18px rgb(0 0 0 / .18); max-width: 720px",
    };
}

// A tooltip: a title and pairs of name and value in `wide` columns.
function tip(heading, pairs, wide = 1) {
    const grid = element("div", {
        class: "tip",
        style: `grid-template-rows: repeat(${Math.ceil(pairs.length / wide)}, auto)`,
    });
    for (const [name, value] of pairs)
        grid.append(element("div", {}, element("span", {}, name), element("b", {}, value)));
    return element("div", {}, element("div", { class: "tip-title" }, heading), grid);
}

// A whisker from low to high at a data point [x, y, low, high], along the axis `along` (0: x, 1: y).
function whiskers(name, data, along, colour, axes = {}) {
    return {
        name,
        type: "custom",
        data,
        ...axes,
        silent: true,
        z: 4,
        clip: true,
        tooltip: { show: false },
        encode: along ? { x: 0, y: [1, 2, 3] } : { x: [0, 2, 3], y: 1 },
        renderItem(parameters, api) {
            const place = (value) => api.coord(along ? [api.value(0), value] : [value, api.value(1)]);
            const [x1, y1] = place(api.value(2)),
                [x2, y2] = place(api.value(3));
            const cap = along ? [4, 0] : [0, 4];
            const line = (a, b, c, d) => ({
                type: "line",
                shape: { x1: a, y1: b, x2: c, y2: d },
                style: { stroke: colour, lineWidth: 1.2 },
            });
            return {
                type: "group",
                children: [
                    line(x1, y1, x2, y2),
                    line(x1 - cap[0], y1 - cap[1], x1 + cap[0], y1 + cap[1]),
                    line(x2 - cap[0], y2 - cap[1], x2 + cap[0], y2 + cap[1]),
                ],
            };
        },
    };
}
