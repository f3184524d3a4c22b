/* Does mantis_accelerator run what it should, and is whatever goes wrong an error code and no more?
 * Every fault is followed by a run that must be right. */
#include "test/platform_bench.h"

#include <algorithm>

namespace
{

constexpr std::uint64_t program_at = 100, dram_at = 0x4321; /* neither aligned */
constexpr std::uint64_t far_away = std::uint64_t(1) << 40;

/* docs/machine.md: two LOADs one after the other, VECTOR, STORE. On a bus that takes `bus` cycles
 * for a transaction, more than the DRAM does, a transfer of one request takes setup + bus. */
std::uint64_t cycles_of_copy(std::uint64_t bus)
{
    return 3 * (COPY_SETUP + bus) + (COPY_CODES + COPY_LANES - 1) / COPY_LANES + COPY_LATENCY;
}

/* What the fast machine says. */
std::uint64_t cycles_on_dram(std::uint8_t bits = 8)
{
    struct machine_options options {
    };
    copy_program copy(bits);
    std::uint8_t input[COPY_CODES] = {};
    struct machine *machine = machine_new(&copy.program, &options);
    machine_run(machine, input);
    std::uint64_t cycles = machine_stats(machine)->cycles;
    machine_free(machine);
    return cycles;
}

/* The program, its constants and a fresh input in memory; the accelerator as after power-up, but
 * configured. */
void prepare(bench &bench, std::uint8_t bits = 8)
{
    static std::uint8_t seed;
    auto file = copy_file(bits);
    std::uint8_t *dram = bench.memory.bytes.data() + dram_at;
    std::fill(bench.memory.bytes.begin(), bench.memory.bytes.end(), 0xEE);
    std::copy(file.begin(), file.end(), bench.memory.bytes.begin() + program_at);
    std::copy(std::begin(copy_parameters), std::end(copy_parameters), dram + COPY_PARAMETERS);
    seed++;
    for (int i = 0; i < COPY_CODES; i++)
        dram[COPY_INPUT + i] = static_cast<std::uint8_t>(seed + 37 * i);
    bench.write(MANTIS_CONTROL, MANTIS_COMMAND_RESET);
    bench.settle();
    bench.write_pair(MANTIS_PROGRAM_ADDRESS_LOW, program_at);
    bench.write(MANTIS_PROGRAM_BYTES, static_cast<std::uint32_t>(file.size()));
    bench.write_pair(MANTIS_DRAM_BASE_LOW, dram_at);
}

/* The output equals the input; what is not the output is as it was, to the bit. */
void check_copied(bench &bench, const std::vector<std::uint8_t> &before, unsigned bits = 8)
{
    std::vector<std::uint8_t> expected = before;
    std::uint8_t *dram = expected.data() + dram_at;
    for (unsigned bit = 0; bit < bits * COPY_CODES; bit++) {
        std::uint8_t &to = dram[COPY_OUTPUT + bit / 8], mask = std::uint8_t(1 << bit % 8);
        to = std::uint8_t((to & ~mask) | (dram[COPY_INPUT + bit / 8] & mask));
    }
    CHECK(bench.memory.bytes == expected);
}

void check_good_run(bench &bench, std::uint8_t bits = 8)
{
    prepare(bench, bits);
    auto before = bench.memory.bytes;
    bench.run(MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);
    CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_DONE);
    CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS), MANTIS_INTERRUPT_DONE);
    CHECK(!*bench.accelerator.error_text());
    check_copied(bench, before, bits);
}

void check_failed(bench &bench, enum mantis_error_code code)
{
    CHECK_EQUAL(bench.state(), MANTIS_STATE_FAILED);
    CHECK_EQUAL(bench.error(), code);
    CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS), MANTIS_INTERRUPT_FAILED);
    CHECK(*bench.accelerator.error_text());
}

/* --- runs --- */

void one_load_serves_many_runs(bench &bench)
{
    prepare(bench);
    bench.run(MANTIS_COMMAND_LOAD);
    CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_READY);
    CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS), MANTIS_INTERRUPT_LOADED);
    CHECK_EQUAL(bench.read_pair(MANTIS_DRAM_BYTES_LOW), COPY_DRAM);
    CHECK_EQUAL(bench.read_pair(MANTIS_INPUT_OFFSET_LOW), COPY_INPUT);
    CHECK_EQUAL(bench.read(MANTIS_INPUT_BYTES), COPY_CODES);
    CHECK_EQUAL(bench.read_pair(MANTIS_OUTPUT_OFFSET_LOW), COPY_OUTPUT);
    CHECK_EQUAL(bench.read(MANTIS_OUTPUT_BYTES), COPY_CODES);
    std::uint64_t cycles = cycles_on_dram();
    for (int run = 0; run < 3; run++) {
        bench.memory.bytes[dram_at + COPY_INPUT + 5] ^= 0x55;
        bench.memory.bytes[program_at] = 0; /* is not read again */
        auto before = bench.memory.bytes;
        bench.run(MANTIS_COMMAND_START);
        CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_DONE);
        CHECK_EQUAL(bench.read_pair(MANTIS_CYCLES_LOW), cycles);
        check_copied(bench, before);
    }
}

/* Requests are made at falling edges and looked after at rising ones: a bus that takes `bus` - 1
 * cycles answers in the middle of the cycle before. */
void a_slow_bus_shows_in_the_cycles(bench &bench)
{
    for (bool waits : {false, true})
        for (std::uint64_t bus : {20, 100, 777}) {
            bench.memory.waits = waits;
            bench.memory.delay =
                sc_core::sc_time(static_cast<double>((bus - 1) * clock_ns), sc_core::SC_NS);
            check_good_run(bench);
            CHECK_EQUAL(bench.read_pair(MANTIS_CYCLES_LOW), cycles_of_copy(bus));
        }
    bench.memory.waits = false;
    bench.memory.delay = sc_core::SC_ZERO_TIME;
}

/* Where codes end within a byte the rest of it stays, and that takes a fast bus no time. */
void bits_behind_the_output_stay(bench &bench)
{
    for (std::uint8_t bits = 3; bits <= 8; bits++) {
        check_good_run(bench, bits);
        CHECK_EQUAL(bench.read_pair(MANTIS_CYCLES_LOW), cycles_on_dram(bits));
    }
}

/* Reads of the counter go on during a run, and end at its value. */
void cycles_count_up(bench &bench)
{
    prepare(bench);
    bench.write(MANTIS_CONTROL, MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);
    std::uint64_t last = 0, distinct = 0;
    while (bench.read(MANTIS_STATUS) & MANTIS_STATUS_BUSY) {
        std::uint64_t now = bench.read_pair(MANTIS_CYCLES_LOW);
        CHECK(now >= last && now <= last + 5); /* reads of 3 ns each, cycles of 10 */
        distinct += now != last;
        last = now;
    }
    CHECK(distinct > 50);
    CHECK_EQUAL(bench.read_pair(MANTIS_CYCLES_LOW), cycles_on_dram());
}

/* --- faults --- */

void bad_programs_are_refused(bench &bench)
{
    const std::size_t size = copy_file().size();
    for (std::size_t i = 0; i < size; i += 1 + i / 16) {
        prepare(bench);
        bench.memory.bytes[program_at + i] ^= 0x10;
        bench.run(MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);
        check_failed(bench, MANTIS_ERROR_BAD_PROGRAM);
    }
    for (std::size_t bytes :
         {std::size_t(0), std::size_t(1), std::size_t(15), size - 1, size + 1}) {
        prepare(bench);
        bench.write(MANTIS_PROGRAM_BYTES, static_cast<std::uint32_t>(bytes));
        bench.run(MANTIS_COMMAND_LOAD);
        check_failed(bench, MANTIS_ERROR_BAD_PROGRAM);
    }
    bench.run(MANTIS_COMMAND_START); /* nothing is left loaded */
    CHECK_EQUAL(bench.error(), MANTIS_ERROR_NO_PROGRAM);
    check_good_run(bench);
}

/* A program that is sound but that the PEs cannot run. */
void unfit_programs_are_refused(bench &bench)
{
    copy_program copy(8);
    struct err err;
    std::size_t size;
    copy.instructions[2].vector.act_format = {FORMAT_FLOAT_E4, 3, true};
    std::uint8_t *bytes = program_encode(&copy.program, &size, &err);
    prepare(bench);
    std::copy(bytes, bytes + size, bench.memory.bytes.begin() + program_at);
    std::free(bytes);
    bench.run(MANTIS_COMMAND_LOAD);
    check_failed(bench, MANTIS_ERROR_BAD_PROGRAM);
    check_good_run(bench);
}

void programs_outside_memory_are_bus_errors(bench &bench)
{
    const std::uint64_t end = bench.memory.bytes.size();
    for (std::uint64_t address : {far_away, end, end - 10}) {
        prepare(bench);
        bench.write_pair(MANTIS_PROGRAM_ADDRESS_LOW, address);
        bench.write(MANTIS_PROGRAM_BYTES, 0xFFFFFFFF);
        bench.run(MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);
        check_failed(bench, MANTIS_ERROR_PROGRAM_ACCESS);
        CHECK_EQUAL(bench.read_pair(MANTIS_ERROR_ADDRESS_LOW), std::max(address, end));
    }
    bench.write_pair(MANTIS_PROGRAM_ADDRESS_LOW, ~std::uint64_t(0) - 9);
    bench.write(MANTIS_PROGRAM_BYTES, 11);
    bench.run(MANTIS_COMMAND_LOAD);
    CHECK_EQUAL(bench.error(), MANTIS_ERROR_BAD_RANGE);
    bench.write(MANTIS_PROGRAM_BYTES, 10); /* still has addresses, if no memory */
    bench.run(MANTIS_COMMAND_LOAD);
    CHECK_EQUAL(bench.error(), MANTIS_ERROR_PROGRAM_ACCESS);
    CHECK_EQUAL(bench.read_pair(MANTIS_ERROR_ADDRESS_LOW), ~std::uint64_t(0) - 9);
    check_good_run(bench);
}

/* The output lies behind the input: memory may end before either, or before the parameters. */
void dram_outside_memory_is_a_bus_error(bench &bench)
{
    const std::uint64_t end = bench.memory.bytes.size();
    prepare(bench);
    bench.run(MANTIS_COMMAND_LOAD);
    bench.write(MANTIS_INTERRUPT_STATUS, MANTIS_INTERRUPT_LOADED);
    for (std::uint64_t base : {far_away, end, end - 70, end - COPY_PARAMETERS}) {
        bench.write_pair(MANTIS_DRAM_BASE_LOW, base);
        bench.run(MANTIS_COMMAND_START);
        check_failed(bench, MANTIS_ERROR_DRAM_ACCESS);
        CHECK_EQUAL(bench.read_pair(MANTIS_ERROR_ADDRESS_LOW), base + COPY_PARAMETERS);
        bench.write(MANTIS_INTERRUPT_STATUS, MANTIS_INTERRUPT_FAILED);
    }
    for (std::uint64_t beyond : {1, 100}) {
        bench.write_pair(MANTIS_DRAM_BASE_LOW, 0 - std::uint64_t(COPY_DRAM) + beyond);
        bench.run(MANTIS_COMMAND_START);
        CHECK_EQUAL(bench.error(), MANTIS_ERROR_BAD_RANGE);
    }
    bench.write_pair(MANTIS_DRAM_BASE_LOW, dram_at); /* the program is loaded still */
    auto before = bench.memory.bytes;
    bench.run(MANTIS_COMMAND_START);
    CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_DONE);
    CHECK_EQUAL(bench.read_pair(MANTIS_ERROR_ADDRESS_LOW), 0);
    check_copied(bench, before);
}

/* What would disturb a run is refused, and the run goes on. */
void busy_accelerators_refuse_writes(bench &bench)
{
    const auto refused = (std::uint64_t)tlm::TLM_GENERIC_ERROR_RESPONSE;
    prepare(bench);
    auto before = bench.memory.bytes;
    bench.run(MANTIS_COMMAND_LOAD);
    bench.write(MANTIS_CONTROL, MANTIS_COMMAND_START);
    wait(20 * clock_ns, sc_core::SC_NS);
    CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_RUNNING | MANTIS_STATUS_BUSY);
    CHECK_EQUAL(bench.try_write(MANTIS_CONTROL, MANTIS_COMMAND_START), refused);
    CHECK_EQUAL(bench.try_write(MANTIS_CONTROL, MANTIS_COMMAND_LOAD), refused);
    CHECK_EQUAL(bench.try_write(MANTIS_PROGRAM_BYTES, 1), refused);
    CHECK_EQUAL(bench.try_write(MANTIS_DRAM_BASE_LOW, 1), refused);
    bench.write(MANTIS_INTERRUPT_ENABLE, MANTIS_INTERRUPT_DONE);
    CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS),
                MANTIS_INTERRUPT_LOADED | MANTIS_INTERRUPT_REFUSED);
    bench.write(MANTIS_INTERRUPT_STATUS, ~0u);
    bench.settle();
    CHECK(bench.interrupt.read());
    CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_DONE);
    CHECK_EQUAL(bench.read(MANTIS_DRAM_BASE_LOW), dram_at);
    CHECK_EQUAL(bench.read_pair(MANTIS_CYCLES_LOW), cycles_on_dram());
    check_copied(bench, before);
}

/* Reset at any time of reading the program and running it, by command and by line: the accelerator
 * comes to rest with all registers reset, leaves the bus alone, and runs again. */
void resets_at_any_time(bench &bench)
{
    bench.memory.delay = sc_core::sc_time(30 * clock_ns, sc_core::SC_NS);
    for (int clocks = 0; clocks < 250; clocks += 11) {
        prepare(bench);
        bench.write(MANTIS_INTERRUPT_ENABLE, ~0u);
        bench.write(MANTIS_CONTROL, MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);
        wait(clocks * clock_ns + 4, sc_core::SC_NS);
        CHECK(bench.read(MANTIS_STATUS) & MANTIS_STATUS_BUSY);
        if (clocks % 2)
            bench.write(MANTIS_CONTROL, MANTIS_COMMAND_RESET);
        else
            bench.reset.write(true);
        bench.settle();
        bench.reset.write(false);
        unsigned transactions = bench.memory.transactions;
        wait(500 * clock_ns, sc_core::SC_NS);
        CHECK_EQUAL(bench.memory.transactions, transactions);
        CHECK(!bench.interrupt.read());
        CHECK_EQUAL(bench.read(MANTIS_STATUS), MANTIS_STATE_IDLE);
        CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS), 0);
        CHECK_EQUAL(bench.read(MANTIS_PROGRAM_BYTES), 0);
        CHECK_EQUAL(bench.read_pair(MANTIS_CYCLES_LOW), 0);
    }
    bench.memory.delay = sc_core::SC_ZERO_TIME;
    check_good_run(bench);
}

void script(bench &bench)
{
    check_good_run(bench);
    one_load_serves_many_runs(bench);
    a_slow_bus_shows_in_the_cycles(bench);
    bits_behind_the_output_stay(bench);
    cycles_count_up(bench);
    bad_programs_are_refused(bench);
    unfit_programs_are_refused(bench);
    programs_outside_memory_are_bus_errors(bench);
    dram_outside_memory_is_a_bus_error(bench);
    busy_accelerators_refuse_writes(bench);
    resets_at_any_time(bench);
}

} // namespace

int sc_main(int, char **)
{
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
    bench bench("bench", script);
    sc_core::sc_start();
    std::printf("%d failures\n", failures);
    return failures != 0;
}
