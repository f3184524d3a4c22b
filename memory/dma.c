#include "memory/dma.h"

#include <assert.h>
#include <string.h>

/* The indices i of a patch's axis, begin <= i < end, whose coordinate origin + i*stride lies in
 * 0..size-1. */
struct range {
    int64_t begin, end;
};

static struct range inside(int64_t origin, int64_t stride, int64_t count, int64_t size)
{
    assert(stride > 0);
    int64_t begin = origin < 0 ? (-origin + stride - 1) / stride : 0;
    int64_t end = origin < size ? (size - origin + stride - 1) / stride : 0;
    if (end > count)
        end = count;
    return (struct range){begin < end ? begin : end, end};
}

struct patch {
    struct range y, x, c;
};

static struct patch patch_of(const struct transfer *transfer, const struct dram_tensor *tensor)
{
    return (struct patch){
        .y = inside(transfer->y, transfer->stride_y, transfer->count_y, tensor->h),
        .x = inside(transfer->x, transfer->stride_x, transfer->count_x, tensor->w),
        .c = inside(transfer->c, 1, transfer->count_c, tensor->c),
    };
}

/* Tensor element of patch index (i, j, k). */
static uint64_t element_of(const struct transfer *transfer, const struct dram_tensor *tensor,
                           int64_t i, int64_t j, int64_t k)
{
    uint64_t y = (uint64_t)(transfer->y + i * transfer->stride_y);
    uint64_t x = (uint64_t)(transfer->x + j * transfer->stride_x);
    return (y * tensor->w + x) * tensor->c + (uint64_t)(transfer->c + k);
}

/* --- requests --- */

struct dma_runs dma_runs_of(const struct transfer *transfer, const struct dram_tensor *tensor)
{
    struct patch patch = patch_of(transfer, tensor);
    uint64_t bits = (unsigned)format_code_bits(tensor->format);
    uint64_t rows = (uint64_t)(patch.y.end - patch.y.begin);
    uint64_t columns = (uint64_t)(patch.x.end - patch.x.begin);
    uint64_t channels = (uint64_t)(patch.c.end - patch.c.begin);
    if (!rows || !columns || !channels)
        return (struct dma_runs){0};
    struct dma_runs runs = {
        .first_bit = tensor->address * 8 + bits * element_of(transfer, tensor, patch.y.begin,
                                                             patch.x.begin, patch.c.begin),
        .piece_bits = bits * channels,
        .column_bits = bits * transfer->stride_x * tensor->c,
        .row_bits = bits * transfer->stride_y * tensor->w * tensor->c,
        .rows = rows,
        .columns = columns,
    };
    if (runs.piece_bits == runs.column_bits || columns == 1) { /* pixels side by side: whole rows */
        runs.piece_bits += (columns - 1) * runs.column_bits;
        runs.columns = 1;
        if (runs.piece_bits == runs.row_bits || rows == 1) {
            runs.piece_bits += (rows - 1) * runs.row_bits;
            runs.rows = 1;
        }
    }
    return runs;
}

/* The next piece as bytes; false when there is none left. */
static bool next_piece(const struct dma_runs *runs, uint64_t *begin, uint64_t *end)
{
    if (runs->row == runs->rows)
        return false;
    uint64_t bit = runs->first_bit + runs->row * runs->row_bits + runs->column * runs->column_bits;
    *begin = bit / 8;
    *end = (bit + runs->piece_bits + 7) / 8;
    return true;
}

/* Take pieces for as long as each begins where the run ends, or within it. */
static void grow_run(struct dma_runs *runs)
{
    uint64_t begin, end;
    while (next_piece(runs, &begin, &end)) {
        bool first = runs->run_begin == runs->run_end;
        if (!first && (begin > runs->run_end || begin < runs->run_begin))
            return;
        if (first)
            runs->run_begin = begin;
        if (first || end > runs->run_end)
            runs->run_end = end;
        if (++runs->column == runs->columns) {
            runs->column = 0;
            runs->row++;
        }
    }
}

bool dma_next(struct dma_runs *runs, struct dma_request *request)
{
    grow_run(runs);
    if (runs->run_begin == runs->run_end)
        return false;
    uint64_t stop = (runs->run_begin / DRAM_REQUEST_BYTES + 1) * DRAM_REQUEST_BYTES;
    if (stop > runs->run_end)
        stop = runs->run_end;
    request->address = runs->run_begin;
    request->bytes = (uint32_t)(stop - runs->run_begin);
    runs->run_begin = stop;
    return true;
}

/* --- codes --- */

static void fill(uint8_t *pad, int64_t count, uint8_t code, size_t host_bytes)
{
    if (count <= 0)
        return;
    if (host_bytes == 1 || !code) {
        memset(pad, code, (size_t)count * host_bytes);
        return;
    }
    memset(pad, 0, (size_t)count * host_bytes);
    for (int64_t i = 0; i < count; i++)
        pad[(size_t)i * host_bytes] = code; /* little-endian */
}

/* One row of the patch whose y lies inside the tensor. */
static void load_row(const struct transfer *transfer, const struct dram_tensor *tensor,
                     const struct patch *patch, int64_t i, const uint8_t *codes, uint8_t *pad)
{
    const size_t size = (size_t)format_host_bytes(tensor->format);
    const int64_t count_c = transfer->count_c;
    const struct range x = patch->x, c = patch->c;
    const size_t pixel = (size_t)count_c * size;
    fill(pad, x.begin * count_c, transfer->pad_code, size);
    fill(pad + (size_t)x.end * pixel, (transfer->count_x - x.end) * count_c, transfer->pad_code,
         size);
    if (x.begin == x.end)
        return;
    const uint8_t *from = codes + element_of(transfer, tensor, i, x.begin, c.begin) * size;
    uint8_t *to = pad + (size_t)x.begin * pixel;
    if (c.end - c.begin == count_c && tensor->c == transfer->count_c && transfer->stride_x == 1) {
        memcpy(to, from, (size_t)(x.end - x.begin) * pixel);
        return;
    }
    const size_t step = (size_t)transfer->stride_x * tensor->c * size;
    const size_t inner = (size_t)(c.end - c.begin) * size;
    for (int64_t j = x.begin; j < x.end; j++, from += step, to += pixel) {
        fill(to, c.begin, transfer->pad_code, size);
        memcpy(to + (size_t)c.begin * size, from, inner);
        fill(to + (size_t)c.end * size, count_c - c.end, transfer->pad_code, size);
    }
}

void dma_load(const struct transfer *transfer, const struct dram_tensor *tensor,
              const uint8_t *codes, uint8_t *pad)
{
    const size_t size = (size_t)format_host_bytes(tensor->format);
    const int64_t row = (int64_t)transfer->count_x * transfer->count_c;
    struct patch patch = patch_of(transfer, tensor);
    bool no_channel = patch.c.begin == patch.c.end;
    for (int64_t i = 0; i < transfer->count_y; i++, pad += (size_t)row * size) {
        if (i < patch.y.begin || i >= patch.y.end || no_channel)
            fill(pad, row, transfer->pad_code, size);
        else
            load_row(transfer, tensor, &patch, i, codes, pad);
    }
}

void dma_store(const struct transfer *transfer, const struct dram_tensor *tensor, uint8_t *codes,
               const uint8_t *pad)
{
    const size_t size = (size_t)format_host_bytes(tensor->format);
    const size_t pixel = (size_t)transfer->count_c * size;
    struct patch patch = patch_of(transfer, tensor);
    const size_t inner = (size_t)(patch.c.end - patch.c.begin) * size;
    if (!inner)
        return;
    for (int64_t i = patch.y.begin; i < patch.y.end; i++)
        for (int64_t j = patch.x.begin; j < patch.x.end; j++)
            memcpy(codes + element_of(transfer, tensor, i, j, patch.c.begin) * size,
                   pad + ((size_t)i * transfer->count_x + (size_t)j) * pixel +
                       (size_t)patch.c.begin * size,
                   inner);
}
