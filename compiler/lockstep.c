#include "compiler/lockstep.h"

#include <assert.h>
#include <math.h>

enum { BRAM18_BITS = 16384, DIGIT_BITS = 4, OPERAND_BITS = 8, SHORT_LOAD_CYCLES = 16 };
static const double short_load_factor = 1.2, most_work = 0x1p48;

static uint64_t divide_up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

const char *lockstep_bound_name(enum lockstep_bound bound)
{
    switch (bound) {
#define NAME(id, name)  \
    case LOCKSTEP_##id: \
        return name;
        LOCKSTEP_BOUNDS(NAME)
#undef NAME
    }
    return NULL;
}

bool lockstep_takes(const struct tile_shape *shape)
{
    double macs = (double)shape->out_h * shape->out_w * shape->n * shape->channels *
                  shape->kernel_h * shape->kernel_w;
    double inputs = (double)shape->in_h * shape->in_w * shape->in_c;
    return shape->kind == LAYER_MATMUL && macs <= most_work && inputs <= most_work;
}

bool lockstep_is_depthwise(const struct tile_shape *shape)
{
    return shape->groups > 1 && shape->group_n == 1 && shape->channels == 1;
}

/* --- a tile --- */

/* Products behind one output of a pass. */
static uint64_t products(const struct tile_shape *shape, const struct lockstep_tiling *tile)
{
    return (uint64_t)tile->k * (uint64_t)shape->kernel_h * (uint64_t)shape->kernel_w;
}

static uint64_t pixels(const struct lockstep_tiling *tile)
{
    return (uint64_t)tile->h * (uint64_t)tile->w;
}

/* Input channels under a tile. */
static uint64_t input_channels(const struct tile_shape *shape, const struct lockstep_tiling *tile)
{
    return (uint64_t)(lockstep_is_depthwise(shape) ? tile->n : tile->k);
}

static int channels_of(const struct lockstep *machine, const struct lockstep_tiling *tile,
                       int array)
{
    if (machine->array_count == 1)
        return tile->n;
    return array ? tile->n - tile->first : tile->first;
}

/* compute = products · bits · ceil(pixels / (macs·rows)) · ceil(channels / columns), bits = 1 where
 * the array is parallel: every pass over the array is one fold. */
static double array_time(const struct lockstep *machine, const struct lockstep_array *array,
                         const struct tile_shape *shape, const struct lockstep_tiling *tile,
                         int channels, int effectual_bits)
{
    uint64_t steps = products(shape, tile) * (uint64_t)(array->is_serial ? effectual_bits : 1);
    uint64_t skew = machine->skew_ignored ? 0 : (uint64_t)(array->rows + array->columns - 2);
    uint64_t folds = divide_up(pixels(tile), (uint64_t)array->rows * (uint64_t)array->macs) *
                     divide_up((uint64_t)channels, (uint64_t)array->columns);
    return (double)folds * (double)(steps + skew);
}

static double compute_time(const struct lockstep *machine, const struct tile_shape *shape,
                           const struct lockstep_tiling *tile, int effectual_bits)
{
    double time = 0;
    for (int i = 0; i < machine->array_count; i++)
        time = larger(time, array_time(machine, &machine->arrays[i], shape, tile,
                                       channels_of(machine, tile, i), effectual_bits));
    return time;
}

static uint64_t weight_bits(const struct lockstep_array *array, int effectual_bits)
{
    return array->is_serial ? (uint64_t)(DIGIT_BITS * effectual_bits) : OPERAND_BITS;
}

static uint64_t weight_bytes(const struct lockstep *machine, const struct tile_shape *shape,
                             const struct lockstep_tiling *tile, int effectual_bits)
{
    uint64_t bytes = 0;
    for (int i = 0; i < machine->array_count; i++)
        bytes += divide_up((uint64_t)channels_of(machine, tile, i) * products(shape, tile) *
                               weight_bits(&machine->arrays[i], effectual_bits),
                           8);
    return bytes;
}

/* Pixels of the input under `out` pixels of the output, along one dimension. */
static uint64_t extent(const struct lockstep *machine, int out, int kernel, int stride,
                       int dilation, int load_stride)
{
    uint64_t whole = (uint64_t)(out - 1) * (uint64_t)stride * (uint64_t)load_stride +
                     (uint64_t)(kernel - 1) * (uint64_t)dilation + 1;
    return machine->gaps_loaded ? whole : divide_up(whole, (uint64_t)load_stride);
}

static uint64_t patch_elements(const struct lockstep *machine, const struct tile_shape *shape,
                               const struct lockstep_tiling *tile)
{
    return input_channels(shape, tile) *
           extent(machine, tile->h, shape->kernel_h, shape->stride_y, shape->dilation_y,
                  shape->load_stride_y) *
           extent(machine, tile->w, shape->kernel_w, shape->stride_x, shape->dilation_x,
                  shape->load_stride_x);
}

/* load = ceil(max(weights, activations) / bytes_per_cycle) */
static double load_time(const struct lockstep *machine, const struct tile_shape *shape,
                        const struct lockstep_tiling *tile, int effectual_bits)
{
    uint64_t weights = weight_bytes(machine, shape, tile, effectual_bits);
    uint64_t activations =
        divide_up(patch_elements(machine, shape, tile) * (uint64_t)shape->act.bits, 8);
    uint64_t longest = weights > activations ? weights : activations;
    uint64_t bytes = machine->loads_in_parallel ? longest : weights + activations;
    uint64_t cycles = divide_up(bytes, (uint64_t)machine->bytes_per_cycle);
    bool is_slow = machine->short_loads_slow && cycles < SHORT_LOAD_CYCLES;
    return (double)cycles * (is_slow ? short_load_factor : 1);
}

static double store_time(const struct lockstep *machine, const struct tile_shape *shape,
                         const struct lockstep_tiling *tile)
{
    uint64_t bits = pixels(tile) * (uint64_t)tile->n * (uint64_t)shape->out.bits;
    return (double)divide_up(divide_up(bits, 8), (uint64_t)machine->bytes_per_cycle);
}

/* --- a layer --- */

/* How often a size occurs along a dimension: whole tiles, and what is left. */
struct lockstep_cut {
    int size[2];
    uint64_t count[2];
};

static struct lockstep_cut cut(const struct lockstep *machine, int total, int tile)
{
    struct lockstep_cut cut = {.size = {tile, total % tile}};
    bool is_whole = machine->edges_whole || !cut.size[1];
    cut.count[0] = is_whole ? divide_up((uint64_t)total, (uint64_t)tile) : (uint64_t)(total / tile);
    cut.count[1] = !is_whole;
    return cut;
}

struct layer_cuts {
    struct lockstep_cut h, w, n, k;
    uint64_t groups; /* that follow each other */
};

static struct layer_cuts layer_cuts(const struct lockstep *machine, const struct tile_shape *shape,
                                    const struct lockstep_tiling *tiling)
{
    bool depthwise = lockstep_is_depthwise(shape);
    return (struct layer_cuts){
        .h = cut(machine, shape->out_h, tiling->h),
        .w = cut(machine, shape->out_w, tiling->w),
        .n = cut(machine, depthwise ? shape->groups : shape->group_n, tiling->n),
        .k = cut(machine, shape->channels, tiling->k),
        .groups = depthwise ? 1 : (uint64_t)shape->groups,
    };
}

/* All passes over one output tile of that size. */
static double passes_time(const struct lockstep *machine, const struct tile_shape *shape,
                          const struct layer_cuts *cuts, struct lockstep_tiling tile,
                          int effectual_bits)
{
    double store = store_time(machine, shape, &tile), time = 0, last = 0;
    for (int i = 0; i < 2 && cuts->k.count[i]; i++) {
        tile.k = cuts->k.size[i];
        last = larger(compute_time(machine, shape, &tile, effectual_bits),
                      load_time(machine, shape, &tile, effectual_bits));
        double pass = machine->stores_every_pass ? larger(last, store) : last;
        time += (double)cuts->k.count[i] * pass;
    }
    return machine->stores_every_pass ? time : time - last + larger(last, store);
}

/* Total over all output tiles; those at the edges split their channels as the whole ones do. */
static double tiles_time(const struct lockstep *machine, const struct tile_shape *shape,
                         const struct layer_cuts *cuts, const struct lockstep_tiling *tiling,
                         int effectual_bits)
{
    double time = 0;
    for (int edges = 0; edges < 8; edges++) {
        int y = edges & 1, x = edges >> 1 & 1, c = edges >> 2;
        uint64_t count = cuts->h.count[y] * cuts->w.count[x] * cuts->n.count[c] * cuts->groups;
        if (!count)
            continue;
        struct lockstep_tiling tile = {
            .h = cuts->h.size[y], .w = cuts->w.size[x], .n = cuts->n.size[c]};
        tile.first = (int)((int64_t)tiling->first * tile.n / tiling->n);
        time += (double)count * passes_time(machine, shape, cuts, tile, effectual_bits);
    }
    return time;
}

static uint64_t cut_count(const struct lockstep_cut *cut)
{
    return cut->count[0] + cut->count[1];
}

struct lockstep_cost lockstep_cost(const struct lockstep *machine, const struct tile_shape *shape,
                                   const struct lockstep_tiling *tiling, int effectual_bits)
{
    assert(lockstep_takes(shape) && tiling->h > 0 && tiling->w > 0 && tiling->n > 0);
    assert(tiling->k > 0 && tiling->first >= 0 && tiling->first <= tiling->n);
    struct layer_cuts cuts = layer_cuts(machine, shape, tiling);
    struct lockstep_cost cost = {
        .compute = compute_time(machine, shape, tiling, effectual_bits),
        .load = load_time(machine, shape, tiling, effectual_bits),
        .store = store_time(machine, shape, tiling),
        .tiles = cut_count(&cuts.h) * cut_count(&cuts.w) * cut_count(&cuts.n) * cut_count(&cuts.k) *
                 cuts.groups,
    };
    double longest = larger(cost.load, cost.store);
    cost.bound = cost.compute > longest    ? LOCKSTEP_COMPUTE
                 : cost.load >= cost.store ? LOCKSTEP_LOAD
                                           : LOCKSTEP_STORE;
    cost.cycles = tiles_time(machine, shape, &cuts, tiling, effectual_bits) + cost.load +
                  cost.store; /* the first load and the last store stand alone */
    return cost;
}

/* --- buffers --- */

/* Bits that a memory of so many banks offers; a bank's last word stays free. */
static uint64_t room(int bram18, int word_bits, int banks)
{
    uint64_t words = (uint64_t)bram18 * BRAM18_BITS / (uint64_t)word_bits;
    return words ? (words - 1) * (uint64_t)banks : 0;
}

/* Activations and outputs lie in macs·columns banks of macs·8-bit words, weights in `rows` banks of
 * digits or of bytes; all count one element a word. Depthwise, each array holds all weights of the
 * tile, and outputs of one channel at a time. */
int lockstep_room(const struct lockstep *machine, const struct lockstep_array *array,
                  const struct tile_shape *shape, const struct lockstep_tiling *tiling,
                  int effectual_bits)
{
    const struct lockstep_buffers *bram18 = &array->bram18;
    int banks = array->columns * array->macs, word = OPERAND_BITS * array->macs;
    bool depthwise = lockstep_is_depthwise(shape);
    uint64_t windows =
        pixels(tiling) * (depthwise ? (uint64_t)tiling->n : 1) * products(shape, tiling);
    uint64_t held = machine->windows_unrolled ? windows : patch_elements(machine, shape, tiling);
    if (held > room(bram18->activations, word, banks))
        return -1;
    uint64_t words = products(shape, tiling) * (uint64_t)(array->is_serial ? effectual_bits : 1);
    uint64_t weights =
        room(bram18->weights, array->is_serial ? DIGIT_BITS : OPERAND_BITS, array->rows) / words;
    uint64_t outputs = room(bram18->outputs, word, banks) / pixels(tiling);
    if (depthwise)
        return weights >= (uint64_t)tiling->n && outputs ? tiling->n : -1;
    uint64_t channels = weights < outputs ? weights : outputs;
    return channels < (uint64_t)tiling->n ? (int)channels : tiling->n;
}

bool lockstep_fits(const struct lockstep *machine, const struct tile_shape *shape,
                   const struct lockstep_tiling *tiling, int effectual_bits)
{
    for (int i = 0; i < machine->array_count; i++)
        if (channels_of(machine, tiling, i) >
            lockstep_room(machine, &machine->arrays[i], shape, tiling, effectual_bits))
            return false;
    return true;
}

int lockstep_bram18(const struct lockstep *machine)
{
    int sum = 0;
    for (int i = 0; i < machine->array_count; i++) {
        const struct lockstep_array *array = &machine->arrays[i];
        sum += array->macs * array->columns * (array->bram18.activations + array->bram18.outputs) +
               array->rows * array->bram18.weights;
    }
    return sum;
}
