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
    X(INT8X2_MAC, "int8x2_mac", "pJ", "a clock of one of the two MACs of a PE int8x2")            \
    X(MSD_STEP, "msd_step", "pJ", "a clock of a bit-serial signed-digit PE")                      \
    X(BITFUSION_PE, "bitfusion_pe", "pJ", "a clock of a quarter of Bit Fusion's fusion unit")     \
    X(OUTLIER_PE, "outlier_pe", "pJ", "a 4-bit PE's share of OLAccel's outlier PEs, a clock")     \
    X(ADAFLOAT_MAC, "adafloat_mac", "pJ", "a clock of an AdaptivFloat multiply-accumulate PE")    \
    X(BISCALED_MAC, "biscaled_mac", "pJ", "a clock of a 6-bit BiScaled multiply-accumulate PE")   \
    X(PE_IDLE, "pe_idle", "pJ", "a clock of a PE without operands: its clock pins")               \
    X(DECODER, "decoder", "pJ", "an ANT decoder decoding one code")                               \
    X(FLIP_FLOP, "flip_flop", "pJ/bit", "a flip-flop taking a new bit")                           \
    X(INT32_MULTIPLY, "int32_multiply", "pJ", "a 32-bit integer multiplication")                  \
    X(INT32_ADD, "int32_add", "pJ", "a 32-bit integer addition")                                  \
    X(LOGIC_LEAKAGE, "logic_leakage", "uW/um2", "leakage of logic per area")                      \
    X(MAC_8X8_AREA, "mac_8x8_area", "um2", "an 8x8-bit multiply-accumulate PE")                   \
    X(INT8X2_MAC_AREA, "int8x2_mac_area", "um2", "one of the two MACs of a PE int8x2")            \
    X(ANT_PE_AREA, "ant_pe_area", "um2", "a 4-bit ANT PE")                                        \
    X(MSD_PE_AREA, "msd_pe_area", "um2", "a bit-serial signed-digit PE")                          \
    X(BITFUSION_PE_AREA, "bitfusion_pe_area", "um2", "a quarter of Bit Fusion's fusion unit")     \
    X(OLACCEL_PE_AREA, "olaccel_pe_area", "um2", "a 4-bit PE of OLAccel with its outlier PEs")    \
    X(ADAFLOAT_PE_AREA, "adafloat_pe_area", "um2", "an AdaptivFloat multiply-accumulate PE")      \
    X(BISCALED_PE_AREA, "biscaled_pe_area", "um2", "a 6-bit BiScaled multiply-accumulate PE")     \
    X(DECODER_AREA, "decoder_area", "um2", "an ANT decoder")                                      \
    X(INT32_MULTIPLIER_AREA, "int32_multiplier_area", "um2", "a 32-bit integer multiplier")       \
    X(INT32_ADDER_AREA, "int32_adder_area", "um2", "a 32-bit integer adder")

#define PRICE_ENUMERATOR(id, name, unit, help) PRICE_##id,
enum price_id { PRICES(PRICE_ENUMERATOR) PRICE_COUNT };
#undef PRICE_ENUMERATOR

/* X(ENUMERATOR, prefix, unit, whose names follow the prefix, what it is the price of). Records of
 * single parts: none of them has to be there. A prefix that begins another one comes after it. */
#define PART_PRICES(X)                                                                            \
    X(DRAM_BACKGROUND, "dram_background_", "mW", DRAM,                                            \
      "a DRAM, all of the time: standby, refresh")                                                \
    X(DRAM_READ, "dram_read_", "pJ/bit", DRAM, "a bit read from a DRAM (else dram_<name>)")       \
    X(DRAM_WRITE, "dram_write_", "pJ/bit", DRAM, "a bit written to a DRAM (else dram_<name>)")    \
    X(DRAM, "dram_", "pJ/bit", DRAM, "a bit to or from a DRAM")                                   \
    X(PE_CLOCK, "pe_clock_", "pJ", PE, "a clock of such a PE, whole (else the sum of its parts)") \
    X(PE_IDLE, "pe_idle_", "pJ", PE, "a clock of such a PE without operands (else pe_idle)")      \
    X(PE_AREA, "pe_area_", "um2", PE, "such a PE (else the area of its Verilog twin)")            \
    X(SRAM_READ, "sram_read_", "pJ/bit", SCRATCHPAD, "a bit read (else the SRAM table's)")        \
    X(SRAM_WRITE, "sram_write_", "pJ/bit", SCRATCHPAD, "a bit written (else the SRAM table's)")   \
    X(SRAM_LEAKAGE, "sram_leakage_", "mW", SCRATCHPAD, "a scratchpad (else the SRAM table's)")    \
    X(OPERAND, "operand_", "pJ/bit", OPERAND,                                                     \
      "a bit of an operand that does not stay, at every multiply-accumulate (else nothing)")      \
    X(MOVING_SUM, "moving_sum_", "pJ", DATAFLOW,                                                  \
      "a partial sum, fetched and put back for every multiply-accumulate (else nothing)")

#define PART_ENUMERATOR(id, prefix, unit, names, help) PART_##id,
enum part_price_id { PART_PRICES(PART_ENUMERATOR) PART_PRICE_COUNT };
#undef PART_ENUMERATOR

/* A figure with its bounds. NaN where there is none. */
struct bounded {
    double value, low, high;
};

enum { TECHNOLOGY_NAME_SIZE = 48, TECHNOLOGY_MAX_PARTS = 96, TECHNOLOGY_SOURCE_SIZE = 256 };

/* A figure and where it is from. */
struct price {
    struct bounded figure; /* value is NaN where there is none */
    int node_nm;           /* 0: it belongs to no node */
    double volts;          /* 0: its source does not say */
    char provenance[16];
    char source[TECHNOLOGY_SOURCE_SIZE];
};

/* A price of one part: the record's name is the prefix of its kind and the part's name. */
struct part_price {
    uint8_t id; /* enum part_price_id */
    char part[TECHNOLOGY_NAME_SIZE];
    struct price price;
};

/* One macro of the SRAM table: one size and width in one cell flavour at one node. */
struct sram_point {
    uint32_t bytes, width_bits;
    double read_pj, write_pj; /* whole width */
    double leakage_mw;        /* subthreshold and gate */
    double area_mm2;
    double access_ns;
};

/* The macros of a flavour at one node of the table. */
struct sram_grid {
    int count;
    struct sram_point *points;
};

enum { SRAM_MAX_FLAVOURS = 8, SRAM_MAX_NODES = 2 };

struct sram_flavour {
    char cell[16];
    struct sram_grid grids[SRAM_MAX_NODES]; /* one per node of the technology's sram_nodes */
};

/* Energy of a clock of the twins of PEs, by the shares of operands that are zero: design by share of
 * zero activations by share of zero weights, in equal steps from 0 to 1. Only ratios within a design
 * are meant to be used. */
enum { ACTIVITY_DESIGNS = 7, ACTIVITY_SHARES = 5 };

/* The operands that prices of PEs hold for. */
struct activity_reference {
    double act_zeros, weight_zeros; /* 0..1 */
    char source[TECHNOLOGY_SOURCE_SIZE];
};

struct activity {
    bool is_known;
    struct activity_reference reference;
    double energy[ACTIVITY_DESIGNS][ACTIVITY_SHARES][ACTIVITY_SHARES];
};

struct technology {
    char name[TECHNOLOGY_NAME_SIZE];
    int node_nm;
    double volts;                     /* of records that give none; 0: not stated */
    bool has_dram_currents;           /* a DRAM device is priced by its own currents */
    struct price prices[PRICE_COUNT]; /* figure.value is NaN where the file gives none */
    int part_count;
    struct part_price parts[TECHNOLOGY_MAX_PARTS];
    int sram_node_count;            /* 1: the table has node_nm; 2: node_nm lies between two */
    int sram_nodes[SRAM_MAX_NODES]; /* of the table, in nm, greater first */
    int flavour_count, cell;        /* cell: index of the flavour in use */
    struct sram_flavour flavours[SRAM_MAX_FLAVOURS];
    char sram_source[TECHNOLOGY_SOURCE_SIZE];
    struct activity activity;
};

void technology_free(struct technology *technology);

/* The price of a part, NULL if the technology has none. */
const struct price *technology_part(const struct technology *technology, enum part_price_id id,
                                    const char *part);

const char *part_price_prefix(int id);
const char *part_price_unit(int id);
const char *price_name(int price);
const char *price_unit(int price);

/* What a macro of `bytes` and `width_bits` costs: the flavour in use gives the value, the least and
 * the greatest of all flavours the bounds. Interpolated log-log in size and width, and in the node
 * where the table has no rows of it. Outside the table `outside` is set and the nearest edge holds:
 * energies per bit and access time as they are, leakage and area in proportion to the size. */
struct sram_cost {
    struct bounded read_pj_per_bit, write_pj_per_bit, leakage_mw, area_mm2, access_ns;
    bool outside;
    bool is_point; /* a row of the table, as it stands there */
};
struct sram_cost technology_sram(const struct technology *technology, double bytes,
                                 double width_bits);

/* Read the rows of the technology's sram_nodes of an SRAM table (csv with a header; the columns
 * used are named in technology_sram_table.c). A node without rows is refused with those that have
 * some. */
bool technology_read_sram(struct technology *technology, const char *text, size_t size,
                          const char *path, struct err *err);

/* A two-input NAND of the node, and where its area and the table of gates are from. The bounds are
 * those of a gate equivalent, between libraries. */
struct gates {
    struct bounded um2;
    char source[TECHNOLOGY_SOURCE_SIZE];
};

/* Fill the areas that `technology` lacks from a table of the Verilog twins: a csv that begins with
 * the columns design,gate_equivalents. `text` ends in NUL. */
bool technology_read_gates(struct technology *technology, const char *text,
                           const struct gates *source, const char *path, struct err *err);

/* Fill `activity` from a csv that begins with the columns
 * design,act_zeros_percent,weight_zeros_percent,pj_per_clock; every point must be there once. `text`
 * ends in NUL. */
bool technology_read_activity(struct technology *technology, const char *text,
                              const struct activity_reference *reference, const char *path,
                              struct err *err);

/* What a clock of a PE (enum pe_type) takes with these shares of zero operands (0..1), relative to its
 * price: between the points of the table linear in each share, which are taken as independent. NaN
 * where the technology or the table does not know. */
double technology_activity(const struct technology *technology, int pe, double act_zeros,
                           double weight_zeros);

#endif
