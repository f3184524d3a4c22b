/* The arch: one accelerator, as plain data. sim/config_arch.c reads it from a libconfig file,
 * isa/arch_numbers.h has the ranges, docs/machine.md the timing rules that use it. Times are clock
 * cycles of the core unless said otherwise. */
#ifndef MANTIS_ISA_ARCH_H
#define MANTIS_ISA_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/dram_device.h"
#include "isa/err.h"

enum { ARCH_MAX_ROWS = 1024, ARCH_MAX_COLUMNS = 1024, ARCH_NAME_SIZE = 48, ARCH_MAX_CORES = 2 };

/* X(ENUMERATOR, name, one line). Append only: the order is the binary encoding. Descriptors:
 * pe/pe.h. */
#define PES(X)                                                                             \
    X(INT8, "int8", "bit-parallel 8-bit multiply-accumulate")                              \
    X(ANT, "ant", "4-bit operands through ANT decoders; 2x2 PEs fuse for wider operands")  \
    X(MSD, "msd", "bit-serial over the weight's signed digits, one digit a clock")         \
    X(MSD_SKIP, "msd_skip", "as msd, zero digits skipped, columns synchronised per step")  \
    X(BITFUSION, "bitfusion", "4-bit integers; 2x2 PEs fuse for wider operands")           \
    X(OLACCEL, "olaccel", "as bitfusion; outliers of 8 bits beside 4-bit operands")        \
    X(ADAFLOAT, "adafloat", "floating-point multiply-accumulate of AdaptivFloat operands") \
    X(BISCALED, "biscaled", "6-bit integers of two scales, aligned behind the multiplier") \
    X(INT8X2, "int8x2", "two int8 in one DSP: two output pixels share a weight (os)")

#define PE_ENUMERATOR(id, name, help) PE_##id,
enum pe_type { PES(PE_ENUMERATOR) PE_COUNT };
#undef PE_ENUMERATOR

#define DATAFLOWS(X)                                                        \
    X(OUTPUT_STATIONARY, "os",                                              \
      "output-stationary: rows are output pixels, columns output channels") \
    X(WEIGHT_STATIONARY, "ws",                                              \
      "weight-stationary: rows are the reduction, columns output channels") \
    X(INPUT_STATIONARY, "is", "input-stationary: rows are the reduction, columns output pixels")

#define DATAFLOW_ENUMERATOR(id, name, help) id,
enum dataflow { DATAFLOWS(DATAFLOW_ENUMERATOR) DATAFLOW_COUNT };
#undef DATAFLOW_ENUMERATOR

/* How much of a phase of a fold shows in the array's time. EXPOSED: every fold pays it. OVERLAPPED:
 * it runs beside the neighbouring folds and shows only at the ends and where it is the longer.
 * HIDDEN: never shows (the idealisation of analytical models). */
#define VISIBILITIES(X)                                               \
    X(EXPOSED, "exposed", "every fold pays it")                       \
    X(OVERLAPPED, "overlapped", "runs beside the neighbouring folds") \
    X(HIDDEN, "hidden", "never shows, as in analytical models")

#define VISIBILITY_ENUMERATOR(id, name, help) id,
enum visibility { VISIBILITIES(VISIBILITY_ENUMERATOR) VISIBILITY_COUNT };
#undef VISIBILITY_ENUMERATOR

/* A systolic array and its PEs. An arch has one or two, with ports of their own to the same
 * scratchpads; two share the output channels of a layer. */
struct core {
    uint8_t pe;               /* enum pe_type */
    uint8_t dataflow;         /* enum dataflow */
    uint8_t preload;          /* enum visibility: stationary operand into the array (WS, IS) */
    uint8_t fill;             /* enum visibility: skew of the operand wavefront */
    uint8_t drain;            /* enum visibility: results out of the array (OS) */
    uint8_t accumulator_bits; /* 8..32 */
    bool skew_used; /* fill and drain follow the used part of the array, not its full size */
    uint16_t rows, columns;  /* PEs; 1..1024. For ANT these are 4-bit PEs */
    uint16_t fold_latency;   /* fixed extra cycles of a fold (operand fetch, collection pipeline) */
    uint16_t corner_latency; /* further cycles of a fold on several rows and several columns */
};

/* X(ENUMERATOR, name, what it holds) */
#define SCRATCHPADS(X)                                                               \
    X(ACT, "act", "activation codes")                                                \
    X(WEIGHT, "weight", "weight codes")                                              \
    X(PARAM, "param", "per-channel bias, multiplier, residual multiplier and shift") \
    X(ACC, "acc", "partial sums, accumulator_bits wide")                             \
    X(OUT, "out", "output codes on their way to DRAM")

#define SCRATCHPAD_ENUMERATOR(id, name, help) PAD_##id,
enum scratchpad_id { SCRATCHPADS(SCRATCHPAD_ENUMERATOR) PAD_COUNT };
#undef SCRATCHPAD_ENUMERATOR

struct scratchpad_config {
    uint32_t bytes; /* total, both halves where double-buffered */
    uint16_t banks;
    uint16_t bank_bits; /* read and write width of one bank's port */
    bool double_buffered;
};

/* A memory without rows: a data bus and a latency. */
struct dram_ideal {
    char name[sizeof(((struct dram_device *)0)->name)]; /* of its prices; "" stands for "ideal" */
    uint32_t clock_period_ps;
    uint16_t bytes_per_clock; /* of the data bus */
    uint16_t burst_bytes;     /* what an access is rounded out to */
    uint16_t latency;         /* clocks from a request to its first data */
};

/* What serves the machine's requests from a device (docs/machine.md, docs/dram.md). */
#define DRAM_CONTROLLERS(X)                                                     \
    X(IN_ORDER, "in-order", "requests in order, rows opened ahead; the faster") \
    X(QUEUED, "queued", "queues, reordering and drains, command by command")

#define DRAM_CONTROLLER_ENUMERATOR(id, name, help) DRAM_CONTROLLER_##id,
enum dram_controller_kind { DRAM_CONTROLLERS(DRAM_CONTROLLER_ENUMERATOR) DRAM_CONTROLLER_COUNT };
#undef DRAM_CONTROLLER_ENUMERATOR

/* The external memory: a device behind a controller, or the ideal memory. */
struct dram_config {
    bool is_ideal;
    struct dram_ideal ideal;   /* if so; otherwise: */
    struct dram_device device; /* all 0 if ideal */
    uint8_t controller;        /* enum dram_controller_kind */
};

/* Most bytes of one request to it. None crosses a multiple of this, so that LOAD and STORE take
 * turns on the channel. */
enum { DRAM_REQUEST_BYTES = 4096 };

struct arch {
    char name[ARCH_NAME_SIZE];
    char technology[ARCH_NAME_SIZE];
    uint32_t clock_khz;
    uint8_t core_count;
    struct core cores[ARCH_MAX_CORES];
    struct scratchpad_config pads[PAD_COUNT];
    uint16_t vector_lanes;   /* elements the vector unit finishes per clock */
    uint16_t vector_latency; /* pipeline depth of the vector unit */
    uint16_t dma_setup;      /* cycles before the first request of a LOAD or STORE */
    struct dram_config dram;
};

/* Elements of `bits` each that half (double-buffered) or all of a scratchpad holds. */
uint64_t scratchpad_capacity(const struct scratchpad_config *pad, int bits);

/* Whether every number is in its range and the parts fit together. */
bool arch_valid(const struct arch *arch, struct err *err);

/* Names of the closed sets above, for reading and printing. NULL where out of range. */
const char *pe_name(int pe);
const char *dataflow_name(int dataflow);
const char *visibility_name(int visibility);
const char *scratchpad_name(int pad);
const char *dram_controller_name(int controller);

/* Whether it is a device behind the queued controller. */
bool dram_config_is_queued(const struct dram_config *config);

/* Of either kind of memory. */
const char *dram_config_name(const struct dram_config *config);
uint32_t dram_config_clock_ps(const struct dram_config *config);
uint32_t dram_config_burst_bytes(const struct dram_config *config);
uint32_t dram_config_bytes_per_clock(const struct dram_config *config);

#endif
