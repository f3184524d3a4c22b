/* Zero operands: what they save, as gate-level simulation of the Verilog twins has it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "isa/arch.h"
#include "sim/technology.h"

/* X(design, PE): the twin of a PE; of those that fuse, as they are without. */
#define TWINS(X)                    \
    X("like_mac_8x8", INT8)         \
    X("like_ant_pe", ANT)           \
    X("like_rsd_pe", MSD)           \
    X("like_rsd_pe", MSD_SKIP)      \
    X("like_int8x2", INT8X2)        \
    X("like_adafloat_pe", ADAFLOAT) \
    X("like_biscaled_pe", BISCALED) \
    X("like_mac_4x4", BITFUSION)    \
    X("like_mac_4x4", OLACCEL)

static const char *const designs[ACTIVITY_DESIGNS] = {
    "like_mac_8x8", "like_mac_4x4",     "like_ant_pe",     "like_rsd_pe",
    "like_int8x2",  "like_adafloat_pe", "like_biscaled_pe"};

/* NULL where there is none. */
static const char *twin_of(int pe)
{
#define TWIN(design, pe) [PE_##pe] = design,
    static const char *const twins[PE_COUNT] = {TWINS(TWIN)};
#undef TWIN
    return pe >= 0 && pe < PE_COUNT ? twins[pe] : NULL;
}

static int design_named(const char *name)
{
    for (int i = 0; name && i < ACTIVITY_DESIGNS; i++)
        if (!strcmp(designs[i], name))
            return i;
    return -1;
}

/* Index of a share in percent among the steps; -1 where it is none of them. */
static int step_of(int percent)
{
    const int step = 100 / (ACTIVITY_SHARES - 1);
    return percent >= 0 && percent <= 100 && percent % step == 0 ? percent / step : -1;
}

static bool read_line(struct activity *activity, const char *line, const char *place,
                      struct err *err)
{
    char name[64];
    int act, weight;
    double energy;
    bool complete = sscanf(line, "%63[^,\n],%d,%d,%lf", name, &act, &weight, &energy) == 4;
    int design = complete ? design_named(name) : -1;
    if (design < 0 || step_of(act) < 0 || step_of(weight) < 0 || !(energy > 0 && energy < 1e9))
        return err_set(
            err, "%s: not \"design,act_zeros_percent,weight_zeros_percent,pj_per_clock\"", place);
    double *point = &activity->energy[design][step_of(act)][step_of(weight)];
    if (*point > 0)
        return err_set(err, "%s: %s: the same shares twice", place, name);
    *point = energy;
    return true;
}

static bool is_complete(const struct activity *activity, const char *path, struct err *err)
{
    for (int d = 0; d < ACTIVITY_DESIGNS; d++)
        for (int a = 0; a < ACTIVITY_SHARES; a++)
            for (int w = 0; w < ACTIVITY_SHARES; w++)
                if (!(activity->energy[d][a][w] > 0))
                    return err_set(err, "%s: %s: shares are missing", path, designs[d]);
    return true;
}

bool technology_read_activity(struct technology *technology, const char *text,
                              const struct activity_reference *reference, const char *path,
                              struct err *err)
{
    static const char head[] = "design,act_zeros_percent,weight_zeros_percent,pj_per_clock";
    struct activity *activity = &technology->activity;
    const char *line = strchr(text, '\n');
    int number = 1;
    if (strncmp(text, head, strlen(head)) || !line)
        return err_set(err, "%s:1: does not begin with %s", path, head);
    *activity = (struct activity){.is_known = true, .reference = *reference};
    for (line++; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        char place[1200];
        snprintf(place, sizeof place, "%s:%d", path, ++number);
        if (!read_line(activity, line, place, err))
            return false;
    }
    return is_complete(activity, path, err);
}

/* Bilinear between the four points around. */
static double energy_at(const struct activity *activity, int design, double act, double weight)
{
    const int last = ACTIVITY_SHARES - 1;
    int a = (int)fmin(act * last, last - 1), w = (int)fmin(weight * last, last - 1);
    double along = act * last - a, across = weight * last - w;
    const double *near = &activity->energy[design][a][w],
                 *far = &activity->energy[design][a + 1][w];
    return (1 - along) * ((1 - across) * near[0] + across * near[1]) +
           along * ((1 - across) * far[0] + across * far[1]);
}

double technology_activity(const struct technology *technology, int pe, double act_zeros,
                           double weight_zeros)
{
    const struct activity *activity = &technology->activity;
    int design = design_named(twin_of(pe));
    if (!activity->is_known || design < 0)
        return NAN;
    return energy_at(activity, design, act_zeros, weight_zeros) /
           energy_at(activity, design, activity->reference.act_zeros,
                     activity->reference.weight_zeros);
}
