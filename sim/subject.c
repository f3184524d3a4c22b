#include "sim/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/fold.h"
#include "sim/classify.h"
#include "sim/config_precisions.h"
#include "sim/machine.h"
#include "workloads/onnx.h"

static bool open_network(struct subject *subject, struct err *err)
{
    subject->graph = onnx_read(subject->path, err);
    if (!subject->graph)
        return false;
    return fold(subject->graph, err) || err_prefix(err, "%s", subject->path);
}

static bool open_topology(struct subject *subject, struct err *err)
{
    subject->topology = topology_read(subject->path, err);
    return subject->topology;
}

static bool open_program(struct subject *subject, struct err *err)
{
    subject->program = machine_read_program(subject->path, err);
    return subject->program;
}

static const struct {
    const char *suffix;
    bool (*open)(struct subject *subject, struct err *err);
} kinds[] = {
    {".onnx", open_network},
    {".csv", open_topology},
    {".mprog", open_program},
};

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), tail = strlen(suffix);
    return length > tail && !strcmp(path + length - tail, suffix);
}

bool subject_open(struct subject *subject, const char *path, struct err *err)
{
    memset(subject, 0, sizeof *subject);
    if (snprintf(subject->path, sizeof subject->path, "%s", path) >= (int)sizeof subject->path)
        return err_set(err, "%.64s...: the path is too long", path);
    struct stat status;
    if (!stat(path, &status) && S_ISDIR(status.st_mode))
        return err_set(err, "%.400s: is a directory, not a model", path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!has_suffix(path, kinds[i].suffix))
            continue;
        bool ok = kinds[i].open(subject, err);
        if (!ok)
            subject_close(subject);
        return ok;
    }
    return err_set(err, "%.400s: a model is an .onnx, a .csv (topology) or an .mprog file", path);
}

void subject_close(struct subject *subject)
{
    if (subject->graph)
        graph_free(subject->graph);
    if (subject->topology)
        topology_free(subject->topology);
    if (subject->program)
        program_free(subject->program);
    memset(subject, 0, sizeof *subject);
}

void subject_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    snprintf(name, size, "%.*s", dot ? (int)(dot - base) : (int)strlen(base), base);
}

/* What calibration asks for images. */
struct calibration {
    const struct dataset *data;
    struct progress *progress;
    const char *phase; /* the one being shown */
};

static bool read_image(void *context, int index, float *image, struct err *err)
{
    struct calibration *calibration = context;
    int label;
    if (interrupt_pending())
        return err_set(err, "interrupted during calibration");
    return dataset_read(calibration->data, index, image, &label, err);
}

static void show(void *context, const char *phase, int done, int total)
{
    struct calibration *calibration = context;
    if (!calibration->phase || strcmp(calibration->phase, phase))
        progress_begin(calibration->progress, phase, total, "steps");
    calibration->phase = phase;
    progress_update(calibration->progress, done);
}

static struct network *quantise_graph(const struct subject *subject,
                                      const struct quantise_config *scheme,
                                      const struct dataset *calib, int images,
                                      struct progress *progress, struct err *err)
{
    struct calibration calibration = {calib, progress, NULL};
    if (calib) {
        struct classifier shape = classifier_of_graph(subject->graph);
        if (!classifier_fits(&shape, calib, err)) {
            err_prefix(err, "calibration");
            return NULL;
        }
    }
    struct network *network = quantise(subject->graph, scheme, calib ? read_image : NULL,
                                       calib ? images : 0, show, &calibration, err);
    progress_end(progress);
    return network;
}

/* The network of a scheme that has been narrowed to it. */
static struct network *make_network(const struct subject *subject,
                                    const struct quantise_config *narrowed,
                                    const struct dataset *calib, int images,
                                    struct progress *progress, struct err *err)
{
    struct network *network = subject->graph
                                  ? quantise_graph(subject, narrowed, calib, images, progress, err)
                                  : network_from_topology(subject->topology, narrowed, err);
    if (network && !precisions_met(narrowed, network, err)) {
        network_free(network);
        return NULL;
    }
    return network;
}

struct network *subject_quantise(const struct subject *subject,
                                 const struct quantise_config *scheme, const struct dataset *calib,
                                 int images, struct progress *progress, struct err *err)
{
    struct quantise_config narrowed;
    char model[PROGRAM_NAME_SIZE];
    struct network *network = NULL;
    subject_name(subject->path, model, sizeof model);
    if (precisions_narrow(scheme, model, &narrowed, err)) {
        network = make_network(subject, &narrowed, calib, images, progress, err);
        free(narrowed.overrides);
    }
    if (!network) {
        err_prefix(err, "%s", subject->path);
        return NULL;
    }
    snprintf(network->model, sizeof network->model, "%s", model);
    snprintf(network->scheme, sizeof network->scheme, "%s", scheme->name);
    return network;
}
