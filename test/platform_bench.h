/* A bench for mantis_accelerator: the accelerator, a memory, and a thread that plays the driver. */
#ifndef MANTIS_TEST_PLATFORM_BENCH_H
#define MANTIS_TEST_PLATFORM_BENCH_H

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "sim/clocked/tlm_accelerator.h"

extern "C" {
#include "sim/codes.h"
}

inline int failures; /* of this test program */

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
inline void check_that(bool holds, const char *condition, const char *file, int line)
{
    if (!holds)
        std::printf("%s:%d: does not hold: %s\n", file, line, condition);
    failures += !holds;
}

#define CHECK_EQUAL(is, should) check_equal((is), (should), #is, __FILE__, __LINE__)
inline void check_equal(std::uint64_t is, std::uint64_t should, const char *what, const char *file,
                        int line)
{
    if (is != should)
        std::printf("%s:%d: %s is %llu (0x%llx), not %llu (0x%llx)\n", file, line, what,
                    (unsigned long long)is, (unsigned long long)is, (unsigned long long)should,
                    (unsigned long long)should);
    failures += is != should;
}

constexpr std::uint32_t clock_ns = 10;

/* Holds the accelerator to what its transactions must look like. */
class bench_memory : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<bench_memory> socket;
    std::vector<std::uint8_t> bytes;
    sc_core::sc_time delay; /* annotated, or waited for */
    bool waits = false;
    unsigned transactions = 0;

    bench_memory(sc_core::sc_module_name name, std::size_t size)
        : sc_module(name), socket("socket"), bytes(size)
    {
        socket.register_b_transport(this, &bench_memory::b_transport);
    }

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &time)
    {
        const std::uint64_t address = payload.get_address();
        const unsigned count = payload.get_data_length();
        transactions++;
        CHECK(payload.is_read() || payload.is_write());
        CHECK(count > 0 && count <= 4096);
        CHECK(address / 4096 == (address + count - 1) / 4096);
        CHECK_EQUAL(payload.get_streaming_width(), count);
        CHECK(!payload.get_byte_enable_ptr() && payload.get_data_ptr());
        CHECK_EQUAL(payload.get_response_status(), (std::uint64_t)tlm::TLM_INCOMPLETE_RESPONSE);
        if (waits)
            wait(delay);
        else
            time += delay;
        if (address > bytes.size() || count > bytes.size() - address)
            return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        if (payload.is_read())
            std::memcpy(payload.get_data_ptr(), bytes.data() + address, count);
        else
            std::memcpy(bytes.data() + address, payload.get_data_ptr(), count);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

class bench : public sc_core::sc_module
{
  public:
    tlm_utils::simple_initiator_socket<bench> socket;
    sc_core::sc_clock clock{"clock", sc_core::sc_time(clock_ns, sc_core::SC_NS)};
    sc_core::sc_signal<bool> reset{"reset"}, interrupt{"interrupt"};
    bench_memory memory{"memory", 1 << 16};
    mantis::mantis_accelerator accelerator{"accelerator", sc_core::sc_time(3, sc_core::SC_NS)};

    /* `script` runs in a thread, then simulation stops. */
    bench(sc_core::sc_module_name name, void (*script)(bench &))
        : sc_module(name), socket("socket"), script_(script)
    {
        socket.bind(accelerator.registers);
        accelerator.memory.bind(memory.socket);
        accelerator.clock(clock);
        accelerator.reset(reset);
        accelerator.interrupt(interrupt);
        SC_HAS_PROCESS(bench);
        SC_THREAD(play);
    }

    tlm::tlm_response_status transport(tlm::tlm_generic_payload &payload)
    {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        socket->b_transport(payload, delay);
        wait(delay);
        return payload.get_response_status();
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t offset,
                                    std::uint32_t &word)
    {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(offset);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&word));
        payload.set_data_length(sizeof word);
        payload.set_streaming_width(sizeof word);
        return transport(payload);
    }

    tlm::tlm_response_status try_write(std::uint64_t offset, std::uint32_t word)
    {
        return access(tlm::TLM_WRITE_COMMAND, offset, word);
    }

    void write(std::uint64_t offset, std::uint32_t word)
    {
        CHECK_EQUAL(try_write(offset, word), (std::uint64_t)tlm::TLM_OK_RESPONSE);
    }

    void write_pair(std::uint64_t offset, std::uint64_t value)
    {
        write(offset, static_cast<std::uint32_t>(value));
        write(offset + 4, static_cast<std::uint32_t>(value >> 32));
    }

    std::uint32_t read(std::uint64_t offset)
    {
        std::uint32_t word = 0xDEADBEEF;
        CHECK_EQUAL(access(tlm::TLM_READ_COMMAND, offset, word),
                    (std::uint64_t)tlm::TLM_OK_RESPONSE);
        return word;
    }

    std::uint64_t read_pair(std::uint64_t offset)
    {
        std::uint64_t low = read(offset);
        return low | static_cast<std::uint64_t>(read(offset + 4)) << 32;
    }

    enum mantis_state state()
    {
        return static_cast<enum mantis_state>(MANTIS_STATUS_STATE(read(MANTIS_STATUS)));
    }

    enum mantis_error_code error()
    {
        return static_cast<enum mantis_error_code>(MANTIS_STATUS_ERROR(read(MANTIS_STATUS)));
    }

    /* Until the accelerator is at rest; a failure if that takes longer than a million clocks. */
    void settle()
    {
        for (int i = 0; i < 1000000 && read(MANTIS_STATUS) & MANTIS_STATUS_BUSY; i++)
            wait(clock.posedge_event());
        CHECK(!(read(MANTIS_STATUS) & MANTIS_STATUS_BUSY));
        wait(sc_core::SC_ZERO_TIME);
        wait(sc_core::SC_ZERO_TIME); /* the output follows */
    }

    void run(std::uint32_t commands)
    {
        write(MANTIS_CONTROL, commands);
        settle();
    }

  private:
    void play()
    {
        script_(*this);
        sc_core::sc_stop();
    }

    void (*const script_)(bench &);
};

/* --- a program that copies its input, codes of `bits`, to its output: two LOADs, a VECTOR, a STORE
 * --- */

enum { COPY_CODES = 45 };
enum { COPY_INPUT = 0, COPY_OUTPUT = 64, COPY_PARAMETERS = 128, COPY_DRAM = 144 };

/* docs/machine.md: LOAD, VECTOR and STORE with these. The DRAM takes a cycle at most. */
enum { COPY_SETUP = 50, COPY_LANES = 4, COPY_LATENCY = 3 };

inline struct arch copy_arch()
{
    struct arch arch {
    };
    std::strcpy(arch.name, "bench");
    arch.clock_khz = 1000000 / clock_ns;
    arch.core_count = 1;
    arch.cores[0].accumulator_bits = 32;
    arch.cores[0].rows = arch.cores[0].columns = 2;
    for (struct scratchpad_config &pad : arch.pads)
        pad = {1024, 1, 64, false};
    arch.vector_lanes = COPY_LANES;
    arch.vector_latency = COPY_LATENCY;
    arch.dma_setup = COPY_SETUP;
    arch.dram.is_ideal = true;
    arch.dram.ideal = {"", 1000, 8, 8, 0};
    return arch;
}

inline struct instruction copy_transfer(int opcode, int tensor, int pad, std::uint32_t pixels,
                                        std::uint32_t channels)
{
    struct instruction instruction {
    };
    instruction.opcode = static_cast<std::uint8_t>(opcode);
    instruction.transfer.tensor = static_cast<std::uint16_t>(tensor);
    instruction.transfer.pad = static_cast<std::uint8_t>(pad);
    instruction.transfer.count_y = 1;
    instruction.transfer.count_x = pixels;
    instruction.transfer.count_c = channels;
    instruction.transfer.stride_y = instruction.transfer.stride_x = 1;
    return instruction;
}

inline struct instruction copy_vector(struct format format)
{
    struct instruction instruction {
    };
    struct vector &vector = instruction.vector;
    instruction.opcode = OPCODE_VECTOR;
    instruction.wait_load = 2;
    vector.op = VECTOR_MAXIMUM;
    vector.patch_w = vector.out_w = COPY_CODES;
    vector.patch_c = vector.n = 1;
    vector.out_h = vector.kernel_h = vector.kernel_w = 1;
    vector.stride_y = vector.stride_x = vector.dilation_y = vector.dilation_x = 1;
    vector.clamp_low = -(1 << (format.bits - 1));
    vector.clamp_high = (1 << (format.bits - 1)) - 1;
    vector.act_format = vector.residual_format = vector.out_format = format;
    return instruction;
}

/* Bias 0, multiplier 2, shift 1: twice the level, in units of half a level. */
inline std::uint8_t copy_parameters[PARAM_WORDS * 4] = {0, 0, 0, 0, 2, 0, 0, 0,
                                                        0, 0, 0, 0, 1, 0, 0, 0};

struct copy_program {
    struct dram_tensor tensors[3]{};
    struct program_layer layer {
    };
    struct instruction instructions[4];
    struct program program {
    };

    explicit copy_program(std::uint8_t bits)
    {
        const struct format format = {FORMAT_INT, bits, true}, int32 = {FORMAT_INT, 32, true};
        tensors[0] = {"in", TENSOR_INPUT, format, 1, COPY_CODES, 1, COPY_INPUT, 1, nullptr};
        tensors[1] = {"out", TENSOR_OUTPUT, format, 1, COPY_CODES, 1, COPY_OUTPUT, 1, nullptr};
        tensors[2] = {"params", TENSOR_PARAMETERS, int32, 1, 1, PARAM_WORDS, COPY_PARAMETERS,
                      1,        copy_parameters};
        std::strcpy(layer.name, "copy");
        std::strcpy(layer.op, "MaxPool");
        layer.channels = 1;
        layer.reduction = 1;
        layer.weight_format = layer.act_format = layer.out_format = format;
        layer.output = 1;
        instructions[0] = copy_transfer(OPCODE_LOAD, 2, PAD_PARAM, 1, PARAM_WORDS);
        instructions[1] = copy_transfer(OPCODE_LOAD, 0, PAD_ACT, COPY_CODES, 1);
        instructions[2] = copy_vector(format);
        instructions[3] = copy_transfer(OPCODE_STORE, 1, PAD_OUT, COPY_CODES, 1);
        instructions[3].wait_vector = 1;
        program.arch = copy_arch();
        program.has_values = true;
        program.tensor_count = 3;
        program.layer_count = 1;
        program.instruction_count = 4;
        program.output = 1;
        program.tensors = tensors;
        program.layers = &layer;
        program.instructions = instructions;
    }
};

/* Its binary form, as in a .mprog. */
inline std::vector<std::uint8_t> copy_file(std::uint8_t bits = 8)
{
    copy_program copy(bits);
    struct err err;
    std::size_t size = 0;
    std::uint8_t *bytes = program_encode(&copy.program, &size, &err);
    std::vector<std::uint8_t> file(bytes, bytes + size);
    std::free(bytes);
    return file;
}

#endif
