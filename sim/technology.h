/* A technology: prices of energy, leakage and area at one node, each with its source and bounds.
 * Data from configs/technology/NAME.cfg; sim/energy.h multiplies them with counters. */
#ifndef MANTIS_SIM_TECHNOLOGY_H
#define MANTIS_SIM_TECHNOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* X(ENUMERATOR, name, unit, what it is the price of). */
#define PRICES(X)                                                                                 \
    X(MAC_8X8, "mac_8x8", "pJ", "a clock of an 8x8-bit multiply-accumulate PE")                   \
    X(MAC_4X4, "mac_4x4", "pJ", "a clock of a 4x4-bit multiply-accumulate PE")                    \
    X(ANT_SHIFT, "ant_shift", "pJ", "a clock of what an ANT PE adds: exponent adder and shifter") \
    X(MSD_STEP, "msd_step", "pJ", "a clock of a bit-serial signed-digit PE")                      \
    X(PE_IDLE, "pe_idle", "pJ", "a clock of a PE without operands: its clock pins")               \
    X(DECODER, "decoder", "pJ", "an ANT decoder decoding one code")                               \
    X(FLIP_FLOP, "flip_flop", "pJ/bit", "a flip-flop taking a new bit")                           \
    X(INT32_MULTIPLY, "int32_multiply", "pJ", "a 32-bit integer multiplication")                  \
    X(INT32_ADD, "int32_add", "pJ", "a 32-bit integer addition")                                  \
    X(LOGIC_LEAKAGE, "logic_leakage", "uW/um2", "leakage of logic per area")                      \
    X(MAC_8X8_AREA, "mac_8x8_area", "um2", "an 8x8-bit multiply-accumulate PE")                   \
    X(ANT_PE_AREA, "ant_pe_area", "um2", "a 4-bit ANT PE")                                        \
    X(MSD_PE_AREA, "msd_pe_area", "um2", "a bit-serial signed-digit PE")                          \
    X(DECODER_AREA, "decoder_area", "um2", "an ANT decoder")                                      \
    X(INT32_MULTIPLIER_AREA, "int32_multiplier_area", "um2", "a 32-bit integer multiplier")       \
    X(INT32_ADDER_AREA, "int32_adder_area", "um2", "a 32-bit integer adder")

#define PRICE_ENUMERATOR(id, name, unit, help) PRICE_##id,
enum price_id { PRICES(PRICE_ENUMERATOR) PRICE_COUNT };
#undef PRICE_ENUMERATOR

/* A figure with its bounds. NaN where there is none. */
struct bounded {
    double value, low, high;
};

enum { TECHNOLOGY_NAME_SIZE = 48, TECHNOLOGY_MAX_DRAMS = 32, TECHNOLOGY_SOURCE_SIZE = 256 };

struct price {
    struct bounded figure;
    char provenance[32];
    char source[TECHNOLOGY_SOURCE_SIZE];
};

/* Energy of external memories, pJ/bit, by the DRAM's name. */
struct dram_price {
    char name[TECHNOLOGY_NAME_SIZE];
    struct price price;
};

/* One macro of the SRAM table: one size and width in one cell flavour. */
struct sram_point {
    uint32_t bytes, width_bits;
    double read_pj, write_pj; /* whole width */
    double leakage_mw;        /* subthreshold and gate */
    double area_mm2;
};

struct sram_flavour {
    char cell[16];
    int count;
    struct sram_point *points;
};

enum { SRAM_MAX_FLAVOURS = 8 };

struct technology {
    char name[TECHNOLOGY_NAME_SIZE];
    int node_nm;
    struct price prices[PRICE_COUNT]; /* figure.value is NaN where the file gives none */
    int dram_count;
    struct dram_price drams[TECHNOLOGY_MAX_DRAMS];
    int flavour_count, cell; /* cell: index of the flavour in use */
    struct sram_flavour flavours[SRAM_MAX_FLAVOURS];
};

void technology_free(struct technology *technology);

/* Price of a bit to or from the DRAM of that name; NULL if the technology has none. */
const struct price *technology_dram(const struct technology *technology, const char *name);

const char *price_name(int price);
const char *price_unit(int price);

/* What a macro of `bytes` and `width_bits` costs: the flavour in use gives the value, the least and
 * the greatest of all flavours the bounds. Interpolated log-log in size and width. Outside the
 * table `outside` is set and the nearest edge holds: energies per bit as they are, leakage and area
 * in proportion to the size. */
struct sram_cost {
    struct bounded read_pj_per_bit, write_pj_per_bit, leakage_mw, area_mm2;
    bool outside;
};
struct sram_cost technology_sram(const struct technology *technology, double bytes,
                                 double width_bits);

/* Read the rows of `node_nm` of an SRAM table (csv with a header; the columns used are named in
 * technology_sram.c). */
bool technology_read_sram(struct technology *technology, const char *text, size_t size,
                          const char *path, struct err *err);

#endif
