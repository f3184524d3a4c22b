/* Does the array take the cycles that other simulators measured? Expected values: SCALE-Sim v3,
 * STONNE and ANT's simulator (reference/peers, sources in its README), all rows; where a peer
 * differs by a known quirk, by exactly that quirk. */
#include "test/check.h"

#include <string.h>

#include "pe/array.h"

enum { MAX_FIELDS = 32, LINE_SIZE = 1024 };

/* A csv file with one header line, row by row. */
struct table {
    FILE *file;
    char header[LINE_SIZE], line[LINE_SIZE];
    char *names[MAX_FIELDS], *fields[MAX_FIELDS];
    int columns;
};

static int split(char *line, char *fields[MAX_FIELDS])
{
    int count = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *field; count < MAX_FIELDS && (field = strsep(&line, ","));)
        fields[count++] = field;
    return count;
}

static void table_open(struct table *table, const char *path)
{
    table->file = fopen(path, "r");
    assert_non_null(table->file);
    assert_non_null(fgets(table->header, LINE_SIZE, table->file));
    table->columns = split(table->header, table->names);
}

static bool table_next(struct table *table)
{
    if (!fgets(table->line, LINE_SIZE, table->file)) {
        fclose(table->file);
        return false;
    }
    assert_int_equal(split(table->line, table->fields), table->columns);
    return true;
}

static const char *text(const struct table *table, const char *name)
{
    for (int i = 0; i < table->columns; i++)
        if (!strcmp(table->names[i], name))
            return table->fields[i];
    fail_msg("no column %s", name);
    return NULL;
}

static uint64_t number(const struct table *table, const char *name)
{
    return strtoull(text(table, name), NULL, 10);
}

static uint8_t dataflow_of(const char *name)
{
    for (int dataflow = 0; dataflow < DATAFLOW_COUNT; dataflow++)
        if (!strcmp(dataflow_name(dataflow), name))
            return (uint8_t)dataflow;
    fail_msg("no dataflow %s", name);
    return 0;
}

/* An array whose scratchpads never slow it. */
static struct arch array_of(uint8_t pe, uint64_t rows, uint64_t columns)
{
    struct arch arch = {.core_count = 1,
                        .cores[0] = {.pe = pe,
                                     .rows = (uint16_t)rows,
                                     .columns = (uint16_t)columns,
                                     .accumulator_bits = 32}};
    for (int pad = 0; pad < PAD_COUNT; pad++) {
        arch.pads[pad].banks = 1024;
        arch.pads[pad].bank_bits = 1024;
    }
    return arch;
}

static struct format int_format(uint64_t bits)
{
    return (struct format){.family = FORMAT_INT, .bits = (uint8_t)bits, .is_signed = true};
}

static uint64_t ceil_divide(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

/* SCALE-Sim: preload and fill exposed. Its totals are 1 cycle short, and its OS folds leave out the
 * R cycles in which the results leave the array. */
static void scalesim(void **state)
{
    const char *path = SHARED_DIR "/reference/peers/scalesim_cycles.csv";
    SKIP_WITHOUT(path);
    struct table table;
    int rows = 0;
    for (table_open(&table, path); table_next(&table); rows++) {
        struct arch arch = array_of(PE_INT8, number(&table, "array_h"), number(&table, "array_w"));
        arch.cores[0].dataflow = dataflow_of(text(&table, "dataflow"));
        arch.cores[0].preload = arch.cores[0].fill = arch.cores[0].drain = EXPOSED;
        struct array_work work = {.m = number(&table, "M"),
                                  .k = number(&table, "K"),
                                  .n = number(&table, "N"),
                                  .groups = 1,
                                  .act = int_format(8),
                                  .weight = int_format(8)};
        uint64_t missing = 1;
        if (arch.cores[0].dataflow == OUTPUT_STATIONARY)
            missing += arch.cores[0].rows * ceil_divide(work.m, arch.cores[0].rows) *
                       ceil_divide(work.n, arch.cores[0].columns);
        assert_int_equal(array_cycles(&arch, &work, NULL),
                         number(&table, "compute_cycles") + missing);
    }
    assert_int_equal(rows, 276);
}

/* STONNE, output-stationary mesh: skew of the used part only, no drain, 4 cycles of fetch and
 * collection to a fold and one more where both directions are used. */
static void stonne(void **state)
{
    const char *path = SHARED_DIR "/reference/peers/stonne_os_mesh.csv";
    SKIP_WITHOUT(path);
    struct table table;
    int rows = 0;
    for (table_open(&table, path); table_next(&table); rows++) {
        struct arch arch = array_of(PE_INT8, number(&table, "ms_rows"), number(&table, "ms_cols"));
        arch.cores[0].dataflow = OUTPUT_STATIONARY;
        arch.cores[0].fill = EXPOSED;
        arch.cores[0].drain = HIDDEN;
        arch.cores[0].skew_used = true;
        arch.cores[0].fold_latency = 4;
        arch.cores[0].corner_latency = 1;
        struct array_work work = {.m = number(&table, "M"),
                                  .k = number(&table, "K"),
                                  .n = number(&table, "N"),
                                  .groups = 1,
                                  .act = int_format(8),
                                  .weight = int_format(8)};
        assert_int_equal(array_cycles(&arch, &work, NULL), number(&table, "cycles"));
    }
    assert_int_equal(rows, 22);
}

/* ANT's analytical simulator: nothing but the stream shows. Its arrays are given in 8-bit PEs, each
 * of which is 2 x 2 of ours; a batch is more pixels. */
static void ant(void **state)
{
    const char *path = SHARED_DIR "/reference/peers/ant_sim_small.csv";
    SKIP_WITHOUT(path);
    struct table table;
    int rows = 0;
    for (table_open(&table, path); table_next(&table); rows++) {
        assert_int_equal(number(&table, "high_prec"), 8);
        assert_int_equal(number(&table, "low_prec"), 4);
        struct arch arch =
            array_of(PE_ANT, 2 * number(&table, "array_N"), 2 * number(&table, "array_M"));
        arch.cores[0].dataflow = dataflow_of(text(&table, "dataflow"));
        arch.cores[0].preload = arch.cores[0].fill = arch.cores[0].drain = HIDDEN;
        uint64_t pixels = number(&table, "O") * number(&table, "O");
        uint64_t kernel = number(&table, "K") * number(&table, "K");
        struct array_work work = {.m = number(&table, "batch") * pixels,
                                  .k = kernel * number(&table, "IC"),
                                  .n = number(&table, "OC"),
                                  .groups = 1,
                                  .act = int_format(number(&table, "abits")),
                                  .weight = int_format(number(&table, "wbits"))};
        struct counters counters = {0};
        assert_int_equal(array_cycles(&arch, &work, &counters), number(&table, "compute_cycles"));
        assert_int_equal(counters.macs, number(&table, "macs"));
    }
    assert_int_equal(rows, 144);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalesim),
        cmocka_unit_test(stonne),
        cmocka_unit_test(ant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
