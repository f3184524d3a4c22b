/* Does the clocked machine do what sim/clocked/machine.h says in a simulation of somebody
 * else's? Two machines on a clock with an odd period, a memory that takes its time, one that
 * fails; all expected cycles are formulas of the program below. */
#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <systemc>
#include <vector>

extern "C" {
#include "sim/engine.h"
#include "test/check.h"
}
#include "sim/clocked/machine.h"

using sc_core::sc_time;

namespace
{

/* --- a program that copies 3000 bytes: LOAD, LOAD, VECTOR, STORE, one after the other --- */

enum { SETUP = 5, LATENCY = 20, BUS = 16, LANES = 8, VECTOR_LATENCY = 3, BYTES = 3000 };
enum { INPUT_AT = 3172, PARAMS_AT = 8192, OUTPUT_AT = 19556, DRAM_BYTES = 24576 };

/* Both tensors begin 924 bytes before a multiple of 4096: requests of 924 and 2076 bytes, which are
 * so many bursts of 16. The channel takes a request when the bus begins with the one before. */
enum { LAST_TAKEN = 0, TRANSFERRED = 58 + 130 + LATENCY };

constexpr format int8 = {FORMAT_INT, 8, true}, int32 = {FORMAT_INT, 32, true};

struct copy_program {
    struct program program = {};
    dram_tensor tensors[3] = {};
    program_layer layer = {};
    instruction instructions[4] = {};
    std::int32_t params[PARAM_WORDS] = {0, 1 << 10, 0, 10}; /* times 2^10 >> (10 - 1): doubled */

    copy_program();

  private:
    void set_arch();
    void set_tensor(int t, tensor_kind kind, format format, std::uint32_t count, std::uint64_t at);
    void set_transfer(instruction &instruction, int opcode, int tensor, int pad,
                      std::uint32_t count);
    void set_vector(vector &vector);
};

void copy_program::set_arch()
{
    arch &arch = program.arch;
    arch.clock_khz = 1000000;
    arch.core_count = 1;
    arch.cores[0].accumulator_bits = 32;
    arch.cores[0].rows = arch.cores[0].columns = 4;
    for (scratchpad_config &pad : arch.pads)
        pad = {1 << 16, 4, 64, false};
    arch.vector_lanes = LANES;
    arch.vector_latency = VECTOR_LATENCY;
    arch.dma_setup = SETUP;
    arch.dram.is_ideal = true;
    arch.dram.ideal = {"", 1000, BUS, BUS, LATENCY};
}

void copy_program::set_tensor(int t, tensor_kind kind, format format, std::uint32_t count,
                              std::uint64_t at)
{
    tensors[t].kind = static_cast<std::uint8_t>(kind);
    tensors[t].format = format;
    tensors[t].h = tensors[t].w = 1;
    tensors[t].c = count;
    tensors[t].address = at;
    tensors[t].scale = 1;
}

void copy_program::set_transfer(instruction &instruction, int opcode, int tensor, int pad,
                                std::uint32_t count)
{
    instruction.opcode = static_cast<std::uint8_t>(opcode);
    instruction.transfer.tensor = static_cast<std::uint16_t>(tensor);
    instruction.transfer.pad = static_cast<std::uint8_t>(pad);
    instruction.transfer.count_y = instruction.transfer.count_x = 1;
    instruction.transfer.stride_y = instruction.transfer.stride_x = 1;
    instruction.transfer.count_c = count;
}

void copy_program::set_vector(vector &vector)
{
    vector.op = VECTOR_SUM;
    vector.out_h = 50;
    vector.out_w = BYTES / 50;
    vector.patch_w = vector.out_w;
    vector.kernel_h = vector.kernel_w = 1;
    vector.stride_y = vector.stride_x = vector.dilation_y = vector.dilation_x = 1;
    vector.patch_c = vector.n = 1;
    vector.clamp_low = -128;
    vector.clamp_high = 127;
    vector.act_format = vector.residual_format = vector.out_format = int8;
}

copy_program::copy_program()
{
    set_arch();
    set_tensor(0, TENSOR_INPUT, int8, BYTES, INPUT_AT);
    set_tensor(1, TENSOR_PARAMETERS, int32, PARAM_WORDS, PARAMS_AT);
    set_tensor(2, TENSOR_OUTPUT, int8, BYTES, OUTPUT_AT);
    tensors[1].values = reinterpret_cast<std::uint8_t *>(params);
    layer.weight_format = layer.act_format = layer.out_format = int8;
    layer.output = 2;
    set_transfer(instructions[0], OPCODE_LOAD, 1, PAD_PARAM, PARAM_WORDS);
    set_transfer(instructions[1], OPCODE_LOAD, 0, PAD_ACT, BYTES);
    instructions[2].opcode = OPCODE_VECTOR;
    instructions[2].wait_load = 2;
    set_vector(instructions[2].vector);
    set_transfer(instructions[3], OPCODE_STORE, 2, PAD_OUT, BYTES);
    instructions[3].wait_vector = 1;
    program.has_values = true;
    program.tensor_count = 3;
    program.layer_count = 1;
    program.instruction_count = 4;
    program.output = 2;
    program.tensors = tensors;
    program.layers = &layer;
    program.instructions = instructions;
}

/* A request taken at the falling edge of cycle c has its answer `delay` cycles later, which the
 * rising edge of c + delay + 1 sees; unless the DRAM's own timing takes longer. */
std::uint64_t expected_cycles(std::uint64_t delay)
{
    const std::uint64_t params = std::max<std::uint64_t>(1 + LATENCY, delay + 1);
    const std::uint64_t bytes = std::max<std::uint64_t>(TRANSFERRED, LAST_TAKEN + delay + 1);
    return SETUP + params + 2 * (SETUP + bytes) + BYTES / LANES + VECTOR_LATENCY;
}

/* --- a memory that takes its time --- */

class slow_memory : public sc_core::sc_module, public mantis::memory_port
{
  public:
    explicit slow_memory(sc_core::sc_module_name name) : sc_module(name), bytes_(DRAM_BYTES)
    {
        SC_HAS_PROCESS(slow_memory);
        SC_METHOD(answer);
        sensitive << due_;
        dont_initialize();
    }

    void begin(mantis::memory_request &request) override
    {
        if (delay == sc_core::SC_ZERO_TIME)
            return move(request);
        requests_.push_back(&request);
        due_.notify(delay);
    }

    sc_time delay;
    std::uint64_t broken_from = DRAM_BYTES; /* addresses that nobody answers for */

    std::uint8_t *bytes()
    {
        return bytes_.data();
    }

  private:
    void answer()
    {
        move(*requests_.front());
        requests_.pop_front();
    }

    void move(mantis::memory_request &request)
    {
        request.done = true;
        request.failed = request.address + request.count > broken_from;
        if (!request.failed)
            mantis::memory_move(request, bytes() + request.address);
    }

    std::vector<std::uint8_t> bytes_;
    std::deque<mantis::memory_request *> requests_;
    sc_core::sc_event_queue due_;
};

/* --- the platform: a script runs the machines, the tests look at what it noted --- */

struct outcome {
    bool has_failed, is_copy, was_running;
    std::uint64_t cycles;
    double took; /* periods, from start() to done() */
};

enum { FAST, AGAIN, SLOW, VERY_SLOW, BROKEN, MENDED, AT_EDGE, TIMING_ONLY, BESIDE, OUTCOMES };

class platform : public sc_core::sc_module
{
  public:
    explicit platform(sc_core::sc_module_name name) : sc_module(name)
    {
        machine.clock(clock_);
        other.clock(clock_);
        SC_HAS_PROCESS(platform);
        SC_THREAD(script);
    }

    mantis::clocked_machine machine{"machine"}, other{"other"};
    outcome outcomes[OUTCOMES] = {};
    bool has_loaded = true;

  private:
    void script();
    void prepare(int delay);
    outcome run();

    const sc_time period_{1429, sc_core::SC_PS};
    sc_core::sc_clock clock_{"clock", period_, 0.3, sc_time(377, sc_core::SC_PS)};
    slow_memory memory_{"memory"}, other_memory_{"other_memory"};
    copy_program copy_;
    struct program bare_ = {};
};

void platform::prepare(int delay)
{
    memory_.delay = delay * period_;
    std::memset(memory_.bytes(), 0, DRAM_BYTES);
    std::memcpy(memory_.bytes() + PARAMS_AT, copy_.params, sizeof copy_.params);
    for (int i = 0; i < BYTES; i++)
        memory_.bytes()[INPUT_AT + i] = static_cast<std::uint8_t>(i * 37);
}

outcome platform::run()
{
    outcome outcome = {};
    const sc_time from = sc_core::sc_time_stamp();
    machine.start();
    outcome.was_running = machine.is_running();
    wait(machine.done());
    outcome.has_failed = machine.has_failed();
    outcome.cycles = machine.cycle();
    outcome.is_copy = !std::memcmp(memory_.bytes() + INPUT_AT, memory_.bytes() + OUTPUT_AT, BYTES);
    outcome.took = (sc_core::sc_time_stamp() - from) / period_;
    return outcome;
}

void platform::script()
{
    prepare(0);
    has_loaded &= machine.load(copy_.program, memory_, nullptr);
    outcomes[FAST] = run();
    prepare(0);
    outcomes[AGAIN] = run();
    prepare(10);
    outcomes[SLOW] = run();
    prepare(500);
    outcomes[VERY_SLOW] = run();
    prepare(7);
    memory_.broken_from = OUTPUT_AT + 1000;
    outcomes[BROKEN] = run();
    wait(100 * period_); /* until all requests have been answered */
    memory_.broken_from = DRAM_BYTES;
    prepare(0);
    outcomes[MENDED] = run();
    prepare(0);
    wait(clock_.posedge_event());
    outcomes[AT_EDGE] = run();
    bare_ = copy_.program;
    bare_.has_values = false;
    prepare(500);
    has_loaded &= machine.load(bare_, memory_, nullptr);
    outcomes[TIMING_ONLY] = run();
    other_memory_.delay = 40 * period_;
    std::memcpy(other_memory_.bytes(), memory_.bytes(), DRAM_BYTES);
    prepare(0);
    has_loaded &= machine.load(copy_.program, memory_, nullptr) &&
                  other.load(copy_.program, other_memory_, nullptr);
    other.start();
    outcomes[BESIDE] = run();
    wait(other.done());
    sc_core::sc_stop();
}

platform *the_platform;

/* --- what is expected --- */

void expect_copied(int which, std::uint64_t delay)
{
    const outcome &outcome = the_platform->outcomes[which];
    assert_true(outcome.was_running);
    assert_false(outcome.has_failed);
    assert_true(outcome.is_copy);
    assert_int_equal(outcome.cycles, expected_cycles(delay));
    /* from the next rising edge on, which may be in this very instant */
    assert_true(outcome.took > static_cast<double>(outcome.cycles) - 1e-6);
    assert_true(outcome.took < static_cast<double>(outcome.cycles) + 1 + 1e-6);
}

void a_memory_takes_its_time(void **)
{
    assert_true(the_platform->has_loaded);
    expect_copied(FAST, 0);
    expect_copied(AGAIN, 0);
    expect_copied(SLOW, 10); /* less than the DRAM's timing: nothing of it shows */
    assert_int_equal(expected_cycles(10), expected_cycles(0));
    expect_copied(VERY_SLOW, 500);
}

/* The STORE's second request fails: the run ends in the cycle in which its 58 + 130 bursts and
 * its answer are both there. */
void a_failure_stops_the_run(void **)
{
    const outcome &outcome = the_platform->outcomes[BROKEN];
    assert_true(outcome.has_failed);
    assert_false(outcome.is_copy);
    assert_int_equal(outcome.cycles, expected_cycles(7));
    expect_copied(MENDED, 0);
}

void a_start_waits_for_the_next_edge(void **)
{
    expect_copied(AT_EDGE, 0);
    const outcome &outcome = the_platform->outcomes[AT_EDGE];
    assert_true(outcome.took > static_cast<double>(outcome.cycles) + 1 - 1e-6);
}

void no_values_no_memory(void **)
{
    const outcome &outcome = the_platform->outcomes[TIMING_ONLY];
    assert_false(outcome.is_copy);
    assert_int_equal(outcome.cycles, expected_cycles(0));
}

void machines_share_nothing(void **)
{
    expect_copied(BESIDE, 0);
    assert_int_equal(the_platform->other.cycle(), expected_cycles(40));
    assert_false(the_platform->other.is_running());
    const struct stats &stats = the_platform->other.stats();
    assert_int_equal(stats.counters.load_busy,
                     SETUP + 41 + SETUP + std::max<int>(TRANSFERRED, LAST_TAKEN + 41));
    assert_int_equal(stats.counters.vector_busy, BYTES / LANES + VECTOR_LATENCY);
    assert_int_equal(stats.counters.vector_stall, stats.counters.load_busy);
}

/* The engine has a machine and a clock of its own, for which it is too late now. */
void the_engine_says_no(void **)
{
    copy_program copy;
    machine_options options = {};
    struct machine *machine = machine_new(&copy.program, &options);
    std::vector<std::uint8_t> input(BYTES);
    waveform_request waveform = {};
    err err = {};
    assert_false(engine_clocked.run(machine, input.data(), &waveform, &err));
    assert_non_null(std::strstr(err.text, "already begun"));
    assert_null(std::strchr(err.text, '\n'));
    machine_free(machine);
}

} // namespace

int main()
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    platform platform("platform");
    the_platform = &platform;
    sc_core::sc_start();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_memory_takes_its_time),
        cmocka_unit_test(a_failure_stops_the_run),
        cmocka_unit_test(a_start_waits_for_the_next_edge),
        cmocka_unit_test(no_values_no_memory),
        cmocka_unit_test(machines_share_nothing),
        cmocka_unit_test(the_engine_says_no),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
