#include "sim/clocked/memory_port.h"

#include <cstring>

namespace mantis
{

void memory_move(const memory_request &request, std::uint8_t *memory)
{
    if (!request.is_write)
        std::memcpy(request.bytes, memory, request.count);
    else if (!request.mask)
        std::memcpy(memory, request.bytes, request.count);
    else
        for (std::uint32_t i = 0; i < request.count; i++)
            memory[i] = static_cast<std::uint8_t>((request.bytes[i] & request.mask[i]) |
                                                  (memory[i] & ~request.mask[i]));
}

void memory_array::begin(memory_request &request)
{
    request.done = true;
    request.failed = request.address > size_ || request.count > size_ - request.address;
    if (!request.failed)
        memory_move(request, bytes_ + request.address);
}

} // namespace mantis
