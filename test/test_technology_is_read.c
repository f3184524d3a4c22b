/* Is the SRAM table of a technology reproduced at its points and interpolated in between? Is a broken
 * technology, or table of it, refused in a line that says why? */
#include "test/check.h"

#include <math.h>
#include <string.h>

#include "sim/config.h"
#include "sim/energy.h"
#include "test/near.h"

static struct technology *technology;

static int set_up(void **state)
{
    struct err err = {""};
    technology = config_read_technology("45nm", &err);
    if (!technology)
        printf("%s\n", err.text);
    return technology ? 0 : -1;
}

static int tear_down(void **state)
{
    technology_free(technology);
    return 0;
}

/* --- the SRAM table --- */

static void sram_table_is_interpolated(void **state)
{
    /* at a point of the table */
    struct sram_cost cost = technology_sram(technology, 8192, 128);
    assert_false(cost.outside);
    assert_near(cost.read_pj_per_bit.value, 3.8639 / 128);
    assert_near(cost.area_mm2.value, 0.027720);
    assert_near(cost.leakage_mw.high, 10.5407 + 0.294327);
    /* half way on the log scale: the geometric mean */
    cost = technology_sram(technology, 8192 * sqrt(2), 128);
    assert_near(cost.read_pj_per_bit.value, sqrt(3.8639 * 5.6228) / 128);
    cost = technology_sram(technology, 8192, 64 * sqrt(2));
    assert_near(cost.area_mm2.value, sqrt(0.026282 * 0.027720));
    /* between two widths, of which 512 bits has no 1 KiB macro */
    assert_true(technology_sram(technology, 1024, 300).outside);
    /* outside: half the smallest macro leaks half as much, and a bit costs the same */
    cost = technology_sram(technology, 512, 64);
    assert_true(cost.outside);
    assert_near(cost.leakage_mw.value, (0.00528794 + 0.0311047) / 2);
    assert_near(cost.read_pj_per_bit.value, 0.7871 / 64);
}

/* The shipped table is the measured one, at this node. */
static void shipped_table_is_the_reference(void **state)
{
    static const char path[] = SHARED_DIR "/reference/energy/cacti_sram.csv";
    SKIP_WITHOUT(path);
    FILE *file = fopen(path, "r");
    char line[512];
    int rows = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char cell[16];
        double bytes, width, read, write, per_bit;
        int node, temperature;
        if (sscanf(line, "%d,%15[^,],%d,ED,%lf,%lf,%lf,%lf,%lf", &node, cell, &temperature, &bytes,
                   &width, &read, &write, &per_bit) != 8 ||
            node != 45)
            continue;
        for (int i = 0; i < technology->flavour_count; i++)
            if (!strcmp(technology->flavours[i].cell, cell)) {
                technology->cell = i;
                break;
            }
        struct sram_cost cost = technology_sram(technology, bytes, width);
        assert_near(cost.read_pj_per_bit.value, read / width);
        assert_near(cost.write_pj_per_bit.value, write / width);
        rows++;
    }
    fclose(file);
    printf("%d rows\n", rows);
    assert_true(rows > 100);
}

/* --- what is refused --- */

#define TABLE                                                                                      \
    "{ table = \"" TEST_SOURCE_DIR "/configs/technology/cacti_sram.csv\"; cell = \"x\"; source = " \
    "\"y\"; };"

static const char *const technology_errors[][2] = {
    {"", "node_nm is missing"},
    {"node_nm = 0;", "node_nm: 0 is not in 1..1000"},
    {"node_nm = 45; prices = ();", "sram is missing"},
    {"node_nm = 45; prices = 3;", "prices: must be a list"},
    {"node_nm = 45; prices = ( 3 );", "prices: an entry must be"},
    {"prices = ( { name = \"mac_9x9\"; value = 1; unit = \"pJ\"; low = 1; high = 1; "
     "provenance = \"primary\"; source = \"x\"; } );",
     "\"mac_9x9\" is not one of mac_8x8, mac_4x4"},
    {"prices = ( { name = \"mac_8x8\"; value = 1; unit = \"nJ\"; low = 1; high = 1; "
     "provenance = \"primary\"; source = \"x\"; } );",
     "mac_8x8: its unit must be \"pJ\", not \"nJ\""},
    {"prices = ( { name = \"mac_8x8\"; value = 1; unit = \"pJ\"; low = 2; high = 3; "
     "provenance = \"primary\"; source = \"x\"; } );",
     "are not in order"},
    {"prices = ( { name = \"mac_8x8\"; value = 1; unit = \"pJ\"; low = 1; high = 1; "
     "provenance = \"hearsay\"; source = \"x\"; } );",
     "\"hearsay\" is not one of primary"},
    {"prices = ( { name = \"mac_8x8\"; value = 1; unit = \"pJ\"; low = 1; high = 1; "
     "provenance = \"primary\"; } );",
     "source is missing"},
    {"node_nm = 45; sram = { table = \"/nonesuch.csv\"; cell = \"x\"; source = \"y\"; }; "
     "prices = ();",
     "/nonesuch.csv: No such file"},
    {"node_nm = 45; sram = { cell = \"x\"; source = \"y\"; }; prices = ();", "table is missing"},
    {"node_nm = 45; sram = { table = \"x\"; cell = \"x\"; }; prices = ();", "source is missing"},
    {"node_nm = 45; gates = { table = \"x\"; }; prices = ();", "sram is missing"},
    {"node_nm = 44; sram = " TABLE "prices = ();",
     "no rows of 44 nm in every flavour; the table has 45, 32, 22 nm"},
    {"node_nm = 45; sram = " TABLE "prices = ();",
     "cell: \"x\" is not one of itrs-hp, itrs-lstp, itrs-lop"},
};

static void broken_gates_are_refused(void **state)
{
    static const char *const tables[][2] = {
        {"", "g.csv:1: does not begin with design,gate_equivalents"},
        {"design,gate_equivalents\ncell_int8\n", "g.csv:2: not \"design,gate_equivalents"},
        {"design,gate_equivalents\ncell_int8,-1\n", "g.csv:2: not \"design,gate_equivalents"},
        {"design,gate_equivalents\ncell_int8,0\n", "g.csv:2: cell_int8: twice, or without"},
        {"design,gate_equivalents\ncell_int8,5\nother,0,7\ncell_int8,5\n",
         "g.csv:4: cell_int8: twice, or without"},
        {"design,gate_equivalents\ncell_int8,5", "g.csv: no design cell_ant_2x2"},
    };
    struct gates gates = {{1, 1, 1}, "x"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct technology *empty = calloc(1, sizeof *empty);
        struct err err = {""};
        assert_false(technology_read_gates(empty, tables[i][0], &gates, "g.csv", &err));
        if (!strstr(err.text, tables[i][1]))
            fail_msg("\"%s\" lacks \"%s\"", err.text, tables[i][1]);
        technology_free(empty);
    }
}

static void broken_technology_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof technology_errors / sizeof *technology_errors; i++) {
        struct err err = {""};
        const char *text = technology_errors[i][0];
        if (config_decode_technology(text, strlen(text), "t.cfg", &err))
            fail_msg("accepted: %s", text);
        if (!strstr(err.text, technology_errors[i][1]))
            fail_msg("%s: \"%s\"", text, err.text);
    }
}

#define HEADER \
    "tech_nm,cell,size_B,width_b,read_pJ,write_pJ,leak_mW,gate_leak_mW,access_ns,area_mm2\n"

static void broken_sram_table_is_refused(void **state)
{
    static const char *const tables[][2] = {
        {"a,b\n", "s.csv:1: no column tech_nm"},
        {HEADER "45,x,1\n", "s.csv:2: no field"},
        {HEADER "45,x,1024,64,1,-1,1,1,1,1\n",
         "s.csv:2: write_pJ: \"-1\" is not a positive number"},
        {HEADER "45,0123456789abcdef,1024,64,1,1,1,1,1,1\n", "name over 15"},
        {"", "no rows of 45 nm"},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct technology *empty = calloc(1, sizeof *empty);
        struct err err = {""};
        empty->node_nm = empty->sram_nodes[0] = 45;
        empty->sram_node_count = 1;
        assert_false(
            technology_read_sram(empty, tables[i][0], strlen(tables[i][0]), "s.csv", &err));
        if (!strstr(err.text, tables[i][1]))
            fail_msg("\"%s\" lacks \"%s\"", err.text, tables[i][1]);
        technology_free(empty);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sram_table_is_interpolated),
        cmocka_unit_test(shipped_table_is_the_reference),
        cmocka_unit_test(broken_technology_is_refused),
        cmocka_unit_test(broken_gates_are_refused),
        cmocka_unit_test(broken_sram_table_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
