#include "sim/clocked/memory_port.h"

#include <cstring>

namespace mantis
{

void memory_array::begin(memory_request &request)
{
    request.done = true;
    request.failed = request.address > size_ || request.count > size_ - request.address;
    if (request.failed)
        return;
    if (request.is_write)
        std::memcpy(bytes_ + request.address, request.bytes, request.count);
    else
        std::memcpy(request.bytes, bytes_ + request.address, request.count);
}

} // namespace mantis
