#include "sim/plan_limit.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Units by resource, from large to small; those with `is_shown` print amounts. */
static const struct amount_unit {
    enum plan_resource resource;
    const char *name;
    double factor;
    bool is_shown;
} units[] = {
    {PLAN_SIZE, "GB", 1e9, true},      {PLAN_SIZE, "MB", 1e6, true},
    {PLAN_SIZE, "kB", 1e3, true},      {PLAN_SIZE, "B", 1, true},
    {PLAN_SIZE, "GiB", 0x1p30, false}, {PLAN_SIZE, "MiB", 0x1p20, false},
    {PLAN_SIZE, "KiB", 0x1p10, false}, {PLAN_BOPS, "T", 1e12, true},
    {PLAN_BOPS, "G", 1e9, true},       {PLAN_BOPS, "M", 1e6, true},
    {PLAN_BOPS, "k", 1e3, true},       {PLAN_LATENCY, "s", 1, true},
    {PLAN_LATENCY, "ms", 1e-3, true},  {PLAN_LATENCY, "us", 1e-6, true},
    {PLAN_LATENCY, "ns", 1e-9, true},  {PLAN_ENERGY, "J", 1, true},
    {PLAN_ENERGY, "mJ", 1e-3, true},   {PLAN_ENERGY, "uJ", 1e-6, true},
    {PLAN_ENERGY, "nJ", 1e-9, true},
};
enum { AMOUNT_UNIT_COUNT = sizeof units / sizeof *units };

/* --- reading --- */

static bool find_resource(const char *text, size_t length, enum plan_resource *resource)
{
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
        if (strlen(plan_resource_name(i)) == length &&
            !strncmp(plan_resource_name(i), text, length)) {
            *resource = (enum plan_resource)i;
            return true;
        }
    return false;
}

static void list_resources(char *text, size_t size)
{
    *text = '\0';
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++)
        list_append(text, size, "%s", plan_resource_name(i));
}

/* Multiply by the unit's factor. */
static bool apply_unit(struct plan_limit *limit, const char *name, struct err *err)
{
    char legal[120] = "";
    for (int i = 0; i < AMOUNT_UNIT_COUNT; i++) {
        if (units[i].resource != limit->resource)
            continue;
        if (!strcmp(units[i].name, name)) {
            limit->value *= units[i].factor;
            return true;
        }
        list_append(legal, sizeof legal, "%s", units[i].name);
    }
    return err_set(err, "unit \"%.16s\" is not one of %s", name, legal);
}

static bool parse_value(const char *text, struct plan_limit *limit, struct err *err)
{
    char *rest;
    limit->value = strtod(text, &rest);
    if (rest == text || !isfinite(limit->value) || limit->value < 0)
        return err_set(err, "\"%.32s\" is not a positive number", text);
    rest += strspn(rest, " ");
    limit->is_fraction = !*rest;
    if (!limit->is_fraction)
        return apply_unit(limit, rest, err);
    return limit->value <= 1 ||
           err_set(err, "%.32s has no unit, and so is a fraction, of 0..1", text);
}

bool plan_limit_parse(const char *text, struct plan_limit *limit, struct err *err)
{
    char legal[80];
    const char *equals = strchr(text, '=');
    list_resources(legal, sizeof legal);
    if (!equals)
        return err_set(err, "--limit %.40s: RESOURCE=VALUE is needed, of %s", text, legal);
    if (!find_resource(text, (size_t)(equals - text), &limit->resource))
        return err_set(err, "--limit %.40s: the resource is not one of %s", text, legal);
    return parse_value(equals + 1, limit, err) || err_prefix(err, "--limit %.40s", text);
}

/* --- values --- */

double plan_limit_value(const struct plan_limit *limit, const struct plan *plan)
{
    struct bounds bounds = plan_bounds(plan, limit->resource);
    if (!limit->is_fraction)
        return limit->value;
    return bounds.least + limit->value * (bounds.greatest - bounds.least);
}

bool plan_limits_of(const struct plan_limit *limits, int count, const struct plan *plan,
                    double values[PLAN_RESOURCE_COUNT], struct err *err)
{
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        values[resource] = INFINITY;
    for (int i = 0; i < count; i++) {
        enum plan_resource resource = limits[i].resource;
        if (!plan->has_cost[resource])
            return err_set(err, "--limit %s: the table says nothing of it for some candidate",
                           plan_resource_name((int)resource));
        values[resource] = fmin(values[resource], plan_limit_value(&limits[i], plan));
    }
    return true;
}

bool plan_limits_refuse(const double values[PLAN_RESOURCE_COUNT], const struct plan *plan,
                        struct err *err)
{
    char all[200] = "";
    for (int i = 0; i < PLAN_RESOURCE_COUNT; i++) {
        enum plan_resource resource = (enum plan_resource)i;
        char limit[32], least[32];
        struct bounds bounds = plan_bounds(plan, resource);
        plan_amount(resource, values[i], limit, sizeof limit);
        plan_amount(resource, bounds.least, least, sizeof least);
        if (values[i] < bounds.least * (1 - PLAN_SLACK))
            return err_set(err, "limit %s=%s cannot be met: the least possible is %s",
                           plan_resource_name(i), limit, least);
        if (isfinite(values[i]))
            list_append(all, sizeof all, "%s=%s (least possible alone: %s)", plan_resource_name(i),
                        limit, least);
    }
    return err_set(err, "the limits cannot be met together: %s", all);
}

/* The largest unit that leaves at least 1 before the point; the smallest for less. */
void plan_amount(enum plan_resource resource, double amount, char *text, size_t size)
{
    const struct amount_unit *best = NULL;
    for (int i = 0; i < AMOUNT_UNIT_COUNT; i++)
        if (units[i].resource == resource && units[i].is_shown &&
            (!best || fabs(amount) < best->factor))
            best = &units[i];
    assert(best);
    if (fabs(amount) < 1 && resource == PLAN_BOPS)
        snprintf(text, size, "0");
    else
        snprintf(text, size, "%.4g %s", amount / best->factor, best->name);
}
