/* Does the planner find the least sensitivity within the limits? Held to searches that share no code with it: all
 * choices of small random problems, and branch and bound in whole numbers on HAWQ-V3's published problems. */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "compiler/plan.h"
#include "sim/plan_table.h"

#define HAWQ_TABLE TEST_SOURCE_DIR "/results/published/hawq_ilp_inputs.csv"

/* --- all choices --- */

static struct plan *draw_plan(void)
{
    struct plan *plan = plan_new(check_between(1, 7));
    assert_non_null(plan);
    plan->candidate_count = check_between(1, 4);
    int spread = check_between(0, 1) ? 5 : 100000; /* many ties, or none */
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        plan->fixed[resource] = check_between(0, 9);
    for (int i = 0; i < plan->layer_count; i++) {
        if (i && !check_between(0, 3))
            plan_share(plan, check_between(0, i - 1), i);
        for (int candidate = 0; candidate < plan->candidate_count; candidate++) {
            struct plan_option *option = &plan->layers[i].options[candidate];
            option->sensitivity = check_between(0, spread);
            for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
                option->cost[resource] = check_between(0, spread);
        }
    }
    return plan;
}

static void draw_limits(const struct plan *plan, double limits[PLAN_RESOURCE_COUNT])
{
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++) {
        struct bounds bounds = plan_bounds(plan, (enum plan_resource)resource);
        int least = (int)bounds.least, greatest = (int)bounds.greatest;
        bool is_free = check_between(0, 2) == 0;
        limits[resource] = is_free ? (double)INFINITY : check_between(least - 1, greatest);
    }
}

/* The next choice in which groups agree; false after the last. */
static bool next_choice(const struct plan *plan, int *choice)
{
    for (int i = 0; i < plan->layer_count; i++) {
        if (plan->layers[i].group != i) /* moves with the layer that gives the group its number */
            continue;
        bool wraps = choice[i] + 1 == plan->candidate_count;
        for (int j = 0; j < plan->layer_count; j++)
            if (plan->layers[j].group == i)
                choice[j] = wraps ? 0 : choice[j] + 1;
        if (!wraps)
            return true;
    }
    return false;
}

static bool is_within(const struct plan *plan, const int *choice, const double *limits)
{
    struct plan_option total = plan_total(plan, choice);
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        if (total.cost[resource] > limits[resource])
            return false;
    return true;
}

static double least_of_all(const struct plan *plan, const double *limits)
{
    int choice[16] = {0};
    double least = INFINITY;
    do {
        if (is_within(plan, choice, limits))
            least = fmin(least, plan_total(plan, choice).sensitivity);
    } while (next_choice(plan, choice));
    return least;
}

static void small_problems(void **state)
{
    for (int round = 0; round < 3000; round++) {
        struct plan *plan = draw_plan();
        double limits[PLAN_RESOURCE_COUNT];
        draw_limits(plan, limits);
        int choice[16] = {0};
        double least = least_of_all(plan, limits);
        enum plan_outcome outcome = plan_solve(plan, limits, NULL, choice);
        assert_int_equal(outcome, isinf(least) ? PLAN_INFEASIBLE : PLAN_SOLVED);
        if (outcome == PLAN_SOLVED) {
            assert_true(is_within(plan, choice, limits));
            assert_true(plan_total(plan, choice).sensitivity == least); /* whole numbers: exact */
            for (int i = 0; i < plan->layer_count; i++)
                assert_int_equal(choice[i], choice[plan->layers[i].group]);
        }
        plan_free(plan);
    }
}

static bool stop_at_once(void)
{
    return true;
}

static void the_search_can_be_stopped(void **state)
{
    struct plan *plan = plan_new(40);
    plan->candidate_count = 3;
    for (int i = 0; i < plan->layer_count; i++)
        for (int candidate = 0; candidate < 3; candidate++) {
            plan->layers[i].options[candidate].sensitivity = check_between(1, 1000000);
            plan->layers[i].options[candidate].cost[PLAN_SIZE] = check_between(1, 1000000);
        }
    struct bounds bounds = plan_bounds(plan, PLAN_SIZE);
    double limits[] = {(bounds.least + bounds.greatest) / 2, INFINITY, INFINITY, INFINITY};
    int choice[40];
    assert_int_equal(plan_solve(plan, limits, stop_at_once, choice), PLAN_STOPPED);
    assert_int_equal(plan_solve(plan, limits, NULL, choice), PLAN_SOLVED);
    plan_free(plan);
}

/* --- HAWQ-V3's problems, in whole numbers --- */

enum { MAX_ITEMS = 64 };

/* A layer, or two that share: 8 bits instead of 4 cost `cost` more and lessen the sensitivity by `gain`. */
struct item {
    int64_t cost;
    long double gain;
};

struct knapsack {
    int count;
    struct item items[MAX_ITEMS]; /* by falling gain per cost */
    int64_t room;
    long double best;
};

/* What the items from `at` on could add if they could be cut (Dantzig's bound). */
static long double bound(const struct knapsack *knapsack, int at, int64_t room)
{
    long double sum = 0;
    for (; at < knapsack->count && knapsack->items[at].cost <= room; at++) {
        sum += knapsack->items[at].gain;
        room -= knapsack->items[at].cost;
    }
    if (at < knapsack->count)
        sum += knapsack->items[at].gain * (long double)room / (long double)knapsack->items[at].cost;
    return sum;
}

static void branch(struct knapsack *knapsack, int at, int64_t room, long double gain)
{
    if (gain > knapsack->best)
        knapsack->best = gain;
    if (at == knapsack->count || gain + bound(knapsack, at, room) <= knapsack->best)
        return;
    if (knapsack->items[at].cost <= room)
        branch(knapsack, at + 1, room - knapsack->items[at].cost, gain + knapsack->items[at].gain);
    branch(knapsack, at + 1, room, gain);
}

static int by_worth(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    long double difference = b->gain * (long double)a->cost - a->gain * (long double)b->cost;
    return (difference > 0) - (difference < 0);
}

/* A row of the table, in whole numbers: weights; MACs; 1e-8 ms. */
struct row {
    int group;
    long double trace, delta8, delta4;
    int64_t cost4[3], cost8[3];
};

static int read_rows(const char *network, struct row *rows)
{
    FILE *file = fopen(HAWQ_TABLE, "r");
    char line[512], name[32];
    int count = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        struct row *row = &rows[count];
        int index;
        long long params, macs;
        long double latency4, latency8;
        if (sscanf(line, "%31[^,],%d,%d,%Lf,%Lf,%Lf,%lld,%lld,%Lf,%Lf", name, &index, &row->group,
                   &row->trace, &row->delta8, &row->delta4, &params, &macs, &latency4,
                   &latency8) != 10 ||
            strcmp(name, network) != 0)
            continue;
        assert_int_equal(index, count);
        memcpy(row->cost4, (int64_t[]){params * 4, macs * 16, llroundl(latency4 * 1e8L)},
               sizeof row->cost4);
        memcpy(row->cost8, (int64_t[]){params * 8, macs * 64, llroundl(latency8 * 1e8L)},
               sizeof row->cost8);
        count++;
        assert_true(count < MAX_ITEMS);
    }
    fclose(file);
    return count;
}

struct problem {
    struct knapsack knapsack;
    long double all_low; /* sensitivity of 4 bits throughout */
    int64_t low, high;   /* the resource at 4 and at 8 bits throughout */
};

/* Layers whose eight bits cost nothing and gain nothing do not occur here. */
static struct problem make_problem(const struct row *rows, int count, int resource)
{
    struct problem problem = {{0}, 0, 0, 0};
    for (int i = 0; i < count; i++) {
        struct item item = {0};
        for (int j = 0; j < count; j++) {
            if (rows[j].group != rows[i].group)
                continue;
            item.cost += rows[j].cost8[resource] - rows[j].cost4[resource];
            item.gain += rows[j].trace * (rows[j].delta4 - rows[j].delta8);
        }
        problem.all_low += rows[i].trace * rows[i].delta4;
        problem.low += rows[i].cost4[resource];
        problem.high += rows[i].cost8[resource];
        if (rows[i].group == i)
            problem.knapsack.items[problem.knapsack.count++] = item;
    }
    qsort(problem.knapsack.items, (size_t)problem.knapsack.count, sizeof *problem.knapsack.items,
          by_worth);
    return problem;
}

/* The planner's choice for the same problem; its sensitivity must be the least one. */
static void compare(const struct plan *plan, struct problem *problem, const struct row *rows,
                    enum plan_resource resource, int column, int quarters)
{
    double limits[] = {INFINITY, INFINITY, INFINITY, INFINITY};
    struct bounds bounds = plan_bounds(plan, resource);
    int choice[MAX_ITEMS];
    limits[resource] = bounds.least + (bounds.greatest - bounds.least) * quarters / 4;
    assert_int_equal(plan_solve(plan, limits, NULL, choice), PLAN_SOLVED);

    int64_t cost = 0, limit = 4 * problem->low + quarters * (problem->high - problem->low);
    long double sensitivity = 0;
    for (int i = 0; i < plan->layer_count; i++) {
        bool is_high = !strcmp(plan->candidates[choice[i]], "int8");
        cost += (is_high ? rows[i].cost8 : rows[i].cost4)[column];
        sensitivity += rows[i].trace * (is_high ? rows[i].delta8 : rows[i].delta4);
        assert_int_equal(choice[i], choice[rows[i].group]);
    }
    assert_true(4 * cost <= limit);

    struct knapsack *knapsack = &problem->knapsack;
    knapsack->best = 0;
    branch(knapsack, 0, (limit - 4 * problem->low) / 4, 0);
    long double least = problem->all_low - knapsack->best;
    printf("%s %s 0.%02d: %.9Lf\n", plan->network, plan_resource_name((int)resource), quarters * 25,
           sensitivity);
    assert_true(fabsl(sensitivity - least) <= 1e-15L * problem->all_low);
}

static void check_network(const char *network)
{
    static const enum plan_resource resources[] = {PLAN_SIZE, PLAN_BOPS, PLAN_LATENCY};
    struct err err = {""};
    struct plan_table *table = plan_table_read(HAWQ_TABLE, &err);
    struct plan *plan = table ? plan_of_table(table, network, NULL, 0, &err) : NULL;
    if (!plan)
        fail_msg("%s", err.text);
    struct row rows[MAX_ITEMS];
    assert_int_equal(read_rows(network, rows), plan->layer_count);
    for (int column = 0; column < 3; column++) {
        struct problem problem = make_problem(rows, plan->layer_count, column);
        for (int quarters = 1; quarters <= 3; quarters++)
            compare(plan, &problem, rows, resources[column], column, quarters);
    }
    plan_free(plan);
    plan_table_free(table);
}

static void resnet18_of_hawq(void **state)
{
    check_network("resnet18");
}

static void resnet50_of_hawq(void **state)
{
    check_network("resnet50");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_problems),
        cmocka_unit_test(the_search_can_be_stopped),
        cmocka_unit_test(resnet18_of_hawq),
        cmocka_unit_test(resnet50_of_hawq),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
