/* mantis compile, disasm, verify, golden: programs. */
#include <stdio.h>
#include <string.h>

#include "isa/host.h"
#include "sim/command.h"
#include "sim/golden.h"
#include "sim/machine.h"

/* --- compile --- */

struct compile_options {
    struct model_output_options model_output;
    struct schedule_options schedule;
};

static error_t parse_compile(int key, char *argument, struct argp_state *state)
{
    struct compile_options *options = state->input;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[1] = &options->schedule;
    if (key == ARGP_KEY_END && !options->model_output.output)
        command_usage(state, "-o P.mprog is needed");
    return parse_model_output(key, argument, state);
}

static const struct argp_option compile_option_table[] = {
    {"output", 'o', "P.mprog", 0, "program to write", 1},
    {NULL, 0, NULL, 0, NULL, 0},
};

static bool write_compiled(const struct compile_options *options, const struct compiled *compiled,
                           struct err *err)
{
    const struct program *program = compiled->program;
    const char *path = options->model_output.output;
    if (!program_write(program, path, err) || !write_schedule(&options->schedule, compiled, err))
        return false;
    printf("%s: %u instructions, %u layers, %u tensors, %s on %s\n", path,
           program->instruction_count, program->layer_count, program->tensor_count, program->scheme,
           program->arch.name);
    return true;
}

static bool compile_subject(const struct compile_options *options, const struct subject *subject,
                            struct progress *progress, struct err *err)
{
    const struct model_options *model = &options->model_output.model;
    struct arch arch;
    struct quantise_config scheme;
    struct compiled compiled;
    if (!model->arch)
        return arch_needed("compile", err);
    if (!config_read_arch(model->arch, &arch, err) || !model_scheme(model, &scheme, err))
        return false;
    struct data_names names = model->names;
    names.schedule = options->schedule.given;
    bool ok = compiled_make(&compiled, subject, &scheme, &arch, &names, progress, err);
    quantise_config_free(&scheme);
    if (!ok)
        return false;
    ok = write_compiled(options, &compiled, err);
    compiled_free(&compiled);
    return ok;
}

const struct argp compile_argp = {
    .options = compile_option_table,
    .parser = parse_compile,
    .args_doc = "MODEL",
    .doc = "Compile MODEL (.onnx or .csv topology) to a program. Without --data and --calib "
           "activation scales are 1: the program has the right timing, but not the values.",
    .children = lowering_children,
};

int command_compile(int argc, char **argv)
{
    struct compile_options options = {0};
    const struct model_options *model = &options.model_output.model;
    struct subject subject;
    struct progress progress;
    struct err err;
    command_parse(&compile_argp, argc, argv, &options);
    progress_init(&progress, model->quiet ? NULL : stderr);
    if (!file_replaceable(options.model_output.output, &err) ||
        !subject_open(&subject, model->model, &err))
        return command_fail(&err);
    bool ok = subject.program ? err_set(&err, "%s: is compiled already", model->model)
                              : compile_subject(&options, &subject, &progress, &err);
    subject_close(&subject);
    return ok ? EXIT_DONE : command_fail(&err);
}

/* --- commands on a compiled program --- */

struct program_options {
    const char *program, *golden, *output, *hex, *data;
    int first, images;
};

enum { KEY_GOLDEN = 0x300, KEY_HEX, KEY_FIRST, KEY_DATA, KEY_IMAGES };
enum { MAX_FIRST = 100000000, MAX_GOLDEN_IMAGES = 10000 };

static error_t parse_program(int key, char *argument, struct argp_state *state)
{
    struct program_options *options = state->input;
    switch (key) {
    case 'o':
        options->output = argument;
        return 0;
    case KEY_GOLDEN:
        options->golden = argument;
        return 0;
    case KEY_HEX:
        options->hex = argument;
        return 0;
    case KEY_DATA:
        options->data = argument;
        return 0;
    case KEY_FIRST:
        options->first = command_number(state, "--first", argument, 0, MAX_FIRST);
        return 0;
    case KEY_IMAGES:
        options->images = command_number(state, "--images", argument, 1, MAX_GOLDEN_IMAGES);
        return 0;
    case ARGP_KEY_ARG:
        if (options->program)
            command_usage(state, "%.64s: one program at a time", argument);
        options->program = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->program)
            command_usage(state, "no program given (see %s --help)", state->name);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

const struct argp disasm_argp = {
    .parser = parse_program, .args_doc = "P.mprog", .doc = "Print a program as text."};

int command_disasm(int argc, char **argv)
{
    struct program_options options = {0};
    struct err err;
    command_parse(&disasm_argp, argc, argv, &options);
    struct program *program = machine_read_program(options.program, &err);
    if (!program)
        return command_fail(&err);
    bool ok = program_print(program, stdout);
    program_free(program);
    if (ok)
        return EXIT_DONE;
    err_set(&err, "standard output cannot be written");
    return command_fail(&err);
}

/* Compare; a difference is printed and has its own exit code. */
static int verify(const struct program_options *options, const struct program *program)
{
    struct verdict verdict;
    struct err err;
    struct npz *golden = npz_read(options->golden, &err);
    if (!golden)
        return command_fail(&err);
    bool ok = golden_verify(program, golden, &verdict, &err);
    npz_free(golden);
    if (!ok) {
        err_prefix(&err, "%s", options->golden);
        return command_fail(&err);
    }
    if (verdict.differs) {
        fprintf(stderr, "mantis: %s differs from %s: %s\n", options->program, options->golden,
                verdict.text);
        return EXIT_DIFFERS;
    }
    printf("%s equals %s: %d layers, %d image%s, no element differs\n", options->program,
           options->golden, verdict.layers, verdict.images, verdict.images == 1 ? "" : "s");
    return EXIT_DONE;
}

static const struct argp_option verify_options[] = {
    {"golden", KEY_GOLDEN, "G.npz", 0, "golden tensors to compare with", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp verify_argp = {
    .options = verify_options,
    .parser = parse_program,
    .args_doc = "P.mprog",
    .doc = "Run a program on the golden inputs and compare every layer's output. Exit code 1 "
           "where one differs.",
};

int command_verify(int argc, char **argv)
{
    struct program_options options = {0};
    struct err err;
    command_parse(&verify_argp, argc, argv, &options);
    if (!options.golden) {
        err_set(&err, "verify: --golden G.npz is needed");
        return command_fail(&err);
    }
    struct program *program = machine_read_program(options.program, &err);
    if (!program)
        return command_fail(&err);
    int status = verify(&options, program);
    program_free(program);
    return status;
}

/* --- golden --- */

static bool check_range(const struct program_options *options, const struct dataset *data,
                        struct err *err)
{
    int available = dataset_count(data);
    return options->first + options->images <= available ||
           err_set(err, "--first %d --images %d: %s has %d images", options->first, options->images,
                   options->data, available);
}

static bool write_golden(const struct program_options *options, const struct program *program,
                         struct err *err)
{
    struct dataset *data = NULL;
    if (options->data && !(data = data_open(options->data, err)))
        return false;
    bool ok = !data || check_range(options, data, err);
    struct npz *golden =
        ok ? golden_make(program, data, options->first, options->images, err) : NULL;
    if (data)
        dataset_free(data);
    if (!golden)
        return false;
    ok = (!options->output || golden_write_npz(golden, options->output, err)) &&
         (!options->hex || (golden_write_hex(golden, options->hex, err) &&
                            golden_write_matrices(program, golden, options->hex, err)));
    if (ok)
        printf("%s: %d arrays, %d image%s\n", options->output ? options->output : options->hex,
               golden->count, options->images, options->images == 1 ? "" : "s");
    npz_free(golden);
    return ok;
}

static const struct argp_option golden_options[] = {
    {"output", 'o', "G.npz", 0, "npz file to write", 0},
    {"hex", KEY_HEX, "DIR", 0,
     "folder for $readmemh files: one per array, and the matrices of each layer", 0},
    {"data", KEY_DATA, "DATA", 0, "images: a name or a .cfg file (default: one of zeros)", 0},
    {"first", KEY_FIRST, "N", 0, "first image (default 0)", 0},
    {"images", KEY_IMAGES, "N", 0, "number of images (default 1)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp golden_argp = {
    .options = golden_options,
    .parser = parse_program,
    .args_doc = "P.mprog",
    .doc = "Write what every layer of a program reads and writes.",
};

int command_golden(int argc, char **argv)
{
    struct program_options options = {.images = 1};
    struct err err;
    command_parse(&golden_argp, argc, argv, &options);
    if (!options.output && !options.hex)
        err_set(&err, "golden: -o G.npz or --hex DIR is needed");
    else if (!options.data && options.images > 1)
        err_set(&err, "golden: --images needs --data");
    else if (!options.output || file_replaceable(options.output, &err)) {
        struct program *program = machine_read_program(options.program, &err);
        bool ok = program && write_golden(&options, program, &err);
        if (program)
            program_free(program);
        if (ok)
            return EXIT_DONE;
    }
    return command_fail(&err);
}
