#include "sim/examples/platform_master.h"

#include <algorithm>
#include <stdexcept>

extern "C" {
#include "isa/packed.h"
#include "sim/codes.h"
}
#include "sim/clocked/tlm_registers.h"

platform_master::platform_master(sc_core::sc_module_name name, const struct workload &workload,
                                 const platform_map &map)
    : sc_module(name), socket("socket"), interrupt("interrupt"), workload_(workload), map_(map)
{
    SC_HAS_PROCESS(platform_master);
    SC_THREAD(script);
}

void platform_master::script()
{
    try {
        fill_memory();
        if (run_accelerator())
            read_outputs();
    } catch (const std::runtime_error &failure) {
        error = failure.what();
    }
    sc_core::sc_stop();
}

/* The program, the constants that it loads, and its input. */
void platform_master::fill_memory()
{
    const struct program &program = *workload_.program;
    transport(tlm::TLM_WRITE_COMMAND, map_.program, workload_.file, workload_.file_size);
    for (std::uint32_t i = 0; i < program.tensor_count; i++)
        if (tensor_is_constant(&program.tensors[i]))
            put_tensor(program.tensors[i], program.tensors[i].values);
    put_tensor(program.tensors[program.input], workload_.input);
}

/* The driver: docs/platform.md, section "Driving it". */
bool platform_master::run_accelerator()
{
    if (get_register(MANTIS_IDENTIFICATION) != MANTIS_IDENTIFICATION_VALUE)
        throw std::runtime_error("there is no mantis at the address of its registers");
    set_pair(MANTIS_PROGRAM_ADDRESS_LOW, map_.program);
    set_register(MANTIS_PROGRAM_BYTES, static_cast<std::uint32_t>(workload_.file_size));
    set_pair(MANTIS_DRAM_BASE_LOW, map_.dram);
    set_register(MANTIS_INTERRUPT_ENABLE, MANTIS_INTERRUPT_DONE | MANTIS_INTERRUPT_FAILED);
    set_register(MANTIS_CONTROL, MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);

    while (!interrupt.read())
        wait(interrupt.posedge_event());
    std::uint32_t pending = get_register(MANTIS_INTERRUPT_STATUS);
    set_register(MANTIS_INTERRUPT_STATUS, pending);
    cycles = get_register(MANTIS_CYCLES_LOW); /* latches the upper half */
    cycles |= static_cast<std::uint64_t>(get_register(MANTIS_CYCLES_HIGH)) << 32;
    if (pending & MANTIS_INTERRUPT_DONE)
        return true;
    error = "the accelerator has failed, error code " +
            std::to_string(MANTIS_STATUS_ERROR(get_register(MANTIS_STATUS)));
    return false;
}

void platform_master::read_outputs()
{
    const struct program &program = *workload_.program;
    output = get_tensor(program.tensors[program.output]);
    for (std::uint32_t i = 0; i < program.layer_count; i++)
        layer_outputs.push_back(get_tensor(program.tensors[program.layers[i].output]));
}

/* --- tensors: in memory their codes are packed --- */

void platform_master::put_tensor(const struct dram_tensor &tensor, const std::uint8_t *codes)
{
    std::vector<std::uint8_t> packed(tensor_bytes(&tensor));
    packed_write(packed.data(), codes, tensor_elements(&tensor), tensor.format);
    transport(tlm::TLM_WRITE_COMMAND, map_.dram + tensor.address, packed.data(), packed.size());
}

std::vector<std::uint8_t> platform_master::get_tensor(const struct dram_tensor &tensor)
{
    std::vector<std::uint8_t> packed(tensor_bytes(&tensor)), codes(tensor_host_bytes(&tensor));
    transport(tlm::TLM_READ_COMMAND, map_.dram + tensor.address, packed.data(), packed.size());
    packed_read(packed.data(), codes.data(), tensor_elements(&tensor), tensor.format);
    return codes;
}

/* --- the bus --- */

void platform_master::set_register(std::uint32_t offset, std::uint32_t value)
{
    transport(tlm::TLM_WRITE_COMMAND, map_.registers + offset,
              reinterpret_cast<std::uint8_t *>(&value), sizeof value);
}

void platform_master::set_pair(std::uint32_t low_offset, std::uint64_t value)
{
    set_register(low_offset, static_cast<std::uint32_t>(value));
    set_register(low_offset + 4, static_cast<std::uint32_t>(value >> 32));
}

std::uint32_t platform_master::get_register(std::uint32_t offset)
{
    std::uint32_t value = 0;
    transport(tlm::TLM_READ_COMMAND, map_.registers + offset,
              reinterpret_cast<std::uint8_t *>(&value), sizeof value);
    return value;
}

/* In transactions of at most 1 MiB, to keep to lengths that fit a payload. */
void platform_master::transport(tlm::tlm_command command, std::uint64_t address,
                                std::uint8_t *bytes, std::uint64_t count)
{
    while (count) {
        auto length = static_cast<unsigned>(std::min<std::uint64_t>(count, 1 << 20));
        tlm::tlm_generic_payload payload;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(bytes);
        payload.set_data_length(length);
        payload.set_streaming_width(length);
        socket->b_transport(payload, delay);
        wait(delay);
        if (!payload.is_response_ok())
            throw std::runtime_error("bus error at address " + std::to_string(address) + ": " +
                                     payload.get_response_string());
        address += length, bytes += length, count -= length;
    }
}
