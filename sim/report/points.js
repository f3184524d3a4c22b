// The design space: which points are shown, their fronts, and the scatter.

const space = {
    x: "latency_s",
    y: "energy_j",
    colour: null,
    logX: false,
    logY: false,
    bounds: true,
    excluded: new Map(), // column -> set of values that are not shown
    limits: [], // { name, less, value }
};
const MAX_CHIPS = 18;

function distinct(name) {
    const values = new Set(report.points.map((point) => point[columns.get(name).index]));
    values.delete(null);
    return [...values].sort((a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b))));
}

const values = new Map(report.columns.map((column) => [column.name, distinct(column.name)]));
const numeric = report.columns.filter((column) => column.kind !== "text" && values.get(column.name).length);

// Parameters with a few values. One that splits the points as an earlier one does (columns of square arrays) says
// nothing new.
function varyingParameters() {
    const seen = new Set();
    return report.columns.filter(({ name, parameter }) => {
        const own = values.get(name);
        if (
            !parameter ||
            own.length < 2 ||
            own.length > MAX_CHIPS ||
            name.startsWith("area_") ||
            name === "choices"
        )
            return false;
        const order = new Map();
        const split = report.points
            .map((_, point) => {
                const value = valueOf(point, name);
                if (!order.has(value)) order.set(value, order.size);
                return order.get(value);
            })
            .join();
        return !seen.has(split) && Boolean(seen.add(split));
    });
}
const varying = varyingParameters();

// Two figures that differ between points, and a parameter to colour by.
function chooseDefaults() {
    const several = (name) => values.get(name).length > 1;
    const figures = ["latency_s", "energy_j", "top1", "area_mm2"].filter(several);
    if (figures.length >= 2) [space.x, space.y] = figures;
    space.colour =
        ["pe", "scheme", "network", "dataflow"].find(
            (name) => several(name) && varying.some((column) => column.name === name),
        ) ?? null;
    const wide = (name) =>
        several(name) && values.get(name)[0] > 0 && values.get(name).at(-1) / values.get(name)[0] > 30;
    space.logX = wide(space.x);
    space.logY = wide(space.y);
}

function passes(point) {
    for (const [name, excluded] of space.excluded) if (excluded.has(valueOf(point, name))) return false;
    return space.limits.every(({ name, less, value }) => {
        const own = valueOf(point, name);
        return Number.isNaN(value) || (own !== null && (less ? own <= value : own >= value));
    });
}

function drawable(point) {
    const x = valueOf(point, space.x),
        y = valueOf(point, space.y);
    return x !== null && y !== null && (!space.logX || x > 0) && (!space.logY || y > 0);
}

function shownPoints() {
    const passing = report.points.map((_, index) => index).filter(passes);
    return { passing, drawn: passing.filter(drawable) };
}

// Points that no other is at least as good as in both figures and better in one, from the best x on.
function paretoFront(points, xName, yName) {
    const sign = (name) => (columns.get(name).better === "more" ? -1 : 1);
    const sorted = points
        .map((point) => [sign(xName) * valueOf(point, xName), sign(yName) * valueOf(point, yName), point])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    let best = Infinity;
    return sorted.filter(([, y]) => y < best && ((best = y), true)).map(([, , point]) => point);
}

// A front per network: points of different networks do not compete.
function fronts(points) {
    if (space.x === space.y || !columns.get(space.x).better || !columns.get(space.y).better) return [];
    return values
        .get("network")
        .map((network) => [network, points.filter((point) => valueOf(point, "network") === network)])
        .filter(([, members]) => members.length)
        .map(([network, members]) => ({ network, points: paretoFront(members, space.x, space.y) }));
}

// What tells a point from others: of the names, those that there are several of; and the array.
function pointName(point) {
    const names = ["network", "accelerator"].filter((name) => values.get(name).length > 1);
    const [rows, columnsOf] = ["rows", "columns"].map((name) => valueOf(point, name));
    const array =
        rows === null ? null : `${valueOf(point, "pe")} ${rows}×${columnsOf} ${valueOf(point, "dataflow")}`;
    return [valueOf(point, "scheme"), ...names.map((name) => valueOf(point, name)), array]
        .filter(Boolean)
        .join(" · ");
}

function pointTip(point) {
    const pairs = report.columns
        .filter((column) => !["scheme", "choices"].includes(column.name))
        .map((column) => [title(column.name), show(column, valueOf(point, column.name))])
        .filter(([, value]) => value !== "–");
    return tip(pointName(point), pairs, pairs.length > 18 ? 3 : 2);
}

// --- the chart ---

// Low and high of an axis' column, where it has them.
function boundsOf(name) {
    const low = name.replace(/_(j|mm2)$/, "_low_$1"),
        high = name.replace(/_(j|mm2)$/, "_high_$1");
    return low !== name && columns.has(low) && columns.has(high) ? [low, high] : null;
}

function whiskerSeries(points, colours) {
    return [
        [space.x, 0],
        [space.y, 1],
    ].flatMap(([name, along]) => {
        const bounds = boundsOf(name);
        if (!bounds || !space.bounds) return [];
        const data = points
            .map((point) => [
                valueOf(point, space.x),
                valueOf(point, space.y),
                ...bounds.map((bound) => valueOf(point, bound)),
            ])
            .filter((row) => row.every((value) => value !== null));
        return [whiskers("low .. high", data, along, colours.soft)];
    });
}

function scatterSeries(points) {
    const colour = space.colour ? columns.get(space.colour) : null;
    const groups = colour ? values.get(colour.name) : [null];
    const size = points.length > 800 ? 6 : points.length > 100 ? 8 : 12;
    return groups.map((group, index) => ({
        type: "scatter",
        symbolSize: size,
        z: 3,
        name: group === null ? "points" : `${title(colour.name)} ${show(colour, group)}`,
        itemStyle: { color: PALETTE[index] ?? OTHER, opacity: points.length > 300 ? 0.6 : 0.85 },
        emphasis: { scale: 1.5, itemStyle: { opacity: 1 } },
        data: points
            .filter((point) => group === null || valueOf(point, colour.name) === group)
            .map((point) => ({ value: [valueOf(point, space.x), valueOf(point, space.y)], point })),
    }));
}

function frontSeries(found, colours) {
    return found.map(({ network, points }) => ({
        name: found.length > 1 ? `front of ${network}` : "Pareto front",
        type: "line",
        step: "end",
        z: 5,
        symbol: "circle",
        symbolSize: 9, // over all other points: hover and click find the front first
        showAllSymbol: true,
        lineStyle: { color: colours.ink, width: 1.6 },
        itemStyle: { color: "transparent", borderColor: colours.ink, borderWidth: 1.4 },
        data: points.map((point) => ({ value: [valueOf(point, space.x), valueOf(point, space.y)], point })),
    }));
}

function spaceAxis(name, log, colours, isX) {
    const column = columns.get(name),
        style = axisStyle(colours);
    const unit = ["J", "s", "J s", "bytes", "0..1", ""].includes(column.unit) ? "" : ` (${column.unit})`;
    return {
        ...style,
        type: log ? "log" : "value",
        scale: true,
        name: title(name) + unit,
        nameLocation: "middle",
        nameGap: isX ? 32 : 66,
        axisLabel: {
            ...style.axisLabel,
            hideOverlap: true,
            formatter: (value) => axisText({ ...column, unit: unit ? "" : column.unit }, value),
        },
    };
}

function scatterOption(colours) {
    const { drawn } = shownPoints();
    const found = fronts(drawn);
    const onFront = found.flatMap(({ points }) => points);
    const legend = space.colour ? scatterSeries(drawn).map(({ name }) => name) : [];
    return {
        animation: false,
        textStyle: { fontFamily: FONT },
        backgroundColor: "transparent",
        grid: { left: 88, right: 24, top: 46, bottom: 56 },
        legend: {
            top: 4,
            left: 80,
            right: 20,
            type: "plain",
            itemWidth: 12,
            itemHeight: 10,
            textStyle: { color: colours.soft },
            data: [
                ...legend,
                ...found.map(({ network }) => (found.length > 1 ? `front of ${network}` : "Pareto front")),
            ].slice(0, 14),
        },
        tooltip: {
            ...tooltipStyle(colours),
            trigger: "item",
            formatter: (hit) => (hit.data && hit.data.point !== undefined ? pointTip(hit.data.point) : ""),
        },
        dataZoom: [
            {
                type: "inside",
                xAxisIndex: 0,
                filterMode: "none",
                zoomOnMouseWheel: "ctrl",
                moveOnMouseMove: true,
            },
            {
                type: "inside",
                yAxisIndex: 0,
                filterMode: "none",
                zoomOnMouseWheel: "ctrl",
                moveOnMouseMove: true,
            },
        ],
        xAxis: spaceAxis(space.x, space.logX, colours, true),
        yAxis: spaceAxis(space.y, space.logY, colours, false),
        series: [
            ...whiskerSeries(report.points.length <= 40 ? drawn : onFront, colours),
            ...scatterSeries(drawn),
            ...frontSeries(found, colours),
        ],
    };
}
