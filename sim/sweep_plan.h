/* A sweep file worked out: the points it comes to, the accuracies they need, and the jobs that
 * either takes, each with the key that its result is stored under. */
#ifndef MANTIS_SIM_SWEEP_PLAN_H
#define MANTIS_SIM_SWEEP_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"
#include "sim/compiled.h"
#include "sim/energy.h"
#include "sim/subject.h"
#include "sim/sweep_columns.h"
#include "sim/sweep_config.h"
#include "sim/sweep_digest.h"
#include "workloads/dataset.h"

/* Images of one accuracy job. */
enum { SWEEP_IMAGES_AT_ONCE = 500 };

/* A network of the sweep, open, with its data. */
struct sweep_subject {
    const struct sweep_network *source;
    struct subject model;
    char name[PROGRAM_NAME_SIZE];
    struct data_names names; /* into source; NULL where there are none */
    struct dataset *data;    /* with labels; NULL: no accuracy */
    int images;
    struct sweep_key content;      /* of the model and of what it is calibrated on */
    struct sweep_key data_content; /* where data */
};

/* A technology, read once. */
struct sweep_technology {
    struct technology *technology;
    struct sweep_key content;
};

/* Accuracy over the data: of network x scheme x accumulator width, which points share; or, of an
 * accelerator with two cores, one point's own, as each has its own share of the channels for a core
 * and so for its weights. */
struct sweep_accuracy {
    struct sweep_key key;
    bool is_own;
    int subject, scheme;
    int accelerator; /* one that takes the scheme and has that width; the point's where its own */
    int64_t combination;
    int images;
};

struct sweep_point {
    struct sweep_key key;
    int subject, scheme, accelerator;
    int accuracy; /* -1: none */
    int64_t combination;
};

/* Points left out, and why. */
struct sweep_left_out {
    char reason[sizeof(struct err)];
    int64_t count;
};

enum sweep_job_kind { SWEEP_JOB_POINT, SWEEP_JOB_ACCURACY };

struct sweep_job {
    enum sweep_job_kind kind;
    int index;        /* of the point or the accuracy */
    int first, count; /* images of an accuracy */
    uint64_t order;   /* jobs run in the order of a hash: cheap and dear ones well mixed */
};

enum { SWEEP_MAX_REASONS = 64 };

struct sweep_plan {
    const struct sweep_config *config;
    struct sweep_subject *subjects; /* one per network of the config */
    int subject_count;
    struct sweep_key *schemes; /* one per scheme of the config */
    int technology_count;
    struct sweep_technology *technologies;
    int point_count, accuracy_count, job_count;
    struct sweep_point *points; /* in the order of the file */
    struct sweep_accuracy *accuracies;
    struct sweep_job *jobs;
    int reason_count;
    struct sweep_left_out reasons[SWEEP_MAX_REASONS];
};

/* A part of the sweep: 1/1 is all of it. Whose key falls in another part is not in the plan. */
struct sweep_shard {
    int index, count;
};

/* NULL on error. The config must outlive the plan. */
struct sweep_plan *sweep_plan_new(const struct sweep_config *config, struct sweep_shard shard,
                                  struct err *err);
void sweep_plan_free(struct sweep_plan *plan);

/* What of the plan is the same in all processes that share the work. */
struct sweep_key sweep_plan_digest(const struct sweep_plan *plan);

/* The technology of that name. */
const struct sweep_technology *sweep_plan_technology(const struct sweep_plan *plan,
                                                     const char *name);

/* Parameters of a point; `arch` and `choices` are storage that the view points into. */
struct sweep_view sweep_point_view(const struct sweep_plan *plan, const struct sweep_point *point,
                                   struct arch *arch, char *choices, size_t size);

#endif
