/* Is the SRAM table exact at its points, and how far off is what it says in between? Every point
 * that has neighbours on both sides is left out in turn and predicted from the rest. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/technology.h"

static const char table_path[] = TEST_SOURCE_DIR "/configs/technology/cacti_sram.csv";
static const int nodes[] = {45, 32, 22};
enum { NODE_COUNT = 3, MAX_ERRORS = 1000 };

static char *table;
static size_t table_size;

static int read_table(void **state)
{
    FILE *file = fopen(table_path, "r");
    table = malloc(1 << 20);
    if (!file || !table)
        return -1;
    table_size = fread(table, 1, 1 << 20, file);
    fclose(file);
    return 0;
}

static int free_table(void **state)
{
    free(table);
    return 0;
}

/* A technology that is the table at one node, or between two, and nothing else. */
static struct technology *at_nodes(int node_nm, int above, int below)
{
    struct err err = {""};
    struct technology *technology = calloc(1, sizeof *technology);
    assert_non_null(technology);
    technology->node_nm = node_nm;
    technology->sram_node_count = below ? 2 : 1;
    technology->sram_nodes[0] = above;
    technology->sram_nodes[1] = below;
    if (!technology_read_sram(technology, table, table_size, table_path, &err))
        fail_msg("%s", err.text);
    return technology;
}

#define QUANTITIES(X)                                            \
    X("read energy", read_pj_per_bit, point->read_pj / width)    \
    X("write energy", write_pj_per_bit, point->write_pj / width) \
    X("leakage", leakage_mw, point->leakage_mw)                  \
    X("area", area_mm2, point->area_mm2)                         \
    X("access time", access_ns, point->access_ns)

enum { QUANTITY_COUNT = 5 };
static const char *const quantity_names[] = {
#define NAME(name, field, truth) name,
    QUANTITIES(NAME)
#undef NAME
};

/* Relative errors of a prediction, one per quantity. */
static void errors_of(const struct sram_cost *cost, const struct sram_point *point,
                      double errors[QUANTITY_COUNT])
{
    double width = point->width_bits;
    int i = 0;
#define ERROR(name, field, truth) errors[i++] = fabs(cost->field.value / (truth)-1);
    QUANTITIES(ERROR)
#undef ERROR
}

static void points_are_exact(void **state)
{
    int points = 0;
    for (int n = 0; n < NODE_COUNT; n++) {
        struct technology *technology = at_nodes(nodes[n], nodes[n], 0);
        for (technology->cell = 0; technology->cell < technology->flavour_count;
             technology->cell++) {
            const struct sram_grid *grid = &technology->flavours[technology->cell].grids[0];
            for (int i = 0; i < grid->count; i++, points++) {
                const struct sram_point *point = &grid->points[i];
                double errors[QUANTITY_COUNT];
                struct sram_cost cost =
                    technology_sram(technology, point->bytes, point->width_bits);
                assert_true(cost.is_point && !cost.outside);
                errors_of(&cost, point, errors);
                for (int j = 0; j < QUANTITY_COUNT; j++)
                    assert_true(errors[j] == 0);
            }
        }
        technology_free(technology);
    }
    printf("%d points\n", points);
    assert_true(points > 400);
}

/* --- leaving one out --- */

struct errors {
    int count;
    double of[QUANTITY_COUNT][MAX_ERRORS];
};

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The value that a share of the sorted errors does not exceed. */
static double quantile(const double *sorted, int count, double share)
{
    int index = (int)ceil(share * count) - 1;
    return sorted[index < 0 ? 0 : index];
}

/* Predict the point from the table without `left_out` rows of the grid. */
static void predict(struct technology *technology, struct sram_grid rest,
                    const struct sram_point *point, struct errors *errors)
{
    struct sram_grid *grid = &technology->flavours[technology->cell].grids[0], whole = *grid;
    double found[QUANTITY_COUNT];
    *grid = rest;
    struct sram_cost cost = technology_sram(technology, point->bytes, point->width_bits);
    *grid = whole;
    if (cost.outside)
        return; /* at the edge there is nothing to interpolate */
    assert_false(cost.is_point);
    errors_of(&cost, point, found);
    assert_true(errors->count < MAX_ERRORS);
    for (int i = 0; i < QUANTITY_COUNT; i++)
        errors->of[i][errors->count] = found[i];
    errors->count++;
}

/* All points of one flavour: without the point itself, or without its whole width. */
static void leave_out(struct technology *technology, bool whole_width, struct errors *errors)
{
    const struct sram_grid *grid = &technology->flavours[technology->cell].grids[0];
    for (int i = 0; i < grid->count; i++) {
        struct sram_point *points = malloc((size_t)grid->count * sizeof *points);
        struct sram_grid rest = {0, points};
        assert_non_null(points);
        for (int j = 0; j < grid->count; j++)
            if (j != i &&
                (!whole_width || grid->points[j].width_bits != grid->points[i].width_bits))
                points[rest.count++] = grid->points[j];
        predict(technology, rest, &grid->points[i], errors);
        free(points);
    }
}

static void leave_out_everywhere(bool whole_width, struct errors *errors)
{
    errors->count = 0;
    for (int n = 0; n < NODE_COUNT; n++) {
        struct technology *technology = at_nodes(nodes[n], nodes[n], 0);
        for (technology->cell = 0; technology->cell < technology->flavour_count; technology->cell++)
            leave_out(technology, whole_width, errors);
        technology_free(technology);
    }
    for (int i = 0; i < QUANTITY_COUNT; i++) {
        qsort(errors->of[i], (size_t)errors->count, sizeof(double), compare);
        printf("  %-12s %d predictions: median %5.2f %%, 90th percentile %5.2f %%\n",
               quantity_names[i], errors->count, 100 * quantile(errors->of[i], errors->count, 0.5),
               100 * quantile(errors->of[i], errors->count, 0.9));
    }
}

static void left_out_points_are_predicted(void **state)
{
    static struct errors errors;
    printf("without the point:\n");
    leave_out_everywhere(false, &errors);
    assert_true(errors.count > 300);
    for (int i = 0; i < QUANTITY_COUNT; i++) {
        assert_true(quantile(errors.of[i], errors.count, 0.5) <= 0.06);
        assert_true(quantile(errors.of[i], errors.count, 0.9) <= 0.25);
    }
    /* For the record: a gap of two octaves in width, which no power of two as a port meets. */
    printf("without its width:\n");
    leave_out_everywhere(true, &errors);
}

/* --- between two nodes --- */

/* 32 nm predicted from 45 and 22 nm lies near CACTI's own 32 nm, and between its neighbours. */
static void nodes_are_bridged(void **state)
{
    static struct errors errors;
    struct technology *native = at_nodes(32, 32, 0), *bridged = at_nodes(32, 45, 22);
    errors.count = 0;
    assert_int_equal(native->flavour_count, bridged->flavour_count);
    for (int cell = 0; cell < native->flavour_count; cell++) {
        const struct sram_grid *grid = &native->flavours[cell].grids[0];
        native->cell = bridged->cell = cell;
        for (int i = 0; i < grid->count; i++) {
            const struct sram_point *point = &grid->points[i];
            double found[QUANTITY_COUNT];
            struct sram_cost cost = technology_sram(bridged, point->bytes, point->width_bits);
            assert_false(cost.is_point);
            errors_of(&cost, point, found);
            for (int j = 0; j < QUANTITY_COUNT; j++)
                errors.of[j][errors.count] = found[j];
            errors.count++;
        }
    }
    printf("32 nm from 45 and 22 nm:\n");
    for (int i = 0; i < QUANTITY_COUNT; i++) {
        qsort(errors.of[i], (size_t)errors.count, sizeof(double), compare);
        printf("  %-12s median %5.2f %%, 90th percentile %5.2f %%\n", quantity_names[i],
               100 * quantile(errors.of[i], errors.count, 0.5),
               100 * quantile(errors.of[i], errors.count, 0.9));
    }
    /* areas and dynamic energies follow the node; leakage of a flavour need not */
    assert_true(quantile(errors.of[0], errors.count, 0.5) <= 0.25);
    assert_true(quantile(errors.of[3], errors.count, 0.5) <= 0.25);
    technology_free(native);
    technology_free(bridged);
}

/* Half way in log(node) is the geometric mean of the two nodes. */
static void between_nodes_is_log_log(void **state)
{
    struct technology *above = at_nodes(32, 32, 0), *below = at_nodes(22, 22, 0);
    struct technology *between = at_nodes(28, 32, 22);
    double share = log(32.0 / 28) / log(32.0 / 22);
    double a = technology_sram(above, 16384, 64).area_mm2.value;
    double b = technology_sram(below, 16384, 64).area_mm2.value;
    double found = technology_sram(between, 16384, 64).area_mm2.value;
    assert_true(fabs(found / (pow(a, 1 - share) * pow(b, share)) - 1) < 1e-12);
    technology_free(above);
    technology_free(below);
    technology_free(between);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_exact),
        cmocka_unit_test(left_out_points_are_predicted),
        cmocka_unit_test(nodes_are_bridged),
        cmocka_unit_test(between_nodes_is_log_log),
    };
    return cmocka_run_group_tests(tests, read_table, free_table);
}
