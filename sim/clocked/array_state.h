/* Inside the register-level array. What a name in pe/array.c's formulas is there, is a register or
 * a counter here:
 *
 *   array_control.c    the controller at the corner, PE (0, 0): small machines that issue commands
 *   array_feed.c       left and top edge: codes from the scratchpads, decoders, skew, preload
 *   array_multiply.c   the PEs: one clock of all of them
 *   array_collect.c    bottom edge: digit adders, drain, sums into the scratchpad
 *   array_work.c       where operands and sums of a MATMUL lie, its folds
 *   array_decode.c     what the decoders make of each code
 *   array_registers.c  memory for the registers
 *
 * Commands travel as operands do: what the controller issues in cycle t acts on PE (i, j) in cycle
 * t + i + j; the word is `age` = i + j clocks old then. Where fill is hidden nothing hops (`hop` is
 * 0): operands are broadcast, sums added by a tree, and every word acts at age 0.
 *
 * Rows are those of the effective array: a PE that works on two output pixels is two rows, each
 * with its activation, its accumulator and its shadow, of one weight. A word reaches both at once
 * (pe_row), and their sums leave one after the other. */
#ifndef MANTIS_SIM_CLOCKED_ARRAY_STATE_H
#define MANTIS_SIM_CLOCKED_ARRAY_STATE_H

#include <assert.h>
#include <stddef.h>

#include "pe/pe.h"
#include "pe/pe_clock.h"
#include "sim/clocked/array.h"
#include "sim/clocked/array_multiply.h"

/* --- decoders --- */

/* What a code is inside the array; unused digits are null terms. */
struct decoded {
    struct term digit[PE_MAX_CLOCKS];
    uint8_t count;
};

/* All codes of a format, as weights or activations of the arch's PE. */
struct decoder {
    struct decoder *next;
    struct format format;
    bool is_weight;
    uint8_t max_shift;
    uint32_t mask; /* of the bits of a code */
    struct decoded of_code[];
};

/* --- a MATMUL and its folds --- */

struct operand {
    const uint8_t *codes; /* NULL in timing-only runs */
    const struct decoder *decoder;
    uint32_t code_bits, host_bytes;
    uint64_t port; /* bits per clock of its scratchpad */
};

struct work {
    struct matmul matmul;
    struct operand act, weight;
    void *sums;
    bool wide_sums;   /* in the scratchpad */
    bool wide;        /* in the array */
    bool has_shifts;  /* an operand has a term with a shift */
    uint64_t m, k, n; /* of one group's product */
    uint64_t rows, columns,
        steps; /* the same by dataflow: what rows hold, columns hold, and steps are */
    uint32_t array_rows, array_columns; /* R, C: of the effective array */
    uint64_t row_blocks, column_blocks, folds;
    uint32_t digits;      /* clocks of a step where no digit is skipped */
    uint32_t held_digits; /* of a stationary operand */
    bool skips;           /* zero digits */
    const size_t *pixel;  /* activation (m, k) is at pixel[m] + tap[k] of group 0 */
    const size_t *tap;
};

/* The part of the work that is in the array at one time. */
struct fold {
    uint64_t index, group, first_row, first_column;
    uint32_t rows, columns; /* r, c: used */
    uint32_t depth, width;  /* rows and columns that waves, preload and results pass */
    uint32_t pe_rows;       /* rows of PEs that hold those of `depth` */
    bool adds;              /* to sums that lie in the scratchpad */
    uint8_t digits;         /* most of its stationary weights */
    bool has_begun, has_last_wave, has_ended;
    uint64_t begun, last_wave,
        ended; /* cycles: first wave; last wave; last clock of the last step */
    bool drains;
    uint64_t drain_begun, drain_ended; /* cycles */
    bool is_issued;                    /* every command: what is left is travel and latency */
    uint32_t settle;                   /* clocks of travel and latency left */
    bool is_done;
    size_t sum_at, sum_step, sum_column; /* element of step (row) 0, column 0; distances */
};

/* --- the controller --- */

enum phase {
    PHASE_EXIT,    /* results of the fold before must reach the way out first */
    PHASE_PRELOAD, /* until the stationary operand is there */
    PHASE_STREAM,
    PHASE_DRAIN,  /* exposed */
    PHASE_FLIGHT, /* exposed: until the last command has reached the far corner */
    PHASE_LATENCY,
    PHASE_DONE
};

struct sequencer {
    enum phase phase;
    uint64_t fold;
    uint32_t wait; /* clocks left of the phase */
};

/* A step on its way into the array: digits to issue, bits to come through each port. */
struct stream {
    bool is_open;
    uint64_t step;
    uint32_t digit, digits;
    uint64_t row_bits, column_bits, sum_bits;
};

/* A row of stationary operands at a time, the bottom row's first. */
struct preload {
    bool is_active, is_loaded, row_is_open;
    uint64_t fold;
    uint32_t row;  /* rows shifted in */
    uint64_t bits; /* of this row, still to come through the port */
};

/* A row of results at a time, the bottom row's first. */
struct drain {
    bool is_active, row_is_open;
    uint64_t fold;
    uint32_t row;  /* rows shifted out */
    uint64_t bits; /* of this row, still to go through the port */
    uint32_t hops; /* of the last shift command to the way out */
};

/* Control words in flight, by age: element position + age of each array. */
struct line {
    uint8_t *is_held;  /* a wave of real operands */
    uint8_t *is_first; /* the first digit of its step */
    uint8_t *is_last;  /* the last one */
    uint8_t *digit;    /* selects the digit of a stationary weight */
    uint32_t *step;
    uint16_t *drain;   /* 1 + rows shifted out before; 0: no shift */
    uint16_t *preload; /* 1 + rows shifted in before; 0: no shift */
};

/* --- registers --- */

/* Registers that move every clock are not copied: a chain along a row stands still in memory while
 * `position` moves down by one, and what moves down the columns lies in ring rows named by the
 * cycle in which they entered row 0. Registers that move on command are copied. */
struct registers {
    struct terms rows; /* [row][position - row ...]: skew registers, then the row's PEs */
    size_t row_pitch;
    size_t position;
    struct terms columns; /* OS: [ring row][column]: operands that move down */
    uint32_t ring_mask;
    struct terms held;     /* WS, IS: [digit][row][column]: the stationary operand in use */
    struct terms selected; /* [row][column]: of several digits the one that is multiplied */
    uint16_t *entering;    /* WS, IS: [ring row][column]: codes on their way to the top edge */
    uint16_t *loading;     /* WS, IS: [row][column]: the second register, shifted in from the top */
    void *sums;            /* OS: [row][column]; WS, IS: [ring row][column] */
    void *shadow;          /* OS, overlapped drain: [row][column] */
    int64_t *adder;        /* WS, IS: [column]: digits added so far */
    const struct decoded **row_edge, **column_edge; /* operands of the open step */
    uint16_t *shift_depth;                          /* [column]: scratch of column shifts */
};

struct clocked_array {
    const struct arch *arch;
    const struct core *core; /* of the arch */
    bool is_second;
    const struct pe_descriptor *pe;
    uint8_t packing;        /* 1 where a PE is two rows, else 0 */
    uint32_t rows, columns; /* of PEs that are not fused: what there is memory for */
    uint32_t hop;           /* 1; 0 where fill is hidden */
    uint64_t sum_port;
    struct decoder *decoders;
    struct registers registers;
    struct line line;
    size_t *offsets; /* memory of work.pixel and work.tap */
    size_t offset_capacity;

    struct work work;
    bool is_busy;
    uint64_t now;
    struct fold *folds; /* ring, by index */
    uint32_t fold_mask;
    uint64_t oldest; /* fold that is not done */
    struct sequencer sequencer;
    struct stream stream;
    struct preload preload;
    struct drain drain;

    struct {
        bool preloading, streaming, filling, draining;
        int64_t *bottom;
        bool *bottom_valid;
        struct term *left, *top; /* gathered when asked for */
    } shown;                     /* by the last clock */
};

static inline bool is_stationary(const struct clocked_array *array)
{
    return array->core->dataflow != OUTPUT_STATIONARY;
}

/* The row of PEs that row i of the effective array is in. */
static inline uint32_t pe_row(const struct clocked_array *array, uint32_t i)
{
    return i >> array->packing;
}

/* Rows of PEs that so many rows take. */
static inline uint32_t pe_row_count(const struct clocked_array *array, uint32_t rows)
{
    return pe_row(array, rows - 1) + 1;
}

static inline struct fold *fold_at(const struct clocked_array *array, uint64_t index)
{
    return &array->folds[index & array->fold_mask];
}

/* Folds whose commands may be in the array: oldest .. fold_end - 1. */
static inline uint64_t fold_end(const struct clocked_array *array)
{
    return array->sequencer.fold + 1;
}

/* In timing-only runs operands are null terms: no values move. */
static inline bool has_values(const struct clocked_array *array)
{
    return array->work.act.codes != NULL;
}

/* Columns of row i that a word of this age acts on: begin .. end - 1. */
struct span {
    uint32_t begin, end;
};
static inline struct span reached(const struct clocked_array *array, uint64_t age, uint32_t i,
                                  uint32_t columns)
{
    if (!array->hop)
        return (struct span){0, age == 0 ? columns : 0};
    const uint32_t down = pe_row(array, i);
    if (age < down || age - down >= columns)
        return (struct span){0, 0};
    return (struct span){(uint32_t)age - down, (uint32_t)age - down + 1};
}

/* The last PE that a word reaches is the one in the far corner. */
static inline uint32_t hops_to_far_corner(const struct clocked_array *array,
                                          const struct fold *fold)
{
    return array->hop * (fold->pe_rows - 1 + fold->width - 1);
}

/* A word issued in cycle `issued` has places to go to, and has one in this cycle. */
static inline bool is_under_way(const struct clocked_array *array, const struct fold *fold,
                                uint64_t issued)
{
    return array->now - issued <= hops_to_far_corner(array, fold);
}

/* From the corner to the bottom of column 0. */
static inline uint32_t hops_to_way_out(const struct clocked_array *array, const struct fold *fold)
{
    return array->hop * (fold->pe_rows - 1);
}

/* array_decode.c: NULL when out of memory */
const struct decoder *array_decoder(struct clocked_array *array, struct format format,
                                    bool is_weight);

/* array_registers.c */
bool array_registers_new(struct clocked_array *array);
void array_registers_free(struct clocked_array *array);
void array_registers_clear(struct clocked_array *array);
void array_registers_move(struct clocked_array *array);

/* array_work.c */
bool array_work_begin(struct clocked_array *array, const struct clocked_array_task *task);
struct fold array_fold_of(const struct clocked_array *array, uint64_t index);

static inline const struct decoded *operand_at(const struct operand *operand, size_t index)
{
    uint32_t code = operand->host_bytes == 1
                        ? operand->codes[index]
                        : ((const uint16_t *)(const void *)operand->codes)[index];
    return &operand->decoder->of_code[code & operand->decoder->mask];
}

static inline size_t act_index(const struct work *work, uint64_t group, uint64_t m, uint64_t k)
{
    return work->pixel[m] + work->tap[k] + group * work->matmul.channels;
}

static inline size_t weight_index(const struct work *work, uint64_t group, uint64_t k, uint64_t n)
{
    return (group * work->k + k) * work->n + n;
}

/* array_control.c */
void array_control_begin(struct clocked_array *array);
void array_control_clock(struct clocked_array *array, struct counters *counters);
/* After everything else; true in the last clock. */
bool array_control_end(struct clocked_array *array);

/* array_feed.c */
uint32_t array_read_step(struct clocked_array *array, struct fold *fold, uint64_t step,
                         struct counters *counters);
void array_read_stationary_row(struct clocked_array *array, struct fold *fold, uint32_t row,
                               struct counters *counters);
void array_feed_bubble(struct clocked_array *array);
void array_feed_wave(struct clocked_array *array, const struct fold *fold, uint32_t digit);
void array_switch_stationary(struct clocked_array *array, struct counters *counters);
void array_shift_stationary(struct clocked_array *array);

/* array_multiply.c: PEs of the first rows and columns */
void array_multiply(struct clocked_array *array, uint32_t rows, uint32_t columns);

/* array_collect.c */
void array_enter_sums(struct clocked_array *array);
void array_clear_accumulators(struct clocked_array *array);
void array_collect(struct clocked_array *array, struct counters *counters);

#endif
