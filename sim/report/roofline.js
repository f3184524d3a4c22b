// The roofline of a run: its layers under the roofs of DRAM and array (Williams et al., CACM 2009).

function clockHz(run) {
    return runPoint(run, "cycles") / runPoint(run, "latency_s");
}

// Layers with MACs: intensity in MACs per byte of DRAM, throughput in MACs per second, and the array's peak for
// them, which follows from utilisation = clocks of PEs on operands / (PEs x cycles).
function rooflinePoints(run) {
    return run.layers
        .map((layer) => {
            const of = (name) => layerValue(layer, name) ?? 0;
            const throughput = (of("macs") / of("cycles")) * clockHz(run);
            return {
                layer,
                name: of("name"),
                intensity: of("macs") / (of("dram_read_bytes") + of("dram_write_bytes")),
                throughput,
                peak: throughput / of("utilization"),
                share: of("cycles") / runPoint(run, "cycles"),
                formats: `${of("act_format")} × ${of("weight_format")}`,
            };
        })
        .filter((point) =>
            [point.intensity, point.throughput, point.peak].every(
                (value) => Number.isFinite(value) && value > 0,
            ),
        );
}

// The distinct peaks, greatest first, each with the operand formats that have it. Many (zero digits skipped) are
// their greatest and least.
function roofs(points) {
    const found = [];
    for (const point of [...points].sort((a, b) => b.peak - a.peak)) {
        const last = found[found.length - 1];
        if (!last || point.peak < 0.98 * last.peak)
            found.push({ peak: point.peak, formats: new Set([point.formats]) });
        else last.formats.add(point.formats);
    }
    return found.length > 4 ? [found[0], found[found.length - 1]] : found;
}

function roofSeries(found, low, bandwidth, high, colours) {
    return found.map(({ peak, formats }, index) => {
        const names = [...formats];
        const label = `${si(peak, "MAC/s", 3)}\n${names[0]}${names.length > 1 ? ", …" : ""}`;
        const ridge = bandwidth ? Math.max(peak / bandwidth, low) : low;
        const slope = index === 0 && bandwidth && ridge > low ? [[low, low * bandwidth]] : [];
        return {
            type: "line",
            name: label,
            silent: true,
            symbol: "none",
            z: 2,
            tooltip: { show: false },
            data: [...slope, [ridge, peak], [high, peak]],
            lineStyle: { color: colours.ink, width: index ? 1.2 : 2, type: index ? "dashed" : "solid" },
            endLabel: {
                show: true,
                formatter: label,
                color: colours.soft,
                lineHeight: 15,
                offset: [2, index ? 8 : -4],
            },
        };
    });
}

function rooflineTip({ name, formats, intensity, throughput, peak, share }) {
    return tip(name, [
        ["operands", formats],
        ["intensity", `${digits(intensity)} MAC/B`],
        ["throughput", si(throughput, "MAC/s")],
        ["array's peak", si(peak, "MAC/s")],
        ["share of peak", `${digits((100 * throughput) / peak, 3)} %`],
        ["share of cycles", `${digits(100 * share, 3)} %`],
    ]);
}

// Whether there is room for a name: no other point within an eighth of a decade.
function isAlone(point, points) {
    const near = (a, b) => Math.abs(Math.log10(a / b)) < 0.125;
    return !points.some(
        (other) =>
            other.name !== point.name &&
            near(other.intensity, point.intensity) &&
            near(other.throughput, point.throughput),
    );
}

function wholeRun(run) {
    const macs = runPoint(run, "macs"),
        throughput = macs / runPoint(run, "latency_s");
    return {
        name: "whole run",
        formats: "all",
        intensity: macs / runPoint(run, "dram_bytes"),
        throughput,
        peak: throughput / runPoint(run, "utilization"),
        share: 1,
    };
}

function rooflineOption(run, colours) {
    const points = rooflinePoints(run),
        whole = wholeRun(run),
        style = axisStyle(colours);
    const gbps = runPoint(run, "dram_gbps"),
        bandwidth = gbps ? gbps * 1e9 : null;
    const found = roofs(points),
        all = [...points, whole];
    const ridge = bandwidth && found.length ? found[0].peak / bandwidth : whole.intensity;
    const low = 10 ** Math.floor(Math.log10(Math.min(ridge, ...all.map(({ intensity }) => intensity)) / 1.5));
    const high = 10 ** Math.ceil(Math.log10(Math.max(ridge, ...all.map(({ intensity }) => intensity)) * 1.5));
    const dots = (data, extra) => ({ type: "scatter", z: 4, data, ...extra });
    const axis = (name, unit, gap) => ({
        ...style,
        type: "log",
        name,
        nameLocation: "middle",
        nameGap: gap,
        axisLabel: { ...style.axisLabel, formatter: (value) => (unit ? si(value, unit, 3) : digits(value)) },
    });
    return {
        animation: false,
        textStyle: { fontFamily: FONT },
        backgroundColor: "transparent",
        grid: { left: 96, right: 160, top: 24, bottom: 54 },
        tooltip: { ...tooltipStyle(colours), trigger: "item", formatter: (hit) => rooflineTip(hit.data.point) },
        xAxis: { ...axis("operations per DRAM byte (MAC/B)", "", 32), min: low, max: high },
        yAxis: axis("throughput", "MAC/s", 74),
        series: [
            ...roofSeries(found, low, bandwidth, high, colours),
            dots(
                points.map((point) => ({
                    value: [point.intensity, point.throughput],
                    point,
                    symbolSize: 6 + 44 * Math.sqrt(Math.max(0, point.share)),
                })),
                {
                    itemStyle: { color: PALETTE[0], opacity: 0.62, borderColor: colours.card },
                    labelLayout: { hideOverlap: true },
                    label: {
                        show: true,
                        position: "top",
                        color: colours.soft,
                        fontSize: 11,
                        textBorderColor: colours.card,
                        textBorderWidth: 3,
                        formatter: ({ data }) => (isAlone(data.point, all) ? data.point.name : ""),
                    },
                },
            ),
            dots([{ value: [whole.intensity, whole.throughput], point: whole }], {
                symbol: "diamond",
                symbolSize: 18,
                z: 6,
                itemStyle: { color: PALETTE[1], borderColor: colours.card },
            }),
            ...(bandwidth
                ? [
                      dots(
                          [
                              {
                                  value: [
                                      low * (ridge / low) ** 0.25,
                                      bandwidth * low * (ridge / low) ** 0.25,
                                  ],
                                  point: whole,
                              },
                          ],
                          {
                              silent: true,
                              symbolSize: 0,
                              label: {
                                  show: true,
                                  position: "right",
                                  offset: [8, 10],
                                  color: colours.soft,
                                  formatter: `DRAM ${digits(gbps, 3)} GB/s`,
                              },
                          },
                      ),
                  ]
                : []),
        ],
    };
}
