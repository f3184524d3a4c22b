/* LOAD and STORE: they ask the DRAM channel for the bytes of a patch, request by request, and
 * move its elements between the bytes and a scratchpad as requests go and come. */
#ifndef MANTIS_SIM_CLOCKED_DMA_UNIT_H
#define MANTIS_SIM_CLOCKED_DMA_UNIT_H

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

extern "C" {
#include "memory/dma.h"
}
#include "sim/clocked/memory_port.h"
#include "sim/clocked/patch_cursor.h"
#include "sim/clocked/unit.h"

namespace mantis
{

/* One request of a DMA unit, from the cycle in which the channel takes it until its data have
 * moved. */
struct dram_request {
    memory_request memory;
    counters *payer = nullptr; /* the DRAM's work counts for that layer */
    std::array<std::uint8_t, DRAM_REQUEST_BYTES> bytes{};
    std::array<std::uint8_t, DRAM_REQUEST_BYTES> known{}; /* STORE: bits that are written */
};

/* A DMA unit as the channel sees it. */
class dma_client : public virtual sc_core::sc_interface
{
  public:
    virtual bool is_waiting() const = 0;      /* for the channel to take its request */
    virtual dram_request &take_request() = 0; /* stays where it is until finished */
    virtual void finish_request() = 0;        /* the oldest one: its data have been transferred */
};

/* A request that the channel has taken. */
struct taken_request {
    dma_client *client;
    dram_request *request;
};

class dma_unit : public unit_module, public dma_client
{
  public:
    dma_unit(sc_core::sc_module_name name, enum unit which, run_state &state);
    void reset() override;

    bool is_waiting() const override;
    dram_request &take_request() override;
    void finish_request() override;

    std::uint64_t elements_passed() const; /* of the instruction at hand */
    std::size_t requests() const;          /* on their way */

  protected:
    /* Fill in what is to be written. */
    virtual void prepare(dram_request &request) = 0;

    /* Use what has been read. */
    virtual void use(const dram_request &request) = 0;

    /* Count for the scratchpad and go on to the next element. */
    virtual void pass() = 0;

    const transfer &at_hand() const;
    std::uint8_t *pad_element() const; /* where the cursor is; with values only */

    patch_cursor cursor_;
    format format_ = {};
    unsigned bits_ = 0; /* of an element */

  private:
    void begin(const instruction &instruction) override;
    void rise() override;
    void end();

    dma_runs runs_ = {};
    dma_request next_ = {};
    bool has_next_ = false;
    unsigned setup_left_ = 0; /* cycles */
    std::deque<dram_request> requests_;
};

class load_unit : public dma_unit
{
  public:
    load_unit(sc_core::sc_module_name name, run_state &state);

  protected:
    void prepare(dram_request &request) override;
    void use(const dram_request &request) override;
    void pass() override;

  private:
    void move_element();

    std::vector<std::uint8_t> arrived_; /* bytes that elements may still need */
    std::uint64_t arrived_from_ = 0;    /* their address */
};

class store_unit : public dma_unit
{
  public:
    store_unit(sc_core::sc_module_name name, run_state &state);

  protected:
    void prepare(dram_request &request) override;
    void use(const dram_request &request) override;
    void pass() override;
};

} // namespace mantis

#endif
