/* Tables of widths: does each layer get the row of its network and scheme, and is a table that does
 * not fit refused? */
#include "check.h"

#include <string.h>

#include "pe/format.h"
#include "sim/config.h"
#include "sim/config_precisions.h"
#include "sim/subject.h"

#define HEADER "network,scheme,layer,weight_bits,activation_bits\n"

static const char TABLE[] = "# where it is from\n" HEADER "net,mixed,first,8,8\n"
                            "\n"
                            "net,mixed,second.*,3,5\r\n"
                            "# between rows\n"
                            "other,mixed,first,3,3\n"
                            "net,narrow,first,5,5\n";

static struct quantise_config decoded(const char *scheme)
{
    struct quantise_config config = {
        .name = "q", .weights = {4, 1, {FORMAT_INT}}, .activations = {6, 1, {FORMAT_INT}}};
    struct err err;
    if (!precisions_decode(TABLE, "t.csv", scheme, &config, &err))
        fail_msg("%s", err.text);
    return config;
}

static void expect_bits(const struct quantise_config *config, const char *layer, int weights,
                        int activations)
{
    assert_int_equal(quantise_choice(config, layer, false, OPERAND_WEIGHTS).bits, weights);
    assert_int_equal(quantise_choice(config, layer, false, OPERAND_ACTIVATIONS).bits, activations);
}

static void rows_of_network_and_scheme_apply(void **state)
{
    struct quantise_config config = decoded("mixed"), narrowed;
    struct err err;
    assert_int_equal(config.precision_count, 3);
    assert_true(precisions_narrow(&config, "net", &narrowed, &err));
    expect_bits(&narrowed, "first", 8, 8);
    expect_bits(&narrowed, "second.*", 3, 5);
    expect_bits(&narrowed, "second.1", 4, 6); /* a row names a layer, it is no pattern */
    free(narrowed.overrides);
    assert_true(precisions_narrow(&config, "other", &narrowed, &err));
    expect_bits(&narrowed, "first", 3, 3);
    free(narrowed.overrides);
    quantise_config_free(&config);
}

/* What the file itself says of a layer comes before the table. */
static void overrides_come_first(void **state)
{
    struct quantise_config config = decoded("mixed"), narrowed;
    struct err err;
    struct quantise_override first = {.pattern = "fir*", .weights = {7, 0, {0}}};
    config.overrides = &first;
    config.override_count = 1;
    assert_true(precisions_narrow(&config, "net", &narrowed, &err));
    expect_bits(&narrowed, "first", 7, 6);
    expect_bits(&narrowed, "second.*", 3, 5);
    free(narrowed.overrides);
    config.overrides = NULL;
    quantise_config_free(&config);
}

static void unknown_network_is_refused(void **state)
{
    struct quantise_config config = decoded("mixed"), narrowed;
    struct err err;
    assert_false(precisions_narrow(&config, "nets", &narrowed, &err));
    assert_non_null(strstr(err.text, "net, other, not for network \"nets\""));
    snprintf(config.precisions_network, sizeof config.precisions_network, "net");
    assert_true(precisions_narrow(&config, "nets", &narrowed, &err));
    expect_bits(&narrowed, "first", 8, 8);
    free(narrowed.overrides);
    quantise_config_free(&config);
}

static void broken_table_is_refused(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", "\"mixed\" is not one of none"},
        {"layer,bits\n", "t.csv:1: the header must be"},
        {HEADER "net,mixed,first,8\n", "t.csv:2: must have the five columns"},
        {HEADER "net,mixed,first,8,8,8\n", "t.csv:2: must have the five columns"},
        {HEADER "net,mixed,,8,8\n", "t.csv:2: a cell must have"},
        {HEADER "net,mixed,first,x,8\n", "\"x\" is not a width in 1..32"},
        {HEADER "net,mixed,first,0,8\n", "\"0\" is not a width"},
        {HEADER "net,mixed,first,8,1\n", "int"},
        {HEADER "net,mixed,first,8,8\nnet,mixed,first,4,4\n", "t.csv:3: this network has"},
        {HEADER "net,a,first,8,8\nnet,b,first,8,8\n", "\"mixed\" is not one of a, b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct quantise_config config = {.weights = {4, 1, {FORMAT_INT}},
                                         .activations = {6, 1, {FORMAT_INT}}};
        struct err err = {""};
        if (precisions_decode(cases[i].text, "t.csv", "mixed", &config, &err))
            fail_msg("accepted: %s", cases[i].text);
        if (!strstr(err.text, cases[i].expected))
            fail_msg("%s: \"%s\"", cases[i].text, err.text);
        quantise_config_free(&config);
    }
}

/* NAME:SCHEME on shipped files: every layer of ANT's ResNet-18 as its table says. */
static void scheme_is_named_behind_a_colon(void **state)
{
    static const struct {
        const char *scheme;
        int first, second, last;
    } cases[] = {
        {"ant-fig13", 8, 4, 8}, {"ant-fig13:bitfusion", 8, 8, 8}, {"ant-fig13:biscaled", 6, 6, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct quantise_config config;
        struct subject subject;
        struct err err;
        assert_true(config_read_quantise(cases[i].scheme, &config, &err));
        assert_true(
            subject_open(&subject, TEST_SOURCE_DIR "/workloads/topologies/ant/resnet18.csv", &err));
        struct network *network = subject_quantise(&subject, &config, NULL, NULL, 0, NULL, &err);
        if (!network)
            fail_msg("%s", err.text);
        assert_string_equal(network->scheme, cases[i].scheme);
        assert_int_equal(network->layers[0].weight_format.bits, cases[i].first);
        assert_int_equal(network->layers[1].weight_format.bits, cases[i].second);
        assert_int_equal(network->activations[network->layers[1].input].format.bits,
                         cases[i].second);
        assert_int_equal(network->layers[20].weight_format.bits, cases[i].last);
        network_free(network);
        subject_close(&subject);
        quantise_config_free(&config);
    }
}

static void layers_that_are_not_there_are_refused(void **state)
{
    struct quantise_config config;
    struct subject subject;
    struct err err;
    assert_true(config_read_quantise("ant-fig13:ant_os", &config, &err));
    snprintf(config.precisions_network, sizeof config.precisions_network, "vgg16");
    assert_true(
        subject_open(&subject, TEST_SOURCE_DIR "/workloads/topologies/ant/resnet18.csv", &err));
    assert_null(subject_quantise(&subject, &config, NULL, NULL, 0, NULL, &err));
    assert_non_null(strstr(err.text, "layer \"matmul13\", which is not there"));
    subject_close(&subject);
    quantise_config_free(&config);
    assert_false(config_read_quantise("int8:ant_os", &config, &err));
    assert_non_null(strstr(err.text, "has no table of precisions"));
    assert_false(config_read_quantise("ant-fig13:nobody", &config, &err));
    assert_non_null(strstr(err.text, "\"nobody\" is not one of ant_os, ant_ws"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_network_and_scheme_apply),
        cmocka_unit_test(overrides_come_first),
        cmocka_unit_test(unknown_network_is_refused),
        cmocka_unit_test(broken_table_is_refused),
        cmocka_unit_test(scheme_is_named_behind_a_colon),
        cmocka_unit_test(layers_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
