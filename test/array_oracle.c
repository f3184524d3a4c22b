#include "test/array_oracle.h"

#include <stdlib.h>

#include "test/format_oracle.h"

/* --- docs/machine.md, Array: PEs --- */

/* PEs that fuse along one direction for an operand. */
static int fusion(enum pe_type pe, struct format operand)
{
    bool fuses = pe == PE_ANT || pe == PE_BITFUSION || pe == PE_OLACCEL;
    return fuses && operand.bits > 4 ? 2 : 1; /* of outliers 4 */
}

/* Output pixels that a PE works on at once: rows of the effective array. */
static int pixels(const struct core *core)
{
    return core->pe == PE_INT8X2 ? 2 : 1;
}

/* Clocks of a multiply-accumulate with this weight. */
static int clocks_of(enum pe_type pe, struct format weight, uint32_t code, bool code_known)
{
    if (pe != PE_MSD && pe != PE_MSD_SKIP)
        return 1;
    if (pe == PE_MSD || !code_known)
        return format_oracle_digits(weight);
    int nonzero = format_oracle_nonzero_digits(weight, code);
    return nonzero > 1 ? nonzero : 1;
}

/* --- docs/machine.md, Array: mapping --- */

struct oracle {
    const struct array_oracle_work *work;
    const struct matmul *matmul;
    const struct core *core;
    int64_t M, K, N; /* of each group */
    int64_t R, C;
    int64_t a, w, b; /* bits of an activation, a weight, a sum */
    uint8_t *clocks; /* of a multiply-accumulate with each weight, [groups][K][N] */
    int64_t group;   /* the one at work */
    struct array_oracle_counts counts;
};

/* A fold of r x c at row i0 and column j0 of the work. */
struct fold {
    int64_t i0, j0, r, c;
    int64_t Rs, Cs; /* R^ and C^: r x c with skew_used, else R x C */
    int64_t H;      /* rows of PEs that Rs rows lie in */
    int64_t T, S, P, D, L;
};

struct place {
    int64_t m, k, n;
};

static int64_t max(int64_t x, int64_t y)
{
    return x > y ? x : y;
}

static int64_t divide_up(int64_t x, int64_t y)
{
    return (x + y - 1) / y;
}

static int64_t port(const struct oracle *o, enum scratchpad_id pad)
{
    return (int64_t)o->work->arch->pads[pad].banks * o->work->arch->pads[pad].bank_bits;
}

/* What PE (i, j) of the fold multiplies in step t. */
static struct place place_of(const struct oracle *o, const struct fold *f, int64_t i, int64_t j,
                             int64_t t)
{
    int64_t row = f->i0 + i, column = f->j0 + j;
    switch ((enum dataflow)o->core->dataflow) {
    case OUTPUT_STATIONARY:
        return (struct place){.m = row, .n = column, .k = t};
    case WEIGHT_STATIONARY:
        return (struct place){.k = row, .n = column, .m = t};
    case INPUT_STATIONARY:
        return (struct place){.k = row, .m = column, .n = t};
    case DATAFLOW_COUNT:
        break;
    }
    abort();
}

static int64_t weight_element(const struct oracle *o, int64_t k, int64_t n)
{
    return (o->group * o->K + k) * o->N + n;
}

uint64_t array_oracle_act_element(const struct matmul *matmul, uint64_t group, uint64_t m,
                                  uint64_t k)
{
    uint64_t oy = m / matmul->out_w, ox = m % matmul->out_w;
    uint64_t tap = k / matmul->channels, channel = k % matmul->channels;
    uint64_t ky = tap / matmul->kernel_w, kx = tap % matmul->kernel_w;
    uint64_t y = oy * matmul->stride_y + ky * matmul->dilation_y;
    uint64_t x = ox * matmul->stride_x + kx * matmul->dilation_x;
    return matmul->act_offset + (y * matmul->patch_w + x) * matmul->patch_c + matmul->channel +
           group * matmul->channels + channel;
}

/* One multiply-accumulate, which holds its PE for s clocks. */
static void multiply_accumulate(struct oracle *o, struct place at, int64_t s)
{
    o->counts.macs++;
    o->counts.pe_clocks += (uint64_t)s;
    if (!o->work->weights_known)
        return;
    uint64_t act =
        array_oracle_act_element(o->matmul, (uint64_t)o->group, (uint64_t)at.m, (uint64_t)at.k);
    int64_t weight = weight_element(o, at.k, at.n);
    __int128 product = (__int128)format_oracle_level(o->matmul->act_format, o->work->act[act]) *
                       format_oracle_level(o->matmul->weight_format, o->work->weights[weight]);
    o->work->sums[at.m * o->matmul->acc_pitch + o->group * o->N + at.n] += product;
}

/* Step t: the r x c PEs work, and go on together when the slowest of their weights is done; these
 * are the table's: in `os` weight[t][j] of the columns, in `ws` the stationary ones, in `is`
 * weight[i][t] of the rows. Returns s. */
static int64_t step(struct oracle *o, const struct fold *f, int64_t t)
{
    int64_t s = 1;
    for (int64_t i = 0; i < f->r; i++)
        for (int64_t j = 0; j < f->c; j++) {
            struct place at = place_of(o, f, i, j, t);
            s = max(s, o->clocks[weight_element(o, at.k, at.n)]);
        }
    for (int64_t i = 0; i < f->r; i++)
        for (int64_t j = 0; j < f->c; j++)
            multiply_accumulate(o, place_of(o, f, i, j, t), s);
    return s;
}

/* --- codes and sums on the move --- */

static void act_enters(struct oracle *o)
{
    o->counts.act_read_bits += (uint64_t)o->a;
    o->counts.act_decodes += o->core->pe == PE_ANT;
}

static void weight_enters(struct oracle *o)
{
    o->counts.weight_read_bits += (uint64_t)o->w;
    o->counts.weight_decodes += o->core->pe == PE_ANT;
}

/* A sum goes to the acc scratchpad; q = 2: added to the one that lies there. */
static void sum_leaves(struct oracle *o, int64_t q)
{
    o->counts.acc_write_bits += (uint64_t)o->b;
    o->counts.acc_read_bits += q == 2 ? (uint64_t)o->b : 0;
}

/* --- docs/machine.md, Array: one fold --- */

/* Activations enter the r rows, weights the c columns; the sums stay until the end. */
static void fold_os(struct oracle *o, struct fold *f)
{
    int64_t q = o->matmul->accumulate ? 2 : 1;
    for (int64_t t = 0; t < o->K; t++) {
        int64_t s = step(o, f, t);
        for (int64_t i = 0; i < f->r; i++)
            act_enters(o);
        for (int64_t j = 0; j < f->c; j++)
            weight_enters(o);
        f->T += max(s, max(divide_up(f->r * o->a, port(o, PAD_ACT)),
                           divide_up(f->c * o->w, port(o, PAD_WEIGHT))));
    }
    for (int64_t i = 0; i < f->r; i++)
        for (int64_t j = 0; j < f->c; j++)
            sum_leaves(o, q);
    f->P = 0;
    f->D = f->Rs * divide_up(q * f->c * o->b, port(o, PAD_ACC));
}

/* y stands in the r x c PEs, x enters the r rows, a sum leaves below each of the c columns. */
static void fold_stationary(struct oracle *o, struct fold *f)
{
    bool ws = o->core->dataflow == WEIGHT_STATIONARY;
    int64_t steps = ws ? o->M : o->N;
    int64_t x = ws ? o->a : o->w, port_x = port(o, ws ? PAD_ACT : PAD_WEIGHT);
    int64_t y = ws ? o->w : o->a, port_y = port(o, ws ? PAD_WEIGHT : PAD_ACT);
    int64_t q = o->matmul->accumulate || f->i0 > 0 ? 2 : 1;
    for (int64_t i = 0; i < f->r; i++)
        for (int64_t j = 0; j < f->c; j++)
            (ws ? weight_enters : act_enters)(o);
    for (int64_t t = 0; t < steps; t++) {
        int64_t s = step(o, f, t);
        for (int64_t i = 0; i < f->r; i++)
            (ws ? act_enters : weight_enters)(o);
        for (int64_t j = 0; j < f->c; j++)
            sum_leaves(o, q);
        f->T +=
            max(s, max(divide_up(f->r * x, port_x), divide_up(q * f->c * o->b, port(o, PAD_ACC))));
    }
    f->P = f->Rs * divide_up(f->c * y, port_y);
    f->D = 0;
}

static struct fold fold_at(struct oracle *o, int64_t i0, int64_t j0, int64_t rows, int64_t columns)
{
    struct fold f = {.i0 = i0, .j0 = j0};
    f.r = rows - i0 < o->R ? rows - i0 : o->R;
    f.c = columns - j0 < o->C ? columns - j0 : o->C;
    f.Rs = o->core->skew_used ? f.r : o->R;
    f.Cs = o->core->skew_used ? f.c : o->C;
    f.H = divide_up(f.Rs, pixels(o->core));
    f.S = (f.H - 1) + (f.Cs - 1);
    f.L = o->core->fold_latency + (f.r > pixels(o->core) && f.c > 1 ? o->core->corner_latency : 0);
    (o->core->dataflow == OUTPUT_STATIONARY ? fold_os : fold_stationary)(o, &f);
    return f;
}

/* --- docs/machine.md, Array: a sequence of folds --- */

/* When fold g starts, where fold f before it started at start_f. */
static int64_t start_after(const struct core *core, const struct fold *f, int64_t start_f,
                           const struct fold *g)
{
    bool os = core->dataflow == OUTPUT_STATIONARY;
    int64_t P_exposed = core->preload == EXPOSED ? g->P : 0;
    int64_t D_exposed = core->drain == EXPOSED ? f->D : 0;
    int64_t gap = core->fill == HIDDEN ? 0 : max(0, f->H - g->H);
    int64_t end_f = start_f + f->T + f->L + (core->fill == EXPOSED ? f->S : 0);
    int64_t start_g = end_f + P_exposed + D_exposed;
    if (core->fill == OVERLAPPED && !os)
        start_g = max(start_g, end_f + P_exposed + gap);
    if (core->preload == OVERLAPPED)
        start_g = max(start_g, start_f + g->P);
    if (core->drain != HIDDEN && os)
        start_g = max(start_g, start_f + f->T + f->D + gap - g->T);
    return start_g;
}

/* When the last result of a fold that started at start_f is out. */
static int64_t finish_of(const struct core *core, const struct fold *f, int64_t start_f)
{
    int64_t end_f = start_f + f->T + f->L + (core->fill == EXPOSED ? f->S : 0);
    return end_f + (core->fill == OVERLAPPED ? f->S : 0) + (core->drain != HIDDEN ? f->D : 0);
}

/* Groups outermost, then column blocks, then row blocks. */
static void run_folds(struct oracle *o, int64_t rows, int64_t columns)
{
    struct fold f = {0};
    int64_t start = 0, cycles = 0;
    bool is_first = true;
    for (o->group = 0; o->group < o->matmul->groups; o->group++)
        for (int64_t j0 = 0; j0 < columns; j0 += o->C)
            for (int64_t i0 = 0; i0 < rows; i0 += o->R) {
                struct fold g = fold_at(o, i0, j0, rows, columns);
                if (is_first)
                    start = o->core->preload == HIDDEN ? 0 : g.P;
                else
                    start = start_after(o->core, &f, start, &g);
                cycles = max(cycles, finish_of(o->core, &g, start));
                f = g;
                is_first = false;
            }
    o->counts.cycles = (uint64_t)cycles;
}

/* --- a MATMUL --- */

static struct oracle oracle_of(const struct array_oracle_work *work)
{
    const struct matmul *matmul = work->matmul;
    struct oracle o = {.work = work, .matmul = matmul, .core = &work->arch->cores[matmul->core]};
    enum pe_type pe = (enum pe_type)o.core->pe;
    bool is = o.core->dataflow == INPUT_STATIONARY;
    o.M = (int64_t)matmul->out_h * matmul->out_w;
    o.K = (int64_t)matmul->kernel_h * matmul->kernel_w * matmul->channels;
    o.N = matmul->n;
    o.R = o.core->rows / fusion(pe, is ? matmul->weight_format : matmul->act_format);
    o.R *= pixels(o.core);
    o.C = o.core->columns / fusion(pe, is ? matmul->act_format : matmul->weight_format);
    o.a = format_oracle_bits(matmul->act_format);
    o.w = format_oracle_bits(matmul->weight_format);
    o.b = o.core->accumulator_bits;
    int64_t weights = matmul->groups * o.K * o.N;
    o.clocks = malloc((size_t)weights);
    if (!o.clocks)
        abort();
    for (int64_t i = 0; i < weights; i++)
        o.clocks[i] =
            (uint8_t)clocks_of(pe, matmul->weight_format,
                               work->weights_known ? work->weights[i] : 0, work->weights_known);
    return o;
}

struct array_oracle_counts array_oracle_run(const struct array_oracle_work *work)
{
    struct oracle o = oracle_of(work);
    for (int64_t m = 0; work->weights_known && m < o.M; m++)
        for (int64_t sum = 0; sum < o.matmul->groups * o.N; sum++)
            if (!o.matmul->accumulate)
                work->sums[m * o.matmul->acc_pitch + sum] = 0;
    bool os = o.core->dataflow == OUTPUT_STATIONARY, is = o.core->dataflow == INPUT_STATIONARY;
    run_folds(&o, os ? o.M : o.K, is ? o.M : o.N);
    o.counts.idle_pe_clocks = (uint64_t)(o.R * o.C) * o.counts.cycles - o.counts.pe_clocks;
    free(o.clocks);
    return o.counts;
}
