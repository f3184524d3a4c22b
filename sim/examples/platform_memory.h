/* A memory: bytes behind a TLM-2.0 target socket. */
#ifndef PLATFORM_MEMORY_H
#define PLATFORM_MEMORY_H

#include <cstdint>
#include <cstring>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

class platform_memory : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<platform_memory> socket;

    /* `latency` is what every transaction takes. */
    platform_memory(sc_core::sc_module_name name, std::uint64_t size, sc_core::sc_time latency)
        : sc_module(name), socket("socket"), bytes_(size), latency_(latency)
    {
        socket.register_b_transport(this, &platform_memory::b_transport);
    }

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
    {
        const std::uint64_t address = payload.get_address();
        const unsigned count = payload.get_data_length();
        delay += latency_;
        if (payload.get_byte_enable_ptr())
            payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        else if (payload.get_streaming_width() < count)
            payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        else if (address > bytes_.size() || count > bytes_.size() - address)
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        else {
            if (payload.is_read())
                std::memcpy(payload.get_data_ptr(), bytes_.data() + address, count);
            else if (payload.is_write())
                std::memcpy(bytes_.data() + address, payload.get_data_ptr(), count);
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
        }
    }

    std::vector<std::uint8_t> bytes_;
    const sc_core::sc_time latency_;
};

#endif
