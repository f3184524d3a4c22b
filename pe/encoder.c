#include "pe/encoder.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "pe/clones.h"
#include "pe/gemm_parts.h"

enum { MAX_TABLE = 1 << 16, MAX_OPERAND_BITS = 8, BLOCK = 256 };

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

/* index[i] = how many thresholds half_levels[i] has reached: halving steps, all elements in step.
 */
VECTOR_CLONES static void search(const struct encoder *encoder, const int32_t *restrict half_levels,
                                 int count, int32_t *restrict index)
{
    const int32_t *thresholds = encoder->thresholds;
    for (int i = 0; i < count; i++)
        index[i] = 0;
    for (int step = encoder->span / 2; step; step /= 2)
        for (int i = 0; i < count; i++)
            index[i] += half_levels[i] >= thresholds[index[i] + step - 1] ? step : 0;
}

static const uint8_t *build_table(const struct encoder *encoder)
{
    int64_t range = (int64_t)encoder->high - encoder->low + 1;
    if (encoder->host_bytes != 1 || range > MAX_TABLE)
        return NULL;
    uint8_t *table = allocate(range > CODE_VALUES ? (size_t)range : CODE_VALUES, 1);
    for (int32_t t = encoder->low; t <= encoder->high; t++) {
        int32_t index;
        search(encoder, &t, 1, &index);
        table[t - encoder->low] = (uint8_t)encoder->codes[index];
    }
    return table;
}

static const struct encoder *build(struct format format)
{
    const struct grid *grid = format_grid(format);
    struct encoder *encoder = allocate(1, sizeof *encoder);
    int span = 1;
    while (span < grid->count)
        span *= 2;
    int32_t *thresholds = allocate((size_t)span, sizeof *thresholds);
    /* The largest level is at most 2^30, so its sum with the one below it fits. */
    for (int i = 0; i < span; i++)
        thresholds[i] = i + 1 < grid->count ? grid->levels[i] + grid->levels[i + 1] : INT32_MAX;
    *encoder = (struct encoder){
        .host_bytes = format_host_bytes(format),
        .low = thresholds[0] - 1,
        .high = thresholds[grid->count - 2],
        .span = span,
        .thresholds = thresholds,
        .codes = grid->codes,
    };
    encoder->table = build_table(encoder);
    return encoder;
}

const struct encoder *format_encoder(struct format format)
{
    static _Atomic(const struct encoder *) encoders[FORMAT_FAMILY_COUNT][MAX_OPERAND_BITS + 1][2];
    static pthread_mutex_t building = PTHREAD_MUTEX_INITIALIZER;
    assert(format_is_operand(format) && format.family != FORMAT_INT);
    _Atomic(const struct encoder *) *place =
        &encoders[format.family][format.bits][format.is_signed];
    const struct encoder *encoder = atomic_load_explicit(place, memory_order_acquire);
    if (encoder)
        return encoder;
    pthread_mutex_lock(&building);
    encoder = atomic_load(place);
    if (!encoder) {
        encoder = build(format);
        atomic_store_explicit(place, encoder, memory_order_release);
    }
    pthread_mutex_unlock(&building);
    return encoder;
}

/* out[i] = half_levels[i] - low, all of which fit a byte. */
VECTOR_CLONES static void index_bytes(const int32_t *restrict half_levels, int32_t low, int count,
                                      uint8_t *restrict out)
{
    for (int i = 0; i < count; i++)
        out[i] = (uint8_t)(half_levels[i] - low);
}

static void encode_by_bytes(const struct encoder *encoder, const int32_t *half_levels, int count,
                            uint8_t *out)
{
    uint8_t index[BLOCK];
    index_bytes(half_levels, encoder->low, count, index);
    lookup_bytes(encoder->table, index, (size_t)count, out);
}

static void encode_by_table(const struct encoder *encoder, const int32_t *half_levels, int count,
                            uint8_t *out)
{
    for (int i = 0; i < count; i++)
        out[i] = encoder->table[half_levels[i] - encoder->low];
}

static void encode_by_search(const struct encoder *encoder, const int32_t *half_levels, int count,
                             uint8_t *out)
{
    int32_t index[BLOCK];
    search(encoder, half_levels, count, index);
    for (int i = 0; i < count; i++)
        if (encoder->host_bytes == 1)
            out[i] = (uint8_t)encoder->codes[index[i]];
        else
            ((uint16_t *)(void *)out)[i] = (uint16_t)encoder->codes[index[i]];
}

void encode_half_levels(const struct encoder *encoder, const int32_t *half_levels, int count,
                        void *out)
{
    bool index_is_a_byte = (int64_t)encoder->high - encoder->low < CODE_VALUES;
    for (int i = 0; i < count; i += BLOCK) {
        int part = count - i < BLOCK ? count - i : BLOCK;
        uint8_t *to = (uint8_t *)out + (size_t)i * (size_t)encoder->host_bytes;
        if (!encoder->table)
            encode_by_search(encoder, half_levels + i, part, to);
        else if (index_is_a_byte)
            encode_by_bytes(encoder, half_levels + i, part, to);
        else
            encode_by_table(encoder, half_levels + i, part, to);
    }
}
