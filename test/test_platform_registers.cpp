/* Do the registers of mantis_accelerator answer as docs/platform.md and TLM-2.0 say? */
#include "test/platform_bench.h"

#include <fstream>
#include <sstream>
#include <string>

namespace
{

enum access_kind { RO, RW, WO, W1C };

struct register_row {
    const char *name;
    std::uint32_t offset;
    access_kind access;
    std::uint32_t reset;
};

#define REGISTER_ROW(name, offset, access, reset, help) {#name, offset, access, reset},
const register_row rows[] = {MANTIS_REGISTERS(REGISTER_ROW)};
#undef REGISTER_ROW

void check_reset_values(bench &bench)
{
    for (const register_row &row : rows)
        CHECK_EQUAL(bench.read(row.offset), row.reset);
}

void registers_keep_what_may_be_written(bench &bench)
{
    for (const register_row &row : rows) {
        if (row.access == RW) {
            bench.write(row.offset, 0xA5C30F00 + row.offset);
            CHECK_EQUAL(bench.read(row.offset), 0xA5C30F00 + row.offset);
        } else if (row.access == RO) {
            CHECK_EQUAL(bench.try_write(row.offset, ~row.reset),
                        (std::uint64_t)tlm::TLM_COMMAND_ERROR_RESPONSE);
            CHECK_EQUAL(bench.read(row.offset), row.reset);
        }
    }
    for (const register_row &row : rows)
        if (row.access == RW)
            CHECK_EQUAL(bench.read(row.offset), 0xA5C30F00 + row.offset);
    bench.write(MANTIS_CONTROL, MANTIS_COMMAND_RESET);
    check_reset_values(bench);
}

/* Between registers there is nothing: it reads as 0 and takes nothing. */
void holes_are_empty(bench &bench)
{
    for (std::uint32_t offset = 0; offset < MANTIS_REGISTER_SPACE; offset += 4) {
        bool is_hole = true;
        for (const register_row &row : rows)
            is_hole = is_hole && row.offset != offset;
        if (!is_hole)
            continue;
        CHECK_EQUAL(bench.try_write(offset, 1), (std::uint64_t)tlm::TLM_COMMAND_ERROR_RESPONSE);
        CHECK_EQUAL(bench.read(offset), 0);
    }
}

/* One word read that `spoil` has made illegal. Nothing may be written to the data. */
template <typename function>
void check_refused(bench &bench, tlm::tlm_command command, tlm::tlm_response_status expected,
                   function spoil)
{
    unsigned char data[8] = {7, 7, 7, 7, 7, 7, 7, 7};
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(MANTIS_PROGRAM_BYTES);
    payload.set_data_ptr(data);
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    payload.set_dmi_allowed(true);
    spoil(payload);
    CHECK_EQUAL(bench.transport(payload), (std::uint64_t)expected);
    CHECK(!payload.is_dmi_allowed());
    for (unsigned char byte : data)
        CHECK_EQUAL(byte, 7);
}

void illegal_transactions_are_refused(bench &bench)
{
    using payload = tlm::tlm_generic_payload;
    static unsigned char enables[4] = {0xFF, 0xFF, 0xFF, 0xFF};
    for (tlm::tlm_command command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
        for (std::uint64_t address :
             {std::uint64_t(MANTIS_REGISTER_SPACE), std::uint64_t(1) << 32,
              (std::uint64_t(1) << 32) + MANTIS_PROGRAM_BYTES, ~std::uint64_t(3), std::uint64_t(1),
              std::uint64_t(MANTIS_PROGRAM_BYTES + 2)})
            check_refused(bench, command, tlm::TLM_ADDRESS_ERROR_RESPONSE,
                          [&](payload &it) { it.set_address(address); });
        for (unsigned length : {0u, 1u, 2u, 3u, 5u, 8u})
            check_refused(bench, command, tlm::TLM_BURST_ERROR_RESPONSE, [&](payload &it) {
                it.set_data_length(length);
                it.set_streaming_width(8);
            });
        for (unsigned width : {0u, 1u, 3u})
            check_refused(bench, command, tlm::TLM_BURST_ERROR_RESPONSE,
                          [&](payload &it) { it.set_streaming_width(width); });
        check_refused(bench, command, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE, [&](payload &it) {
            it.set_byte_enable_ptr(enables);
            it.set_byte_enable_length(4);
        });
    }
    check_refused(bench, tlm::TLM_IGNORE_COMMAND, tlm::TLM_OK_RESPONSE, [](payload &) {});
    check_reset_values(bench);
}

/* The access happens when the initiator's local time has come, and takes the register time. */
void delays_are_kept(bench &bench)
{
    std::uint32_t word = 0;
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(MANTIS_IDENTIFICATION);
    payload.set_data_ptr(reinterpret_cast<unsigned char *>(&word));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_core::sc_time delay(25, sc_core::SC_NS), start = sc_core::sc_time_stamp();
    bench.socket->b_transport(payload, delay);
    CHECK(sc_core::sc_time_stamp() - start + delay == sc_core::sc_time(28, sc_core::SC_NS));
    CHECK_EQUAL(word, MANTIS_IDENTIFICATION_VALUE);
}

void there_is_no_dmi(bench &bench)
{
    tlm::tlm_generic_payload payload;
    tlm::tlm_dmi dmi;
    payload.set_command(tlm::TLM_READ_COMMAND);
    CHECK(!bench.socket->get_direct_mem_ptr(payload, dmi));
}

/* Debug reads see all registers, in any piece, change nothing and take no time; debug writes do
 * nothing. */
void debug_reads_change_nothing(bench &bench)
{
    unsigned char data[2 * MANTIS_REGISTER_SPACE];
    std::uint32_t word;
    sc_core::sc_time start = sc_core::sc_time_stamp();
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(2);
    payload.set_data_ptr(data);
    payload.set_data_length(sizeof data);
    CHECK_EQUAL(bench.socket->transport_dbg(payload), MANTIS_REGISTER_SPACE - 2);
    for (const register_row &row : rows) {
        if (row.offset < 2)
            continue;
        std::memcpy(&word, data + row.offset - 2, 4);
        CHECK_EQUAL(word, row.reset);
    }
    payload.set_address(MANTIS_REGISTER_SPACE);
    CHECK_EQUAL(bench.socket->transport_dbg(payload), 0);
    payload.set_command(tlm::TLM_WRITE_COMMAND);
    payload.set_address(MANTIS_INTERRUPT_ENABLE);
    payload.set_data_length(4);
    CHECK_EQUAL(bench.socket->transport_dbg(payload), 0);
    CHECK(sc_core::sc_time_stamp() == start);
    check_reset_values(bench);
}

/* START without a program makes an interrupt: pending whether enabled or not, and until 1 is
 * written. */
void interrupts_wait_to_be_cleared(bench &bench)
{
    bench.run(MANTIS_COMMAND_START);
    CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS), MANTIS_INTERRUPT_FAILED);
    CHECK(!bench.interrupt.read());
    bench.write(MANTIS_INTERRUPT_ENABLE, MANTIS_INTERRUPT_DONE);
    bench.settle();
    CHECK(!bench.interrupt.read());
    bench.write(MANTIS_INTERRUPT_ENABLE, MANTIS_INTERRUPT_FAILED);
    bench.settle();
    CHECK(bench.interrupt.read());
    bench.write(MANTIS_INTERRUPT_STATUS, ~std::uint32_t(MANTIS_INTERRUPT_FAILED));
    bench.settle();
    CHECK(bench.interrupt.read());
    bench.write(MANTIS_INTERRUPT_STATUS, MANTIS_INTERRUPT_FAILED);
    bench.settle();
    CHECK(!bench.interrupt.read());
    CHECK_EQUAL(bench.read(MANTIS_INTERRUPT_STATUS), 0);
    bench.write(MANTIS_CONTROL, MANTIS_COMMAND_RESET);
    check_reset_values(bench);
}

/* The line clears everything; while it is high nothing can be written. */
void the_reset_line_resets(bench &bench)
{
    bench.write(MANTIS_PROGRAM_BYTES, 77);
    bench.reset.write(true);
    wait(1, sc_core::SC_NS);
    check_reset_values(bench);
    CHECK_EQUAL(bench.try_write(MANTIS_PROGRAM_BYTES, 78),
                (std::uint64_t)tlm::TLM_GENERIC_ERROR_RESPONSE);
    bench.reset.write(false);
    wait(1, sc_core::SC_NS);
    check_reset_values(bench);
}

/* Whether `text` has a line that begins so. */
bool has_line(const std::string &text, const std::string &line)
{
    return text.find("\n" + line) != std::string::npos;
}

/* The manual's tables, row by row as the list has them. */
void the_manual_is_right()
{
    std::ifstream file(TEST_SOURCE_DIR "/docs/platform.md");
    std::stringstream manual;
    manual << file.rdbuf();
    char row[400];
#define CHECK_ROW(...)                           \
    std::snprintf(row, sizeof row, __VA_ARGS__); \
    if (!has_line(manual.str(), row))            \
        std::printf("docs/platform.md lacks: %s\n", row), failures++;
#define REGISTER_LINE(name, offset, access, reset, help) \
    CHECK_ROW("| 0x%02X | `" #name "` | " #access " | 0x%X | %s |", offset, reset, help)
    MANTIS_REGISTERS(REGISTER_LINE)
#define VALUE_LINE(name, value, help) CHECK_ROW("| %d | `" #name "` | %s |", value, help)
    MANTIS_COMMANDS(VALUE_LINE)
    MANTIS_INTERRUPTS(VALUE_LINE)
    MANTIS_STATES(VALUE_LINE)
    MANTIS_ERRORS(VALUE_LINE)
#undef VALUE_LINE
#undef REGISTER_LINE
#undef CHECK_ROW
}

void script(bench &bench)
{
    check_reset_values(bench);
    registers_keep_what_may_be_written(bench);
    holes_are_empty(bench);
    illegal_transactions_are_refused(bench);
    delays_are_kept(bench);
    there_is_no_dmi(bench);
    debug_reads_change_nothing(bench);
    interrupts_wait_to_be_cleared(bench);
    the_reset_line_resets(bench);
    CHECK_EQUAL(bench.memory.transactions, 0);
}

} // namespace

int sc_main(int, char **)
{
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
    the_manual_is_right();
    bench bench("bench", script);
    sc_core::sc_start();
    std::printf("%d failures\n", failures);
    return failures != 0;
}
