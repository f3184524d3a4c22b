#include "sim/sweep_plan.h"

#include <stdlib.h>
#include <string.h>

#include "sim/classify.h"
#include "sim/config.h"
#include "sim/sweep_points.h"

/* --- networks and their data --- */

/* What quantisation reads: the model, and the images to calibrate on. */
static bool digest_content(struct sweep_subject *subject, struct err *err)
{
    struct digest digest;
    struct dataset_config config;
    struct sweep_key key;
    char calibration[CONFIG_PATH_SIZE];
    digest_begin(&digest, "network");
    digest_text(&digest, subject->name);
    if (!digest_file(subject->source->path, &key, err))
        return false;
    digest_key(&digest, &key);
    calibration_name(&subject->names, calibration);
    if (*calibration) {
        if (!config_read_dataset(calibration, &config, err) || !digest_dataset(&config, &key, err))
            return false;
        digest_key(&digest, &key);
    }
    subject->content = digest_end(&digest);
    return true;
}

/* Data without labels serve to calibrate only. */
static bool open_data(struct sweep_subject *subject, struct err *err)
{
    struct dataset_config config;
    if (!config_read_dataset(subject->names.data, &config, err))
        return false;
    struct dataset *data = dataset_open(&config, err);
    if (!data)
        return false;
    struct classifier classifier = classifier_of_graph(subject->model.graph);
    int available = dataset_count(data);
    subject->images = subject->source->images ? subject->source->images : available;
    bool ok = classifier_fits(&classifier, data, err);
    if (ok && subject->images > available)
        ok = err_set(err, "images: %d asked for, %s has %d", subject->images, subject->names.data,
                     available);
    ok = ok && digest_dataset(&config, &subject->data_content, err);
    if (ok && dataset_has_labels(data))
        subject->data = data;
    else
        dataset_free(data);
    return ok;
}

static bool open_subject(const struct sweep_network *network, struct sweep_subject *subject,
                         struct err *err)
{
    subject->source = network;
    if (!subject_open(&subject->model, network->path, err))
        return err_prefix(err, "%s", network->place);
    subject_name(network->path, subject->name, sizeof subject->name);
    if (subject->model.program)
        return err_set(err, "%s: %s is compiled already, for one accelerator and scheme",
                       network->place, network->path);
    if (subject->model.graph) { /* a topology has no weights, only timing */
        subject->names.data = *network->data ? network->data : NULL;
        subject->names.calib = *network->calib ? network->calib : NULL;
    }
    bool ok = digest_content(subject, err) && (!subject->names.data || open_data(subject, err));
    return ok || err_prefix(err, "%s", network->place);
}

static bool open_subjects(struct sweep_plan *plan, struct err *err)
{
    const struct sweep_config *config = plan->config;
    plan->subjects = calloc((size_t)config->network_count + 1, sizeof *plan->subjects);
    plan->schemes = calloc((size_t)config->scheme_count + 1, sizeof *plan->schemes);
    if (!plan->subjects || !plan->schemes)
        return err_set(err, "out of memory");
    for (int i = 0; i < config->scheme_count; i++)
        plan->schemes[i] = digest_scheme(&config->schemes[i]);
    for (int i = 0; i < config->network_count; i++) {
        plan->subject_count++;
        if (!open_subject(&config->networks[i], &plan->subjects[i], err))
            return false;
    }
    return true;
}

/* --- technologies --- */

const struct sweep_technology *sweep_plan_technology(const struct sweep_plan *plan,
                                                     const char *name)
{
    for (int i = 0; i < plan->technology_count; i++)
        if (!strcmp(plan->technologies[i].technology->name, name))
            return &plan->technologies[i];
    return NULL;
}

static bool open_technology(struct sweep_plan *plan, const char *name, struct err *err)
{
    if (sweep_plan_technology(plan, name))
        return true;
    size_t count = (size_t)plan->technology_count + 1;
    struct sweep_technology *grown =
        realloc(plan->technologies, count * sizeof *plan->technologies);
    if (!grown)
        return err_set(err, "out of memory");
    plan->technologies = grown;
    struct technology *technology = config_read_technology(name, err);
    if (!technology)
        return false;
    plan->technologies[plan->technology_count++] =
        (struct sweep_technology){technology, digest_technology(technology)};
    return true;
}

/* Of the base, and of every value that sets one. */
static bool open_technologies(struct sweep_plan *plan, struct err *err)
{
    for (int i = 0; i < plan->config->accelerator_count; i++) {
        const struct sweep_accelerator *accelerator = &plan->config->accelerators[i];
        bool ok = open_technology(plan, accelerator->base.technology, err);
        for (int a = 0; ok && a < accelerator->axis_count; a++)
            for (int v = 0; ok && v < accelerator->axes[a].count; v++)
                ok = open_technology(plan, accelerator->axes[a].values[v].arch.technology, err);
        if (!ok)
            return err_prefix(err, "%s: technology", accelerator->place);
    }
    return true;
}

/* --- jobs --- */

static uint64_t leading_bits(const struct sweep_key *key)
{
    uint64_t bits;
    memcpy(&bits, key->bytes, sizeof bits);
    return bits;
}

bool sweep_shard_has(struct sweep_shard shard, const struct sweep_key *key)
{
    return leading_bits(key) % (unsigned)shard.count == (unsigned)shard.index - 1;
}

static int compare_jobs(const void *a, const void *b)
{
    uint64_t left = ((const struct sweep_job *)a)->order;
    uint64_t right = ((const struct sweep_job *)b)->order;
    return (left > right) - (left < right);
}

static int chunks(const struct sweep_accuracy *accuracy)
{
    return (accuracy->images + SWEEP_IMAGES_AT_ONCE - 1) / SWEEP_IMAGES_AT_ONCE;
}

static void add_accuracy_jobs(struct sweep_plan *plan, int index)
{
    const struct sweep_accuracy *accuracy = &plan->accuracies[index];
    for (int i = 0; i < chunks(accuracy); i++) {
        int first = i * SWEEP_IMAGES_AT_ONCE, left = accuracy->images - first;
        plan->jobs[plan->job_count++] = (struct sweep_job){
            .kind = SWEEP_JOB_ACCURACY,
            .index = index,
            .first = first,
            .count = left < SWEEP_IMAGES_AT_ONCE ? left : SWEEP_IMAGES_AT_ONCE,
            .order = leading_bits(&accuracy->key) ^ ((unsigned)i + 1) * 0x9E3779B97F4A7C15u};
    }
}

/* An accuracy that points share belongs to one shard, as a point does, whichever shards its points
 * are in; a point's own is where the point is. */
static bool make_jobs(struct sweep_plan *plan, struct sweep_shard shard, struct err *err)
{
    size_t count = (size_t)plan->point_count + 1;
    for (int i = 0; i < plan->accuracy_count; i++)
        count += (size_t)chunks(&plan->accuracies[i]);
    plan->jobs = calloc(count, sizeof *plan->jobs);
    if (!plan->jobs)
        return err_set(err, "%s: out of memory", plan->config->path);
    for (int i = 0; i < plan->accuracy_count; i++)
        if (plan->accuracies[i].is_own || sweep_shard_has(shard, &plan->accuracies[i].key))
            add_accuracy_jobs(plan, i);
    for (int i = 0; i < plan->point_count; i++)
        plan->jobs[plan->job_count++] = (struct sweep_job){
            .kind = SWEEP_JOB_POINT, .index = i, .order = leading_bits(&plan->points[i].key)};
    qsort(plan->jobs, (size_t)plan->job_count, sizeof *plan->jobs, compare_jobs);
    return true;
}

/* --- the plan --- */

struct sweep_plan *sweep_plan_new(const struct sweep_config *config, struct sweep_shard shard,
                                  struct err *err)
{
    struct sweep_plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        err_set(err, "%s: out of memory", config->path);
        return NULL;
    }
    plan->config = config;
    if (open_subjects(plan, err) && open_technologies(plan, err) &&
        sweep_points_expand(plan, shard, err) && make_jobs(plan, shard, err))
        return plan;
    sweep_plan_free(plan);
    return NULL;
}

void sweep_plan_free(struct sweep_plan *plan)
{
    if (!plan)
        return;
    for (int i = 0; i < plan->subject_count; i++) {
        subject_close(&plan->subjects[i].model);
        if (plan->subjects[i].data)
            dataset_free(plan->subjects[i].data);
    }
    for (int i = 0; i < plan->technology_count; i++)
        technology_free(plan->technologies[i].technology);
    free(plan->subjects);
    free(plan->schemes);
    free(plan->technologies);
    free(plan->points);
    free(plan->accuracies);
    free(plan->jobs);
    free(plan);
}

struct sweep_key sweep_plan_digest(const struct sweep_plan *plan)
{
    struct digest digest;
    digest_begin(&digest, "plan");
    for (int i = 0; i < plan->job_count; i++) {
        const struct sweep_job *job = &plan->jobs[i];
        bool is_point = job->kind == SWEEP_JOB_POINT;
        digest_key(&digest,
                   is_point ? &plan->points[job->index].key : &plan->accuracies[job->index].key);
        digest_number(&digest, (uint64_t)job->first);
    }
    return digest_end(&digest);
}
