#include "sim/sweep_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "isa/arch_numbers.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "sim/sweep_constraint.h"

/* Raise whenever the same inputs give other rows: the meaning of a column, the keys, the images of
 * an accuracy job. */
enum { RESULT_SCHEMA = 1 };

enum { WIDTHS = CORE_MAX_accumulator_bits + 1 };

/* What expansion keeps beside the plan. */
struct expansion {
    struct sweep_plan *plan;
    struct sweep_shard shard;
    int64_t room;         /* points that fit the arrays, each perhaps with its own accuracy */
    int32_t *slots;       /* points by key, open addressing; -1: free */
    uint64_t slot_mask;   /* slots - 1; a power of two */
    int32_t *accuracy_of; /* [subject][scheme][accumulator width]; -1: none yet */
};

/* One combination of one accelerator. */
struct candidate {
    int accelerator;
    int64_t combination;
    struct arch arch;
    char choices[512];
    struct area area;
    bool is_valid;
    struct err why;           /* where it is not */
    struct sweep_key content; /* of arch and technology */
};

/* --- what is left out --- */

static void leave_out(struct sweep_plan *plan, const char *reason)
{
    int last = SWEEP_MAX_REASONS - 1, i = 0;
    while (i < plan->reason_count && i < last && strcmp(plan->reasons[i].reason, reason))
        i++;
    if (i == plan->reason_count)
        snprintf(plan->reasons[plan->reason_count++].reason, sizeof plan->reasons->reason, "%s",
                 i == last ? "other reasons" : reason);
    plan->reasons[i].count++;
}

static bool takes_choices(int pe, const struct format_choice *acts,
                          const struct format_choice *weights, struct err *err)
{
    for (int a = 0; a < acts->family_count; a++)
        for (int w = 0; w < weights->family_count; w++) {
            struct format act = {acts->families[a], (uint8_t)acts->bits, true};
            struct format weight = {weights->families[w], (uint8_t)weights->bits, true};
            if (!pe_descriptor(pe)->accepts(act, weight, err))
                return false;
        }
    return true;
}

/* Whether a core's PE takes every format that the scheme may choose for a layer, at the edge or not.
 */
static bool core_takes_scheme(const struct core *core, enum quantise_operand weight_operand,
                              bool is_edge, const struct quantise_config *scheme, struct err *err)
{
    struct format_choice acts = quantise_choice(scheme, "", is_edge, OPERAND_ACTIVATIONS);
    struct format_choice weights = quantise_choice(scheme, "", is_edge, weight_operand);
    return takes_choices(core->pe, &acts, &weights, err);
}

/* Formats of single layers are not looked at: where one does not fit, the point fails and says so.
 */
static bool takes_scheme(const struct arch *arch, const struct quantise_config *scheme,
                         struct err *err)
{
    static const enum quantise_operand weights[ARCH_MAX_CORES] = {OPERAND_WEIGHTS,
                                                                  OPERAND_SECOND_WEIGHTS};
    for (int core = 0; core < arch->core_count; core++)
        for (int is_edge = 0; is_edge < 2; is_edge++)
            if (!core_takes_scheme(&arch->cores[core], weights[core], is_edge, scheme, err))
                return err_prefix(err, "scheme %s", scheme->name);
    return true;
}

/* --- keys --- */

static struct sweep_key point_key(const struct sweep_plan *plan, const struct candidate *candidate,
                                  int subject, int scheme)
{
    struct digest digest;
    digest_begin(&digest, "point " MANTIS_VERSION);
    digest_number(&digest, RESULT_SCHEMA);
    digest_key(&digest, &plan->subjects[subject].content);
    digest_key(&digest, &plan->schemes[scheme]);
    digest_key(&digest, &candidate->content);
    return digest_end(&digest);
}

/* Values do not depend on an accelerator of one core but through the width of its partial sums,
 * which wrap. With two, the search for the best mapping says which core, with its own weights,
 * computes a channel: `own` is then the key of the point, else NULL. */
static struct sweep_key accuracy_key(const struct sweep_plan *plan, int subject, int scheme,
                                     int accumulator_bits, const struct sweep_key *own)
{
    const struct sweep_subject *source = &plan->subjects[subject];
    struct digest digest;
    digest_begin(&digest, "accuracy " MANTIS_VERSION);
    digest_number(&digest, RESULT_SCHEMA);
    digest_key(&digest, &source->content);
    digest_key(&digest, &source->data_content);
    digest_number(&digest, (uint64_t)source->images);
    digest_number(&digest, SWEEP_IMAGES_AT_ONCE);
    digest_key(&digest, &plan->schemes[scheme]);
    digest_number(&digest, (uint64_t)accumulator_bits);
    if (own)
        digest_key(&digest, own);
    return digest_end(&digest);
}

/* --- points --- */

static int add_accuracy(struct sweep_plan *plan, const struct candidate *candidate, int subject,
                        int scheme, const struct sweep_key *own)
{
    int bits = candidate->arch.cores[0].accumulator_bits;
    plan->accuracies[plan->accuracy_count] =
        (struct sweep_accuracy){.key = accuracy_key(plan, subject, scheme, bits, own),
                                .is_own = own,
                                .subject = subject,
                                .scheme = scheme,
                                .accelerator = candidate->accelerator,
                                .combination = candidate->combination,
                                .images = plan->subjects[subject].images};
    return plan->accuracy_count++;
}

/* The accuracy that points of one core share, added where this is the first that needs it. */
static int shared_accuracy(struct expansion *expansion, const struct candidate *candidate,
                           int subject, int scheme)
{
    struct sweep_plan *plan = expansion->plan;
    int pair = subject * plan->config->scheme_count + scheme;
    int32_t *found =
        &expansion->accuracy_of[pair * WIDTHS + candidate->arch.cores[0].accumulator_bits];
    if (*found < 0)
        *found = add_accuracy(plan, candidate, subject, scheme, NULL);
    return *found;
}

/* Whether the key is new; where it is, the next point has it. */
static bool note_key(struct expansion *expansion, const struct sweep_key *key)
{
    uint64_t slot;
    memcpy(&slot, key->bytes, sizeof slot);
    for (;; slot++) {
        int32_t *point = &expansion->slots[slot & expansion->slot_mask];
        if (*point < 0) {
            *point = expansion->plan->point_count;
            return true;
        }
        if (!memcmp(&expansion->plan->points[*point].key, key, sizeof *key))
            return false;
    }
}

static const struct sweep_constraint *find_broken(const struct sweep_constraints *constraints,
                                                  const struct sweep_view *view)
{
    for (int i = 0; i < constraints->count; i++)
        if (!sweep_constraint_holds(&constraints->list[i], view))
            return &constraints->list[i];
    return NULL;
}

static bool is_wanted(struct sweep_plan *plan, const struct candidate *candidate, int subject,
                      int scheme)
{
    const struct sweep_config *config = plan->config;
    const struct sweep_accelerator *accelerator = &config->accelerators[candidate->accelerator];
    const struct sweep_view view = {plan->subjects[subject].name, config->schemes[scheme].name,
                                    candidate->choices, &candidate->arch, candidate->area};
    struct err why = candidate->why;
    if (!candidate->is_valid) {
        leave_out(plan, why.text);
        return false;
    }
    const struct sweep_constraint *broken = find_broken(&config->constraints, &view);
    if (!broken)
        broken = find_broken(&accelerator->constraints, &view);
    if (broken)
        err_set(&why, "not %s", broken->text);
    else if (takes_scheme(&candidate->arch, &config->schemes[scheme], &why))
        return true;
    leave_out(plan, why.text);
    return false;
}

/* Accuracies that points share are planned in every shard alike. */
static void add_point(struct expansion *expansion, const struct candidate *candidate, int subject,
                      int scheme)
{
    struct sweep_plan *plan = expansion->plan;
    if (!is_wanted(plan, candidate, subject, scheme))
        return;
    bool has_images = plan->subjects[subject].data, is_own = candidate->arch.core_count > 1;
    struct sweep_point point = {.key = point_key(plan, candidate, subject, scheme),
                                .subject = subject,
                                .scheme = scheme,
                                .accelerator = candidate->accelerator,
                                .accuracy = -1,
                                .combination = candidate->combination};
    if (has_images && !is_own)
        point.accuracy = shared_accuracy(expansion, candidate, subject, scheme);
    if (!sweep_shard_has(expansion->shard, &point.key))
        return;
    if (!note_key(expansion, &point.key)) {
        leave_out(plan, "the same as another point");
        return;
    }
    if (has_images && is_own)
        point.accuracy = add_accuracy(plan, candidate, subject, scheme, &point.key);
    plan->points[plan->point_count++] = point;
}

/* A core that the sweep adds has defaults of all but its type and size (config_sweep_axes.c). */
static bool is_accelerator(const struct arch *arch, struct err *err)
{
    if (arch->core_count > 1 && arch->cores[1].pe == PE_COUNT)
        return err_set(err, "second_core.pe is missing");
    return arch_valid(arch, err);
}

static struct candidate make_candidate(const struct sweep_plan *plan, int accelerator,
                                       int64_t combination)
{
    struct candidate candidate = {.accelerator = accelerator, .combination = combination};
    candidate.arch = sweep_arch(&plan->config->accelerators[accelerator], combination,
                                candidate.choices, sizeof candidate.choices);
    const struct sweep_technology *technology =
        sweep_plan_technology(plan, candidate.arch.technology);
    candidate.is_valid = is_accelerator(&candidate.arch, &candidate.why);
    candidate.area = (struct area){NAN, NAN, NAN, NAN, NAN, NAN};
    if (candidate.is_valid)
        candidate.area = energy_model(&candidate.arch, technology->technology).area;
    struct digest digest;
    struct sweep_key arch = digest_arch(&candidate.arch);
    digest_begin(&digest, "accelerator");
    digest_key(&digest, &arch);
    digest_key(&digest, &technology->content);
    candidate.content = digest_end(&digest);
    return candidate;
}

static void expand_accelerator(struct expansion *expansion, int accelerator)
{
    const struct sweep_plan *plan = expansion->plan;
    const struct sweep_accelerator *source = &plan->config->accelerators[accelerator];
    for (int64_t i = 0; i < source->combinations; i++) {
        struct candidate candidate = make_candidate(plan, accelerator, i);
        for (int subject = 0; subject < plan->subject_count; subject++)
            for (int scheme = 0; scheme < plan->config->scheme_count; scheme++)
                if (source->takes_scheme[scheme])
                    add_point(expansion, &candidate, subject, scheme);
    }
}

/* --- room --- */

static int64_t count_schemes(const struct sweep_plan *plan, const struct sweep_accelerator *source)
{
    int64_t count = 0;
    for (int i = 0; i < plan->config->scheme_count; i++)
        count += source->takes_scheme[i];
    return count;
}

static bool count_room(struct expansion *expansion, struct err *err)
{
    const struct sweep_plan *plan = expansion->plan;
    for (int i = 0; i < plan->config->accelerator_count; i++) {
        const struct sweep_accelerator *source = &plan->config->accelerators[i];
        expansion->room += source->combinations * count_schemes(plan, source) * plan->subject_count;
    }
    return expansion->room <= SWEEP_MAX_POINTS ||
           err_set(err, "%s: %lld points are more than %d", plan->config->path,
                   (long long)expansion->room, SWEEP_MAX_POINTS);
}

static bool make_room(struct expansion *expansion, struct err *err)
{
    struct sweep_plan *plan = expansion->plan;
    size_t widths = (size_t)plan->subject_count * (size_t)plan->config->scheme_count * WIDTHS;
    size_t slots = 16;
    while (slots < 2 * (size_t)expansion->room)
        slots *= 2;
    expansion->slot_mask = slots - 1;
    plan->points = calloc((size_t)expansion->room + 1, sizeof *plan->points);
    plan->accuracies = calloc(widths + (size_t)expansion->room, sizeof *plan->accuracies);
    expansion->slots = malloc(slots * sizeof *expansion->slots);
    expansion->accuracy_of = malloc(widths * sizeof *expansion->accuracy_of);
    if (!plan->points || !plan->accuracies || !expansion->slots || !expansion->accuracy_of)
        return err_set(err, "%s: out of memory", plan->config->path);
    memset(expansion->slots, 0xff, slots * sizeof *expansion->slots);
    memset(expansion->accuracy_of, 0xff, widths * sizeof *expansion->accuracy_of);
    return true;
}

bool sweep_points_expand(struct sweep_plan *plan, struct sweep_shard shard, struct err *err)
{
    struct expansion expansion = {.plan = plan, .shard = shard};
    bool ok = count_room(&expansion, err) && make_room(&expansion, err);
    for (int i = 0; ok && i < plan->config->accelerator_count; i++)
        expand_accelerator(&expansion, i);
    free(expansion.slots);
    free(expansion.accuracy_of);
    return ok;
}

struct sweep_view sweep_point_view(const struct sweep_plan *plan, const struct sweep_point *point,
                                   struct arch *arch, char *choices, size_t size)
{
    struct candidate candidate = make_candidate(plan, point->accelerator, point->combination);
    *arch = candidate.arch;
    snprintf(choices, size, "%s", candidate.choices);
    return (struct sweep_view){plan->subjects[point->subject].name,
                               plan->config->schemes[point->scheme].name, choices, arch,
                               candidate.area};
}
