/* Does the lockstep model give the published cycles at the published schedules of MSD's scheduler
 * (Wu et al., FCCM 2023; CASR-HKU/MSD-FCCM23)? */
#include "test/check.h"

#include <math.h>

#include "test/msd_tables.h"

static struct msd_table schedules, by_bits;

static int setup(void **state)
{
    (void)state;
    msd_read(TEST_SOURCE_DIR "/results/published/msd_schedules.csv", &schedules);
    msd_read(TEST_SOURCE_DIR "/results/published/msd_cycles_by_eb.csv", &by_bits);
    return 0;
}

/* Rows that the model as described does not give: four small depthwise layers, whose channels of a
 * tile stand in the column of output channels, with 1 in that of input channels. */
static bool is_swapped(int row)
{
    static const char *const layers[] = {"Conv41", "Conv44", "Conv47", "Conv50"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(msd_text(&schedules, row, "network"), "mobilenetv2") &&
            !strcmp(msd_text(&schedules, row, "layer"), layers[i]))
            return true;
    return false;
}

static struct lockstep_cost row_cost(int row, const char *channels)
{
    struct tile_shape shape =
        msd_shape(msd_text(&schedules, row, "network"), msd_text(&schedules, row, "layer"));
    struct lockstep_tiling tiling = msd_tiling(&schedules, row, &shape, channels);
    return lockstep_cost(&msd_ultra96, &shape, &tiling, 2);
}

static void every_row_has_the_published_cycles(void **state)
{
    (void)state;
    int swapped = 0;
    assert_int_equal(schedules.rows, 144);
    for (int row = 0; row < schedules.rows; row++) {
        double published = msd_number(&schedules, row, "cycles");
        struct lockstep_cost read = row_cost(row, "c_tile"), moved = row_cost(row, "k_tile");
        bool differs = fabs(read.cycles / published - 1) > 0.01;
        if (differs)
            printf("%s %s: published %.0f; %.0f with c_tile = %s channels a tile, %.0f with %s\n",
                   msd_text(&schedules, row, "network"), msd_text(&schedules, row, "layer"),
                   published, read.cycles, msd_text(&schedules, row, "c_tile"), moved.cycles,
                   msd_text(&schedules, row, "k_tile"));
        assert_int_equal(differs, is_swapped(row));
        swapped += differs;
        assert_true((differs ? moved : read).cycles == published); /* to the cycle */
    }
    assert_int_equal(swapped, 4);
}

/* "compute bound" or "memory bound". */
static void check_bound(const char *published, const struct lockstep_cost *cost)
{
    assert_int_equal(!strncmp(published, "compute", 7), cost->bound == LOCKSTEP_COMPUTE);
}

static void every_row_is_bound_as_published(void **state)
{
    (void)state;
    for (int row = 0; row < schedules.rows; row++) {
        struct lockstep_cost cost = row_cost(row, is_swapped(row) ? "k_tile" : "c_tile");
        check_bound(msd_text(&schedules, row, "bound"), &cost);
    }
}

/* The buffers as modelled are the published ones, not smaller. */
static void every_row_fits_the_buffers(void **state)
{
    (void)state;
    for (int row = 0; row < schedules.rows; row++) {
        struct tile_shape shape =
            msd_shape(msd_text(&schedules, row, "network"), msd_text(&schedules, row, "layer"));
        struct lockstep_tiling tiling =
            msd_tiling(&schedules, row, &shape, is_swapped(row) ? "k_tile" : "c_tile");
        assert_true(lockstep_fits(&msd_ultra96, &shape, &tiling, 2));
    }
}

/* Nor larger. Of 4 block RAMs of 16384 bits, in 16-bit words, 4095 of 4096 words in each of the
 * bit-parallel core's 2 x 16 banks: so many windows of 16 input channels, and not one more. */
static void the_buffers_are_not_larger(void **state)
{
    (void)state;
    struct tile_shape shape = msd_shape("resnet50", "layer_64_1_conv1"); /* 1 x 1 */
    struct lockstep_tiling tiling = {.h = 1, .w = 4095 * 32 / 16, .n = 8, .k = 16, .first = 4};
    shape.out_w = tiling.w + 1;
    assert_true(lockstep_fits(&msd_ultra96, &shape, &tiling, 2));
    tiling.w++;
    assert_false(lockstep_fits(&msd_ultra96, &shape, &tiling, 2));
}

static void resnet50_has_the_published_cycles_by_effectual_bits(void **state)
{
    (void)state;
    struct lockstep machine = msd_by_effectual_bits();
    int checked = 0;
    for (int row = 0; row < by_bits.rows; row++) {
        if (!*msd_text(&by_bits, row, "k_tile"))
            continue;
        struct tile_shape shape = msd_shape("resnet50", msd_text(&by_bits, row, "layer"));
        struct lockstep_tiling tiling = msd_tiling(&by_bits, row, &shape, "c_tile");
        int bits = (int)msd_number(&by_bits, row, "effectual_bits");
        struct lockstep_cost cost = lockstep_cost(&machine, &shape, &tiling, bits);
        assert_true(cost.cycles == msd_number(&by_bits, row, "cycles"));
        check_bound(msd_text(&by_bits, row, "bound"), &cost);
        assert_true(lockstep_fits(&machine, &shape, &tiling, bits));
        checked++;
    }
    assert_int_equal(checked, 54 * 3);
}

/* What is shipped is what the reference data has (its ResNet-50 by effectual bits lacks the
 * cycles). */
static void the_shipped_tables_are_the_reference(void **state)
{
    (void)state;
    static struct msd_table reference;
    SKIP_WITHOUT(SHARED_DIR "/reference/msd_schedules_eb2.csv");
    msd_read(SHARED_DIR "/reference/msd_schedules_eb2.csv", &reference);
    assert_memory_equal(&reference, &schedules, sizeof reference);
    msd_read(SHARED_DIR "/reference/msd_cycles_by_eb.csv", &reference);
    assert_int_equal(reference.rows, by_bits.rows);
    for (int row = 0; row < reference.rows; row++) {
        assert_string_equal(msd_text(&reference, row, "layer"), msd_text(&by_bits, row, "layer"));
        assert_string_equal(msd_text(&reference, row, "effectual_bits"),
                            msd_text(&by_bits, row, "effectual_bits"));
        if (strcmp(msd_text(&reference, row, "network"), "resnet50"))
            assert_string_equal(msd_text(&reference, row, "cycles"),
                                msd_text(&by_bits, row, "cycles"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_the_published_cycles),
        cmocka_unit_test(every_row_is_bound_as_published),
        cmocka_unit_test(every_row_fits_the_buffers),
        cmocka_unit_test(the_buffers_are_not_larger),
        cmocka_unit_test(resnet50_has_the_published_cycles_by_effectual_bits),
        cmocka_unit_test(the_shipped_tables_are_the_reference),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
