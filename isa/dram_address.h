/* Which channel, bank, row and column an address is, by a named order of the fields. */
#ifndef MANTIS_ISA_DRAM_ADDRESS_H
#define MANTIS_ISA_DRAM_ADDRESS_H

#include "isa/dram_device.h"

/* X(ENUMERATOR, the two letters of the field in the name of an order, size) */
#define DRAM_ADDRESS_FIELDS(X)               \
    X(CHANNEL, "ch", geometry->channels)     \
    X(RANK, "ra", geometry->ranks)           \
    X(GROUP, "bg", geometry->bank_groups)    \
    X(BANK, "ba", geometry->banks_per_group) \
    X(ROW, "ro", geometry->rows)             \
    X(COLUMN, "co", geometry->columns / geometry->burst_length)

#define DRAM_ADDRESS_ENUMERATOR(id, letters, size) DRAM_ADDRESS_##id,
enum dram_address_field { DRAM_ADDRESS_FIELDS(DRAM_ADDRESS_ENUMERATOR) DRAM_ADDRESS_FIELD_COUNT };
#undef DRAM_ADDRESS_ENUMERATOR

struct dram_mapping {
    uint8_t burst_bits; /* below them lies the byte within a burst */
    struct {
        uint8_t shift;
        uint32_t mask;
    } fields[DRAM_ADDRESS_FIELD_COUNT]; /* of the address in bursts */
};

struct dram_place {
    uint32_t channel, bank /* within the channel */, row;
};

/* Read an order such as "rochrababgco": the fields of an address from its top bits down, each once,
 * as DRAMsim3 names them. Of a geometry that dram_device_check accepts. */
bool dram_mapping_read(struct dram_mapping *mapping, const char *order,
                       const struct dram_geometry *geometry, struct err *err);

static inline uint32_t dram_field(const struct dram_mapping *mapping, uint64_t burst,
                                  enum dram_address_field field)
{
    return (uint32_t)(burst >> mapping->fields[field].shift) & mapping->fields[field].mask;
}

/* Of the address in bursts. Bits beyond the capacity are ignored. */
static inline struct dram_place dram_place_of(const struct dram_mapping *mapping, uint64_t burst,
                                           const struct dram_geometry *geometry)
{
    uint32_t group = dram_field(mapping, burst, DRAM_ADDRESS_RANK) * geometry->bank_groups +
                     dram_field(mapping, burst, DRAM_ADDRESS_GROUP);
    return (struct dram_place){
        .channel = dram_field(mapping, burst, DRAM_ADDRESS_CHANNEL),
        .bank = group * geometry->banks_per_group + dram_field(mapping, burst, DRAM_ADDRESS_BANK),
        .row = dram_field(mapping, burst, DRAM_ADDRESS_ROW),
    };
}

#endif
