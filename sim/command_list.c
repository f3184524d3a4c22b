/* mantis list: what there is. */
#include <stdio.h>
#include <string.h>

#include "compiler/plan.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "sim/command_run.h"
#include "sim/report.h"

static void list_formats(void)
{
    for (int family = 0; family < FORMAT_FAMILY_COUNT; family++) {
        const struct format_family_descriptor *row =
            format_family((struct format){.family = (uint8_t)family, .bits = 8, .is_signed = true});
        printf("%-10s %d..%d bits  %-15s %s\n", row->name, row->min_bits, row->max_bits,
               row->has_unsigned ? "signed/unsigned" : "signed", row->help);
    }
}

static void list_pes(void)
{
    for (int pe = 0; pe < PE_COUNT; pe++)
        printf("%-9s %s\n", pe_descriptor(pe)->name, pe_descriptor(pe)->help);
}

static void list_operators(void)
{
#define PRINT(id, name, help) printf("%-20s %s\n", name, help);
    OPERATORS(PRINT)
#undef PRINT
}

static void list_columns(void)
{
    report_columns(stdout);
}

/* The comment that opens a file, up to its first full stop, is its one line. */
static void print_configuration(enum config_home home, const char *name)
{
    char path[CONFIG_PATH_SIZE], line[256] = "";
    FILE *file = config_find(home, name, path, NULL) ? fopen(path, "r") : NULL;
    if (file && !fgets(line, sizeof line, file))
        line[0] = '\0';
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = '\0';
    const char *text = line + strspn(line, "# ");
    printf("%-20s %s\n", name, line[0] == '#' ? text : "");
}

static void list_home(enum config_home home)
{
    struct config_names names = config_names(home);
    for (int i = 0; i < names.count; i++)
        print_configuration(home, names.names[i]);
    config_names_free(&names);
}

static void list_archs(void)
{
    list_home(HOME_ARCH);
}

static void list_quants(void)
{
    list_home(HOME_QUANT);
}

static void list_data(void)
{
    list_home(HOME_DATA);
}

static void list_technologies(void)
{
    list_home(HOME_TECHNOLOGY);
}

static void list_drams(void)
{
    list_home(HOME_DRAM);
}

static void list_fpgas(void)
{
    list_home(HOME_FPGA);
}

static void list_sweeps(void)
{
    list_home(HOME_SWEEP);
}

static void list_parameters(void)
{
#define PRINT(id, folder, help)                \
    printf("%s (configs/%s)\n", help, folder); \
    config_print_parameters(HOME_##id, stdout);
    CONFIG_HOMES(PRINT)
#undef PRINT
}

static void list_engines(void)
{
    for (const struct engine *const *engine = run_engines; *engine; engine++)
        printf("%-8s %s\n", (*engine)->name, (*engine)->help);
}

static void list_resources(void)
{
#define PRINT(id, name, unit, help) printf("%-10s %s\n", name, help);
    PLAN_RESOURCES(PRINT)
#undef PRINT
}

/* X(name, function that prints the list) */
#define LISTS(X)                       \
    X(formats, list_formats)           \
    X(pes, list_pes)                   \
    X(ops, list_operators)             \
    X(columns, list_columns)           \
    X(archs, list_archs)               \
    X(quants, list_quants)             \
    X(data, list_data)                 \
    X(technologies, list_technologies) \
    X(drams, list_drams)               \
    X(fpgas, list_fpgas)               \
    X(sweeps, list_sweeps)             \
    X(engines, list_engines)           \
    X(resources, list_resources)       \
    X(parameters, list_parameters)     \
    X(lists, list_lists)

#define PRINT(name, function) puts(#name);
static void list_lists(void)
{
    LISTS(PRINT)
}
#undef PRINT

#define LIST(name, function) {#name, function},
static const struct {
    const char *name;
    void (*print)(void);
} lists[] = {LISTS(LIST)};
#undef LIST

enum { LIST_COUNT = sizeof lists / sizeof *lists };

static void join_names(char *text, size_t size)
{
    text[0] = '\0';
    for (int i = 0; i < LIST_COUNT; i++)
        list_append(text, size, "%s", lists[i].name);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    const char **what = state->input;
    char legal[200];
    join_names(legal, sizeof legal);
    if (key == ARGP_KEY_ARG) {
        if (*what)
            command_usage(state, "one list at a time, of %s", legal);
        *what = argument;
        return 0;
    }
    if (key == ARGP_KEY_END && !*what)
        command_usage(state, "list what? One of %s", legal);
    return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

#define NAME(name, function) " " #name
const struct argp list_argp = {
    .parser = parse,
    .args_doc = "LIST",
    .doc = "Print what there is, one line each. LIST is one of:" LISTS(NAME) ".",
};
#undef NAME

int command_list(int argc, char **argv)
{
    const char *what = NULL;
    char legal[200];
    struct err err;
    command_parse(&list_argp, argc, argv, &what);
    for (int i = 0; i < LIST_COUNT; i++)
        if (!strcmp(lists[i].name, what)) {
            lists[i].print();
            return EXIT_DONE;
        }
    join_names(legal, sizeof legal);
    err_set(&err, "list %.32s: no such list; there are %s", what, legal);
    return command_fail(&err);
}
