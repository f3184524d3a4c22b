#include "sim/clocked/tlm_bus_port.h"

#include <vector>

namespace mantis
{

bus_port::bus_port(sc_core::sc_module_name name) : sc_module(name), socket("socket")
{
    SC_HAS_PROCESS(bus_port);
    SC_THREAD(serve);
}

void bus_port::open(std::uint64_t base)
{
    base_ = base;
    refuses_ = false;
    failed_address_.reset();
}

void bus_port::refuse()
{
    refuses_ = true;
}

void bus_port::begin(memory_request &request)
{
    requests_.push_back(&request);
    requested_.notify();
}

void bus_port::serve()
{
    for (;;) {
        while (requests_.empty())
            wait(requested_);
        memory_request &request = *requests_.front();
        request.failed = refuses_ || !move(request);
        request.done = true; /* from here on the request may be gone */
        requests_.pop_front();
        if (requests_.empty())
            drained_.notify();
    }
}

/* Where some bits are to stay, what lies there is read first. */
bool bus_port::move(const memory_request &request)
{
    const std::uint64_t address = base_ + request.address;
    if (!request.is_write)
        return transport(tlm::TLM_READ_COMMAND, address, request.bytes, request.count);
    if (!request.mask)
        return transport(tlm::TLM_WRITE_COMMAND, address, request.bytes, request.count);
    std::vector<std::uint8_t> merged(request.count);
    if (!transport(tlm::TLM_READ_COMMAND, address, merged.data(), request.count))
        return false;
    memory_move(request, merged.data());
    return transport(tlm::TLM_WRITE_COMMAND, address, merged.data(), request.count);
}

void bus_port::drain()
{
    while (!requests_.empty())
        wait(drained_);
}

bool bus_port::read(std::uint64_t address, std::uint8_t *bytes, std::uint32_t count)
{
    return !refuses_ && transport(tlm::TLM_READ_COMMAND, address, bytes, count) && !refuses_;
}

const std::optional<std::uint64_t> &bus_port::failed_address() const
{
    return failed_address_;
}

bool bus_port::transport(tlm::tlm_command command, std::uint64_t address, std::uint8_t *bytes,
                         std::uint32_t count)
{
    tlm::tlm_generic_payload payload;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(bytes);
    payload.set_data_length(count);
    payload.set_streaming_width(count);
    socket->b_transport(payload, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        wait(delay);
    if (!payload.is_response_ok() && !failed_address_)
        failed_address_ = address;
    return payload.is_response_ok();
}

} // namespace mantis
