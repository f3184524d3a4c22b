#include "isa/arch.h"

#include <stddef.h>

#define NAME(id, name, help) name,
static const char *const pe_names[] = {PES(NAME)};
static const char *const dataflow_names[] = {DATAFLOWS(NAME)};
static const char *const visibility_names[] = {VISIBILITIES(NAME)};
static const char *const scratchpad_names[] = {SCRATCHPADS(NAME)};
static const char *const dram_controller_names[] = {DRAM_CONTROLLERS(NAME)};
#undef NAME

static const char *name_at(const char *const *names, int count, int index)
{
    return index >= 0 && index < count ? names[index] : NULL;
}

const char *pe_name(int pe)
{
    return name_at(pe_names, PE_COUNT, pe);
}

const char *dataflow_name(int dataflow)
{
    return name_at(dataflow_names, DATAFLOW_COUNT, dataflow);
}

const char *visibility_name(int visibility)
{
    return name_at(visibility_names, VISIBILITY_COUNT, visibility);
}

const char *scratchpad_name(int pad)
{
    return name_at(scratchpad_names, PAD_COUNT, pad);
}

const char *dram_controller_name(int controller)
{
    return name_at(dram_controller_names, DRAM_CONTROLLER_COUNT, controller);
}

bool dram_config_is_queued(const struct dram_config *config)
{
    return !config->is_ideal && config->controller == DRAM_CONTROLLER_QUEUED;
}

const char *dram_config_name(const struct dram_config *config)
{
    const char *ideal = *config->ideal.name ? config->ideal.name : "ideal";
    return config->is_ideal ? ideal : config->device.name;
}

uint32_t dram_config_clock_ps(const struct dram_config *config)
{
    return config->is_ideal ? config->ideal.clock_period_ps : dram_clock_ps(&config->device);
}

uint32_t dram_config_burst_bytes(const struct dram_config *config)
{
    return config->is_ideal ? config->ideal.burst_bytes
                            : dram_burst_bytes(&config->device.geometry);
}

uint32_t dram_config_bytes_per_clock(const struct dram_config *config)
{
    return config->is_ideal ? config->ideal.bytes_per_clock
                            : dram_bytes_per_clock(&config->device.geometry);
}

uint64_t scratchpad_capacity(const struct scratchpad_config *pad, int bits)
{
    uint64_t usable = (uint64_t)pad->bytes * 8;
    if (pad->double_buffered)
        usable /= 2;
    return usable / (unsigned)bits;
}
