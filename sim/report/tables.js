// Filters, tiles, tables: what is not a chart.

// --- filters ---

function chip(name, value, change) {
    const input = element("input", {
        type: "checkbox",
        checked: true,
        onchange: (event) => {
            const excluded = space.excluded.get(name) ?? new Set();
            if (event.target.checked) excluded.delete(value);
            else excluded.add(value);
            space.excluded.set(name, excluded);
            change();
        },
    });
    input.dataset.column = name;
    input.dataset.value = String(value);
    const text = show(columns.get(name), value);
    return element("label", { class: "chip", title: text }, input, element("span", {}, text));
}

function options(list, chosen, empty = null) {
    const made = list.map((column) =>
        element("option", { value: column.name, selected: column.name === chosen }, title(column.name)),
    );
    return empty ? [element("option", { value: "" }, empty), ...made] : made;
}

// A bound on a figure, in the figure's own unit.
function limitRow(change) {
    const limit = { name: numeric[0].name, less: true, value: NaN };
    space.limits.push(limit);
    const value = element("input", {
        type: "number",
        step: "any",
        "aria-label": "bound",
        oninput: (event) => {
            limit.value = event.target.valueAsNumber;
            change();
        },
    });
    const name = element(
        "select",
        {
            "aria-label": "figure",
            onchange: (event) => {
                limit.name = event.target.value;
                hint();
                change();
            },
        },
        ...options(numeric, limit.name),
    );
    const hint = () => {
        value.placeholder = columns.get(limit.name).unit;
    };
    hint();
    return element(
        "div",
        { class: "limit" },
        name,
        element(
            "select",
            {
                "aria-label": "direction",
                onchange: (event) => {
                    limit.less = event.target.value === "<";
                    change();
                },
            },
            element("option", { value: "<" }, "≤"),
            element("option", { value: ">" }, "≥"),
        ),
        value,
    );
}

function fillFilters(form, change) {
    for (const column of varying)
        form.append(
            element(
                "fieldset",
                {},
                element("legend", { title: column.help }, title(column.name)),
                ...values.get(column.name).map((value) => chip(column.name, value, change)),
            ),
        );
    const bounds = element("fieldset", {}, element("legend", {}, "bounds"), limitRow(change));
    bounds.append(
        element(
            "button",
            {
                type: "button",
                style: "margin-top: 6px",
                onclick: (event) => event.target.before(limitRow(change)),
            },
            "another bound",
        ),
    );
    form.append(bounds);
    form.addEventListener("submit", (event) => event.preventDefault());
}

function fillAxes(place, change) {
    const axis = (label, key, list, empty) =>
        element(
            "label",
            {},
            label,
            element(
                "select",
                {
                    id: `axis-${key}`,
                    onchange: (event) => {
                        space[key] = event.target.value || null;
                        change();
                    },
                },
                ...options(list, space[key], empty),
            ),
        );
    const toggle = (label, key) =>
        element(
            "label",
            {},
            element("input", {
                type: "checkbox",
                checked: space[key],
                onchange: (event) => {
                    space[key] = event.target.checked;
                    change();
                },
            }),
            label,
        );
    place.append(
        axis("x", "x", numeric),
        toggle("log", "logX"),
        axis("y", "y", numeric),
        toggle("log", "logY"),
        axis("colour", "colour", varying, "none"),
        toggle("low .. high", "bounds"),
    );
}

// --- tables ---

function table(headings, rows) {
    return element(
        "table",
        {},
        element(
            "thead",
            {},
            element("tr", {}, ...headings.map(([text, kind]) => element("th", { class: kind ?? "" }, text))),
        ),
        element("tbody", {}, ...rows),
    );
}

function row(cells, headings, attributes = {}) {
    return element(
        "tr",
        attributes,
        ...cells.map((cell, index) => element("td", { class: headings[index][1] ?? "" }, cell)),
    );
}

function frontColumns() {
    const chosen = [
        "network",
        "scheme",
        "accelerator",
        "pe",
        "rows",
        "columns",
        ...varying.map(({ name }) => name),
        space.x,
        space.y,
        "latency_s",
        "energy_j",
        "area_mm2",
        "top1",
    ];
    return [...new Set(chosen)].filter((name) => values.get(name).length).map((name) => columns.get(name));
}

function frontTable(points, select) {
    const shown = frontColumns();
    const headings = shown.map((column) => [title(column.name), column.kind === "text" ? "" : "number"]);
    return table(
        headings,
        points.map((point) =>
            row(
                shown.map((column) => show(column, valueOf(point, column.name))),
                headings,
                { onclick: () => select(point) },
            ),
        ),
    );
}

function csvOf(points) {
    const quote = (value) =>
        value === null
            ? ""
            : /[",\n\r]/.test(value)
              ? `"${String(value).replaceAll('"', '""')}"`
              : String(value);
    return (
        [report.columns.map(({ name }) => name), ...points.map((point) => report.points[point])]
            .map((cells) => cells.map(quote).join(","))
            .join("\n") + "\n"
    );
}

// --- a run ---

function tile(label, value, note) {
    return element(
        "div",
        { class: "tile" },
        element("small", {}, label),
        element("b", {}, value),
        element("small", {}, note),
    );
}

function runTiles(run) {
    const of = (name) => show(columns.get(name), runPoint(run, name), 3);
    const range = (low, high) => (runPoint(run, low) === null ? "" : `${of(low)} .. ${of(high)}`);
    const tiles = [
        tile("latency", of("latency_s"), `${of("cycles")} cycles`),
        tile("energy", of("energy_j"), range("energy_low_j", "energy_high_j")),
        tile("area", of("area_mm2"), range("area_low_mm2", "area_high_mm2")),
        tile("utilisation", of("utilization"), `${si(runPoint(run, "macs"), "MACs", 3)}`),
    ];
    if (runPoint(run, "top1") !== null) tiles.push(tile("top-1", of("top1"), `on ${of("images")} images`));
    tiles.push(tile("DRAM traffic", of("dram_bytes"), `${of("energy_dram_j")} dynamic`));
    return tiles;
}

function configurationTables(run) {
    const parameters = report.columns.filter(
        (column) =>
            column.parameter && runPoint(run, column.name) !== null && runPoint(run, column.name) !== "",
    );
    const half = Math.ceil(parameters.length / 2);
    return [parameters.slice(0, half), parameters.slice(half)].map((part) =>
        element(
            "table",
            {},
            element(
                "tbody",
                {},
                ...part.map((column) =>
                    element(
                        "tr",
                        {},
                        element("th", { title: column.help }, title(column.name)),
                        element("td", {}, show(column, runPoint(run, column.name))),
                    ),
                ),
            ),
        ),
    );
}

function text(value) {
    return value === null || value === undefined ? "" : String(value);
}

function priceCells(price) {
    const isArea = price.mm2 !== undefined,
        amount = isArea ? price.mm2 : price.joules;
    const figure = (value) => (typeof value === "number" ? digits(value) : "–");
    const cost =
        typeof amount?.value === "number"
            ? isArea
                ? `${digits(amount.value)} mm²`
                : si(amount.value, "J")
            : "–";
    return [
        text(price.price),
        `${figure(price.value)} ${text(price.unit)}`,
        `${figure(price.low)} .. ${figure(price.high)}`,
        `${typeof price.count === "number" ? si(price.count, "") : "–"} ${text(price.count_unit)}` +
            ` of ${text(price.counter)}`,
        cost,
        typeof price.share === "number" ? `${digits(100 * price.share, 3)} %` : "–",
        `${text(price.source)} (${price.node_nm ? `${text(price.node_nm)} nm, ` : ""}${text(price.provenance)})`,
    ];
}

function pricesTable(run) {
    const headings = [
        ["price"],
        ["value", "number"],
        ["low .. high", "number"],
        ["count"],
        ["amount", "number"],
        ["share", "number"],
        ["source"],
    ];
    const prices = run.prices.filter((price) => price && typeof price === "object");
    return table(
        headings,
        prices.map((price) => row(priceCells(price), headings)),
    );
}
