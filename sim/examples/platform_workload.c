#include "sim/examples/platform_workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/host.h"
#include "sim/codes.h"
#include "sim/compiled.h"
#include "sim/golden.h"
#include "sim/machine.h"
#include "workloads/npz.h"

/* --- reading --- */

static bool read_image(struct workload *workload, const char *name, int index, struct err *err)
{
    const struct dram_tensor *input = &workload->program->tensors[workload->program->input];
    struct dataset *data = data_open(name, err);
    if (!data)
        return false;
    int channels, height, width;
    dataset_shape(data, &channels, &height, &width);
    float *image = malloc(tensor_elements(input) * sizeof *image);
    bool ok = image || err_set(err, "out of memory");
    if (ok && ((uint32_t)channels != input->c || (uint32_t)height != input->h ||
               (uint32_t)width != input->w))
        ok = err_set(err, "%s: images are %d x %d x %d, the network takes %u x %u x %u", name,
                     channels, height, width, input->c, input->h, input->w);
    if (ok && index >= dataset_count(data))
        ok = err_set(err, "%s: --image %d is not in 0..%d", name, index, dataset_count(data) - 1);
    ok = ok && dataset_read(data, index, image, &workload->label, err);
    if (ok)
        encode_input(workload->program, image, workload->input);
    free(image);
    dataset_free(data);
    return ok;
}

static bool codes_legal(const struct dram_tensor *tensor, const uint8_t *codes)
{
    uint64_t end = UINT64_C(1) << format_code_bits(tensor->format);
    for (size_t i = 0; i < tensor_elements(tensor); i++)
        if (code_at(codes, tensor->format, i) >= end)
            return false;
    return true;
}

static bool read_codes(struct workload *workload, const char *path, struct err *err)
{
    const struct dram_tensor *input = &workload->program->tensors[workload->program->input];
    struct npz *npz = npz_read(path, err);
    if (!npz)
        return false;
    const struct array *array = npz_find(npz, "input");
    bool ok =
        array && array_bytes(array) == tensor_host_bytes(input) && codes_legal(input, array->data);
    if (ok)
        memcpy(workload->input, array->data, tensor_host_bytes(input));
    else
        err_set(err, "%s: needs an array \"input\" of 1 x %u x %u x %u codes of %d bits", path,
                input->h, input->w, input->c, format_code_bits(input->format));
    npz_free(npz);
    return ok;
}

bool workload_read(struct workload *workload, const char *program, const char *data, int image,
                   const char *input, struct err *err)
{
    *workload = (struct workload){.label = -1};
    workload->file = file_read(program, UINT32_MAX, &workload->file_size, err);
    workload->program = workload->file ? machine_read_program(program, err) : NULL;
    if (!workload->program)
        return false;
    if (!workload->program->has_values)
        return err_set(err, "%s: has no weights, only timing", program);
    const struct dram_tensor *tensor = &workload->program->tensors[workload->program->input];
    workload->input = allocate(1, tensor_host_bytes(tensor), err);
    if (!workload->input)
        return false;
    if (data)
        return read_image(workload, data, image, err);
    if (input)
        return read_codes(workload, input, err);
    encode_zeros(workload->program, workload->input);
    return true;
}

void workload_free(struct workload *workload)
{
    if (workload->program)
        program_free(workload->program);
    free(workload->file);
    free(workload->input);
}

uint64_t workload_dram_bytes(const struct workload *workload)
{
    const struct program *program = workload->program;
    uint64_t end = 0;
    for (uint32_t i = 0; i < program->tensor_count; i++) {
        uint64_t end_i = program->tensors[i].address + tensor_bytes(&program->tensors[i]);
        end = end > end_i ? end : end_i;
    }
    return end;
}

/* --- writing --- */

static bool add_tensor(struct npz_writer *writer, const char *name,
                       const struct dram_tensor *tensor, uint8_t *codes, struct err *err)
{
    static const enum array_type types[] = {
        [1] = ARRAY_UINT8, [2] = ARRAY_UINT16, [4] = ARRAY_INT32};
    struct array array = {.type = types[format_host_bytes(tensor->format)],
                          .rank = 4,
                          .dims = {1, tensor->h, tensor->w, tensor->c},
                          .data = codes};
    snprintf(array.name, sizeof array.name, "%s", name);
    return npz_writer_add(writer, &array, err);
}

bool workload_write_golden(const struct workload *workload, uint8_t *const *outputs,
                           const char *path, struct err *err)
{
    const struct program *program = workload->program;
    struct npz_writer *writer = npz_writer_open(path, err);
    if (!writer)
        return false;
    bool ok = add_tensor(writer, "input", &program->tensors[program->input], workload->input, err);
    for (uint32_t i = 0; ok && i < program->layer_count; i++) {
        char name[ARRAY_NAME_SIZE];
        golden_array_name(program, i, "output", name);
        ok =
            add_tensor(writer, name, &program->tensors[program->layers[i].output], outputs[i], err);
    }
    if (ok)
        return npz_writer_close(writer, err);
    npz_writer_abort(writer);
    return false;
}
