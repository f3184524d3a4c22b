/* Golden matrices as $readmemh files, with their shapes as plusargs: what
 * pe/rtl/bench/array_bench.v reads. */
#include <stdio.h>
#include <string.h>

#include "pe/array.h"
#include "pe/format.h"
#include "pe/pe.h"
#include "sim/golden.h"
#include "sim/output.h"
#include "sim/progress.h"

/* A golden file of a layer, being written. */
static bool open_file(struct output *output, const struct program *program, uint32_t layer,
                      const char *folder, const char *what, const char *extension, struct err *err)
{
    char name[ARRAY_NAME_SIZE], path[GOLDEN_PATH_SIZE];
    golden_array_name(program, layer, what, name);
    return golden_path(folder, name, extension, path, err) && output_open(output, path, err);
}

/* Little-endian elements of `bytes` each, a hexadecimal number a line. */
static void write_hex(FILE *file, const void *elements, uint64_t rows, uint64_t columns,
                      unsigned bytes)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = elements;
    fprintf(file, "// %llu x %llu\n", (unsigned long long)rows, (unsigned long long)columns);
    for (uint64_t i = 0; i < rows * columns; i++, from += bytes) {
        char line[2 * sizeof(uint64_t) + 1];
        for (unsigned byte = 0; byte < bytes; byte++) {
            line[2 * byte] = digits[from[bytes - 1 - byte] >> 4];
            line[2 * byte + 1] = digits[from[bytes - 1 - byte] & 15];
        }
        line[2 * bytes] = '\n';
        fwrite(line, 1, 2 * bytes + 1, file);
    }
}

static bool write_matrix(const struct program *program, uint32_t layer, const char *folder,
                         const char *what, const void *elements, uint64_t rows, uint64_t columns,
                         unsigned bytes, struct err *err)
{
    struct output output;
    if (!open_file(&output, program, layer, folder, what, "hex", err))
        return false;
    write_hex(output.file, elements, rows, columns, bytes);
    return output_commit(&output, err);
}

/* Cycles of the product on an array that shows all phases and waits for no port: the Verilog twin.
 * */
static uint64_t bare_cycles(const struct arch *arch, const struct golden_matrices *matrices)
{
    struct arch bare = *arch;
    bare.cores[0].preload = bare.cores[0].fill = bare.cores[0].drain = EXPOSED;
    bare.cores[0].skew_used = false;
    bare.cores[0].fold_latency = bare.cores[0].corner_latency = 0;
    for (int pad = 0; pad < PAD_COUNT; pad++)
        bare.pads[pad].banks = bare.pads[pad].bank_bits = UINT16_MAX;
    struct array_work work = {
        .m = matrices->m,
        .k = matrices->k,
        .n = matrices->n,
        .groups = 1,
        .act = matrices->act_format,
        .weight = matrices->weight_format,
    };
    return array_cycles(&bare, &work, NULL);
}

static void write_format(FILE *file, const char *operand, struct format format)
{
    fprintf(file, "+%s_family=%s\n+%s_is_signed=%d\n+%s_bits=%d\n", operand,
            format_family(format)->name, operand, format.is_signed, operand,
            format_code_bits(format));
}

static bool write_args(const struct program *program, uint32_t layer, const char *folder,
                       const struct golden_matrices *matrices, struct err *err)
{
    const struct core *core = &program->arch.cores[0];
    struct output output;
    if (!open_file(&output, program, layer, folder, "matmul", "args", err))
        return false;
    fprintf(output.file, "+m=%llu\n+k=%llu\n+n=%llu\n+groups=%llu\n",
            (unsigned long long)matrices->m, (unsigned long long)matrices->k,
            (unsigned long long)matrices->n, (unsigned long long)matrices->groups);
    write_format(output.file, "act", matrices->act_format);
    write_format(output.file, "weight", matrices->weight_format);
    fprintf(output.file,
            "+pe=%s\n+dataflow=%s\n+rows=%d\n+columns=%d\n+sum_bits=%d\n+cycles=%llu\n",
            pe_name(core->pe), dataflow_name(core->dataflow), core->rows, core->columns,
            core->accumulator_bits, (unsigned long long)bare_cycles(&program->arch, matrices));
    return output_commit(&output, err);
}

static bool write_layer(const struct program *program, uint32_t layer, const char *folder,
                        const struct golden_matrices *matrices, struct err *err)
{
    unsigned bytes = (unsigned)format_host_bytes(matrices->weight_format);
    return write_matrix(program, layer, folder, "matmul.act", matrices->act, matrices->m,
                        matrices->k, 1, err) &&
           write_matrix(program, layer, folder, "matmul.weights", matrices->weights, matrices->k,
                        matrices->n, bytes, err) &&
           write_matrix(program, layer, folder, "matmul.sums", matrices->sums, matrices->m,
                        matrices->n, sizeof *matrices->sums, err) &&
           write_args(program, layer, folder, matrices, err);
}

/* The golden input codes, of which the first image is wanted; NULL where they are not there. */
static const void *golden_input(const struct npz *golden)
{
    for (int i = 0; i < golden->count; i++)
        if (!strcmp(golden->arrays[i].name, "input"))
            return golden->arrays[i].data;
    return NULL;
}

bool golden_write_matrices(const struct program *program, const struct npz *golden,
                           const char *folder, struct err *err)
{
    const void *input = golden_input(golden);
    if (!input)
        return err_set(err, "the golden tensors have no input");
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    if (!machine)
        return err_set(err, "out of memory");
    machine_run_values(machine, input);
    bool ok = true;
    for (uint32_t layer = 0; ok && layer < program->layer_count; layer++) {
        struct golden_matrices matrices;
        ok = !interrupt_pending() || err_set(err, "interrupted");
        ok = ok && golden_matrices_make(machine, program, input, layer, &matrices, err);
        if (!ok)
            break;
        ok = !matrices.m || write_layer(program, layer, folder, &matrices, err);
        golden_matrices_free(&matrices);
    }
    machine_free(machine);
    return ok;
}
