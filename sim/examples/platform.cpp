/* mantis in a virtual platform: a master, a memory and the accelerator on one bus. The master puts
 * a compiled program, its constants and an input into memory, starts the accelerator, waits for its
 * interrupt and reads the result. A skeleton for platforms of your own; docs/platform.md explains
 * it.
 *
 *      master ──┐        ┌── memory
 *       ^       ├─ bus ──┤
 *       │  ┌────┘        └── registers of mantis
 *   interrupt, memory port of mantis
 */
#include <argp.h>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <systemc>

extern "C" {
#include "sim/codes.h"
}
#include "sim/clocked/tlm_accelerator.h"
#include "sim/examples/platform_bus.h"
#include "sim/examples/platform_master.h"
#include "sim/examples/platform_memory.h"

using sc_core::sc_time;

namespace
{

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t register_base = 0x10000000, memory_base = 0x80000000;

/* --- command line --- */

struct platform_options {
    const char *program = nullptr, *data = nullptr, *input = nullptr;
    const char *golden = nullptr, *vcd = nullptr;
    int image = 0, memory_mebibytes = 64, latency_ns = 0;
};

enum { KEY_INPUT = 0x100, KEY_MEMORY, KEY_LATENCY, KEY_GOLDEN, KEY_VCD };

const struct argp_option option_table[] = {
    {"data", 'd', "D", 0, "run an image of this data file (default: zeros)", 0},
    {"image", 'i', "I", 0, "which one (default 0)", 0},
    {"input", KEY_INPUT, "F.npz", 0, "run the codes of its array \"input\"", 0},
    {"memory", KEY_MEMORY, "MIB", 0, "size of the memory (default 64)", 0},
    {"latency", KEY_LATENCY, "NS", 0, "what a transaction takes in memory (default 0)", 0},
    {"golden", KEY_GOLDEN, "G.npz", 0, "write all layers' outputs, for mantis verify", 0},
    {"vcd", KEY_VCD, "F", 0, "write a waveform", 0},
    {nullptr, 0, nullptr, 0, nullptr, 0},
};

int number(struct argp_state *state, const char *option, const char *text, int low, int high)
{
    char *end;
    long value = std::strtol(text, &end, 10);
    if (*end || end == text || value < low || value > high)
        argp_error(state, "%s: \"%.32s\" is not in %d..%d", option, text, low, high);
    return static_cast<int>(value);
}

error_t parse_option(int key, char *argument, struct argp_state *state)
{
    auto *options = static_cast<platform_options *>(state->input);
    switch (key) {
    case 'd':
        options->data = argument;
        return 0;
    case 'i':
        options->image = number(state, "--image", argument, 0, 100000000);
        return 0;
    case KEY_INPUT:
        options->input = argument;
        return 0;
    case KEY_MEMORY:
        options->memory_mebibytes = number(state, "--memory", argument, 1, 65536);
        return 0;
    case KEY_LATENCY:
        options->latency_ns = number(state, "--latency", argument, 0, 1000000);
        return 0;
    case KEY_GOLDEN:
        options->golden = argument;
        return 0;
    case KEY_VCD:
        options->vcd = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (options->program)
            argp_error(state, "%.64s: one program at a time", argument);
        options->program = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->program)
            argp_error(state, "no program given");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

void parse(int argc, char **argv, platform_options *options)
{
    static const struct argp argp = {
        option_table, parse_option,
        "P.mprog",    "Run a compiled program on mantis in a SystemC platform.",
        nullptr,      nullptr,
        nullptr};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, nullptr, options);
}

/* --- the platform --- */

/* The program lies at the start of memory, its DRAM behind it, at the next whole MiB. */
platform_map memory_map(const struct workload &workload)
{
    std::uint64_t program_mebibytes = (workload.file_size + mebibyte - 1) / mebibyte;
    return {register_base, memory_base, memory_base + program_mebibytes * mebibyte};
}

sc_time clock_period(const struct arch &arch)
{
    return sc_time(1e9 / arch.clock_khz, sc_core::SC_PS);
}

struct platform : sc_core::sc_module {
    sc_core::sc_clock clock;
    sc_core::sc_signal<bool> reset{"reset"}, interrupt{"interrupt"};
    platform_master master;
    platform_bus bus{"bus"};
    platform_memory memory;
    mantis::mantis_accelerator accelerator{"accelerator"};

    platform(sc_core::sc_module_name name, const struct workload &workload,
             const platform_options &options)
        : sc_module(name), clock("clock", clock_period(workload.program->arch)),
          master("master", workload, memory_map(workload)),
          memory("memory", options.memory_mebibytes * mebibyte,
                 sc_time(options.latency_ns, sc_core::SC_NS))
    {
        master.socket.bind(bus.initiators);
        accelerator.memory.bind(bus.initiators);
        bus.map(memory.socket, memory_base, options.memory_mebibytes * mebibyte);
        bus.map(accelerator.registers, register_base, MANTIS_REGISTER_SPACE);

        accelerator.clock(clock);
        accelerator.reset(reset);
        accelerator.interrupt(interrupt);
        master.interrupt(interrupt);
    }
};

/* --- results --- */

/* The class with the highest level; of equals the first. */
std::size_t top_class(const struct dram_tensor &tensor, const std::uint8_t *codes)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < tensor_elements(&tensor); i++)
        if (code_level(tensor.format, code_at(codes, tensor.format, i)) >
            code_level(tensor.format, code_at(codes, tensor.format, best)))
            best = i;
    return best;
}

void print_results(const struct workload &workload, const platform_master &master)
{
    const struct program &program = *workload.program;
    const struct dram_tensor &output = program.tensors[program.output];
    const std::uint8_t *codes = master.output.data();
    std::printf("%s, %s on %s\n", program.model, program.scheme, program.arch.name);
    std::printf("cycles  %" PRIu64 "\n", master.cycles);
    std::printf("class   %zu", top_class(output, codes));
    if (workload.label >= 0)
        std::printf(" (label %d)", workload.label);
    std::printf("\nlevels ");
    for (std::size_t i = 0; i < tensor_elements(&output) && i < 16; i++)
        std::printf(" %" PRId64, code_level(output.format, code_at(codes, output.format, i)));
    std::printf(tensor_elements(&output) > 16 ? " ...\n" : "\n");
}

bool write_golden(const struct workload &workload, platform_master &master, const char *path,
                  struct err *err)
{
    std::vector<std::uint8_t *> outputs;
    for (auto &codes : master.layer_outputs)
        outputs.push_back(codes.data());
    return workload_write_golden(&workload, outputs.data(), path, err);
}

bool simulate(const platform_options &options, const struct workload &workload, struct err *err)
{
    std::uint64_t end = memory_map(workload).dram - memory_base + workload_dram_bytes(&workload);
    if (end > options.memory_mebibytes * mebibyte)
        return err_set(err, "--memory %d: the program needs %" PRIu64, options.memory_mebibytes,
                       (end + mebibyte - 1) / mebibyte);
    platform top("platform", workload, options);
    if (options.vcd && !top.accelerator.write_waveform(options.vcd, 0, UINT64_MAX, err))
        return false;
    sc_core::sc_start();
    if (!top.master.error.empty())
        return err_set(err, "%s (%s)", top.master.error.c_str(), top.accelerator.error_text());
    print_results(workload, top.master);
    return top.accelerator.end_waveform(err) &&
           (!options.golden || write_golden(workload, top.master, options.golden, err));
}

} // namespace

int sc_main(int argc, char **argv)
{
    platform_options options;
    struct workload workload;
    struct err err;
    parse(argc, argv, &options);
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING); /* sc_stop */
    bool ok = workload_read(&workload, options.program, options.data, options.image, options.input,
                            &err) &&
              simulate(options, workload, &err);
    workload_free(&workload);
    if (!ok)
        std::fprintf(stderr, "example_platform: %s\n", err.text);
    return ok ? EXIT_SUCCESS : 2;
}
