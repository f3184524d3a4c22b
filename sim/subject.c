#include "sim/subject.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/calibrate.h"
#include "compiler/fold.h"
#include "isa/host.h"
#include "sim/classify.h"
#include "sim/config_precisions.h"
#include "sim/machine.h"
#include "workloads/onnx.h"

/* --- calibration --- */

/* What is calibrated on, and how it shows. */
struct source {
    const struct dataset *data;
    const char *name; /* of the data */
    int images;
    struct progress *progress;
    const char *phase; /* the one being shown */
};

static bool read_image(void *context, int index, float *image, struct err *err)
{
    struct source *source = context;
    int label;
    if (interrupt_pending())
        return err_set(err, "interrupted during calibration");
    return dataset_read(source->data, index, image, &label, err);
}

static void show(void *context, const char *phase, int done, int total)
{
    struct source *source = context;
    if (!source->phase || strcmp(source->phase, phase))
        progress_begin(source->progress, phase, total, "steps");
    source->phase = phase;
    progress_update(source->progress, done);
}

/* A calibration, kept until the subject is closed. */
struct observation_entry {
    struct observation_entry *next;
    char name[sizeof((struct subject *)0)->path];
    int images;
    struct calibration *calibration;
};

struct observations {
    pthread_mutex_t lock; /* held while one is made, so that none is made twice */
    struct observation_entry *first;
};

static bool observations_open(struct subject *subject, struct err *err)
{
    subject->observations = allocate(1, sizeof *subject->observations, err);
    return subject->observations && !pthread_mutex_init(&subject->observations->lock, NULL);
}

static void observations_close(struct observations *observations)
{
    if (!observations)
        return;
    while (observations->first) {
        struct observation_entry *entry = observations->first;
        observations->first = entry->next;
        calibration_free(entry->calibration);
        free(entry);
    }
    pthread_mutex_destroy(&observations->lock);
    free(observations);
}

static const struct calibration *make_observation(const struct subject *subject,
                                                  struct source *source, struct err *err)
{
    struct observation_entry *entry = allocate(1, sizeof *entry, err);
    if (!entry)
        return NULL;
    entry->calibration =
        quantise_observe(subject->graph, read_image, source->images, show, source, err);
    if (!entry->calibration) {
        free(entry);
        return NULL;
    }
    snprintf(entry->name, sizeof entry->name, "%s", source->name);
    entry->images = source->images;
    entry->next = subject->observations->first;
    subject->observations->first = entry;
    return entry->calibration;
}

static const struct calibration *observe_once(const struct subject *subject, struct source *source,
                                              struct err *err)
{
    struct observations *observations = subject->observations;
    const struct calibration *calibration = NULL;
    pthread_mutex_lock(&observations->lock);
    for (const struct observation_entry *e = observations->first; e && !calibration; e = e->next)
        if (e->images == source->images && !strcmp(e->name, source->name))
            calibration = e->calibration;
    if (!calibration)
        calibration = make_observation(subject, source, err);
    pthread_mutex_unlock(&observations->lock);
    return calibration;
}

/* --- opening --- */

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
        bool ok = observations_open(subject, err) && kinds[i].open(subject, err);
        if (!ok)
            subject_close(subject);
        return ok;
    }
    return err_set(err, "%.400s: a model is an .onnx, a .csv (topology) or an .mprog file", path);
}

void subject_close(struct subject *subject)
{
    observations_close(subject->observations);
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

/* --- quantisation --- */

static struct network *quantise_graph(const struct subject *subject,
                                      const struct quantise_config *scheme, struct source *source,
                                      struct err *err)
{
    const struct calibration *calibration = NULL;
    if (source->data) {
        struct classifier shape = classifier_of_graph(subject->graph);
        if (!classifier_fits(&shape, source->data, err)) {
            err_prefix(err, "calibration");
            return NULL;
        }
    }
    bool is_observed = source->data && source->images > 0;
    if (is_observed)
        calibration = observe_once(subject, source, err);
    struct network *network = NULL;
    if (calibration || !is_observed)
        network = quantise_observed(subject->graph, scheme, calibration, show, source, err);
    progress_end(source->progress);
    return network;
}

/* The network of a scheme that has been narrowed to it. */
static struct network *make_network(const struct subject *subject,
                                    const struct quantise_config *narrowed, struct source *source,
                                    struct err *err)
{
    struct network *network = subject->graph
                                  ? quantise_graph(subject, narrowed, source, err)
                                  : network_from_topology(subject->topology, narrowed, err);
    if (network && !precisions_met(narrowed, network, err)) {
        network_free(network);
        return NULL;
    }
    return network;
}

struct network *subject_quantise(const struct subject *subject,
                                 const struct quantise_config *scheme, const struct dataset *calib,
                                 const char *calib_name, int images, struct progress *progress,
                                 struct err *err)
{
    struct source source = {calib, calib_name, images, progress, NULL};
    struct quantise_config narrowed;
    char model[PROGRAM_NAME_SIZE];
    struct network *network = NULL;
    subject_name(subject->path, model, sizeof model);
    if (precisions_narrow(scheme, model, &narrowed, err)) {
        network = make_network(subject, &narrowed, &source, err);
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
