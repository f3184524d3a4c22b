#include "isa/dram_address.h"

#include <string.h>

#define LETTERS(id, text, size) text,
static const char letters[][3] = {DRAM_ADDRESS_FIELDS(LETTERS)};
#undef LETTERS

static uint8_t log2_of(uint64_t power)
{
    return (uint8_t)__builtin_ctzll(power);
}

static int field_named(const char *order)
{
    for (int field = 0; field < DRAM_ADDRESS_FIELD_COUNT; field++)
        if (!strncmp(order, letters[field], 2))
            return field;
    return -1;
}

static bool refuse(const char *order, struct err *err)
{
    char legal[64] = "";
    for (int field = 0; field < DRAM_ADDRESS_FIELD_COUNT; field++)
        list_append(legal, sizeof legal, "%s", letters[field]);
    return err_set(err, "mapping: \"%.15s\" must hold each of %s once, as in rochrababgco", order,
                   legal);
}

bool dram_mapping_read(struct dram_mapping *mapping, const char *order,
                       const struct dram_geometry *geometry, struct err *err)
{
#define SIZE(id, text, size) size,
    const uint32_t sizes[] = {DRAM_ADDRESS_FIELDS(SIZE)};
#undef SIZE
    unsigned seen = 0, shift = 0;
    if (strnlen(order, 2 * DRAM_ADDRESS_FIELD_COUNT + 1) != 2 * DRAM_ADDRESS_FIELD_COUNT)
        return refuse(order, err);
    mapping->burst_bits = log2_of(dram_burst_bytes(geometry));
    for (int place = DRAM_ADDRESS_FIELD_COUNT - 1; place >= 0; place--) {
        int field = field_named(order + 2 * place);
        if (field < 0 || seen >> field & 1)
            return refuse(order, err);
        seen |= 1u << field;
        mapping->fields[field].shift = (uint8_t)shift;
        mapping->fields[field].mask = sizes[field] - 1;
        shift += log2_of(sizes[field]);
    }
    return true;
}
