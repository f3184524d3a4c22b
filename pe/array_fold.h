/* Inside the array's timing: the work cut into folds, what a fold costs, sequences of folds. It
 * follows docs/machine.md, section Array, and keeps its letters: R x C the effective array, r x c
 * the part a fold uses, T stream, S skew, P preload, D drain, L latency. */
#ifndef MANTIS_PE_ARRAY_FOLD_H
#define MANTIS_PE_ARRAY_FOLD_H

#include <stdint.h>

#include "pe/array.h"
#include "pe/pe.h"

/* One MATMUL laid over the array: `rows` x `columns` of work cut into folds of `steps` steps. */
struct mapping {
    const struct core *core;
    uint64_t array_rows, array_columns; /* R, C */
    uint64_t rows, columns, steps;
    uint64_t row_blocks, column_blocks;
    uint64_t row_bits, column_bits, sum_bits; /* of a code or partial sum at each edge */
    uint64_t row_port, column_port, sum_port; /* bits per clock of the scratchpads behind them */
    const struct pe_descriptor *pe;
    const struct array_work *work;
};

/* Where a fold lies: block indices and the part of the array it uses. */
struct place {
    uint64_t group, row_block, column_block;
    uint64_t rows, columns; /* r, c */
};

struct place array_place(const struct mapping *map, uint64_t group, uint64_t row_block,
                         uint64_t column_block);

/* How long steps take in a fold before any scratchpad slows them: of[d] steps of d clocks. */
enum { MAX_STEP_CLOCKS = 8 };
struct steps {
    uint64_t of[MAX_STEP_CLOCKS + 1];
};

/* sum over steps of max(d, least) */
uint64_t array_step_clocks(const struct steps *steps, uint64_t least);

struct fold {
    uint64_t stream, skew, preload, drain, latency; /* T, S, P, D, L */
    uint64_t depth; /* rows of PEs its results pass on their way out */
};

struct fold array_fold(const struct mapping *map, const struct place *place,
                       const struct steps *steps);

/* A sequence of folds. As the distance of two folds depends on these two alone, sequences join and
 * repeat in constant time. Empty where count is 0. */
struct chain {
    uint64_t count;
    struct fold first, last;
    uint64_t span;   /* from the start of the first fold to the start of the last */
    uint64_t finish; /* from the start of the first fold to the last result of any */
};

struct chain array_chain(const struct core *core, const struct fold *fold);
struct chain array_chain_join(const struct core *core, const struct chain *a,
                              const struct chain *b);
struct chain array_chain_repeat(const struct core *core, const struct chain *chain, uint64_t times);

/* Cycles from the array's first move to its last result. */
uint64_t array_chain_cycles(const struct core *core, const struct chain *chain);

/* Cycles where zero digits of work->weights are skipped; `held` receives the clocks that PEs spend
 * on real operands. */
uint64_t array_skipping_cycles(const struct mapping *map, uint64_t *held);

#endif
