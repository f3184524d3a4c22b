/* What a tiling costs: an estimate of the machine's time, good enough to rank tilings. The array's
 * part is exact (pe/array.h); of DRAM only bandwidth, whole bursts and opened rows are counted;
 * units overlap tile by tile. */
#include "compiler/tile.h"

#include <math.h>

#include "pe/array.h"
#include "pe/pe.h"

static double greater(double a, double b)
{
    return a > b ? a : b;
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

/* --- DRAM --- */

/* Core cycles per byte: bus time, the row changes that a stream exposes, refreshes. */
static double channel_rate(const struct arch *arch)
{
    double core_period_ps = 1e9 / arch->clock_khz;
    double rate = dram_config_clock_ps(&arch->dram) / core_period_ps /
                  dram_config_bytes_per_clock(&arch->dram);
    if (arch->dram.is_ideal)
        return rate;
    const struct dram_timing *t = &arch->dram.device.timing;
    double row_clocks = (double)arch->dram.device.geometry.columns / 2;
    rate *= 1 + (t->tRP + t->tRCDRD) / row_clocks;
    if (arch->dram.device.policy.refresh == DRAM_REFRESHES_RANKS)
        rate *= (double)t->tREFI / (t->tREFI - t->tRFC);
    return rate;
}

static double whole_bursts(const struct arch *arch, double bits)
{
    double burst = dram_config_burst_bytes(&arch->dram);
    return ceil(bits / 8 / burst) * burst;
}

/* What transfers take of the channel. */
struct traffic {
    double cycles, requests;
};

static struct traffic times(double count, struct traffic traffic)
{
    return (struct traffic){count * traffic.cycles, count * traffic.requests};
}

static struct traffic plus(struct traffic a, struct traffic b)
{
    return (struct traffic){a.cycles + b.cycles, a.requests + b.requests};
}

/* One transfer of `runs` runs of `bits` each. Requests are of at most 4 KiB (docs/machine.md,
 * section DMA). */
static struct traffic transfer_of(const struct arch *arch, const struct tile_rates *rates,
                                  double fixed, double runs, double bits)
{
    double bytes = whole_bursts(arch, bits);
    return (struct traffic){fixed + runs * bytes * rates->cycles_per_byte,
                            runs * ceil(bytes / 4096)};
}

/* A block of rows x columns x channels out of a tensor `width` wide and `depth` deep: one run where
 * it spans whole rows, one run a row where it spans whole pixels, else one run a pixel. */
static struct traffic block_of(const struct arch *arch, const struct tile_rates *rates,
                               double fixed, double rows, double columns, double channels,
                               double width, double depth, int bits)
{
    if (channels < depth)
        return transfer_of(arch, rates, fixed, rows * columns, channels * bits);
    if (columns < width)
        return transfer_of(arch, rates, fixed, rows, columns * channels * bits);
    return transfer_of(arch, rates, fixed, 1, rows * columns * channels * bits);
}

/* --- parts of a layer's tiles, averages --- */

struct tile_parts {
    double tiles;                   /* output tiles */
    struct traffic act, weight;     /* loads of one pass */
    struct traffic residual, param; /* loads of one tile */
    struct traffic store;           /* of one tile */
    double vector, array;           /* cycles of one tile */
};

static struct traffic act_traffic(const struct tile_shape *shape, const struct arch *arch,
                                  const struct tile_rates *rates, const struct tiling *tiling,
                                  const struct tile_cut *cut)
{
    double rows = lesser(patch_rows(shape, tiling->tile_h), shape->in_h);
    double columns = lesser(patch_columns(shape, tiling->tile_w), shape->in_w);
    double channels = (double)tiling->tile_k * cut->groups_per_tile;
    double depth = shape->load_stride_x == 1 ? shape->whole_pixels : INFINITY;
    double width = shape->load_stride_y == 1 ? shape->in_w : INFINITY;
    return block_of(arch, rates, rates->load_fixed, rows, columns, channels, width, depth,
                    format_code_bits(shape->act));
}

static struct traffic output_traffic(const struct tile_shape *shape, const struct arch *arch,
                                     const struct tile_rates *rates, const struct tiling *tiling,
                                     double fixed, struct format format)
{
    return block_of(arch, rates, fixed, tiling->tile_h, tiling->tile_w, tiling->tile_n,
                    shape->out_w, shape->n, format_code_bits(format));
}

/* A load for each core that has channels of the tile. */
static struct traffic weight_traffic(const struct tile_shape *shape, const struct arch *arch,
                                     const struct tile_rates *rates, const struct tiling *tiling)
{
    double taps = (double)shape->kernel_h * shape->kernel_w * tiling->tile_k;
    int channels[ARCH_MAX_CORES] = {tiling->first_core_channels,
                                    tiling->tile_n - tiling->first_core_channels};
    struct traffic sum = {0, 0};
    for (int core = 0; core < shape->cores; core++)
        if (channels[core])
            sum = plus(sum,
                       transfer_of(arch, rates, rates->load_fixed, 1,
                                   taps * channels[core] * format_code_bits(shape->weight[core])));
    return sum;
}

static double vector_area(const struct tile_shape *shape)
{
    return shape->kind == LAYER_MATMUL ? 1 : (double)shape->kernel_h * shape->kernel_w;
}

static struct tile_parts tile_parts(const struct tile_shape *shape, const struct arch *arch,
                                    const struct tile_rates *rates, const struct tiling *tiling,
                                    const struct tile_cut *cut)
{
    double pixel_tiles = (double)cut->rows * cut->columns, tiles = pixel_tiles * cut->channel_tiles;
    double outputs = (double)shape->out_h * shape->out_w * shape->n / tiles;
    struct traffic params =
        transfer_of(arch, rates, rates->load_fixed, 1, (double)tiling->tile_n * RECORD_BITS);
    struct tile_parts parts = {
        .tiles = tiles,
        .act = act_traffic(shape, arch, rates, tiling, cut),
        .param = times(1 / pixel_tiles, params),
        .store = output_traffic(shape, arch, rates, tiling, rates->store_fixed, shape->out),
        .vector = arch->vector_latency + outputs * vector_area(shape) / arch->vector_lanes,
    };
    if (shape->has_residual)
        parts.residual =
            output_traffic(shape, arch, rates, tiling, rates->load_fixed, shape->residual);
    if (shape->kind == LAYER_MATMUL)
        parts.weight = weight_traffic(shape, arch, rates, tiling);
    return parts;
}

/* --- overlap --- */

/* Cycles that an output tile adds: its stages (load, array, vector, store) run beside those of its
 * neighbours, except that stages with a scratchpad of one buffer between them take turns. Load and
 * store share the DRAM channel request by request; each change between them turns the bus around.
 */
static double overlapped(const struct arch *arch, enum layer_kind kind,
                         const struct tile_rates *rates, const struct tile_parts *parts,
                         struct traffic load)
{
    bool single_act = !arch->pads[PAD_ACT].double_buffered;
    bool on_array = kind == LAYER_MATMUL;
    bool turns[3] = {
        single_act || (on_array && !arch->pads[PAD_WEIGHT].double_buffered),
        on_array ? !arch->pads[PAD_ACC].double_buffered : single_act,
        !arch->pads[PAD_OUT].double_buffered,
    };
    double stages[4] = {load.cycles, parts->array, parts->vector, parts->store.cycles};
    double longest = load.cycles + parts->store.cycles +
                     lesser(load.requests, parts->store.requests) * rates->turnaround;
    double run = stages[0];
    for (int i = 1; i < 4; i++) {
        run = turns[i - 1] ? run + stages[i] : stages[i];
        longest = greater(longest, run);
    }
    return longest;
}

/* Shares of the output tiles for which activations (weights) are loaded anew: what the loop order
 * lets stay in the scratchpad's buffers is loaded once. */
static void load_shares(const struct arch *arch, const struct tiling *tiling,
                        const struct tile_cut *cut, double *act, double *weight)
{
    double pixel_tiles = (double)cut->rows * cut->columns, passes = cut->passes;
    double sharing = cut->tiles_per_group;
    double acts_between = tiling->weights_outer ? pixel_tiles * passes : passes;
    double weights_between = tiling->weights_outer ? passes : cut->channel_tiles * passes;
    *act = acts_between <= buffer_count(&arch->pads[PAD_ACT]) ? 1 / sharing : 1;
    *weight = weights_between <= buffer_count(&arch->pads[PAD_WEIGHT]) ? 1 / pixel_tiles : 1;
}

/* Sum over the four kinds of output tile: activations loaded or not, weights loaded or not. */
static double layer_cycles(const struct tile_shape *shape, const struct arch *arch,
                           const struct tile_rates *rates, const struct tiling *tiling,
                           const struct tile_cut *cut, const struct tile_parts *parts)
{
    double act_share, weight_share, cycles = 0;
    load_shares(arch, tiling, cut, &act_share, &weight_share);
    for (int kind = 0; kind < 4; kind++) {
        bool act = kind & 1, weight = kind & 2;
        double share =
            (act ? act_share : 1 - act_share) * (weight ? weight_share : 1 - weight_share);
        struct traffic load = plus(parts->residual, parts->param);
        if (act)
            load = plus(load, times(cut->passes, parts->act));
        if (weight)
            load = plus(load, times(cut->passes, parts->weight));
        if (share > 0)
            cycles += parts->tiles * share * overlapped(arch, shape->kind, rates, parts, load);
    }
    double ends = parts->act.cycles + parts->weight.cycles + parts->vector + parts->store.cycles;
    return cycles + ends;
}

struct tile_rates tile_rates(const struct tile_shape *shape, const struct arch *arch)
{
    const struct dram_timing *t = &arch->dram.device.timing; /* all 0 if ideal */
    const double dram_clock = dram_config_clock_ps(&arch->dram) * arch->clock_khz / 1e9;
    const double latency = arch->dram.is_ideal ? arch->dram.ideal.latency : t->CL;
    struct tile_rates rates = {
        .load_fixed = arch->dma_setup + latency * dram_clock,
        .store_fixed = arch->dma_setup + t->CWL * dram_clock,
        .cycles_per_byte = channel_rate(arch),
        .turnaround = (t->CWL + t->tWTR_L + latency) * dram_clock,
    };
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

double tile_cost(const struct tile_shape *shape, const struct arch *arch,
                 const struct tile_rates *rates, const struct tiling *tiling, double limit,
                 double *array_cycles)
{
    struct tile_cut cut = tile_cut(shape, tiling);
    struct tile_parts parts = tile_parts(shape, arch, rates, tiling, &cut);
    bool on_array = shape->kind == LAYER_MATMUL;
    if (on_array)
        parts.array = (*array_cycles > 0 ? *array_cycles
                                         : tile_array_bound(shape, arch, rates, tiling, &cut)) /
                      parts.tiles;
    double cycles = layer_cycles(shape, arch, rates, tiling, &cut, &parts);
    if (cycles >= limit || *array_cycles > 0 || !on_array)
        return cycles;
    *array_cycles = tile_array_total(shape, arch, tiling, &cut);
    parts.array = *array_cycles / parts.tiles;
    return layer_cycles(shape, arch, rates, tiling, &cut, &parts);
}
