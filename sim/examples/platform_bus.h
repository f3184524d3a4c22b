/* A bus: any number of initiators, and targets at their addresses. */
#ifndef PLATFORM_BUS_H
#define PLATFORM_BUS_H

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

class platform_bus : public sc_core::sc_module
{
  public:
    tlm_utils::multi_passthrough_target_socket<platform_bus> initiators; /* they bind to it */

    explicit platform_bus(sc_core::sc_module_name name)
        : sc_module(name), initiators("initiators"), targets_("targets")
    {
        initiators.register_b_transport(this, &platform_bus::b_transport);
    }

    /* Addresses base .. base + size - 1 are the target's 0 .. size - 1. */
    template <typename socket_type>
    void map(socket_type &target, std::uint64_t base, std::uint64_t size)
    {
        targets_.bind(target);
        ranges_.push_back({base, size});
    }

  private:
    struct range {
        std::uint64_t base, size;
    };

    void b_transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
    {
        const std::uint64_t address = payload.get_address();
        for (unsigned i = 0; i < ranges_.size(); i++) {
            if (address < ranges_[i].base || address - ranges_[i].base >= ranges_[i].size)
                continue;
            payload.set_address(address - ranges_[i].base);
            targets_[static_cast<int>(i)]->b_transport(payload, delay);
            payload.set_address(address);
            return;
        }
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }

    tlm_utils::multi_passthrough_initiator_socket<platform_bus> targets_;
    std::vector<range> ranges_;
};

#endif
