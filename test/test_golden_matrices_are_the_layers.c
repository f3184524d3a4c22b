/* Are golden matrices what a layer multiplies: its windows, its weights, their product? Random
 * networks on random arches are told from the network itself, without tiles; programs that no
 * compiler wrote are refused or give something, but break nothing. */
#include "check.h"
#include "random_network.h"

#include "sim/golden.h"
#include "sim/machine.h"

/* Code number `index` of the activation at (y, x, c); zero outside. */
static uint32_t act_code(const struct activation *in, const uint8_t *codes, int64_t y, int64_t x,
                         int c)
{
    if (y < 0 || y >= in->h || x < 0 || x >= in->w)
        return (uint32_t)format_grid(in->format)->zero_code;
    return codes[((size_t)y * (size_t)in->w + (size_t)x) * (size_t)in->c + (size_t)c];
}

/* Column kk of the first group's row for output pixel (oy, ox). */
static uint32_t window_code(const struct network *network, const struct layer *layer,
                            void *const *codes, int oy, int ox, int kk)
{
    int k = kk % layer->channels, position = kk / layer->channels;
    int64_t y =
        oy * layer->stride_y - layer->pad_top + position / layer->kernel_w * layer->dilation_y;
    int64_t x =
        ox * layer->stride_x - layer->pad_left + position % layer->kernel_w * layer->dilation_x;
    return act_code(&network->activations[layer->input], codes[layer->input], y, x, k);
}

static uint32_t weight_code(const struct golden_matrices *matrices, size_t index)
{
    if (format_host_bytes(matrices->weight_format) == 1)
        return matrices->weights[index];
    return (uint32_t)(matrices->weights[2 * index] | matrices->weights[2 * index + 1] << 8);
}

static void check_act(const struct network *network, const struct layer *layer, void *const *codes,
                      const struct golden_matrices *matrices)
{
    for (int m = 0; m < (int)matrices->m; m++)
        for (int kk = 0; kk < (int)matrices->k; kk++) {
            uint32_t code =
                window_code(network, layer, codes, m / layer->out_w, m % layer->out_w, kk);
            assert_int_equal(matrices->act[(size_t)m * matrices->k + (size_t)kk], code);
        }
}

static void check_sums(const struct golden_matrices *matrices)
{
    const struct grid *acts = format_grid(matrices->act_format);
    const struct grid *weights = format_grid(matrices->weight_format);
    for (size_t m = 0; m < matrices->m; m++)
        for (size_t j = 0; j < matrices->n; j++) {
            int64_t sum = 0;
            for (size_t kk = 0; kk < matrices->k; kk++)
                sum += (int64_t)acts->level_of_code[matrices->act[m * matrices->k + kk]] *
                       weights->level_of_code[weight_code(matrices, kk * matrices->n + j)];
            assert_int_equal(matrices->sums[m * matrices->n + j], sum);
        }
}

static int core_of(const struct layer *layer, int channel)
{
    return layer->core_of_channel ? layer->core_of_channel[channel] : 0;
}

/* The columns are the core's channels of the first group, with its own weights. */
static void check_weights(const struct layer *layer, int core,
                          const struct golden_matrices *matrices)
{
    const uint16_t *codes = core ? layer->second.codes : layer->weight_codes;
    const struct format format = core ? layer->second.format : layer->weight_format;
    size_t group_n = (size_t)(layer->n / layer->groups), column = 0;
    assert_memory_equal(&matrices->weight_format, &format, sizeof format);
    for (size_t channel = 0; channel < group_n; channel++) {
        if (core_of(layer, (int)channel) != core)
            continue;
        assert_int_equal(matrices->channels[column], channel);
        for (size_t kk = 0; kk < matrices->k; kk++)
            assert_int_equal(weight_code(matrices, kk * matrices->n + column),
                             codes[kk * group_n + channel]);
        column++;
    }
    assert_int_equal(matrices->n, column);
}

static void check_layer(const struct network *network, const struct layer *layer, int core,
                        void *const *codes, const struct golden_matrices *matrices)
{
    assert_int_equal(matrices->groups, layer->groups);
    assert_int_equal(matrices->m, layer->out_h * layer->out_w);
    assert_int_equal(matrices->k, layer->kernel_h * layer->kernel_w * layer->channels);
    check_act(network, layer, codes, matrices);
    check_weights(layer, core, matrices);
    check_sums(matrices);
}

/* Whether any channel of the first group is the core's. */
static bool has_product(const struct layer *layer, int core)
{
    bool found = false;
    for (int j = 0; layer->kind == LAYER_MATMUL && j < layer->n / layer->groups; j++)
        found |= core_of(layer, j) == core;
    return found;
}

struct seen {
    int products, second, shared; /* of all cores, of the second, of layers that both compute */
};

static void check_cores(const struct network *network, const struct program *program,
                        const struct machine *machine, const uint8_t *input, int index,
                        void *const *codes, struct seen *seen)
{
    const struct layer *layer = &network->layers[index];
    int products = 0;
    for (int core = 0; core < program->arch.core_count; core++) {
        struct golden_matrices matrices;
        struct err err = {""};
        if (!golden_matrices_make(machine, program, input, (uint32_t)index, core, &matrices, &err))
            fail_msg("%s", err.text);
        assert_int_equal(matrices.m > 0, has_product(layer, core));
        if (matrices.m)
            check_layer(network, layer, core, codes, &matrices);
        products += matrices.m > 0;
        seen->second += core && matrices.m;
        golden_matrices_free(&matrices);
    }
    seen->products += products;
    seen->shared += products > 1;
}

static void check_network(const struct network *network, const struct program *program,
                          struct seen *seen)
{
    uint8_t *input = random_input(network);
    void **codes = calloc((size_t)network->activation_count, sizeof *codes);
    network_run_reference(network, input, codes);
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    machine_run_values(machine, input);
    assert_int_equal(program->layer_count, network->layer_count);
    for (int i = 0; i < network->layer_count; i++)
        check_cores(network, program, machine, input, i, codes, seen);
    machine_free(machine);
    for (int i = 0; i < network->activation_count; i++)
        free(codes[i]);
    free(codes);
    free(input);
}

/* NULL where the scratchpads are too small; every other one may have a second core. */
static struct program *random_program(struct network **network, bool may_share)
{
    struct arch arch = random_arch();
    *network = random_network(arch.cores[0].pe);
    if (may_share && random_second_core(&arch))
        random_second_network(*network, &arch);
    return lower_with_random_shares(*network, &arch, NULL);
}

static void matrices_are_the_layers(void **state)
{
    struct seen seen = {0};
    for (int round = 0; round < 400; round++) {
        struct network *network;
        struct program *program = random_program(&network, round % 2);
        if (program)
            check_network(network, program, &seen);
        program_free(program);
        network_free(network);
    }
    printf("%d products, %d of a second core, %d layers that two share\n", seen.products,
           seen.second, seen.shared);
    assert_true(seen.products > 200 && seen.second > 50 && seen.shared > 30);
}

/* --- programs that no compiler wrote --- */

/* A field of an instruction set to another value of its own kind. */
static void mutate(struct instruction *instruction)
{
    struct transfer *transfer = &instruction->transfer;
    struct matmul *matmul = &instruction->matmul;
    uint32_t *const of_transfer[] = {(uint32_t *)&transfer->y, (uint32_t *)&transfer->x,
                                     (uint32_t *)&transfer->c, &transfer->count_y,
                                     &transfer->count_x,       &transfer->count_c,
                                     &transfer->offset};
    uint32_t *const of_matmul[] = {
        &matmul->act_offset, &matmul->patch_w, &matmul->patch_c,  &matmul->channel,
        &matmul->n,          &matmul->groups,  &matmul->channels, &matmul->weight_offset,
        &matmul->acc_offset};
    struct vector *vector = &instruction->vector;
    uint32_t *const of_vector[] = {&vector->n, &vector->acc_offset, &vector->acc_pitch};
    uint32_t flip = 1u << check_between(0, 3);
    if (instruction->opcode == OPCODE_MATMUL && check_between(0, 9) == 0)
        matmul->core ^= 1;
    else if (instruction->opcode == OPCODE_MATMUL)
        *of_matmul[check_between(0, 8)] ^= flip;
    else if (instruction->opcode == OPCODE_VECTOR)
        *of_vector[check_between(0, 2)] ^= flip;
    else
        *of_transfer[check_between(0, 6)] ^= flip;
}

static void make_all(const struct program *program, const uint8_t *input, int *made, int *refused)
{
    struct machine *machine = machine_new(program, &(struct machine_options){.clock = CLOCK_JUMP});
    machine_run_values(machine, input);
    for (uint32_t i = 0; i < program->layer_count * program->arch.core_count; i++) {
        struct golden_matrices matrices;
        struct err err = {""};
        bool ok = golden_matrices_make(machine, program, input, i / program->arch.core_count,
                                       (int)(i % program->arch.core_count), &matrices, &err);
        assert_true(ok || (err.text[0] && !strchr(err.text, '\n')));
        ++*(ok ? made : refused);
        golden_matrices_free(&matrices);
    }
    machine_free(machine);
}

static void odd_programs_break_nothing(void **state)
{
    enum { MUTATIONS = 40 };
    int made = 0, refused = 0;
    for (int round = 0; round < 100; round++) {
        struct network *network;
        struct program *program = random_program(&network, round % 2);
        uint8_t *input = random_input(network);
        for (int i = 0; program && i < MUTATIONS; i++) {
            int index = check_between(0, (int)program->instruction_count - 1);
            struct instruction *instruction = &program->instructions[index];
            struct instruction whole = *instruction;
            mutate(instruction);
            if (program_check(program, NULL) && machine_check(program, NULL))
                make_all(program, input, &made, &refused);
            *instruction = whole;
        }
        free(input);
        program_free(program);
        network_free(network);
    }
    printf("%d layers made, %d refused\n", made, refused);
    assert_true(made > 100 && refused > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices_are_the_layers),
        cmocka_unit_test(odd_programs_break_nothing),
    };
    check_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
