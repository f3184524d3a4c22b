#include "sim/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/codes.h"
#include "sim/machine.h"
#include "sim/progress.h"

enum { MAX_GOLDEN_BYTES = 1 << 30 };

static enum array_type type_of(struct format format)
{
    switch (format_host_bytes(format)) {
    case 1:
        return ARRAY_UINT8;
    case 2:
        return ARRAY_UINT16;
    default:
        return ARRAY_INT32;
    }
}

void golden_array_name(const struct program *program, uint32_t layer, const char *what,
                       char name[ARRAY_NAME_SIZE])
{
    const char *base = program->layers[layer].name;
    char suffix[16] = "";
    for (uint32_t i = 0; i < layer; i++)
        if (!strcmp(program->layers[i].name, base))
            snprintf(suffix, sizeof suffix, "~%u", layer);
    base += strspn(base, "/");
    snprintf(name, ARRAY_NAME_SIZE, "%s%s/%s", base, suffix, what);
}

/* A new array of the npz, zeroed. NULL where memory is short. */
static struct array *add_array(struct npz *npz, const char *name, enum array_type type, int rank,
                               const int64_t *dims)
{
    struct array *grown = realloc(npz->arrays, ((size_t)npz->count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    npz->arrays = grown;
    struct array *array = &npz->arrays[npz->count];
    memset(array, 0, sizeof *array);
    snprintf(array->name, sizeof array->name, "%s", name);
    array->type = type;
    array->rank = rank;
    for (int i = 0; i < rank; i++)
        array->dims[i] = dims[i];
    array->data = calloc(1, array_bytes(array) + 1);
    if (!array->data)
        return NULL;
    npz->count++;
    return array;
}

static bool add_activation(struct npz *npz, const char *name, const struct dram_tensor *tensor,
                           int images)
{
    int64_t dims[] = {images, tensor->h, tensor->w, tensor->c};
    return add_array(npz, name, type_of(tensor->format), 4, dims);
}

static bool add_constant(struct npz *npz, const char *name, const struct dram_tensor *tensor)
{
    int64_t dims[] = {(int64_t)tensor_elements(tensor)};
    struct array *array = add_array(npz, name, type_of(tensor->format), 1, dims);
    if (array)
        memcpy(array->data, tensor->values, tensor_host_bytes(tensor));
    return array;
}

static bool add_scale(struct npz *npz, const char *name, double scale)
{
    struct array *array = add_array(npz, name, ARRAY_FLOAT64, 0, NULL);
    if (array)
        memcpy(array->data, &scale, sizeof scale);
    return array;
}

/* What array each golden tensor of a layer is, to fill image by image. */
struct slot {
    int array;
    uint32_t tensor;
};

struct plan {
    const struct program *program;
    struct npz *npz;
    int images, count;
    struct slot *slots;
};

static bool add_slot(struct plan *plan, const char *name, uint32_t tensor)
{
    struct slot *grown = realloc(plan->slots, ((size_t)plan->count + 1) * sizeof *grown);
    if (!grown)
        return false;
    plan->slots = grown;
    plan->slots[plan->count++] = (struct slot){plan->npz->count, tensor};
    return add_activation(plan->npz, name, &plan->program->tensors[tensor], plan->images);
}

/* "input", "input2", "input3", ... */
static void number_name(const char *what, int number, char name[32])
{
    if (number > 1)
        snprintf(name, 32, "%s%d", what, number);
    else
        snprintf(name, 32, "%s", what);
}

/* Tensors of a kind that a layer's LOADs read so far. Two cores have weights of their own. */
struct seen_kinds {
    int inputs, weights;
};

/* A tensor that the layer's LOADs read, seen for the first time. */
static bool plan_input(struct plan *plan, uint32_t layer, uint32_t tensor, struct seen_kinds *kinds)
{
    char name[ARRAY_NAME_SIZE], what[32] = "params";
    const struct dram_tensor *source = &plan->program->tensors[tensor];
    switch ((enum tensor_kind)source->kind) {
    case TENSOR_WEIGHTS:
    case TENSOR_PARAMETERS:
        if (source->kind == TENSOR_WEIGHTS)
            number_name("weights", ++kinds->weights, what);
        golden_array_name(plan->program, layer, what, name);
        return !source->values || add_constant(plan->npz, name, source);
    case TENSOR_INPUT:
    case TENSOR_OUTPUT:
    case TENSOR_ACTIVATION:
        number_name("input", ++kinds->inputs, what);
        golden_array_name(plan->program, layer, what, name);
        return add_slot(plan, name, tensor);
    case TENSOR_KIND_COUNT:
        break;
    }
    return false;
}

static bool plan_layer(struct plan *plan, uint32_t layer, bool *seen)
{
    const struct program *program = plan->program;
    const struct program_layer *of = &program->layers[layer];
    bool is_second_alone = of->channels && of->second_channels == of->channels;
    struct seen_kinds kinds = {.inputs = 0, .weights = is_second_alone};
    memset(seen, 0, program->tensor_count);
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        const struct instruction *instruction = &program->instructions[i];
        if (instruction->layer != layer || instruction->opcode != OPCODE_LOAD)
            continue;
        uint16_t tensor = instruction->transfer.tensor;
        if (!seen[tensor] && !plan_input(plan, layer, tensor, &kinds))
            return false;
        seen[tensor] = true;
    }
    char name[ARRAY_NAME_SIZE];
    uint32_t output = program->layers[layer].output;
    golden_array_name(program, layer, "output_scale", name);
    if (!add_scale(plan->npz, name, program->tensors[output].scale))
        return false;
    golden_array_name(program, layer, "output", name);
    return add_slot(plan, name, output);
}

static bool plan_all(struct plan *plan)
{
    bool *seen = calloc(plan->program->tensor_count + 1, sizeof *seen);
    bool ok = seen && add_slot(plan, "input", plan->program->input);
    for (uint32_t i = 0; ok && i < plan->program->layer_count; i++)
        ok = plan_layer(plan, i, seen);
    free(seen);
    return ok;
}

/* Bytes of all activations of one image, to refuse what would not fit in memory. */
static uint64_t bytes_per_image(const struct program *program)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < program->layer_count; i++)
        bytes += 2 * tensor_host_bytes(&program->tensors[program->layers[i].output]);
    return bytes + tensor_host_bytes(&program->tensors[program->input]);
}

static void keep_image(const struct plan *plan, const struct machine *machine, const void *input,
                       int image)
{
    for (int i = 0; i < plan->count; i++) {
        uint32_t tensor = plan->slots[i].tensor;
        size_t bytes = tensor_host_bytes(&plan->program->tensors[tensor]);
        const void *codes =
            tensor == plan->program->input ? input : machine_tensor(machine, tensor);
        memcpy((char *)plan->npz->arrays[plan->slots[i].array].data + (size_t)image * bytes, codes,
               bytes);
    }
}

static bool run_images(const struct plan *plan, const struct dataset *data, int first,
                       struct err *err)
{
    const struct program *program = plan->program;
    const struct dram_tensor *input = &program->tensors[program->input];
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    float *image = malloc(tensor_elements(input) * sizeof *image);
    void *codes = malloc(tensor_host_bytes(input));
    bool ok = (machine && image && codes) || err_set(err, "out of memory");
    for (int i = 0; ok && i < plan->images; i++) {
        int label;
        if (interrupt_pending())
            ok = err_set(err, "interrupted");
        else if (data)
            ok = dataset_read(data, first + i, image, &label, err);
        if (!ok)
            break;
        if (data)
            encode_input(program, image, codes);
        else
            encode_zeros(program, codes);
        machine_run_values(machine, codes);
        keep_image(plan, machine, codes, i);
    }
    if (machine)
        machine_free(machine);
    free(image);
    free(codes);
    return ok;
}

struct npz *golden_make(const struct program *program, const struct dataset *data, int first,
                        int images, struct err *err)
{
    if (!program->has_values) {
        err_set(err, "the program has no weights (timing only), so it has no golden tensors");
        return NULL;
    }
    if (bytes_per_image(program) * (uint64_t)images > MAX_GOLDEN_BYTES) {
        err_set(err, "--images: the tensors of %d images take more than 1 GiB", images);
        return NULL;
    }
    struct plan plan = {program, calloc(1, sizeof(struct npz)), images, 0, NULL};
    bool ok = (plan.npz && plan_all(&plan)) || err_set(err, "out of memory");
    ok = ok && run_images(&plan, data, first, err);
    free(plan.slots);
    if (ok)
        return plan.npz;
    if (plan.npz)
        npz_free(plan.npz);
    return NULL;
}

bool golden_write_npz(const struct npz *golden, const char *path, struct err *err)
{
    struct npz_writer *writer = npz_writer_open(path, err);
    if (!writer)
        return false;
    for (int i = 0; i < golden->count; i++)
        if (!npz_writer_add(writer, &golden->arrays[i], err)) {
            npz_writer_abort(writer);
            return false;
        }
    return npz_writer_close(writer, err);
}
