#include "compiler/quantise_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- distributions ---- */

enum { MAX_BUCKETS = 1024 };

/* Unsigned keys in the order of the floats: negative numbers have all bits flipped, others the sign
 * bit. */
static uint32_t float_key(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 31 ? UINT32_MAX : UINT32_C(1) << 31);
}

/* One pass of a radix sort: by the 11 bits from `shift` on, stable. */
static void radix_pass(const float *from, int count, int shift, float *to)
{
    enum { DIGITS = 1 << 11 };
    int next[DIGITS] = {0}, sum = 0;
    for (int i = 0; i < count; i++)
        next[float_key(from[i]) >> shift & (DIGITS - 1)]++;
    for (int d = 0; d < DIGITS; d++) {
        int occurrences = next[d];
        next[d] = sum;
        sum += occurrences;
    }
    for (int i = 0; i < count; i++)
        to[next[float_key(from[i]) >> shift & (DIGITS - 1)]++] = from[i];
}

/* Sort `values` (not changed) into `sorted`; `spare` is of the same size. */
static void sort_floats(const float *values, int count, float *sorted, float *spare)
{
    radix_pass(values, count, 0, sorted);
    radix_pass(sorted, count, 11, spare);
    radix_pass(spare, count, 22, sorted);
}

static void reserve(struct distribution *distribution, int count)
{
    if (count <= distribution->capacity && distribution->values)
        return;
    distribution_clear(distribution);
    size_t size = (size_t)count + 1;
    distribution->values =
        malloc(2 * size * sizeof *distribution->values); /* and as much to sort in */
    distribution->before = malloc(size * sizeof *distribution->before);
    distribution->buckets = malloc((MAX_BUCKETS + 1) * sizeof *distribution->buckets);
    if (!distribution->values || !distribution->before || !distribution->buckets)
        abort();
    distribution->capacity = count;
}

/* First value not below `bound` among [low, high). */
static int lower_bound(const float *values, int low, int high, double bound)
{
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (values[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_buckets(struct distribution *distribution)
{
    const float *values = distribution->values;
    int count = distribution->count, buckets = count < MAX_BUCKETS ? count : MAX_BUCKETS;
    double low = values[0], range = (double)values[count - 1] - low;
    distribution->bucket_count = range > 0 ? buckets : 0;
    distribution->bucket_low = low;
    distribution->bucket_per_unit = range > 0 ? buckets / range : 0;
    int index = 0;
    for (int b = 0; b <= distribution->bucket_count; b++) {
        while (index < count && (values[index] - low) * distribution->bucket_per_unit < b)
            index++;
        distribution->buckets[b] = index;
    }
}

void distribution_set(struct distribution *distribution, const float *values, const double *weights,
                      int count)
{
    reserve(distribution, count);
    distribution->count = count;
    if (weights)
        memcpy(distribution->values, values, (size_t)count * sizeof *values);
    else
        sort_floats(values, count, distribution->values, distribution->values + count);
    struct moments running = {0};
    for (int i = 0; i < count; i++) {
        double value = distribution->values[i], weight = weights ? weights[i] : 1;
        distribution->before[i] = running;
        running.weight += weight;
        running.sum += weight * value;
        running.square += weight * value * value;
    }
    distribution->before[count] = running;
    distribution->bucket_count = 0;
    if (count)
        fill_buckets(distribution);
}

void distribution_clear(struct distribution *distribution)
{
    free(distribution->values);
    free(distribution->before);
    free(distribution->buckets);
    *distribution = (struct distribution){0};
}

/* Number of values below `bound`. The bucket that holds the bound narrows the search to a few
 * values. */
static int count_below(const struct distribution *distribution, double bound)
{
    double position = (bound - distribution->bucket_low) * distribution->bucket_per_unit;
    if (!(position >= 0 && position < distribution->bucket_count))
        return position < 0 ? 0 : lower_bound(distribution->values, 0, distribution->count, bound);
    int bucket = (int)position;
    int low = distribution->buckets[bucket], high = distribution->buckets[bucket + 1];
    return lower_bound(distribution->values, low, high, bound);
}

/* ---- the search ---- */

/* Numbers between two neighbouring midpoints go to the level between; with n, S1, S2 their count,
 * sum and sum of squares they contribute S2 - 2*l*S1 + n*l^2, l = scale * level. */
double quantisation_error(const struct distribution *distribution, const struct grid *grid,
                          double scale)
{
    double error = 0;
    int first = 0;
    for (int i = 0; i < grid->count && first < distribution->count; i++) {
        int past = distribution->count;
        if (i + 1 < grid->count)
            past = count_below(distribution,
                               ((double)grid->levels[i] + grid->levels[i + 1]) / 2 * scale);
        if (past <= first)
            continue;
        const struct moments *low = &distribution->before[first],
                             *high = &distribution->before[past];
        double level = scale * grid->levels[i];
        error += high->square - low->square - 2 * level * (high->sum - low->sum) +
                 level * level * (high->weight - low->weight);
        first = past;
    }
    return error > 0 ? error : 0;
}

/* The least and the greatest level of the grid that is no outlier. */
static void usual_levels(const struct grid *grid, int32_t *least, int32_t *most)
{
    *least = grid->levels[0];
    *most = grid->levels[grid->count - 1];
    if (grid->format.family == FORMAT_OUTLIER)
        format_dense_levels(grid->format, least, most);
}

/* The least scale at which no number lies beyond those; 0 where all are zero. */
static double unclipped_scale(const struct distribution *distribution, const struct grid *grid)
{
    int32_t least, most;
    usual_levels(grid, &least, &most);
    double high = distribution->values[distribution->count - 1] / most;
    double low = least < 0 ? distribution->values[0] / (double)least : 0;
    return fmax(fmax(high, low), 0);
}

/* A number is an outlier from half a level beyond the last usual one; a tie goes up. */
double outlier_share(const struct distribution *distribution, const struct grid *grid, double scale)
{
    int32_t least, most;
    usual_levels(grid, &least, &most);
    const struct moments *before = distribution->before;
    double all = before[distribution->count].weight, outliers = 0;
    if (grid->levels[grid->count - 1] > most)
        outliers += all - before[count_below(distribution, (most + 0.5) * scale)].weight;
    if (grid->levels[0] < least)
        outliers += before[count_below(distribution, (least - 0.5) * scale)].weight;
    return all > 0 ? outliers / all : 0;
}

/* The best so far. */
struct search {
    const struct distribution *distribution;
    const struct grid *grid;
    double most_outliers;
    double scale, error;
};

static double try_scale(struct search *search, double scale)
{
    if (outlier_share(search->distribution, search->grid, scale) > search->most_outliers)
        return INFINITY;
    double error = quantisation_error(search->distribution, search->grid, scale);
    if (error < search->error) {
        search->error = error;
        search->scale = scale;
    }
    return error;
}

/* Above the scale that clips nothing too: where the outermost levels lie far apart (flint) they are
 * best left unused. */
static void search_octaves(struct search *search, double unclipped)
{
    enum {
        STEPS = 16,
        ABOVE = 40,
        BELOW = 80,
        FINER = 5,
        HOPELESS = 8
    }; /* steps per octave, and steps */
    for (int step = ABOVE; step >= -BELOW; step--) {
        double candidate = try_scale(search, unclipped * exp2((double)step / STEPS));
        if (step < 0 && candidate > HOPELESS * search->error)
            break; /* what is clipped, or an outlier, only grows from here */
    }
    double centre = search->scale;
    for (int step = 1 - FINER; step < FINER; step++)
        try_scale(search, centre * exp2((double)step / (STEPS * FINER)));
}

/* The same range, of exponents. */
static void search_exponents(struct search *search, double unclipped)
{
    enum { ABOVE = 3, BELOW = 5 };
    int exponent = (int)ceil(log2(unclipped));
    search->scale = exp2(exponent);
    for (int step = ABOVE; step >= -BELOW; step--)
        try_scale(search, exp2(exponent + step));
}

double search_scale_under(const struct distribution *distribution, const struct grid *grid,
                          struct scale_rule rule, double *error)
{
    *error = 0;
    double unclipped = distribution->count ? unclipped_scale(distribution, grid) : 0;
    if (!(unclipped > 0))
        return 1;
    struct search search = {distribution, grid, rule.most_outliers, unclipped, INFINITY};
    if (rule.power_of_two)
        search_exponents(&search, unclipped);
    else
        search_octaves(&search, unclipped);
    *error = search.error;
    return search.scale;
}

double search_scale(const struct distribution *distribution, const struct grid *grid, double *error)
{
    return search_scale_under(distribution, grid, (struct scale_rule){.most_outliers = 1}, error);
}

struct scale_rule quantise_scale_rule(const struct quantise_config *config)
{
    return (struct scale_rule){config->power_of_two_scales, config->outlier_percent / 100};
}

int choice_formats(const struct format_choice *choice, bool is_signed,
                   struct format formats[QUANTISE_MAX_FAMILIES])
{
    int count = 0;
    for (int i = 0; i < choice->family_count; i++) {
        struct format format = {choice->families[i], (uint8_t)choice->bits, is_signed};
        if (!format_family(format)->has_unsigned)
            format.is_signed = true;
        if (format_is_operand(format))
            formats[count++] = format;
    }
    return count;
}
