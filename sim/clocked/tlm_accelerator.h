/* mantis as a component of a TLM-2.0 virtual platform: registers on a target socket, all memory
 * traffic on an initiator socket, an interrupt. docs/platform.md is its manual,
 * sim/examples/platform.cpp a platform. */
#ifndef MANTIS_SIM_CLOCKED_TLM_ACCELERATOR_H
#define MANTIS_SIM_CLOCKED_TLM_ACCELERATOR_H

#include <array>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "sim/clocked/machine.h"
#include "sim/clocked/tlm_bus_port.h"
#include "sim/clocked/tlm_register_port.h"
#include "sim/clocked/tlm_registers.h"

namespace mantis
{

class mantis_accelerator : public sc_core::sc_module, private register_file
{
  public:
    tlm::tlm_target_socket<> registers;
    tlm::tlm_initiator_socket<> memory;
    sc_core::sc_in<bool> clock;
    sc_core::sc_in<bool> reset; /* active high; its rising edge does what the command RESET does */
    sc_core::sc_out<bool> interrupt;

    /* `register_time`: what an access to a register takes. */
    explicit mantis_accelerator(sc_core::sc_module_name name,
                                sc_core::sc_time register_time = sc_core::SC_ZERO_TIME);

    /* Write cycles first .. last of the next run to `file`, a VCD; end_waveform completes it. */
    bool write_waveform(const char *file, std::uint64_t first, std::uint64_t last, struct err *err);
    bool end_waveform(struct err *err);

    /* What the error code in STATUS stands for, for people; empty where there is none. */
    const char *error_text() const;

    /* Of the last complete run. */
    const struct stats &stats() const;

  private:
    struct program_deleter {
        void operator()(struct program *program) const;
    };
    using program_pointer = std::unique_ptr<struct program, program_deleter>;

    std::uint32_t read_register(std::uint32_t offset) override;
    std::uint32_t peek_register(std::uint32_t offset) const override;
    tlm::tlm_response_status write_register(std::uint32_t offset, std::uint32_t value) override;

    std::uint32_t &at(std::uint32_t offset);
    std::uint64_t pair(std::uint32_t low_offset) const;
    void set_pair(std::uint32_t low_offset, std::uint64_t value);
    std::uint32_t status() const;
    std::uint64_t cycles() const;
    bool is_busy() const;

    void command(std::uint32_t bits);
    void request_reset();
    void clear();
    void raise(std::uint32_t interrupts);
    void drive_interrupt();

    void sequence();
    enum mantis_error_code load();
    bool fetch(std::vector<std::uint8_t> &bytes);
    enum mantis_error_code accept(const std::vector<std::uint8_t> &bytes);
    void describe_program();
    void forget_program();
    enum mantis_error_code run();
    enum mantis_error_code bus_error(enum mantis_error_code code, const char *what);
    void finish(std::uint32_t commands, enum mantis_error_code error);

    program_pointer program_; /* what the machine holds; outlives it */
    clocked_machine machine_{"machine"};
    register_port register_port_;
    bus_port bus_port_{"bus_port"};

    std::array<std::uint32_t, MANTIS_REGISTER_SPACE / sizeof(std::uint32_t)> words_{};
    enum mantis_state state_ = MANTIS_STATE_IDLE;
    enum mantis_error_code error_code_ = MANTIS_ERROR_NONE;
    err error_{};
    std::uint32_t commands_ = 0; /* accepted, not yet taken up */
    std::uint64_t cycles_ = 0;   /* of the last run */
    bool is_loaded_ = false;
    sc_core::sc_event commanded_, interrupts_changed_;
};

} // namespace mantis

#endif
