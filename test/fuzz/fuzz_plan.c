/* Can any text make the reader of the planner's tables, or a plan of it, crash, leak or overflow? */
#include "sim/plan_table.h"

#include <math.h>
#include <stdlib.h>

#include "isa/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Whatever is accepted has finite numbers. */
static void check(const struct plan *plan)
{
    for (int i = 0; i < plan->layer_count; i++)
        for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
            const struct plan_option *option = &plan->layers[i].options[candidate];
            if (!isfinite(option->sensitivity))
                abort();
            for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
                if (!isfinite(option->cost[resource]) || option->cost[resource] < 0)
                    abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct plan_table *table = plan_table_decode((const char *)bytes, size, "fuzz.csv", &err);
    struct plan *plan = table ? plan_of_table(table, NULL, NULL, 0, &err) : NULL;
    if (plan) {
        check(plan);
        plan_take_sensitivities(plan, table, &err);
    }
    plan_free(plan);
    plan_table_free(table);
    return 0;
}
