/* What an HTML report shows: a table of points, and the layers of some of them. Readers fill it from
 * the JSON of runs and from sweep databases. */
#ifndef MANTIS_SIM_REPORT_DATA_H
#define MANTIS_SIM_REPORT_DATA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "isa/err.h"

struct json_t;

struct report_data {
    struct json_t *sources; /* names of the files read */
    struct json_t *points;  /* per point an array: its values in the order of sweep_columns */
    struct json_t *runs; /* per run an object: "point" (an index), "layers" (arrays in the order of
                               sweep_layer_columns), "prices" and "unpriced" (of JSON, or null) */
};

struct report_data report_data_new(void);
void report_data_free(struct report_data *data);

/* Add what `mantis run --json` wrote: one evaluation, or an array of them. Those without timing
 * (float32) have no layers, and no run. On error the data is as it was. */
bool report_data_read_json(struct report_data *data, const char *path, struct err *err);

/* All of it as one object, with the tables of columns; NULL where there is no memory. Seven digits
 * are what a plot or a person can tell apart, and make a small file. */
struct json_t *report_data_json(const struct report_data *data);
#define REPORT_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(7))

/* One HTML file that needs no other. Values are escaped: no name gets out of its place. */
bool report_html(const struct report_data *data, FILE *file, struct err *err);

/* The plots as .svg files in a folder, which is made where there is none: by the page's own scripts,
 * in JavaScriptCore, which is loaded here and needed for nothing else. Of several runs, layers and
 * roofline are of the one with the least energy x latency. */
bool report_svg(const struct report_data *data, const char *folder, struct err *err);

#endif
