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

/* What a core computes of a layer, and where it is written to. */
struct product {
    const struct program *program;
    uint32_t layer;
    int core;
    const char *folder;
    struct golden_matrices matrices;
};

/* A golden file of the product, being written: <layer>.matmul.<what>, of the second core
 * <layer>.matmul2.<what>. */
static bool open_file(struct output *output, const struct product *product, const char *what,
                      const char *extension, struct err *err)
{
    char file[32], name[ARRAY_NAME_SIZE], path[GOLDEN_PATH_SIZE];
    snprintf(file, sizeof file, "matmul%s%s%s", product->core ? "2" : "", *what ? "." : "", what);
    golden_array_name(product->program, product->layer, file, name);
    return golden_path(product->folder, name, extension, path, err) &&
           output_open(output, path, err);
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

static bool write_matrix(const struct product *product, const char *what, const void *elements,
                         uint64_t rows, uint64_t columns, size_t bytes, struct err *err)
{
    struct output output;
    if (!open_file(&output, product, what, "hex", err))
        return false;
    write_hex(output.file, elements, rows, columns, (unsigned)bytes);
    return output_commit(&output, err);
}

/* Cycles of the product on an array that shows all phases and waits for no port: the Verilog twin.
 * */
static uint64_t bare_cycles(const struct arch *arch, int index,
                            const struct golden_matrices *matrices)
{
    struct arch bare = *arch;
    struct core *core = &bare.cores[index];
    core->preload = core->fill = core->drain = EXPOSED;
    core->skew_used = false;
    core->fold_latency = core->corner_latency = 0;
    for (int pad = 0; pad < PAD_COUNT; pad++)
        bare.pads[pad].banks = bare.pads[pad].bank_bits = UINT16_MAX;
    struct array_work work = {
        .m = matrices->m,
        .k = matrices->k,
        .n = matrices->n,
        .groups = 1,
        .act = matrices->act_format,
        .weight = matrices->weight_format,
        .core = (uint8_t)index,
    };
    return array_cycles(&bare, &work, NULL);
}

static void write_format(FILE *file, const char *operand, struct format format)
{
    fprintf(file, "+%s_family=%s\n+%s_is_signed=%d\n+%s_bits=%d\n", operand,
            format_family(format)->name, operand, format.is_signed, operand,
            format_code_bits(format));
}

static bool write_args(const struct product *product, struct err *err)
{
    const struct golden_matrices *matrices = &product->matrices;
    const struct arch *arch = &product->program->arch;
    const struct core *core = &arch->cores[product->core];
    struct output output;
    if (!open_file(&output, product, "", "args", err))
        return false;
    fprintf(output.file, "+m=%llu\n+k=%llu\n+n=%llu\n+groups=%llu\n",
            (unsigned long long)matrices->m, (unsigned long long)matrices->k,
            (unsigned long long)matrices->n, (unsigned long long)matrices->groups);
    write_format(output.file, "act", matrices->act_format);
    write_format(output.file, "weight", matrices->weight_format);
    fprintf(output.file,
            "+pe=%s\n+dataflow=%s\n+rows=%d\n+columns=%d\n+sum_bits=%d\n+cycles=%llu\n",
            pe_name(core->pe), dataflow_name(core->dataflow), core->rows, core->columns,
            core->accumulator_bits, (unsigned long long)bare_cycles(arch, product->core, matrices));
    return output_commit(&output, err);
}

static bool write_product(const struct product *product, struct err *err)
{
    const struct golden_matrices *matrices = &product->matrices;
    uint64_t m = matrices->m, k = matrices->k, n = matrices->n;
    size_t bytes = (size_t)format_host_bytes(matrices->weight_format);
    bool shares = product->program->arch.core_count > 1;
    return write_matrix(product, "act", matrices->act, m, k, 1, err) &&
           write_matrix(product, "weights", matrices->weights, k, n, bytes, err) &&
           write_matrix(product, "sums", matrices->sums, m, n, sizeof *matrices->sums, err) &&
           (!shares || write_matrix(product, "channels", matrices->channels, 1, n,
                                    sizeof *matrices->channels, err)) &&
           write_args(product, err);
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
    for (uint32_t layer = 0; ok && layer < program->layer_count; layer++)
        for (int core = 0; ok && core < program->arch.core_count; core++) {
            struct product product = {program, layer, core, folder, {0}};
            ok = !interrupt_pending() || err_set(err, "interrupted");
            ok = ok &&
                 golden_matrices_make(machine, program, input, layer, core, &product.matrices, err);
            if (!ok)
                break;
            ok = !product.matrices.m || write_product(&product, err);
            golden_matrices_free(&product.matrices);
        }
    machine_free(machine);
    return ok;
}
