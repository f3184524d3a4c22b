/* The TLM-2.0 manners of a block of 32-bit registers: which transactions are legal, and how the
 * others are answered. What the registers hold and do is the register_file's. */
#ifndef MANTIS_SIM_CLOCKED_TLM_REGISTER_PORT_H
#define MANTIS_SIM_CLOCKED_TLM_REGISTER_PORT_H

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace mantis
{

class register_file
{
  public:
    virtual ~register_file() = default;

    /* Offsets are multiples of 4 within the block; those between registers read as 0. */
    virtual std::uint32_t read_register(std::uint32_t offset) = 0;
    virtual std::uint32_t peek_register(std::uint32_t offset) const = 0; /* without side effects */
    virtual tlm::tlm_response_status write_register(std::uint32_t offset, std::uint32_t value) = 0;
};

/* A transaction moves one aligned word, in the host's byte order as TLM-2.0 has it. Anything else is
 * answered with the error that TLM-2.0 (IEEE 1666-2011, clause 14) has for it:
 *
 *   outside the block, unaligned     TLM_ADDRESS_ERROR_RESPONSE
 *   byte enables                     TLM_BYTE_ENABLE_ERROR_RESPONSE
 *   length not 4, streaming below 4  TLM_BURST_ERROR_RESPONSE
 *   a write that the registers refuse  what the register_file says
 *
 * An access happens when the initiator's local time has come: b_transport waits for its delay, and
 * annotates the access time. DMI is never granted; debug reads may have any size and change
 * nothing. */
class register_port : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<register_port> socket;

    register_port(sc_core::sc_module_name name, register_file &file, std::uint32_t bytes,
                  sc_core::sc_time access_time);

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    unsigned transport_dbg(tlm::tlm_generic_payload &payload);
    tlm::tlm_response_status check(const tlm::tlm_generic_payload &payload) const;
    tlm::tlm_response_status access(tlm::tlm_generic_payload &payload);

    register_file &file_;
    const std::uint32_t bytes_;
    const sc_core::sc_time access_time_;
};

} // namespace mantis

#endif
