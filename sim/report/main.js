// The page: fills the parts, draws the charts, and redraws what a choice changes.

const charts = new Map(); // id -> { chart, option }
let currentRun = bestRun();

// --- charts ---

function draw(id, option, height) {
    const place = byId(id);
    if (height) place.style.height = `${height}px`;
    let entry = charts.get(id);
    if (!entry) charts.set(id, (entry = { chart: echarts.init(place, null, { renderer: "canvas" }) }));
    entry.option = option;
    entry.chart.resize();
    entry.chart.setOption(option(theme()), { notMerge: true });
}

function redrawAll() {
    for (const [id, { option }] of charts) draw(id, option);
}

// --- pictures ---

function save(name, content, type) {
    const link = element("a", {
        href:
            typeof content === "string" && content.startsWith("data:")
                ? content
                : URL.createObjectURL(new Blob([content], { type })),
        download: name,
    });
    link.click();
}

// The chart as it is, on white, at its own size.
function picture(id, renderer) {
    const place = byId(id),
        size = { width: place.clientWidth, height: place.clientHeight };
    const hidden = element("div");
    const chart = echarts.init(hidden, null, { renderer, ...size, devicePixelRatio: 3 });
    forcedLight = true;
    chart.setOption({ ...charts.get(id).option(theme()), backgroundColor: "#ffffff" });
    forcedLight = false;
    const content =
        renderer === "svg" ? chart.renderToSVGString() : chart.getDataURL({ type: "png", pixelRatio: 3 });
    chart.dispose();
    return content;
}

function fillTools() {
    for (const place of document.querySelectorAll(".tools")) {
        const id = place.dataset.chart;
        place.append(
            element(
                "button",
                { type: "button", onclick: () => save(`${id}.png`, picture(id, "canvas"), "image/png") },
                "PNG",
            ),
            element(
                "button",
                { type: "button", onclick: () => save(`${id}.svg`, picture(id, "svg"), "image/svg+xml") },
                "SVG",
            ),
        );
        if (id === "scatter")
            place.append(
                element(
                    "button",
                    {
                        type: "button",
                        onclick: () => save("points.csv", csvOf(shownPoints().passing), "text/csv"),
                    },
                    "CSV",
                ),
            );
    }
}

// --- the design space ---

function drawEnergies(drawn) {
    const count = energyPoints().length;
    byId("energy-card").hidden = !count;
    if (!count) return;
    byId("energy-note").textContent =
        drawn.length <= MAX_BARS ? "of the points shown" : `of ${count} points on the front`;
    draw("energies", energiesOption, 80 + 28 * count);
}

function drawSpace() {
    draw("scatter", scatterOption);
    const { passing, drawn } = shownPoints();
    const found = fronts(drawn),
        onFront = found.flatMap(({ points }) => points);
    const missing = passing.length - drawn.length;
    byId("count").textContent =
        `${drawn.length} of ${report.points.length} points shown` +
        (found.length ? `, ${onFront.length} on the front` : "") +
        (missing ? `; ${missing} without a value on an axis` : "");
    byId("front-note").textContent = found.length
        ? "The front: no other point shown is at least as good in both figures and better in one. " +
          "Scroll with Ctrl to zoom; click a point for its layers."
        : "No front is drawn: it needs two figures that have a better direction.";
    drawEnergies(drawn);
    byId("front-table").replaceChildren(
        ...(onFront.length && report.points.length > 1 ? [frontTable(onFront, selectPoint)] : []),
    );
}

function selectPoint(point) {
    const run = report.runs.find((candidate) => candidate.point === point);
    if (!run) return;
    byId("run").value = String(report.runs.indexOf(run));
    drawRun(run);
    byId("run-card").scrollIntoView({ behavior: "smooth" });
}

// --- a run ---

function drawRun(run) {
    currentRun = run;
    byId("tiles").replaceChildren(...runTiles(run));
    draw("layers", (colours) => layersOption(currentRun, colours), 100 + 25 * run.layers.length);
    draw("roofline", (colours) => rooflineOption(currentRun, colours));
    byId("configuration").replaceChildren(...configurationTables(run));
    byId("prices-card").hidden = !run.prices;
    byId("prices").replaceChildren(
        ...(run.prices ? [pricesTable(run)] : []),
        ...(run.unpriced ? [element("p", { class: "note" }, `Without a price: ${run.unpriced}.`)] : []),
    );
}

function fillRuns() {
    byId("run").append(
        ...report.runs.map((run, index) => element("option", { value: String(index) }, pointName(run.point))),
    );
    byId("run").addEventListener("change", (event) => drawRun(report.runs[Number(event.target.value)]));
    if (currentRun) byId("run").value = String(report.runs.indexOf(currentRun));
    if (currentRun) drawRun(currentRun);
    else
        for (const id of ["run", "layers", "roofline", "configuration", "prices"])
            byId(`${id}-card`).hidden = true;
}

// --- the page ---

function fillPage() {
    const networks = values.get("network"),
        count = report.points.length;
    byId("subtitle").textContent =
        `${networks.slice(0, 4).join(", ")}${networks.length > 4 ? ", …" : ""} · ` +
        `${count} ${count === 1 ? "point" : "points"} · ${report.runs.length} with layers`;
    byId("footer").textContent =
        `mantis ${report.version} · from ${report.sources.join(", ")} · charts: Apache ECharts`;
    document.title = `mantis report: ${networks.join(", ")}`;
    byId("space").hidden = byId("energy-card").hidden = count < 2;
}

function followScheme() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
    window.addEventListener("resize", () => {
        for (const { chart } of charts.values()) chart.resize();
    });
    window.addEventListener("beforeprint", () => {
        forcedLight = true;
        redrawAll();
    });
    window.addEventListener("afterprint", () => {
        forcedLight = false;
        redrawAll();
    });
}

fillPage();
fillTools();
chooseDefaults();
if (report.points.length > 1) {
    fillFilters(byId("filters"), drawSpace);
    fillAxes(byId("axes"), drawSpace);
    drawSpace();
    charts
        .get("scatter")
        .chart.on("click", (hit) => hit.data?.point !== undefined && selectPoint(hit.data.point));
}
fillRuns();
followScheme();
