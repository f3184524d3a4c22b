/* The master of the example platform: what a CPU with a driver for mantis does, as a script. */
#ifndef PLATFORM_MASTER_H
#define PLATFORM_MASTER_H

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

extern "C" {
#include "sim/examples/platform_workload.h"
}

/* Where things lie on the bus. */
struct platform_map {
    std::uint64_t registers; /* of the accelerator */
    std::uint64_t program;   /* bytes of the .mprog */
    std::uint64_t dram;      /* byte 0 of the program's DRAM */
};

class platform_master : public sc_core::sc_module
{
  public:
    tlm_utils::simple_initiator_socket<platform_master> socket;
    sc_core::sc_in<bool> interrupt;

    platform_master(sc_core::sc_module_name name, const struct workload &workload,
                    const platform_map &map);

    /* After simulation. What went wrong, empty if nothing; else cycles of the run, and the codes of
     * the network's output and of every layer's as they lie in memory, format_host_bytes each. */
    std::string error;
    std::uint64_t cycles = 0;
    std::vector<std::uint8_t> output;
    std::vector<std::vector<std::uint8_t>> layer_outputs;

  private:
    void script();
    void fill_memory();
    bool run_accelerator();
    void read_outputs();

    void put_tensor(const struct dram_tensor &tensor, const std::uint8_t *codes);
    std::vector<std::uint8_t> get_tensor(const struct dram_tensor &tensor);

    void set_register(std::uint32_t offset, std::uint32_t value);
    void set_pair(std::uint32_t low_offset, std::uint64_t value);
    std::uint32_t get_register(std::uint32_t offset);
    void transport(tlm::tlm_command command, std::uint64_t address, std::uint8_t *bytes,
                   std::uint64_t count);

    const struct workload &workload_;
    const platform_map map_;
};

#endif
