#include "sim/clocked/tlm_register_port.h"

#include <cstring>

namespace mantis
{

namespace
{
constexpr unsigned word_bytes = sizeof(std::uint32_t);
}

register_port::register_port(sc_core::sc_module_name name, register_file &file, std::uint32_t bytes,
                             sc_core::sc_time access_time)
    : sc_module(name), socket("socket"), file_(file), bytes_(bytes), access_time_(access_time)
{
    socket.register_b_transport(this, &register_port::b_transport);
    socket.register_transport_dbg(this, &register_port::transport_dbg);
}

tlm::tlm_response_status register_port::check(const tlm::tlm_generic_payload &payload) const
{
    if (payload.get_address() >= bytes_ || payload.get_address() % word_bytes)
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr())
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (payload.get_data_length() != word_bytes || payload.get_streaming_width() < word_bytes)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status register_port::access(tlm::tlm_generic_payload &payload)
{
    auto offset = static_cast<std::uint32_t>(payload.get_address());
    std::uint32_t word;
    switch (payload.get_command()) {
    case tlm::TLM_READ_COMMAND:
        word = file_.read_register(offset);
        std::memcpy(payload.get_data_ptr(), &word, word_bytes);
        return tlm::TLM_OK_RESPONSE;
    case tlm::TLM_WRITE_COMMAND:
        std::memcpy(&word, payload.get_data_ptr(), word_bytes);
        return file_.write_register(offset, word);
    case tlm::TLM_IGNORE_COMMAND:
        return tlm::TLM_OK_RESPONSE;
    }
    return tlm::TLM_COMMAND_ERROR_RESPONSE;
}

void register_port::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    if (delay != sc_core::SC_ZERO_TIME)
        wait(delay);
    delay = access_time_;
    payload.set_dmi_allowed(false);
    tlm::tlm_response_status status = check(payload);
    payload.set_response_status(status == tlm::TLM_OK_RESPONSE ? access(payload) : status);
}

unsigned register_port::transport_dbg(tlm::tlm_generic_payload &payload)
{
    unsigned count = 0;
    std::uint64_t address = payload.get_address();
    if (!payload.is_read())
        return 0;
    for (; count < payload.get_data_length() && address < bytes_; count++, address++) {
        auto offset = static_cast<std::uint32_t>(address);
        std::uint32_t word = file_.peek_register(offset - offset % word_bytes);
        std::memcpy(payload.get_data_ptr() + count,
                    reinterpret_cast<unsigned char *>(&word) + offset % word_bytes, 1);
    }
    payload.set_response_status(count ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return count;
}

} // namespace mantis
