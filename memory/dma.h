/* DMA: what a LOAD or STORE asks of the DRAM, and the codes it moves. docs/machine.md, section DMA.
 */
#ifndef MANTIS_MEMORY_DMA_H
#define MANTIS_MEMORY_DMA_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/instruction.h"
#include "isa/program.h"

struct dma_request {
    uint64_t address;
    uint32_t bytes;
};

/* The requests of one transfer, in ascending order of the patch's elements. Elements that lie side
 * by side in DRAM form one run of bytes, codes of fewer than 8 bits are rounded out to whole bytes,
 * and what lies outside the tensor is not asked for. */
struct dma_runs {
    uint64_t first_bit, piece_bits; /* of the piece at row 0, column 0 */
    uint64_t row_bits, column_bits; /* from a piece to the one below, to the one on its right */
    uint64_t rows, columns;         /* pieces */
    uint64_t row, column;           /* next piece */
    uint64_t run_begin, run_end;    /* bytes found but not yet asked for */
};

struct dma_runs dma_runs_of(const struct transfer *transfer, const struct dram_tensor *tensor);

/* The next request; false when there is none left. */
bool dma_next(struct dma_runs *runs, struct dma_request *request);

/* Copy the codes, format_host_bytes(tensor->format) each: `codes` is the whole tensor, `pad` the
 * first element of the transfer in its scratchpad. */
void dma_load(const struct transfer *transfer, const struct dram_tensor *tensor,
              const uint8_t *codes, uint8_t *pad);
void dma_store(const struct transfer *transfer, const struct dram_tensor *tensor, uint8_t *codes,
               const uint8_t *pad);

#endif
