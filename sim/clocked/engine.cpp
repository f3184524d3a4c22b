/* The clocked engine: one clocked machine and its clock for the whole process, as SystemC builds
 * modules only before simulation begins. Programs run on it one after the other. */
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <systemc>

/* In C a struct and a function may share a name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "sim/clocked/dram_image.h"
#include "sim/engine.h"
#include "sim/machine_state.h"
}
#pragma GCC diagnostic pop
#include "sim/clocked/machine.h"

/* libsystemc calls it from a main() of its own, which programs with a main() do not use.
 * Platforms define theirs. */
extern "C" __attribute__((weak)) int sc_main(int, char **)
{
    return EXIT_FAILURE;
}

namespace mantis
{

namespace
{

/* A DRAM image behind the machine's port. */
class image_port : public memory_port
{
  public:
    explicit image_port(dram_image *image) : image_(image)
    {
    }

    void begin(memory_request &request) override
    {
        std::uint8_t *bytes = dram_image_at(image_, request.address, request.count);
        request.done = true;
        request.failed = !bytes;
        if (bytes)
            memory_move(request, bytes);
    }

  private:
    dram_image *image_;
};

class bench : public sc_core::sc_module
{
  public:
    explicit bench(sc_core::sc_module_name name) : sc_module(name)
    {
        machine.clock(clock_);
        SC_HAS_PROCESS(bench);
        SC_METHOD(pause);
        sensitive << machine.done();
        dont_initialize();
    }

    clocked_machine machine{"machine"};

  private:
    void pause()
    {
        sc_core::sc_pause();
    }

    /* Any period: the machine counts cycles, and knows how long they are from its arch. */
    sc_core::sc_clock clock_{"clock", sc_core::sc_time(1, sc_core::SC_NS)};
};

/* The bench of this process, made with the first run; nullptr where there cannot be one any
 * more. */
bench *the_bench(struct err *err)
{
    static std::unique_ptr<bench> made;
    if (made)
        return made.get();
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    if (sc_core::sc_start_of_simulation_invoked()) {
        err_set(err, "engine clocked: a SystemC simulation has already begun in this process");
        return nullptr;
    }
    made = std::make_unique<bench>("mantis_engine");
    return made.get();
}

bool simulate(clocked_machine &machine, const struct waveform_request *waveform, struct err *err)
{
    if (waveform->path &&
        !machine.trace(waveform->path, waveform->first_cycle, waveform->last_cycle, err))
        return false;
    machine.start();
    sc_core::sc_start();
    const bool is_written = machine.end_trace(err);
    if (machine.is_running())
        return err_set(err, "engine clocked: the SystemC simulation of this process has stopped");
    return is_written;
}

void take_results(struct machine *machine, const struct stats &stats, const dram_image *image)
{
    const struct program *program = machine->program;
    machine->stats.cycles = stats.cycles;
    machine->stats.counters = stats.counters;
    std::copy(stats.layers, stats.layers + stats.layer_count, machine->stats.layers);
    for (std::uint32_t t = 0; program->has_values && t < program->tensor_count; t++)
        if (!tensor_is_constant(&program->tensors[t]))
            dram_image_get(image, t, machine->values->tensors[t]);
}

bool run_on(bench &bench, struct machine *machine, const void *input,
            const struct waveform_request *waveform, struct err *err)
{
    const struct program *program = machine->program;
    std::unique_ptr<dram_image, decltype(&dram_image_free)> image(dram_image_new(program, err),
                                                                  dram_image_free);
    if (!image)
        return false;
    if (program->has_values)
        dram_image_put(image.get(), program->input, input);
    image_port port(image.get());
    if (!bench.machine.load(*program, port, err))
        return false;
    bench.machine.observe(machine->observer, machine->observer_context);
    if (!simulate(bench.machine, waveform, err))
        return false;
    if (bench.machine.has_failed())
        return err_set(err, "engine clocked: a request outside the tensors in DRAM");
    take_results(machine, bench.machine.stats(), image.get());
    return true;
}

/* SystemC runs one simulation at a time. */
bool run(struct machine *machine, const void *input, const struct waveform_request *waveform,
         struct err *err)
{
    static std::mutex one_at_a_time;
    std::lock_guard<std::mutex> lock(one_at_a_time);
    try {
        bench *bench = the_bench(err);
        return bench && run_on(*bench, machine, input, waveform, err);
    } catch (const std::bad_alloc &) {
        return err_set(err, "engine clocked: not enough memory");
    } catch (const std::exception &exception) {
        const char *what = exception.what(); /* SystemC's first line, without where in its source */
        return err_set(err, "engine clocked: %.*s", static_cast<int>(std::strcspn(what, "\n")),
                       what);
    }
}

} // namespace

} // namespace mantis

extern "C" const struct engine engine_clocked = {
    "clocked", "registers on a clock, in SystemC: the same results, and waveforms", true,
    mantis::run};
