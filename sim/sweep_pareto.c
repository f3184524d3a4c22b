/* Pareto fronts: the rows that no other row dominates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sweep_export.h"

static bool parse_one(char *text, struct sweep_objectives *objectives, struct err *err)
{
    char *way = strchr(text, ':');
    if (way)
        *way++ = '\0';
    int column = sweep_column_find(text, SWEEP_ERROR, err);
    if (column < 0)
        return false;
    if (sweep_columns[column].kind == CELL_TEXT)
        return err_set(err, "%s: is a text, and texts have no order", text);
    if (way && strcmp(way, "min") && strcmp(way, "max"))
        return err_set(err, "%s: \"%.16s\" is not one of min, max", text, way);
    if (!way && sweep_columns[column].better == BETTER_NEITHER)
        return err_set(err, "%s: is it better small or great? Say %s:min or %s:max", text, text,
                       text);
    bool more = sweep_columns[column].better == BETTER_MORE;
    objectives->more[objectives->count] = way ? !strcmp(way, "max") : more;
    objectives->columns[objectives->count++] = column;
    return true;
}

bool sweep_objectives_parse(const char *text, struct sweep_objectives *objectives, struct err *err)
{
    char *copy = strdup(text), *rest = copy;
    bool ok = copy || err_set(err, "out of memory");
    objectives->count = 0;
    for (char *one; ok && (one = strsep(&rest, ","));)
        if (objectives->count == SWEEP_MAX_OBJECTIVES)
            ok = err_set(err, "more than %d columns", SWEEP_MAX_OBJECTIVES);
        else
            ok = parse_one(one, objectives, err);
    free(copy);
    return ok;
}

/* A row: its values, each the smaller the better. */
struct contender {
    int64_t row;
    int count;
    double values[SWEEP_MAX_OBJECTIVES];
};

static int compare(const void *a, const void *b)
{
    const struct contender *left = a, *right = b;
    for (int i = 0; i < left->count; i++)
        if (left->values[i] != right->values[i])
            return left->values[i] < right->values[i] ? -1 : 1;
    return 0;
}

/* At least as good in all values and better in one. */
static bool dominates(const struct contender *a, const struct contender *b)
{
    bool is_better = false;
    for (int i = 0; i < a->count; i++) {
        if (a->values[i] > b->values[i])
            return false;
        is_better |= a->values[i] < b->values[i];
    }
    return is_better;
}

/* In sorted order a row is dominated by rows before it alone; and if by any, then by one of the
 * front, as dominating is transitive. The front is kept at the beginning of the array. */
static int64_t keep_front(struct contender *contenders, int64_t count)
{
    int64_t kept = 0;
    qsort(contenders, (size_t)count, sizeof *contenders, compare);
    for (int64_t i = 0; i < count; i++) {
        bool is_dominated = false;
        for (int64_t j = 0; j < kept && !is_dominated; j++)
            is_dominated = dominates(&contenders[j], &contenders[i]);
        if (!is_dominated)
            contenders[kept++] = contenders[i];
    }
    return kept;
}

bool sweep_front(const struct sweep_objectives *objectives, const double *values, int64_t count,
                 bool *on_front)
{
    struct contender *contenders = malloc(((size_t)count + 1) * sizeof *contenders);
    int64_t taking_part = 0;
    if (!contenders)
        return false;
    for (int64_t row = 0; row < count; row++) {
        struct contender *contender = &contenders[taking_part];
        bool is_complete = true;
        *contender = (struct contender){.row = row, .count = objectives->count};
        for (int i = 0; i < objectives->count; i++) {
            double value = values[row * objectives->count + i];
            is_complete &= !isnan(value);
            contender->values[i] = objectives->more[i] ? -value : value;
        }
        taking_part += is_complete;
    }
    int64_t kept = keep_front(contenders, taking_part);
    for (int64_t row = 0; row < count; row++)
        on_front[row] = false;
    for (int64_t i = 0; i < kept; i++)
        on_front[contenders[i].row] = true;
    free(contenders);
    return true;
}
