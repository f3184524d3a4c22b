/* Is a row on the front exactly if no other row dominates it? Compared with the definition, pair by pair. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/sweep_export.h"

enum { ROUNDS = 400, MOST_ROWS = 120 };

static bool has_all(const double *row, int count)
{
    for (int i = 0; i < count; i++)
        if (isnan(row[i]))
            return false;
    return true;
}

/* As good in all objectives, better in one. */
static bool dominates(const struct sweep_objectives *objectives, const double *a, const double *b)
{
    bool as_good = true, better = false;
    for (int i = 0; i < objectives->count; i++) {
        bool is_better = objectives->more[i] ? a[i] > b[i] : a[i] < b[i];
        better |= is_better;
        as_good &= is_better || a[i] == b[i];
    }
    return as_good && better;
}

static bool belongs(const struct sweep_objectives *objectives, const double *values, int rows,
                    int row)
{
    int count = objectives->count;
    if (!has_all(values + row * count, count))
        return false;
    for (int other = 0; other < rows; other++)
        if (has_all(values + other * count, count) &&
            dominates(objectives, values + other * count, values + row * count))
            return false;
    return true;
}

/* Few different values, so that rows tie and repeat. */
static double random_value(int different)
{
    int value = check_between(0, different);
    return value == different ? (double)NAN : (double)(value - different / 2) / 4;
}

static void fronts_follow_the_definition(void **state)
{
    static double values[MOST_ROWS * SWEEP_MAX_OBJECTIVES];
    bool on_front[MOST_ROWS];
    for (int round = 0; round < ROUNDS; round++) {
        struct sweep_objectives objectives = {.count = check_between(1, SWEEP_MAX_OBJECTIVES)};
        int rows = check_between(0, MOST_ROWS), different = check_between(2, 40);
        for (int i = 0; i < objectives.count; i++)
            objectives.more[i] = check_between(0, 1);
        for (int i = 0; i < rows * objectives.count; i++)
            values[i] = random_value(different);
        assert_true(sweep_front(&objectives, values, rows, on_front));
        for (int row = 0; row < rows; row++)
            if (on_front[row] != belongs(&objectives, values, rows, row))
                fail_msg("round %d: row %d of %d", round, row, rows);
    }
}

static void directions_follow_the_columns(void **state)
{
    struct sweep_objectives objectives;
    assert_true(
        sweep_objectives_parse("cycles,energy_j:max,top1,utilization,rows:min", &objectives, NULL));
    static const char *const names[] = {"cycles", "energy_j", "top1", "utilization", "rows"};
    static const bool more[] = {false, true, true, true, false};
    assert_int_equal(objectives.count, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(sweep_columns[objectives.columns[i]].name, names[i]);
        assert_int_equal(objectives.more[i], more[i]);
    }
}

static void what_has_no_order_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "is not one of network"},
        {"cycles,", "is not one of network"},
        {"speed", "\"speed\" is not one of"},
        {"network", "is a text"},
        {"error", "is not one of"},
        {"rows", "small or great"},
        {"cycles:low", "not one of min, max"},
        {"cycles:", "not one of min, max"},
        {"cycles,cycles,cycles,cycles,cycles,cycles,cycles,cycles,cycles", "more than 8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sweep_objectives objectives;
        struct err err;
        assert_false(sweep_objectives_parse(cases[i][0], &objectives, &err));
        if (!strstr(err.text, cases[i][1]))
            fail_msg("\"%s\": %s", cases[i][0], err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fronts_follow_the_definition),
        cmocka_unit_test(directions_follow_the_columns),
        cmocka_unit_test(what_has_no_order_is_refused),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
