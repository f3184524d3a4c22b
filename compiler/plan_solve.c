/* The integer program, solved by GLPK: no other file knows of it.
 *
 *   minimise    sum over g, c of  sensitivity[g][c] * x[g][c]
 *   subject to  sum over c of  x[g][c] = 1                               every group g
 *               sum over g, c of  cost[r][g][c] * x[g][c] <= limit[r]    every limited resource r
 *               x[g][c] in {0, 1}
 *
 * (HAWQ-V3, section 3.4, there with two candidates.) A solver in floating point holds constraints
 * and optimum to tolerances. Rows are therefore scaled to limit 1 and the objective to 1e6, which
 * puts the tolerances below what matters; a choice that exceeds a limit nevertheless is cut off by
 * a constraint of its own, and the program solved again. */
#include <glpk.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/plan.h"

/* What a group's members sum up to. */
struct group {
    struct plan_option options[PLAN_MAX_CANDIDATES];
};

struct solver {
    const struct plan *plan;
    const double *limits;
    int group_count;
    struct group *groups;
    int *group_of_layer; /* 0..group_count-1, in order of first appearance */
    glp_prob *problem;
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

static void add_option(struct plan_option *sum, const struct plan_option *option)
{
    sum->sensitivity += option->sensitivity;
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        sum->cost[resource] += option->cost[resource];
}

static void sum_groups(struct solver *solver)
{
    const struct plan *plan = solver->plan;
    int *number = allocate((size_t)plan->layer_count, sizeof *number); /* 1 + that of the group */
    for (int i = 0; i < plan->layer_count; i++) {
        const struct plan_layer *layer = &plan->layers[i];
        if (!number[layer->group])
            number[layer->group] = ++solver->group_count;
        int group = solver->group_of_layer[i] = number[layer->group] - 1;
        for (int candidate = 0; candidate < plan->candidate_count; candidate++)
            add_option(&solver->groups[group].options[candidate], &layer->options[candidate]);
    }
    free(number);
}

/* GLPK counts columns from 1. */
static int column(const struct solver *solver, int group, int candidate)
{
    return 1 + group * solver->plan->candidate_count + candidate;
}

/* --- building --- */

/* sum over g of (greatest - least sensitivity), to scale the objective by. */
static double sensitivity_range(const struct solver *solver)
{
    double range = 0;
    for (int group = 0; group < solver->group_count; group++) {
        double least = INFINITY, greatest = -INFINITY;
        for (int candidate = 0; candidate < solver->plan->candidate_count; candidate++) {
            double sensitivity = solver->groups[group].options[candidate].sensitivity;
            least = fmin(least, sensitivity);
            greatest = fmax(greatest, sensitivity);
        }
        range += greatest - least;
    }
    return range > 0 ? range : 1;
}

static void add_columns(struct solver *solver)
{
    enum { OBJECTIVE_RANGE = 1000000 };
    double factor = OBJECTIVE_RANGE / sensitivity_range(solver);
    int candidates = solver->plan->candidate_count;
    glp_add_cols(solver->problem, solver->group_count * candidates);
    for (int group = 0; group < solver->group_count; group++) {
        const struct plan_option *options = solver->groups[group].options;
        for (int candidate = 0; candidate < candidates; candidate++) {
            int at = column(solver, group, candidate);
            glp_set_col_kind(solver->problem, at, GLP_BV);
            glp_set_obj_coef(solver->problem, at,
                             factor * (options[candidate].sensitivity - options[0].sensitivity));
        }
    }
}

/* One candidate for every group. */
static void add_choices(struct solver *solver)
{
    int candidates = solver->plan->candidate_count;
    int first = glp_add_rows(solver->problem, solver->group_count);
    for (int group = 0; group < solver->group_count; group++) {
        int columns[PLAN_MAX_CANDIDATES + 1];
        double ones[PLAN_MAX_CANDIDATES + 1];
        for (int candidate = 0; candidate < candidates; candidate++) {
            columns[candidate + 1] = column(solver, group, candidate);
            ones[candidate + 1] = 1;
        }
        glp_set_row_bnds(solver->problem, first + group, GLP_FX, 1, 1);
        glp_set_mat_row(solver->problem, first + group, candidates, columns, ones);
    }
}

static void add_limit(struct solver *solver, int resource)
{
    int candidates = solver->plan->candidate_count, count = solver->group_count * candidates;
    int *columns = allocate((size_t)count, sizeof *columns);
    double *costs = allocate((size_t)count, sizeof *costs);
    double left = solver->limits[resource] - solver->plan->fixed[resource];
    double scale = left > 0 ? left : 1;
    for (int group = 0; group < solver->group_count; group++)
        for (int candidate = 0; candidate < candidates; candidate++) {
            int at = column(solver, group, candidate);
            columns[at] = at;
            costs[at] = solver->groups[group].options[candidate].cost[resource] / scale;
        }
    int row = glp_add_rows(solver->problem, 1);
    glp_set_row_bnds(solver->problem, row, GLP_UP, 0, left / scale);
    glp_set_mat_row(solver->problem, row, count, columns, costs);
    free(columns);
    free(costs);
}

static void build(struct solver *solver)
{
    solver->problem = glp_create_prob();
    glp_set_obj_dir(solver->problem, GLP_MIN);
    add_columns(solver);
    add_choices(solver);
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        if (isfinite(solver->limits[resource]))
            add_limit(solver, resource);
}

/* --- solving --- */

static void read_choice(const struct solver *solver, int choice[])
{
    const struct plan *plan = solver->plan;
    for (int i = 0; i < plan->layer_count; i++) {
        int group = solver->group_of_layer[i];
        choice[i] = 0;
        for (int candidate = 1; candidate < plan->candidate_count; candidate++)
            if (glp_mip_col_val(solver->problem, column(solver, group, candidate)) > 0.5)
                choice[i] = candidate;
    }
}

/* Whether one option may stand for the other: as sensitive, and no dearer in what is limited. */
static bool is_as_good(const struct solver *solver, const struct plan_option *option,
                       const struct plan_option *other)
{
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        if (isfinite(solver->limits[resource]) && option->cost[resource] > other->cost[resource])
            return false;
    return option->sensitivity <= other->sensitivity;
}

/* Of options that are as good the first, so that ties do not depend on the solver. */
static void take_first(const struct solver *solver, int choice[])
{
    const struct plan *plan = solver->plan;
    for (int i = 0; i < plan->layer_count; i++) {
        const struct plan_option *options = solver->groups[solver->group_of_layer[i]].options;
        int first = 0;
        while (!is_as_good(solver, &options[first], &options[choice[i]]))
            first++;
        choice[i] = first;
    }
}

static bool is_within(const struct solver *solver, const int choice[])
{
    struct plan_option total = plan_total(solver->plan, choice);
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        if (total.cost[resource] >
            solver->limits[resource] + PLAN_SLACK * fabs(solver->limits[resource]))
            return false;
    return true;
}

/* Forbid exactly this choice: of its columns, one at least must be 0. */
static void cut_off(struct solver *solver, const int choice[])
{
    int *columns = allocate((size_t)solver->group_count, sizeof *columns);
    double *ones = allocate((size_t)solver->group_count, sizeof *ones);
    for (int i = 0; i < solver->plan->layer_count; i++) {
        int group = solver->group_of_layer[i];
        columns[group + 1] = column(solver, group, choice[i]);
        ones[group + 1] = 1;
    }
    int row = glp_add_rows(solver->problem, 1);
    glp_set_row_bnds(solver->problem, row, GLP_UP, 0, solver->group_count - 1);
    glp_set_mat_row(solver->problem, row, solver->group_count, columns, ones);
    free(columns);
    free(ones);
}

static void look_up(glp_tree *tree, void *context)
{
    bool (*stop)(void) = *(bool (**)(void))context;
    if (stop && stop())
        glp_ios_terminate(tree);
}

/* Solve to the end: no gap is left between the solution and the bound. */
static int solve_once(struct solver *solver, bool (*stop)(void))
{
    glp_iocp control;
    glp_init_iocp(&control);
    control.msg_lev = GLP_MSG_OFF;
    control.presolve = GLP_ON;
    control.mip_gap = 0;
    control.tol_obj = 1e-12;
    control.tol_int = 1e-9;
    control.mir_cuts = GLP_ON; /* not cover cuts: they abort where presolving leaves no column */
    control.cb_func = look_up;
    control.cb_info = &stop;
    return glp_intopt(solver->problem, &control);
}

static enum plan_outcome search(struct solver *solver, bool (*stop)(void), int choice[])
{
    while (true) {
        int ended = solve_once(solver, stop);
        if (ended == GLP_ESTOP)
            return PLAN_STOPPED;
        if (ended == GLP_ENOPFS || glp_mip_status(solver->problem) != GLP_OPT)
            return PLAN_INFEASIBLE;
        read_choice(solver, choice);
        if (is_within(solver, choice)) {
            take_first(solver, choice);
            return PLAN_SOLVED;
        }
        cut_off(solver, choice);
    }
}

enum plan_outcome plan_solve(const struct plan *plan, const double limits[PLAN_RESOURCE_COUNT],
                             bool (*stop)(void), int choice[])
{
    size_t layers = (size_t)plan->layer_count;
    struct solver solver = {.plan = plan, .limits = limits};
    for (int resource = 0; resource < PLAN_RESOURCE_COUNT; resource++)
        if (plan_bounds(plan, (enum plan_resource)resource).least >
            limits[resource] + PLAN_SLACK * fabs(limits[resource]))
            return PLAN_INFEASIBLE;
    solver.groups = allocate(layers, sizeof *solver.groups);
    solver.group_of_layer = allocate(layers, sizeof *solver.group_of_layer);
    sum_groups(&solver);
    int was_verbose = glp_term_out(GLP_OFF);
    build(&solver);
    enum plan_outcome outcome = search(&solver, stop, choice);
    glp_delete_prob(solver.problem);
    glp_term_out(was_verbose);
    glp_free_env();
    free(solver.groups);
    free(solver.group_of_layer);
    return outcome;
}
