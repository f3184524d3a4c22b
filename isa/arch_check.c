#include "isa/arch_numbers.h"

#include <string.h>

static bool number_check(uint64_t value, uint64_t min, uint64_t max, const char *group,
                         const char *name, struct err *err)
{
    if (value >= min && value <= max)
        return true;
    return err_set(err, "arch: %s%s: %llu is not in %llu..%llu", group, name,
                   (unsigned long long)value, (unsigned long long)min, (unsigned long long)max);
}

#define CHECK(field, min, max) number_check(part->field, min, max, group, #field, err) &&

static bool core_check(const struct core *part, const char *group, struct err *err)
{
    if (!(CORE_NUMBERS(CHECK) true))
        return false;
    if (part->pe == PE_INT8X2 && part->dataflow != OUTPUT_STATIONARY)
        return err_set(err,
                       "arch: %sdataflow: %s works on two output pixels at once, which only "
                       "os brings to a PE",
                       group, pe_name(part->pe));
    return true;
}

/* Cores add up sums in the same scratchpad, so these have one width. */
static bool cores_check(const struct arch *arch, struct err *err)
{
    if (!core_check(&arch->cores[0], "core.", err))
        return false;
    if (arch->core_count == 1)
        return true;
    if (!core_check(&arch->cores[1], "second_core.", err))
        return false;
    return arch->cores[0].accumulator_bits == arch->cores[1].accumulator_bits ||
           err_set(err,
                   "arch: second_core.accumulator_bits: %d; that of core is %d, and the sums "
                   "of both lie in acc",
                   arch->cores[1].accumulator_bits, arch->cores[0].accumulator_bits);
}

static bool scratchpad_check(const struct scratchpad_config *part, const char *name,
                             struct err *err)
{
    const char *group = "";
    if (!(SCRATCHPAD_NUMBERS(CHECK) true))
        return err_prefix(err, "scratchpads.%s", name);
    if ((uint64_t)part->banks * part->bank_bits > (uint64_t)part->bytes * 8)
        return err_set(
            err, "arch: scratchpads.%s.bytes: %u bytes are less than one access (%d x %d bits)",
            name, part->bytes, part->banks, part->bank_bits);
    return true;
}

static bool ideal_check(const struct dram_ideal *part, struct err *err)
{
    static const char group[] = "dram.ideal.";
    if (!memchr(part->name, 0, sizeof part->name))
        return err_set(err, "arch: a name without end");
    if (!(IDEAL_NUMBERS(CHECK) true))
        return false;
    return part->burst_bytes % part->bytes_per_clock == 0 ||
           err_set(err, "arch: dram.ideal.burst_bytes: %d is not a multiple of bytes_per_clock %d",
                   part->burst_bytes, part->bytes_per_clock);
}

static bool dram_check(const struct dram_config *part, struct err *err)
{
    if (part->is_ideal)
        return ideal_check(&part->ideal, err);
    if (!dram_controller_name(part->controller))
        return err_set(err, "arch: dram.controller: no such controller, number %d",
                       part->controller);
    if (!dram_device_check(&part->device, err))
        return err_prefix(err, "arch: dram.%.*s", (int)sizeof part->device.name,
                          part->device.name);
    return part->controller != DRAM_CONTROLLER_IN_ORDER ||
           part->device.policy.row == DRAM_ROW_OPEN ||
           err_set(err, "arch: dram.policy.row: \"closed\" needs controller \"queued\"");
}

static bool name_check(const char name[ARCH_NAME_SIZE], struct err *err)
{
    return memchr(name, 0, ARCH_NAME_SIZE) || err_set(err, "arch: a name without end");
}

bool arch_valid(const struct arch *arch, struct err *err)
{
    const struct arch *part = arch;
    const char *group = "";
    for (int pad = 0; pad < PAD_COUNT; pad++)
        if (!scratchpad_check(&arch->pads[pad], scratchpad_name(pad), err))
            return false;
    return name_check(arch->name, err) && name_check(arch->technology, err) &&
           ARCH_NUMBERS(CHECK) cores_check(arch, err) && dram_check(&arch->dram, err);
}
