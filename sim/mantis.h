/* libmantis: simulate a DNN accelerator from C or C++. Give a model, an accelerator and a scheme,
 * run, read results.
 *
 * Names are those of the configurations that mantis ships ("int8-32x32"), or paths of .cfg files.
 * Functions that can fail return false and leave one clear line in mantis_error. A handle belongs
 * to one thread at a time; handles share nothing. */
#ifndef MANTIS_H
#define MANTIS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mantis;

struct mantis *mantis_new(void); /* NULL where memory is short */
void mantis_free(struct mantis *mantis);

/* The last error; empty if there was none. Valid until the next call with this handle. */
const char *mantis_error(const struct mantis *mantis);
const char *mantis_version(void);

/* What to run: .onnx, .csv (topology, timing only) or .mprog (compiled; needs neither arch nor
 * quant). */
bool mantis_model(struct mantis *mantis, const char *path);
bool mantis_arch(struct mantis *mantis, const char *name);
bool mantis_quant(struct mantis *mantis,
                  const char *name); /* "int8" unless given; "float32": accuracy only */
bool mantis_data(struct mantis *mantis, const char *name); /* none unless given: timing only */
bool mantis_calib(struct mantis *mantis,
                  const char *name); /* <data>-calib or the data unless given */

/* Compile and run over the first `images` of the data (0: all) with `threads` threads (0: one per
 * core). */
bool mantis_run(struct mantis *mantis, int images, int threads);

/* A figure of the last run, of one input: "images", "top1", "top5", "macs", "bops", "model_bytes",
 * "cycles", "latency_s", "utilization", "stall_cycles", "energy_j", "energy_low_j",
 * "energy_high_j", "area_mm2", "dram_read_bytes", "dram_write_bytes", "overflows". NaN where there
 * is none, and for other names. */
double mantis_result(const struct mantis *mantis, const char *name);

/* Layers of the last run. Columns are those of `mantis list columns`; texts are NULL and figures
 * NaN where there are none. */
int mantis_layer_count(const struct mantis *mantis);
const char *mantis_layer_text(const struct mantis *mantis, int layer, const char *column);
double mantis_layer_result(const struct mantis *mantis, int layer, const char *column);

/* Write everything found as JSON. */
bool mantis_write_json(struct mantis *mantis, const char *path);

#ifdef __cplusplus
}
#endif

#endif
