/* Where the clocked machine's DRAM traffic goes: bytes as they lie in memory. */
#ifndef MANTIS_SIM_CLOCKED_MEMORY_PORT_H
#define MANTIS_SIM_CLOCKED_MEMORY_PORT_H

#include <cstdint>

namespace mantis
{

struct memory_request {
    std::uint64_t address = 0; /* of the program's DRAM, from 0 */
    std::uint8_t *bytes = nullptr;
    std::uint32_t count = 0;
    bool is_write = false;
    const std::uint8_t *mask = nullptr; /* of a write: its bits are written; nullptr: all are */
    bool done = false;                  /* set by the port once the bytes have moved */
    bool failed = false;                /* set, with done, where nobody answers at this address */
};

/* Move the bytes of a request, which lie at `memory`. */
void memory_move(const memory_request &request, std::uint8_t *memory);

class memory_port
{
  public:
    virtual ~memory_port() = default;

    /* Begin to move bytes; called when the DRAM channel accepts a request. The transfer
     * completes in the cycle the DRAM's timing gives, or in the first cycle after `done` is set,
     * whichever is later. The request lives until then. */
    virtual void begin(memory_request &request) = 0;
};

/* A plain array of bytes; requests are done at once. */
class memory_array : public memory_port
{
  public:
    memory_array(std::uint8_t *bytes, std::uint64_t size) : bytes_(bytes), size_(size)
    {
    }
    void begin(memory_request &request) override;

  private:
    std::uint8_t *bytes_;
    std::uint64_t size_;
};

} // namespace mantis

#endif
