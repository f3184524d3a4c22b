/* The files of sim/report, embedded: texts that end with NUL. */
#ifndef MANTIS_SIM_REPORT_PARTS_H
#define MANTIS_SIM_REPORT_PARTS_H

/* X(id, file) */
#define REPORT_PARTS(X)          \
    X(page, "page.html")         \
    X(style, "style.css")        \
    X(library, "echarts.min.js") \
    X(format, "format.js")       \
    X(points, "points.js")       \
    X(layers, "layers.js")       \
    X(roofline, "roofline.js")   \
    X(tables, "tables.js")       \
    X(main, "main.js")           \
    X(svg, "svg.js")

#define REPORT_PART_DECLARATION(id, file) extern const char report_part_##id[];
REPORT_PARTS(REPORT_PART_DECLARATION)
#undef REPORT_PART_DECLARATION

#endif
