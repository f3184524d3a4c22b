/* The machine's memory behind a TLM-2.0 initiator socket. */
#ifndef MANTIS_SIM_CLOCKED_TLM_BUS_PORT_H
#define MANTIS_SIM_CLOCKED_TLM_BUS_PORT_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "sim/clocked/memory_port.h"

namespace mantis
{

/* Requests become blocking transactions, one at a time, in their order. A request is done when its
 * transaction has returned and the delay that it annotates has passed: what the bus takes comes on
 * top of the DRAM timing of the machine only where it is the longer. */
class bus_port : public sc_core::sc_module, public memory_port
{
  public:
    tlm_utils::simple_initiator_socket<bus_port> socket;

    explicit bus_port(sc_core::sc_module_name name);

    /* Take requests again; their addresses count from `base`. */
    void open(std::uint64_t base);

    /* Fail all requests that have no transaction yet, and those that come. */
    void refuse();

    void begin(memory_request &request) override;

    /* Wait until no request is on its way. In a thread, as is read(). */
    void drain();

    /* Read bytes at a bus address. False where the bus answers with an error, or
     * refuse() came before or meanwhile. */
    bool read(std::uint64_t address, std::uint8_t *bytes, std::uint32_t count);

    /* Of the first transaction since open() that failed. */
    const std::optional<std::uint64_t> &failed_address() const;

  private:
    void serve();
    bool move(const memory_request &request);
    bool transport(tlm::tlm_command command, std::uint64_t address, std::uint8_t *bytes,
                   std::uint32_t count);

    std::uint64_t base_ = 0;
    bool refuses_ = false;
    std::optional<std::uint64_t> failed_address_;
    std::deque<memory_request *> requests_; /* the first one may be on its way */
    sc_core::sc_event requested_, drained_;
};

} // namespace mantis

#endif
