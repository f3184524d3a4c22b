// The plots as SVG texts, for `mantis report --svg`: it runs this behind all but the page's own scripts, without a
// browser.

function svgOf(option, width, height) {
    const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    chart.setOption({ ...option, backgroundColor: "#ffffff" });
    const text = chart.renderToSVGString();
    chart.dispose();
    return text;
}

function svgPlots() {
    forcedLight = true;
    const colours = theme(),
        run = bestRun(),
        plots = {};
    chooseDefaults();
    if (report.points.length > 1) plots.pareto = svgOf(scatterOption(colours), 900, 520);
    const bars = energyPoints().length;
    if (bars) plots.energy = svgOf(energiesOption(colours), 900, 80 + 28 * bars);
    if (run) plots.layers = svgOf(layersOption(run, colours), 1200, 100 + 25 * run.layers.length);
    if (run) plots.roofline = svgOf(rooflineOption(run, colours), 900, 460);
    return JSON.stringify(plots);
}

svgPlots();
