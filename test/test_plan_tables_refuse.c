/* Does the reader of the planner's tables say what is wrong, and where, and read what is right? */
#include "test/check.h"

#include <string.h>

#include "sim/plan_table.h"

static struct plan_table *decode(const char *text, struct err *err)
{
    return plan_table_decode(text, strlen(text), "t.csv", err);
}

static void assert_refused(const char *text, const char *message)
{
    struct err err = {""};
    struct plan_table *table = decode(text, &err);
    plan_table_free(table);
    if (table || !strstr(err.text, message) || strchr(err.text, '\n'))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

static void tables_are_refused(void **state)
{
    assert_refused("", "t.csv:0: no header");
    assert_refused("# nothing\n", "t.csv:1: no header");
    assert_refused("layer,sensitivity_int4\n", "t.csv:1: no layers");
    assert_refused("layer,cost\na,1\n", "t.csv:1: column \"cost\" is not one of network, layer");
    assert_refused("sensitivity_int4\n1\n", "t.csv:1: one column of layer and index is needed");
    assert_refused("layer,index,sensitivity_int4\n", "t.csv:1: one column of layer and index");
    assert_refused("layer,params\na,1\n", "t.csv:1: no column says anything of a candidate");
    assert_refused("layer,layer,sensitivity_int4\n", "t.csv:1: column \"layer\" is there twice");
    assert_refused("layer,delta_w4_sq,delta_int4_sq\n",
                   "t.csv:1: column \"delta_int4_sq\" is there twice");
    assert_refused("layer,sensitivity_\n", "t.csv:1: column \"sensitivity_\" is not one of");
    assert_refused("# c\nlayer,sensitivity_int4\n\na,1\nb\n",
                   "t.csv:5: 1 columns; the header has 2");
    const char *bad[] = {"nan", "inf", "-1", "1e31", "x", "", "1x", "1e999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[100];
        snprintf(text, sizeof text, "layer,sensitivity_int4,params\na,%s,1\n", bad[i]);
        assert_refused(text, "t.csv:2: column 2: ");
    }
    assert_refused("layer,sensitivity_int4\n,1\n", "t.csv:2: column 1 (layer) is empty");
    assert_refused(
        "layer,sensitivity_this-name-is-far-too-long-for-a-candidate-of-this-table\na,1\n",
        "t.csv:1: candidate \"this-name");
}

static void assert_no_plan(const char *text, const char *network, const char *message)
{
    struct err err = {""};
    struct plan_table *table = decode(text, &err);
    if (!table)
        fail_msg("%s", err.text);
    struct plan *plan = plan_of_table(table, network, NULL, 0, &err);
    plan_free(plan);
    plan_table_free(table);
    if (plan || !strstr(err.text, message))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

static void plans_are_refused(void **state)
{
    assert_no_plan("network,layer,sensitivity_int4\nx,a,1\ny,a,1\n", NULL,
                   "t.csv: has several networks; --network takes one of x, y");
    assert_no_plan("network,layer,sensitivity_int4\nx,a,1\ny,a,1\n", "z",
                   "t.csv: network \"z\" is not one of x, y");
    assert_no_plan("layer,sensitivity_int4\na,1\n", "z", "t.csv: has no column network");
    assert_no_plan("layer,sensitivity_int4\na,1\nb,2\na,3\n", NULL,
                   "t.csv:4: layer \"a\" is there twice");
    assert_no_plan("layer,delta_int4_sq\na,1\n", NULL, "has neither a column sensitivity_int4 nor");
    assert_no_plan("layer,sensitivity_float32\na,1\n", NULL, "float32: quantises nothing");
    assert_no_plan("layer,sensitivity_nosuch\na,1\n", NULL, "nosuch");
}

static void assert_near(double found, double wanted)
{
    assert_true(found >= wanted * (1 - 1e-15) && found <= wanted * (1 + 1e-15));
}

/* HAWQ-V3's columns, comments, spaces, carriage returns, layers that share. */
static void a_table_is_read(void **state)
{
    static const char text[] =
        "# a comment\r\n"
        "network, index,group,hessian_trace,delta_w8_sq,delta_w4_sq,params_millions,mmacs,"
        "latency_int4_ms,latency_int8_ms,choice\r\n"
        "n,0,x,-0.5,0.25,4,0.5,2,0.125,0.25,int4\n"
        "\n"
        "n,1,y,2,0.5,8,1,3,0.5,1,int8\n"
        "n,2,x,1,0,1,2,1,1,2,int8";
    struct err err = {""};
    struct plan_table *table = decode(text, &err);
    struct plan *plan = table ? plan_of_table(table, "n", NULL, 0, &err) : NULL;
    if (!plan)
        fail_msg("%s", err.text);
    assert_int_equal(plan->candidate_count, 2);
    assert_string_equal(plan->candidates[0], "int8");
    assert_string_equal(plan->candidates[1], "int4");
    assert_int_equal(plan->layer_count, 3);
    assert_int_equal(plan->layers[0].group, plan->layers[2].group);
    assert_int_not_equal(plan->layers[0].group, plan->layers[1].group);
    const struct plan_option *int8 = &plan->layers[1].options[0],
                             *int4 = &plan->layers[1].options[1];
    assert_near(int8->sensitivity, 1);
    assert_near(int4->sensitivity, 16);
    assert_near(int8->cost[PLAN_SIZE], 1e6); /* bytes: 8 bits each */
    assert_near(int4->cost[PLAN_SIZE], 0.5e6);
    assert_near(int8->cost[PLAN_BOPS], 3e6 * 64);
    assert_near(int4->cost[PLAN_BOPS], 3e6 * 16);
    assert_near(int8->cost[PLAN_LATENCY], 1e-3);
    assert_near(int4->cost[PLAN_LATENCY], 0.5e-3);
    assert_true(plan->has_cost[PLAN_LATENCY] && !plan->has_cost[PLAN_ENERGY]);
    plan_free(plan);
    plan_table_free(table);
}

/* Sensitivities of a network's layers: all of them, and no others. */
static void sensitivities_fit_the_network(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"layer,sensitivity_int4\na,1\nb,2\n", NULL},
        {"layer,sensitivity_int4\na,1\n", "t.csv: layer \"b\" is missing"},
        {"layer,sensitivity_int4\na,1\nc,2\n", "t.csv:3: layer \"c\" is none of the network's"},
        {"layer,sensitivity_int4\na,1\na,2\n", "t.csv:3: layer \"a\" is there twice"},
        {"layer,sensitivity_int8\na,1\nb,2\n",
         "t.csv: says nothing of the sensitivity to \"int4\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {""};
        struct plan *plan = plan_new(2);
        plan->candidate_count = 1;
        memcpy(plan->candidates[0], "int4", 5);
        memcpy(plan->layers[0].name, "a", 2);
        memcpy(plan->layers[1].name, "b", 2);
        struct plan_table *table = decode(cases[i].text, &err);
        assert_non_null(table);
        bool ok = plan_take_sensitivities(plan, table, &err);
        assert_int_equal(ok, !cases[i].message);
        if (ok)
            assert_true(plan->layers[1].options[0].sensitivity == 2);
        else if (!strstr(err.text, cases[i].message))
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].message);
        plan_table_free(table);
        plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_refused),
        cmocka_unit_test(plans_are_refused),
        cmocka_unit_test(a_table_is_read),
        cmocka_unit_test(sensitivities_fit_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
