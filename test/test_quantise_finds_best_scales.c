/* Is the squared error that the scale search goes by the true one, and does the search find the
 * least of the scales that a scheme allows? Against plain loops: every number to its nearest level, every scale of a dense scan. */
#include <math.h>

#include "compiler/calibrate.h"
#include "test/build_graph.h"

static double naive_error(const float *values, int count, const struct grid *grid, double scale)
{
    double error = 0;
    for (int i = 0; i < count; i++) {
        double least = INFINITY;
        for (int l = 0; l < grid->count; l++)
            least = fmin(least, fabs(values[i] - scale * grid->levels[l]));
        error += least * least;
    }
    return error;
}

/* The least error over scales 0.3 % apart, from where everything is clipped to where everything is
 * zero. */
static double scanned_error(const float *values, int count, const struct grid *grid)
{
    float magnitude = 0;
    for (int i = 0; i < count; i++)
        magnitude = fmaxf(magnitude, fabsf(values[i]));
    double largest = grid->levels[grid->count - 1], least = INFINITY;
    for (double scale = 4 * magnitude / largest; scale > 0.05 * magnitude / largest; scale *= 0.995)
        least = fmin(least, naive_error(values, count, grid, scale));
    return least;
}

enum shape { UNIFORM, NORMAL, LOG_UNIFORM, RECTIFIED, SHAPES };

static void draw(enum shape shape, float *values, int count)
{
    float scale = expf(build_normal());
    for (int i = 0; i < count; i++) {
        float uniform = (float)check_between(-1000, 1000) / 1000;
        switch (shape) {
        case UNIFORM:
            values[i] = scale * uniform;
            break;
        case NORMAL:
            values[i] = scale * build_normal();
            break;
        case LOG_UNIFORM:
            values[i] =
                copysignf(scale * exp2f(-6 * fabsf(uniform)), (float)check_between(0, 1) - 0.5F);
            break;
        case RECTIFIED:
            values[i] = fmaxf(0, scale * build_normal());
            break;
        case SHAPES:
            break;
        }
    }
}

/* All formats that operands can have. */
static int all_formats(struct format *formats)
{
    int count = 0;
    for (int family = 0; family < FORMAT_FAMILY_COUNT; family++)
        for (int bits = 2; bits <= 8; bits++)
            for (int is_signed = 0; is_signed < 2; is_signed++) {
                struct format format = {(uint8_t)family, (uint8_t)bits, is_signed};
                if (format_exists(format))
                    formats[count++] = format;
            }
    return count;
}

static void error_is_the_sum_of_squares(void **state)
{
    struct format formats[FORMAT_FAMILY_COUNT * 14];
    struct distribution distribution = {0};
    int count = all_formats(formats);
    for (int round = 0; round < 2000; round++) {
        float values[300];
        int size = check_between(1, 300);
        draw((enum shape)check_between(0, SHAPES - 1), values, size);
        const struct grid *grid = format_grid(formats[check_between(0, count - 1)]);
        double scale = 3.0 / grid->levels[grid->count - 1] * exp2(check_between(-40, 20) / 10.0);
        distribution_set(&distribution, values, NULL, size);
        double expected = naive_error(values, size, grid, scale);
        double got = quantisation_error(&distribution, grid, scale),
               square = distribution.before[size].square;
        assert_true(fabs(got - expected) <= 1e-9 * square + 1e-6 * expected);
    }
    distribution_clear(&distribution);
}

static void search_finds_what_a_dense_scan_finds(void **state)
{
    static const struct format formats[] = {
        {FORMAT_INT, 4, true},          {FORMAT_INT, 6, true},
        {FORMAT_FLINT, 4, true},        {FORMAT_POT, 4, true},
        {FORMAT_FLOAT_E2, 4, true},     {FORMAT_INT, 8, true},
        {FORMAT_RSD_EB1, 8, true},      {FORMAT_RSD_EB2, 8, true},
        {FORMAT_INT, 4, false},         {FORMAT_FLINT, 4, false},
        {FORMAT_POT, 4, false},         {FORMAT_BISCALED_S2, 5, true},
        {FORMAT_BISCALED_S3, 4, false}, {FORMAT_ADAFLOAT_E3, 5, true},
        {FORMAT_INT, 2, true},
    };
    struct distribution distribution = {0};
    for (int round = 0; round < 2; round++)
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
            for (int shape = 0; shape < SHAPES; shape++) {
                if (!formats[f].is_signed && shape != RECTIFIED)
                    continue;
                float values[200];
                draw((enum shape)shape, values, 200);
                const struct grid *grid = format_grid(formats[f]);
                distribution_set(&distribution, values, NULL, 200);
                double error, scale = search_scale(&distribution, grid, &error);
                assert_true(fabs(error - naive_error(values, 200, grid, scale)) <=
                            1e-6 * error + 1e-9);
                /* with many levels and 200 numbers the error jumps from scale to scale: 1 dB */
                double slack = grid->count < 64 ? 1.05 : 1.25;
                assert_true(error <= slack * scanned_error(values, 200, grid));
            }
    distribution_clear(&distribution);
}

/* Bell-shaped numbers at 4 bits: clipping beats covering the maximum, by far. */
static void search_beats_the_maximum(void **state)
{
    float values[4000];
    draw(NORMAL, values, 4000);
    struct distribution distribution = {0};
    distribution_set(&distribution, values, NULL, 4000);
    const struct grid *grid = format_grid((struct format){FORMAT_INT, 4, true});
    double magnitude = fmax(-distribution.values[0], distribution.values[3999]), error;
    search_scale(&distribution, grid, &error);
    assert_true(error < 0.9 * quantisation_error(&distribution, grid, magnitude / 7));
    distribution_clear(&distribution);
}

static void corners(void **state)
{
    struct distribution distribution = {0};
    const struct grid *grid = format_grid((struct format){FORMAT_INT, 4, true});
    const struct grid *naturals = format_grid((struct format){FORMAT_INT, 4, false});
    double error = 1;
    distribution_set(&distribution, (float[]){0, 0, -0.0F}, NULL, 3); /* only zeros */
    assert_true(search_scale(&distribution, grid, &error) == 1 && error == 0);
    distribution_set(&distribution, NULL, NULL, 0); /* nothing */
    assert_true(search_scale(&distribution, grid, &error) == 1 && error == 0);
    distribution_set(&distribution, (float[]){3e-38F}, NULL, 1); /* one number is always exact */
    assert_true(search_scale(&distribution, grid, &error) > 0 && error < 1e-90);
    distribution_set(&distribution, (float[]){-2, -2, -2}, NULL, 3); /* equal numbers */
    search_scale(&distribution, grid, &error);
    assert_true(error < 1e-12);
    assert_true(search_scale(&distribution, naturals, &error) ==
                1); /* nothing fits: all become zero */
    distribution_clear(&distribution);
}

/* ---- scales that a scheme allows ---- */

/* Numbers of `values` that are outliers at that scale, one by one. */
static int count_outliers(const float *values, int count, const struct grid *grid, double scale)
{
    int outliers = 0;
    for (int i = 0; i < count; i++) {
        int32_t level = grid->levels[grid_nearest(grid, values[i] / scale)];
        outliers += grid->format.is_signed ? level < -8 || level > 7 : level > 15;
    }
    return outliers;
}

static void outliers_are_counted(void **state)
{
    struct distribution distribution = {0};
    for (int round = 0; round < 2000; round++) {
        float values[300];
        int size = check_between(1, 300);
        draw((enum shape)check_between(0, SHAPES - 1), values, size);
        const struct grid *grid =
            format_grid((struct format){FORMAT_OUTLIER, 4, check_between(0, 1)});
        distribution_set(&distribution, values, NULL, size);
        double scale = exp2(check_between(-60, 20) / 10.0);
        int expected = count_outliers(values, size, grid, scale);
        assert_int_equal(lround(outlier_share(&distribution, grid, scale) * size), expected);
        const struct grid *others = format_grid((struct format){FORMAT_INT, 4, true});
        assert_true(outlier_share(&distribution, others, scale) == 0);
    }
    distribution_clear(&distribution);
}

/* The least error over scales 1 % apart that leave at most `most` outliers. */
static double scanned_under(const float *values, int count, const struct grid *grid, int most)
{
    float magnitude = 0;
    for (int i = 0; i < count; i++)
        magnitude = fmaxf(magnitude, fabsf(values[i]));
    double least = INFINITY;
    for (double scale = 2 * magnitude / 7; scale > magnitude / 1000; scale *= 0.99)
        if (count_outliers(values, count, grid, scale) <= most)
            least = fmin(least, naive_error(values, count, grid, scale));
    return least;
}

/* OLAccel: the best scale under a limit of outliers; a larger limit is never worse, and with none
 * the best is that of plain 4-bit integers that clip nothing. */
static void outliers_stay_within_their_share(void **state)
{
    enum { SIZE = 200 };
    static const double shares[] = {0, 0.01, 0.03, 0.1, 1};
    struct distribution distribution = {0};
    for (int round = 0; round < 2; round++)
        for (int shape = 0; shape < SHAPES; shape++) {
            float values[SIZE];
            draw((enum shape)shape, values, SIZE);
            const struct grid *grid =
                format_grid((struct format){FORMAT_OUTLIER, 4, shape != RECTIFIED});
            distribution_set(&distribution, values, NULL, SIZE);
            double before = INFINITY;
            for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
                double error,
                    scale = search_scale_under(&distribution, grid,
                                               (struct scale_rule){false, shares[i]}, &error);
                int most = (int)floor(shares[i] * SIZE + 1e-9);
                assert_true(count_outliers(values, SIZE, grid, scale) <= most);
                assert_true(error <= 1.25 * scanned_under(values, SIZE, grid, most) + 1e-9);
                assert_true(error <= before);
                before = error;
            }
        }
    distribution_clear(&distribution);
}

/* AdaptivFloat and fixed point: of all powers of two the best. */
static void powers_of_two_are_the_best_of_their_kind(void **state)
{
    static const struct format formats[] = {
        {FORMAT_ADAFLOAT_E3, 8, true}, {FORMAT_ADAFLOAT_E3, 4, true}, {FORMAT_BISCALED_S3, 6, true},
        {FORMAT_INT, 4, true},         {FORMAT_INT, 8, true},         {FORMAT_FLINT, 4, true},
    };
    enum { SIZE = 200 };
    const struct scale_rule rule = {.power_of_two = true, .most_outliers = 1};
    struct distribution distribution = {0};
    for (int round = 0; round < 5; round++)
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
            for (int shape = 0; shape < SHAPES; shape++) {
                float values[SIZE];
                draw((enum shape)shape, values, SIZE);
                const struct grid *grid = format_grid(formats[f]);
                distribution_set(&distribution, values, NULL, SIZE);
                double error, scale = search_scale_under(&distribution, grid, rule, &error);
                double least = INFINITY, square = distribution.before[SIZE].square;
                for (int exponent = -40; exponent <= 20; exponent++)
                    least = fmin(least, naive_error(values, SIZE, grid, exp2(exponent)));
                assert_true(scale == exp2(nearbyint(log2(scale))));
                assert_true(fabs(error - least) <= 1e-9 * square + 1e-6 * least);
            }
    distribution_clear(&distribution);
}

static void histogram_knows_every_number_but_zero(void **state)
{
    struct histogram *whole = calloc(1, sizeof *whole), *parts = calloc(1, sizeof *parts);
    struct histogram *other = calloc(1, sizeof *other);
    assert_true(whole && parts && other);
    float values[3000];
    draw(LOG_UNIFORM, values, 3000);
    for (int i = 0; i < 3000; i += 3)
        values[i] = 0;
    assert_true(histogram_add(whole, values, 3000));
    for (int i = 2000; i >= 0; i -= 1000) /* another order, and two histograms merged */
        assert_true(histogram_add(i == 1000 ? other : parts, values + i, 1000));
    histogram_merge(parts, other);
    assert_memory_equal(whole, parts, sizeof *whole);
    uint64_t count = 0;
    for (int i = 0; i < HISTOGRAM_BINS; i++)
        count += whole->counts[i];
    assert_int_equal(count, 2000);
    float low = 0, high = 0;
    for (int i = 0; i < 3000; i++) {
        low = fminf(low, values[i]);
        high = fmaxf(high, values[i]);
    }
    assert_true(whole->minimum == low && whole->maximum == high);
    values[1234] = NAN;
    assert_false(histogram_add(whole, values, 3000));
    values[1234] = -INFINITY;
    assert_false(histogram_add(whole, values, 3000));
    assert_memory_equal(whole, parts, sizeof *whole);
    free(whole);
    free(parts);
    free(other);
}

/* Bins are finer than levels: errors by the histogram are those of the numbers. */
static void histogram_is_fine_enough(void **state)
{
    static const struct format formats[] = {{FORMAT_INT, 8, false},
                                            {FORMAT_INT, 4, false},
                                            {FORMAT_FLINT, 4, false},
                                            {FORMAT_POT, 4, false}};
    static float values[20000];
    struct distribution exact = {0}, binned = {0};
    struct histogram *histogram = calloc(1, sizeof *histogram);
    assert_non_null(histogram);
    draw(RECTIFIED, values, 20000);
    assert_true(histogram_add(histogram, values, 20000));
    histogram_distribution(histogram, &binned);
    distribution_set(&exact, values, NULL, 20000);
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        const struct grid *grid = format_grid(formats[f]);
        double least, ignored, scale = search_scale(&binned, grid, &ignored);
        search_scale(&exact, grid, &least);
        assert_true(quantisation_error(&exact, grid, scale) <= 1.02 * least);
    }
    distribution_clear(&exact);
    distribution_clear(&binned);
    free(histogram);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_the_sum_of_squares),
        cmocka_unit_test(search_finds_what_a_dense_scan_finds),
        cmocka_unit_test(search_beats_the_maximum),
        cmocka_unit_test(corners),
        cmocka_unit_test(outliers_are_counted),
        cmocka_unit_test(outliers_stay_within_their_share),
        cmocka_unit_test(powers_of_two_are_the_best_of_their_kind),
        cmocka_unit_test(histogram_knows_every_number_but_zero),
        cmocka_unit_test(histogram_is_fine_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
