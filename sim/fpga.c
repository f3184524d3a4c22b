#include "sim/fpga.h"

#include "pe/pe.h"

enum { BRAM18_BITS = 16384, BRAM18_MAX_WIDTH = 32 };

static uint64_t divide_up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

uint32_t fpga_bram18(uint64_t bits, uint32_t width)
{
    uint64_t words = divide_up(bits, width), best = UINT32_MAX;
    for (uint32_t shape = 1; shape <= BRAM18_MAX_WIDTH; shape *= 2) {
        uint64_t count = divide_up(width, shape) * divide_up(words, BRAM18_BITS / shape);
        best = count < best ? count : best;
    }
    return (uint32_t)best;
}

/* The platform's PE that does the work of the arch's; NULL where its source has none. msd_skip has
 * control that the platform's serial PE has not. */
static const struct fpga_pe *pe_of(const struct fpga *fpga, int pe)
{
    switch ((enum pe_type)pe) {
    case PE_INT8:
    case PE_INT8X2:
        return &fpga->parallel_pe;
    case PE_MSD:
        return &fpga->serial_pe;
    case PE_ANT:
    case PE_MSD_SKIP:
    case PE_BITFUSION:
    case PE_OLACCEL:
    case PE_ADAFLOAT:
    case PE_BISCALED:
    case PE_COUNT:
        break;
    }
    return NULL;
}

static void add(struct fpga_resources *sum, const struct fpga_resources *term, uint32_t times)
{
    sum->luts += term->luts * times;
    sum->ffs += term->ffs * times;
    sum->dsps += term->dsps * times;
    sum->bram18 += term->bram18 * times;
}

/* A bank's half is a memory of its own, as in the SRAM macros of docs/energy.md. */
static uint32_t pad_brams(const struct scratchpad_config *pad)
{
    uint32_t macros = (uint32_t)pad->banks * (pad->double_buffered ? 2 : 1);
    return macros * fpga_bram18((uint64_t)pad->bytes * 8 / macros, pad->bank_bits);
}

static struct fpga_core_use core_use(const struct fpga *fpga, const struct core *core)
{
    const struct fpga_pe *pe = pe_of(fpga, core->pe);
    if (!pe)
        return (struct fpga_core_use){.has_pe = false};
    uint64_t macs = (uint64_t)core->rows * core->columns * pe_pixels(pe_descriptor(core->pe));
    return (struct fpga_core_use){true, *pe, (uint32_t)divide_up(macs, pe->macs)};
}

struct fpga_use fpga_use(const struct fpga *fpga, const struct arch *arch)
{
    struct fpga_use use = {.total = fpga->other, .core_count = arch->core_count};
    for (int i = 0; i < arch->core_count; i++) {
        use.cores[i] = core_use(fpga, &arch->cores[i]);
        add(&use.total, &use.cores[i].pe.cost, use.cores[i].pes);
    }
    for (int i = 0; i < PAD_COUNT; i++)
        use.total.bram18 += pad_brams(&arch->pads[i]);
    return use;
}
