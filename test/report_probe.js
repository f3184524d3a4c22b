// Runs inside a report, after its own scripts: uses the page as a person would, and leaves what it saw in the
// element "probe" as lines "name: text" (test_report_renders.sh).
"use strict";
const seen = [];
const note = (name, text) => seen.push(`${name}: ${String(text).replaceAll("\n", " ")}`);

function mouse(type, target, x, y) {
    const box = target.getBoundingClientRect();
    target.dispatchEvent(
        new MouseEvent(type, { bubbles: true, clientX: box.left + x, clientY: box.top + y, view: window }),
    );
}

// The text of the tooltip over a point of a chart.
function hover(id, axes, value) {
    const { chart } = charts.get(id);
    chart.getZr().flush();
    const [x, y] = chart.convertToPixel(axes, value);
    mouse("mousemove", byId(id).querySelector("canvas"), x, y);
    const tooltip = [...byId(id).children].filter((child) => child.querySelector(".tip")).pop();
    return tooltip ? tooltip.textContent : "no tooltip";
}

function probeSpace() {
    const { drawn } = shownPoints();
    const front = fronts(drawn).flatMap(({ points }) => points);
    const texts = front.map((point) =>
        hover("scatter", { xAxisIndex: 0, yAxisIndex: 0 }, [valueOf(point, space.x), valueOf(point, space.y)]),
    );
    note("count", byId("count").textContent);
    note("hover", texts[0]);
    // Neighbours on the front may overlap; points behind it may not hide it.
    note("front", texts.filter((text) => !front.some((point) => text.startsWith(pointName(point)))).length);
    const chip = byId("filters").querySelector('input[data-column="scheme"]');
    note("chip", chip.dataset.value);
    chip.click();
    note("filtered", byId("count").textContent);
    chip.click();
    note("restored", byId("count").textContent);
    const axis = byId("axis-y");
    axis.value = "area_mm2";
    axis.dispatchEvent(new Event("change"));
    note("axis", charts.get("scatter").chart.getOption().yAxis[0].name);
}

function probeRuns() {
    note("layer", hover("layers", { xAxisIndex: 0, yAxisIndex: 0 }, [1, 1]));
    const whole = wholeRun(currentRun);
    if (Number.isFinite(whole.throughput))
        note(
            "roofline",
            hover("roofline", { xAxisIndex: 0, yAxisIndex: 0 }, [whole.intensity, whole.throughput]),
        );
    const svg = picture("layers", "svg");
    note("svg", new DOMParser().parseFromString(svg, "image/svg+xml").documentElement.tagName);
    note("png", picture("roofline", "canvas").slice(0, 22));
    note("prices", byId("prices").textContent);
}

function overflowing() {
    return [...document.querySelectorAll(".card")]
        .filter((card) => card.scrollWidth > card.clientWidth + 1)
        .map((card) => card.id);
}

try {
    if (report.points.length > 1) probeSpace();
    if (report.runs.length) probeRuns();
    note("charts", [...charts.keys()].join(" "));
    note("overflow", overflowing().join(" ") || "none");
    note("title", document.title);
    note("hostile", window.hostile === undefined ? "nothing ran" : "a name ran");
    note("elements", document.querySelectorAll("main img, main b i, main script").length);
} catch (error) {
    note("error", error.stack);
}
document.body.append(element("pre", { id: "probe" }, seen.join("\n")));
