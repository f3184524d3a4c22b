#include "sim/clocked/probes.h"

#include <algorithm>

/* In C a struct and a function may share a name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "pe/pe.h"
}
#pragma GCC diagnostic pop

namespace mantis
{

namespace
{

/* Of long edges and many banks only the first ones are shown. Their names have no brackets:
 * viewers take those for bits. */
constexpr unsigned most_edges = 8, most_banks = 16;

std::string indexed(const char *name, unsigned index)
{
    return std::string(name) + "_" + std::to_string(index);
}

void add_unit(waveform &waveform, const char *scope, const unit_module &unit)
{
    waveform.add(scope, "busy", 1, [&unit] { return unit.is_busy(); });
    waveform.add(scope, "instruction", 32, [&unit]() -> std::optional<std::uint64_t> {
        if (!unit.is_busy())
            return std::nullopt;
        return unit.index();
    });
    waveform.add(scope, "tokens", 32, [&unit] { return unit.completed->read(); });
}

void add_dma(waveform &waveform, const char *scope, const dma_unit &unit)
{
    add_unit(waveform, scope, unit);
    waveform.add(scope, "request", 1, [&unit] { return unit.is_waiting(); });
    waveform.add(scope, "requests_under_way", 16, [&unit] { return unit.requests(); });
    waveform.add(scope, "elements", 32, [&unit] { return unit.elements_passed(); });
}

/* --- the array --- */

std::uint64_t level(const term &term)
{
    return static_cast<std::uint64_t>(term.mult * (std::int64_t{1} << term.shift));
}

using array_flag = bool clocked_array_signals::*;

void add_phase(waveform &waveform, const char *scope, const array_unit &array, const char *name,
               array_flag flag)
{
    waveform.add(scope, name, 1, [&array, flag] { return array.signals().*flag; });
}

/* The effective array may be of another size for every pair of formats. */
void add_edges(waveform &waveform, const char *scope, const array_unit &array, unsigned row_count,
               unsigned column_count)
{
    using value = std::optional<std::uint64_t>;
    for (unsigned i = 0; i < row_count; i++)
        waveform.add(scope, indexed("left", i), 32, [&array, i]() -> value {
            const clocked_array_signals edge = array.signals();
            return edge.busy && i < edge.rows ? value(level(edge.left[i])) : std::nullopt;
        });
    for (unsigned j = 0; j < column_count; j++)
        waveform.add(scope, indexed("top", j), 32, [&array, j]() -> value {
            const clocked_array_signals edge = array.signals();
            return edge.busy && j < edge.columns ? value(level(edge.top[j])) : std::nullopt;
        });
    for (unsigned j = 0; j < column_count; j++)
        waveform.add(scope, indexed("bottom", j), 64, [&array, j]() -> value {
            const clocked_array_signals edge = array.signals();
            if (!edge.busy || j >= edge.columns || !edge.bottom_valid[j])
                return std::nullopt;
            return static_cast<std::uint64_t>(edge.bottom[j]);
        });
    for (unsigned j = 0; j < column_count; j++)
        waveform.add(scope, indexed("bottom_valid", j), 1, [&array, j] {
            const clocked_array_signals edge = array.signals();
            return edge.busy && j < edge.columns && edge.bottom_valid[j];
        });
}

void add_array(waveform &waveform, const char *scope, const array_unit &array, const core &core)
{
    add_unit(waveform, scope, array);
    add_phase(waveform, scope, array, "preloading", &clocked_array_signals::preloading);
    add_phase(waveform, scope, array, "streaming", &clocked_array_signals::streaming);
    add_phase(waveform, scope, array, "filling", &clocked_array_signals::filling);
    add_phase(waveform, scope, array, "draining", &clocked_array_signals::draining);
    waveform.add(scope, "fold", 32, [&array] { return array.signals().fold; });
    const unsigned rows = core.rows * pe_pixels(pe_descriptor(core.pe));
    add_edges(waveform, scope, array, std::min(rows, most_edges),
              std::min<unsigned>(core.columns, most_edges));
}

/* --- DRAM and scratchpads --- */

void add_dram(waveform &waveform, const channel_module &channel)
{
    waveform.add("dram", "ready", 1, [&channel] { return channel.is_ready(); });
    waveform.add("dram", "address", 48, [&channel] { return channel.last_request().address; });
    waveform.add("dram", "bytes", 16, [&channel] { return channel.last_request().count; });
    waveform.add("dram", "write", 1, [&channel] { return channel.last_request().is_write; });
    waveform.add("dram", "refreshes", 32, [&channel] { return channel.refreshes(); });
    const unsigned banks = std::min(channel.banks(), most_banks);
    for (unsigned bank = 0; bank < banks; bank++)
        waveform.add("dram", indexed("open_row", bank), 32,
                     [&channel, bank] { return channel.open_row(bank); });
}

/* Bits written to and read from each scratchpad since the run began. */
void add_scratchpads(waveform &waveform, const run_state &state)
{
#define PAD_TRAFFIC(name) \
    waveform.add("scratchpads", #name, 48, [&state] { return state.total(&counters::name); });
    PAD_TRAFFIC(act_write_bits)
    PAD_TRAFFIC(act_read_bits)
    PAD_TRAFFIC(weight_write_bits)
    PAD_TRAFFIC(weight_read_bits)
    PAD_TRAFFIC(param_write_bits)
    PAD_TRAFFIC(param_read_bits)
    PAD_TRAFFIC(acc_write_bits)
    PAD_TRAFFIC(acc_read_bits)
    PAD_TRAFFIC(out_write_bits)
    PAD_TRAFFIC(out_read_bits)
#undef PAD_TRAFFIC
}

} // namespace

void add_probes(waveform &waveform, const probed_parts &parts)
{
    const struct arch &arch = parts.state.program().arch;
    waveform.add("sequencer", "cycle", 64, [&parts] { return parts.sequencer.cycle(); });
    add_dma(waveform, "load", parts.load);
    add_array(waveform, "array", parts.array, arch.cores[0]);
    add_unit(waveform, "vector", parts.vector);
    waveform.add("vector", "elements_begun", 32,
                 [&parts] { return parts.vector.elements_begun(); });
    waveform.add("vector", "elements_written", 32,
                 [&parts] { return parts.vector.elements_written(); });
    add_dma(waveform, "store", parts.store);
    if (arch.core_count > 1)
        add_array(waveform, "array2", parts.array2, arch.cores[1]);
    add_dram(waveform, parts.channel);
    add_scratchpads(waveform, parts.state);
}

} // namespace mantis
