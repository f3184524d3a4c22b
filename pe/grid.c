/* The tables of a format: built once, on first use, kept for the life of the process. */
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "pe/booth.h"
#include "pe/format_families.h"

enum { MAX_OPERAND_BITS = 8 };

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

static int compare_levels(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/* Sorts and drops repeats; returns how many are left. */
static int sort_distinct(int32_t *levels, int count)
{
    qsort(levels, (size_t)count, sizeof *levels, compare_levels);
    int distinct = 1;
    for (int i = 1; i < count; i++)
        if (levels[i] != levels[distinct - 1])
            levels[distinct++] = levels[i];
    return distinct;
}

/* The levels of a format are what its codes stand for. Signed digits can also add up to levels that
 * no 8-bit integer is cut to (128 + 128); these are not on the grid. */
static int collect_levels(const struct grid *grid, int32_t *levels)
{
    if (!digits_per_code(grid->format)) {
        for (int code = 0; code < grid->code_count; code++)
            levels[code] = grid->level_of_code[code];
        return sort_distinct(levels, grid->code_count);
    }
    int count = 0;
    for (int32_t value = -127; value <= 127; value++)
        levels[count++] = digits_restrict(grid->format, value);
    return sort_distinct(levels, count);
}

/* Digits that a PE which skips zero digits takes for a code: signed digits once those that cancel
 * or double are merged, Booth digits of an integer, else one for any level but zero. */
static uint8_t digits_to_execute(struct format format, uint32_t code, int32_t level)
{
    if (digits_per_code(format))
        return (uint8_t)digits_least(level);
    if (format.family != FORMAT_INT)
        return level != 0;
    int8_t digits[BOOTH_MAX_DIGITS];
    uint8_t count = 0;
    for (int i = booth_recode(format, code, digits); i-- > 0;)
        count += digits[i] != 0;
    return count;
}

static void fill_codes(struct grid *grid)
{
    int32_t *level_of_code = allocate((size_t)grid->code_count, sizeof *level_of_code);
    uint8_t *digits_of_code = allocate((size_t)grid->code_count, sizeof *digits_of_code);
    for (int code = 0; code < grid->code_count; code++) {
        level_of_code[code] = format_level(grid->format, (uint32_t)code);
        digits_of_code[code] = digits_to_execute(grid->format, (uint32_t)code, level_of_code[code]);
    }
    grid->level_of_code = level_of_code;
    grid->digits_of_code = digits_of_code;
}

static void fill_levels(struct grid *grid)
{
    size_t most = grid->code_count > 255 ? (size_t)grid->code_count : 255;
    int32_t *levels = allocate(most, sizeof *levels);
    grid->count = collect_levels(grid, levels);
    uint32_t *codes = allocate((size_t)grid->count, sizeof *codes);
    const struct format_family_descriptor *family = format_family(grid->format);
    for (int i = 0; i < grid->count; i++)
        codes[i] = family->encode(grid->format, levels[i]);
    grid->levels = levels;
    grid->codes = codes;
    grid->zero_code = (int32_t)family->encode(grid->format, 0);
}

/* The last level l[i] with 2 value >= l[i-1] + l[i], so that a tie goes up. The sum is an integer:
 * the integer part of 2 value decides. */
static int nearest_of_twice(const struct grid *grid, int64_t twice)
{
    int low = 0, high = grid->count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (twice >= (int64_t)grid->levels[middle - 1] + grid->levels[middle])
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Its answers, where they are not too many (the widest powers of two). */
static void fill_nearest(struct grid *grid)
{
    enum { MOST = 1 << 14 };
    int64_t least = 2 * (int64_t)grid->levels[0];
    int64_t most = 2 * (int64_t)grid->levels[grid->count - 1];
    if (most - least >= MOST)
        return;
    uint16_t *nearest = allocate((size_t)(most - least) + 1, sizeof *nearest);
    for (int64_t twice = least; twice <= most; twice++)
        nearest[twice - least] = (uint16_t)nearest_of_twice(grid, twice);
    grid->nearest = nearest;
}

static const struct grid *build(struct format format)
{
    struct grid *grid = allocate(1, sizeof *grid);
    grid->format = format;
    grid->code_count = 1 << format_code_bits(format);
    fill_codes(grid);
    fill_levels(grid);
    fill_nearest(grid);
    return grid;
}

const struct grid *format_grid(struct format format)
{
    static _Atomic(const struct grid *) grids[FORMAT_FAMILY_COUNT][MAX_OPERAND_BITS + 1][2];
    static pthread_mutex_t building = PTHREAD_MUTEX_INITIALIZER;
    assert(format_is_operand(format));
    _Atomic(const struct grid *) *place = &grids[format.family][format.bits][format.is_signed];
    const struct grid *grid = atomic_load_explicit(place, memory_order_acquire);
    if (grid)
        return grid;
    pthread_mutex_lock(&building);
    grid = atomic_load(place);
    if (!grid) {
        grid = build(format);
        atomic_store_explicit(place, grid, memory_order_release);
    }
    pthread_mutex_unlock(&building);
    return grid;
}

int grid_nearest(const struct grid *grid, double value)
{
    assert(!isnan(value));
    double least = 2.0 * grid->levels[0], most = 2.0 * grid->levels[grid->count - 1];
    double twice = floor(fmin(fmax(2 * value, least), most));
    if (grid->nearest)
        return grid->nearest[(int64_t)twice - (int64_t)least];
    return nearest_of_twice(grid, (int64_t)twice);
}
