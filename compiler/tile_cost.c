/* What a tiling costs: an estimate of the machine's time, good enough to rank tilings. The array's
 * part is exact (pe/array.h), DRAM's an expectation (compiler/tile_traffic.h); units overlap pass by
 * pass. */
#include "compiler/tile_parts.h"

#include <math.h>

#include "pe/array.h"
#include "pe/pe.h"

/* A tiling and what its tiles have in common. */
struct candidate {
    const struct tile_shape *shape;
    const struct arch *arch;
    const struct tile_rates *rates;
    const struct tiling *tiling;
    struct tile_cut cut;
    double tiles;                   /* output tiles */
    double act_share, weight_share; /* of them, that load activations (weights, parameters) anew */
    double param_share;
    bool turns[3]; /* stages (load, array, vector, store) i and i + 1 take turns: there is a
                    * scratchpad of one buffer between them */
    bool any_turns;
};

/* What the loop order lets stay in the scratchpad's buffers is loaded once. */
static void find_shares(struct candidate *of)
{
    const struct scratchpad_config *pads = of->arch->pads;
    double pixel_tiles = (double)of->cut.rows * of->cut.columns, passes = of->cut.passes;
    bool weights_outer = of->tiling->weights_outer;
    double acts_between = weights_outer ? pixel_tiles * passes : passes;
    double weights_between = weights_outer ? passes : of->cut.channel_tiles * passes;
    double params_between = weights_outer ? 1 : of->cut.channel_tiles;
    of->act_share =
        acts_between <= buffer_count(&pads[PAD_ACT]) ? 1.0 / of->cut.tiles_per_group : 1;
    of->weight_share = weights_between <= buffer_count(&pads[PAD_WEIGHT]) ? 1 / pixel_tiles : 1;
    of->param_share = params_between <= buffer_count(&pads[PAD_PARAM]) ? 1 / pixel_tiles : 1;
}

static void find_turns(struct candidate *of)
{
    const struct scratchpad_config *pads = of->arch->pads;
    const bool on_array = of->shape->kind == LAYER_MATMUL;
    const bool single_act = !pads[PAD_ACT].double_buffered;
    of->turns[0] = single_act || (on_array && !pads[PAD_WEIGHT].double_buffered);
    of->turns[1] = on_array ? !pads[PAD_ACC].double_buffered : single_act;
    of->turns[2] = !pads[PAD_OUT].double_buffered;
    of->any_turns = of->turns[0] || of->turns[1] || of->turns[2];
}

/* --- a tile --- */

/* What an output tile loads: for each pass, and besides. */
struct tile_load {
    struct traffic pass, tile;
};

/* Activations and weights, or only what the tile does not share with the one before. */
static struct tile_load tile_load(const struct tile_parts *parts, bool act, bool weight,
                                  double param_share)
{
    struct tile_load load = {
        .tile = traffic_plus(parts->residual, traffic_times(param_share, parts->param))};
    if (act)
        load.pass = parts->act;
    if (weight)
        load.pass = traffic_plus(load.pass, parts->weight);
    return load;
}

/* Passes in which loads take turns with the store of the tile before. */
static double shared_passes(const struct tile_load *load, double store_requests, double passes)
{
    if (!(load->pass.requests * passes > store_requests))
        return passes;
    return greater(1, ceil(store_requests / load->pass.requests));
}

struct tile_time {
    double cycles, channel; /* of all stages, of the DRAM channel alone */
};

/* The passes whose loads take turns with a store, the array taking `array` cycles. The two may
 * clash: in the whole tile or not at all where it lies in one row of the DRAM; where it lies in
 * many, in the same share of each tile. */
static struct tile_time shared_time(const struct dram_rates *dram, const struct traffic *load,
                                    const struct traffic *store, double array)
{
    const double calm = traffic_shared(dram, load, store, false), share = dram->clash_share;
    if (!(share > 0))
        return (struct tile_time){greater(calm, array), calm};
    const double clash = traffic_shared(dram, load, store, true);
    const double mean = calm + share * (clash - calm);
    const double rows = greater(1, lesser(load->row_changes, store->row_changes));
    const double apart = (1 - share) * greater(calm, array) + share * greater(clash, array);
    return (struct tile_time){apart / rows + greater(mean, array) * (1 - 1 / rows), mean};
}

/* What a last pass over fewer channels costs beyond its share: the pass before it waits for little
 * and the pass behind it is waited for as for any other. */
static double short_pass(const struct candidate *of, double load, double array)
{
    const int rest = of->shape->channels % of->tiling->tile_k;
    if (!rest || of->cut.passes == 1)
        return 0;
    const double part = (double)rest / of->tiling->tile_k;
    const double whole = of->cut.passes / (of->cut.passes - 1 + part);
    load *= whole, array *= whole; /* of a full pass */
    return greater(load, part * array) + greater(part * load, array) -
           (1 + part) * greater(load, array);
}

/* Array and channel. Loads are one pass ahead of the array: a pass that has to wait for a store
 * takes longer, and none makes up for it. */
static struct tile_time passes_time(const struct candidate *of, const struct tile_parts *parts,
                                    const struct tile_load *load)
{
    const struct dram_rates *dram = &of->rates->dram;
    const double passes = of->cut.passes, array = parts->array / passes;
    const double shared = shared_passes(load, parts->store.requests, passes);
    const struct traffic with_store = traffic_plus(load->tile, traffic_times(shared, load->pass));
    const double alone = traffic_alone(dram, DRAM_LOADS, &load->pass);
    struct tile_time time = shared_time(dram, &with_store, &parts->store, shared * array);
    time.cycles += (passes - shared) * greater(alone, array) + short_pass(of, alone, array);
    time.channel += (passes - shared) * alone;
    return time;
}

/* The longest run of stages that take turns. */
static double longest_run(const struct candidate *of, const struct tile_parts *parts,
                          const struct tile_load *load)
{
    const struct dram_rates *dram = &of->rates->dram;
    struct traffic loads = traffic_plus(load->tile, traffic_times(of->cut.passes, load->pass));
    const double stages[4] = {traffic_alone(dram, DRAM_LOADS, &loads), parts->array, parts->vector,
                              traffic_alone(dram, DRAM_STORES, &parts->store)};
    double run = stages[0], longest = run;
    for (int i = 1; i < 4; i++) {
        run = of->turns[i - 1] ? run + stages[i] : stages[i];
        longest = greater(longest, run);
    }
    return longest;
}

/* What an output tile adds: its stages run beside those of its neighbours where each has a buffer
 * of its own. */
static struct tile_time tile_time(const struct candidate *of, const struct tile_parts *parts,
                                  const struct tile_load *load)
{
    struct tile_time time = passes_time(of, parts, load);
    time.cycles = greater(time.cycles, parts->vector);
    if (of->any_turns)
        time.cycles = greater(time.cycles, longest_run(of, parts, load));
    return time;
}

/* One tile, on average over the four kinds of it: activations loaded or not, weights loaded or not. */
static struct tile_time average_time(const struct candidate *of, const struct tile_parts *parts)
{
    struct tile_time sum = {0, 0};
    for (int kind = 0; kind < 4; kind++) {
        bool act = kind & 1, weight = kind & 2;
        double share = (act ? of->act_share : 1 - of->act_share) *
                       (weight ? of->weight_share : 1 - of->weight_share);
        if (!(share > 0))
            continue;
        struct tile_load load = tile_load(parts, act, weight, of->param_share);
        struct tile_time time = tile_time(of, parts, &load);
        sum.cycles += share * time.cycles;
        sum.channel += share * time.channel;
    }
    return sum;
}

/* --- a layer --- */

/* All tiles, and what the longest stage waits for at the layer's ends: the channel for the last
 * tile's array and vector unit, these for the first activations and the last store. Layers follow
 * each other: while the last tile of one computes the first weights of the next are loaded.
 * `parts` are the average tile's. */
static double with_ends(const struct candidate *of, const struct tile_parts *parts,
                        struct tile_time all)
{
    const struct dram_rates *dram = &of->rates->dram;
    const struct traffic constants = traffic_plus(parts->weight, parts->param);
    double compute = of->tiles * greater(parts->array, parts->vector);
    double behind_channel =
        parts->array / of->cut.passes + parts->vector - traffic_alone(dram, DRAM_LOADS, &constants);
    double around_compute = traffic_alone(dram, DRAM_LOADS, &parts->act) + parts->vector +
                            traffic_alone(dram, DRAM_STORES, &parts->store);
    behind_channel = greater(0, behind_channel);
    double least = greater(all.channel + behind_channel, compute + around_compute);
    return greater(least, all.cycles + lesser(behind_channel, around_compute));
}

/* All tiles were they as large as the average one. */
static double average_cycles(const struct candidate *of, const struct tile_parts *parts)
{
    struct tile_time all = average_time(of, parts);
    all.cycles *= of->tiles;
    all.channel *= of->tiles;
    return with_ends(of, parts, all);
}

/* The edge that tiles meet as the innermost loop of several tiles ends. */
static unsigned inner_edge(const struct candidate *of)
{
    const struct tile_cut *cut = &of->cut;
    if (cut->channel_tiles > 1 && (!of->tiling->weights_outer || cut->rows * cut->columns == 1))
        return TILE_LAST_CHANNELS;
    return cut->columns > 1 ? TILE_LAST_COLUMN : TILE_LAST_ROW;
}

static struct tile_parts class_parts(const struct candidate *of, const struct tile_class *class)
{
    struct tile_extent extent = {class->h, class->w, (double)class->n * class->groups,
                                 class->groups};
    return tile_parts(of->shape, of->arch, of->rates, of->tiling, &of->cut, &extent);
}

static const struct tile_class *find_class(const struct tile_class *classes, unsigned edges)
{
    while (classes->edges != edges)
        classes++;
    return classes;
}

/* A tile that loads what `size` does while the array works on one of another size. */
static struct tile_time beside_time(const struct candidate *of, const struct tile_class *size,
                                    double array)
{
    struct tile_parts parts = class_parts(of, size);
    parts.array = array;
    return average_time(of, &parts);
}

/* What a tile adds. Loads are a tile ahead: where tiles are smaller at the end of the innermost
 * loop, the load of a small one comes beside the array's work for a full one, and a full one's
 * beside the work for the small one: these two instead of the full one, which is counted too. */
static struct tile_time class_time(const struct candidate *of, const struct tile_class *classes,
                                   const struct tile_class *class,
                                   const struct tile_array_cycles *array)
{
    const double own = array->of[class - classes];
    if (!(class->edges & inner_edge(of)))
        return beside_time(of, class, own);
    const struct tile_class *full = find_class(classes, class->edges & ~inner_edge(of));
    const double full_array = array->of[full - classes];
    const struct tile_time small_load = beside_time(of, class, full_array);
    const struct tile_time full_load = beside_time(of, full, own);
    const struct tile_time counted = beside_time(of, full, full_array);
    return (struct tile_time){small_load.cycles + full_load.cycles - counted.cycles,
                              small_load.channel + full_load.channel - counted.channel};
}

/* Each tile by its size: what a small one leaves idle does not help a large one. */
static double class_cycles(const struct candidate *of, const struct tile_parts *average,
                           const struct tile_class *classes, int count,
                           const struct tile_array_cycles *array)
{
    struct tile_time all = {0, 0};
    for (int i = 0; i < count; i++) {
        struct tile_time time = class_time(of, classes, &classes[i], array);
        all.cycles += classes[i].count * time.cycles;
        all.channel += classes[i].count * time.channel;
    }
    return with_ends(of, average, all);
}

static struct candidate candidate_of(const struct tile_shape *shape, const struct arch *arch,
                                     const struct tile_rates *rates, const struct tiling *tiling,
                                     const struct tile_cut *cut)
{
    struct candidate of = {
        .shape = shape, .arch = arch, .rates = rates, .tiling = tiling, .cut = *cut};
    of.tiles = (double)of.cut.rows * of.cut.columns * of.cut.channel_tiles;
    find_shares(&of);
    find_turns(&of);
    return of;
}

static struct tile_extent average_extent(const struct candidate *of)
{
    const struct tile_shape *shape = of->shape;
    return (struct tile_extent){.h = (double)shape->out_h / of->cut.rows,
                                .w = (double)shape->out_w / of->cut.columns,
                                .channels = (double)shape->n / of->cut.channel_tiles,
                                .groups = (double)shape->groups * of->cut.tiles_per_group /
                                          of->cut.channel_tiles};
}

/* What the channel cannot take less than: all bits one after the other; or all that is loaded, with
 * the latency of each transfer. */
static double channel_bound(const struct candidate *of, const struct tile_extent *average)
{
    const struct dram_rates *dram = &of->rates->dram;
    const struct tile_bits bits = tile_bits(of->shape, of->tiling, &of->cut, average);
    const double pass = of->act_share * bits.act + of->weight_share * bits.weight;
    const double load = of->cut.passes * pass + of->param_share * bits.param;
    const double weight_transfers = of->shape->kind == LAYER_MATMUL ? of->weight_share : 0;
    const double transfers = of->cut.passes * (of->act_share + weight_transfers) + of->param_share;
    const double per_bit = dram->cycles_per_burst / dram->burst_bits / dram->channels;
    return of->tiles * greater((load + bits.out) * per_bit,
                               load * per_bit + transfers * dram->latency[DRAM_LOADS]);
}

struct tile_rates tile_rates(const struct tile_shape *shape, const struct arch *arch)
{
    double in = (double)shape->in_h * shape->in_w * shape->in_c * format_code_bits(shape->act);
    double out = (double)shape->out_h * shape->out_w * shape->n * format_code_bits(shape->out);
    struct tile_rates rates = {.dram = dram_rates(arch, in, out)};
    double outputs = (double)shape->out_h * shape->out_w * shape->n;
    if (shape->kind != LAYER_MATMUL)
        return rates;
    double macs = outputs * shape->kernel_h * shape->kernel_w * shape->channels, a_clock = 0;
    for (int core = 0; core < shape->cores; core++) {
        const struct core *of = &arch->cores[core];
        uint32_t rows, columns;
        array_shape(of, shape->act, shape->weight[core], &rows, &columns);
        rates.cores[core].rows = rows, rates.cores[core].columns = columns;
        rates.cores[core].clocks = pe_descriptor(of->pe)->clocks_per_mac(shape->weight[core]);
        a_clock += rows * (double)columns / rates.cores[core].clocks;
    }
    rates.least_array = macs / a_clock;
    return rates;
}

/* The arrays' part, exact: cycles of each class of tiles, and their sum. */
static void find_array(const struct candidate *of, const struct tile_class *classes, int count,
                       struct tile_array_cycles *array)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        array->of[i] = tile_array(of->shape, of->arch, of->tiling, &classes[i]);
        sum += classes[i].count * array->of[i];
    }
    array->sum = sum;
    array->is_exact = true;
}

double tile_cost(const struct tile_shape *shape, const struct arch *arch,
                 const struct tile_rates *rates, const struct tiling *tiling, double limit,
                 struct tile_array_cycles *array)
{
    if (array->sum >= limit)
        return array->sum;
    const struct tile_cut cut = tile_cut(shape, tiling);
    const bool on_array = shape->kind == LAYER_MATMUL;
    if (on_array && !(array->sum > 0))
        array->sum = tile_array_bound(shape, arch, rates, tiling, &cut);
    if (array->sum >= limit)
        return array->sum;
    const struct candidate of = candidate_of(shape, arch, rates, tiling, &cut);
    const struct tile_extent average = average_extent(&of);
    double cycles = channel_bound(&of, &average);
    if (cycles >= limit)
        return cycles;
    struct tile_parts parts = tile_parts(shape, arch, rates, tiling, &of.cut, &average);
    parts.array = array->sum / of.tiles;
    cycles = average_cycles(&of, &parts);
    if (cycles >= limit)
        return cycles;
    struct tile_class classes[TILE_MAX_CLASSES];
    const int count = tile_classes(shape, tiling, &of.cut, classes);
    if (on_array && !array->is_exact) {
        find_array(&of, classes, count, array);
        parts.array = array->sum / of.tiles;
        cycles = average_cycles(&of, &parts);
    }
    if (cycles >= limit || count == 1)
        return cycles;
    return greater(cycles, class_cycles(&of, &parts, classes, count, array));
}
