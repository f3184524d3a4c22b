#include "sim/clocked/tlm_accelerator.h"

#include <algorithm>
#include <cinttypes>
#include <new>
#include <utility>

namespace mantis
{

extern "C" {
#include "memory/dma.h"
}

namespace
{

/* The program is read in aligned pieces of what the DMA takes at most. */
constexpr std::uint64_t fetch_bytes = DRAM_REQUEST_BYTES;

enum class access { NONE, RO, RW, WO, W1C };

access access_of(std::uint32_t offset)
{
#define REGISTER_ACCESS(name, its_offset, its_access, reset, help) \
    case its_offset:                                               \
        return access::its_access;
    switch (offset) {
        MANTIS_REGISTERS(REGISTER_ACCESS)
    }
#undef REGISTER_ACCESS
    return access::NONE;
}

/* Whether `count` bytes from `first` on have 64-bit addresses. */
bool is_addressable(std::uint64_t first, std::uint64_t count)
{
    return !count || first <= UINT64_MAX - (count - 1);
}

/* Of programs without values, which move no data, tensors may be larger than a register. */
std::uint32_t saturated(std::uint64_t bytes)
{
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, UINT32_MAX));
}

} // namespace

void mantis_accelerator::program_deleter::operator()(struct program *program) const
{
    program_free(program);
}

mantis_accelerator::mantis_accelerator(sc_core::sc_module_name name, sc_core::sc_time register_time)
    : sc_module(name), registers("registers"), memory("memory"), clock("clock"), reset("reset"),
      interrupt("interrupt"),
      register_port_("register_port", *this, MANTIS_REGISTER_SPACE, register_time)
{
    registers.bind(register_port_.socket);
    bus_port_.socket.bind(memory);
    machine_.clock(clock);

    SC_HAS_PROCESS(mantis_accelerator);
    SC_THREAD(sequence);
    SC_METHOD(drive_interrupt);
    sensitive << interrupts_changed_;
    SC_METHOD(request_reset);
    sensitive << reset.pos();
    dont_initialize();
    clear();
}

bool mantis_accelerator::write_waveform(const char *file, std::uint64_t first, std::uint64_t last,
                                        struct err *err)
{
    return machine_.trace(file, first, last, err);
}

bool mantis_accelerator::end_waveform(struct err *err)
{
    return machine_.end_trace(err);
}

const char *mantis_accelerator::error_text() const
{
    return error_.text;
}

const struct stats &mantis_accelerator::stats() const
{
    return machine_.stats();
}

/* --- registers --- */

std::uint32_t &mantis_accelerator::at(std::uint32_t offset)
{
    return words_[offset / sizeof(std::uint32_t)];
}

std::uint64_t mantis_accelerator::pair(std::uint32_t low_offset) const
{
    std::size_t low = low_offset / sizeof(std::uint32_t);
    return words_[low] | static_cast<std::uint64_t>(words_[low + 1]) << 32;
}

void mantis_accelerator::set_pair(std::uint32_t low_offset, std::uint64_t value)
{
    at(low_offset) = static_cast<std::uint32_t>(value);
    at(low_offset + 4) = static_cast<std::uint32_t>(value >> 32);
}

bool mantis_accelerator::is_busy() const
{
    return state_ == MANTIS_STATE_LOADING || state_ == MANTIS_STATE_RUNNING ||
           state_ == MANTIS_STATE_STOPPING;
}

std::uint32_t mantis_accelerator::status() const
{
    return static_cast<std::uint32_t>(state_) | static_cast<std::uint32_t>(error_code_) << 8 |
           (is_busy() ? MANTIS_STATUS_BUSY : 0);
}

std::uint64_t mantis_accelerator::cycles() const
{
    return machine_.is_running() ? machine_.cycle() : cycles_;
}

std::uint32_t mantis_accelerator::peek_register(std::uint32_t offset) const
{
    switch (offset) {
    case MANTIS_STATUS:
        return status();
    case MANTIS_CYCLES_LOW:
        return static_cast<std::uint32_t>(cycles());
    }
    return words_[offset / sizeof(std::uint32_t)];
}

std::uint32_t mantis_accelerator::read_register(std::uint32_t offset)
{
    if (offset == MANTIS_CYCLES_LOW)
        at(MANTIS_CYCLES_HIGH) = static_cast<std::uint32_t>(cycles() >> 32);
    return peek_register(offset);
}

/* Interrupts and RESET may be written at any time, all else while the accelerator is at rest. */
tlm::tlm_response_status mantis_accelerator::write_register(std::uint32_t offset,
                                                            std::uint32_t value)
{
    bool may_always = offset == MANTIS_INTERRUPT_STATUS || offset == MANTIS_INTERRUPT_ENABLE ||
                      (offset == MANTIS_CONTROL && value & MANTIS_COMMAND_RESET);
    if (reset.read())
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    if (is_busy() && !may_always) {
        raise(MANTIS_INTERRUPT_REFUSED);
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    switch (access_of(offset)) {
    case access::NONE:
    case access::RO:
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    case access::RW:
        at(offset) = value;
        break;
    case access::W1C:
        at(offset) &= ~value;
        break;
    case access::WO:
        command(value);
        break;
    }
    interrupts_changed_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_OK_RESPONSE;
}

void mantis_accelerator::raise(std::uint32_t interrupts)
{
    at(MANTIS_INTERRUPT_STATUS) |= interrupts;
    interrupts_changed_.notify(sc_core::SC_ZERO_TIME);
}

void mantis_accelerator::drive_interrupt()
{
    interrupt.write(at(MANTIS_INTERRUPT_STATUS) & at(MANTIS_INTERRUPT_ENABLE));
}

/* --- commands --- */

void mantis_accelerator::command(std::uint32_t bits)
{
    if (bits & MANTIS_COMMAND_RESET)
        return request_reset();
    commands_ = bits & (MANTIS_COMMAND_LOAD | MANTIS_COMMAND_START);
    if (!commands_)
        return;
    state_ = commands_ & MANTIS_COMMAND_LOAD ? MANTIS_STATE_LOADING : MANTIS_STATE_RUNNING;
    error_code_ = MANTIS_ERROR_NONE;
    error_ = {};
    set_pair(MANTIS_ERROR_ADDRESS_LOW, 0);
    bus_port_.open(pair(MANTIS_DRAM_BASE_LOW));
    commanded_.notify();
}

/* Transactions on their way cannot be called back: their requests' memory must stay until they
 * return. */
void mantis_accelerator::request_reset()
{
    if (!is_busy())
        return clear();
    state_ = MANTIS_STATE_STOPPING;
    bus_port_.refuse();
}

void mantis_accelerator::clear()
{
#define REGISTER_RESET(name, offset, its_access, its_reset, help) at(offset) = its_reset;
    MANTIS_REGISTERS(REGISTER_RESET)
#undef REGISTER_RESET
    state_ = MANTIS_STATE_IDLE;
    error_code_ = MANTIS_ERROR_NONE;
    error_ = {};
    cycles_ = 0;
    forget_program();
    interrupts_changed_.notify(sc_core::SC_ZERO_TIME);
}

void mantis_accelerator::sequence()
{
    for (;;) {
        while (!commands_)
            wait(commanded_);
        std::uint32_t commands = std::exchange(commands_, 0);
        enum mantis_error_code error = MANTIS_ERROR_NONE;
        if (commands & MANTIS_COMMAND_LOAD)
            error = load();
        if (!error && commands & MANTIS_COMMAND_START)
            error = run();
        bus_port_.drain();
        finish(commands, error);
    }
}

void mantis_accelerator::finish(std::uint32_t commands, enum mantis_error_code error)
{
    if (state_ == MANTIS_STATE_STOPPING)
        return clear();
    error_code_ = error;
    if (error) {
        state_ = MANTIS_STATE_FAILED;
        raise(MANTIS_INTERRUPT_FAILED);
    } else if (commands & MANTIS_COMMAND_START) {
        state_ = MANTIS_STATE_DONE;
        raise(MANTIS_INTERRUPT_DONE);
    } else {
        state_ = MANTIS_STATE_READY;
        raise(MANTIS_INTERRUPT_LOADED);
    }
}

enum mantis_error_code mantis_accelerator::bus_error(enum mantis_error_code code, const char *what)
{
    std::uint64_t address = bus_port_.failed_address().value_or(0);
    set_pair(MANTIS_ERROR_ADDRESS_LOW, address);
    err_set(&error_, "%s: the bus answers with an error at 0x%" PRIx64, what, address);
    return code;
}

/* --- LOAD --- */

enum mantis_error_code mantis_accelerator::load()
{
    std::vector<std::uint8_t> bytes;
    forget_program();
    if (!is_addressable(pair(MANTIS_PROGRAM_ADDRESS_LOW), at(MANTIS_PROGRAM_BYTES))) {
        err_set(&error_, "the program passes the end of the 64-bit address space");
        return MANTIS_ERROR_BAD_RANGE;
    }
    try {
        if (!fetch(bytes))
            return bus_error(MANTIS_ERROR_PROGRAM_ACCESS, "program");
    } catch (const std::bad_alloc &) {
        err_set(&error_, "program: out of memory");
        return MANTIS_ERROR_NO_MEMORY;
    }
    return accept(bytes);
}

/* Memory grows as the bytes come: a wrong PROGRAM_BYTES takes no more than there is. */
bool mantis_accelerator::fetch(std::vector<std::uint8_t> &bytes)
{
    const std::uint64_t address = pair(MANTIS_PROGRAM_ADDRESS_LOW);
    const std::uint64_t size = at(MANTIS_PROGRAM_BYTES);
    while (bytes.size() < size) {
        std::uint64_t from = address + bytes.size();
        std::uint64_t count = std::min(fetch_bytes - from % fetch_bytes, size - bytes.size());
        bytes.resize(bytes.size() + count);
        if (!bus_port_.read(from, bytes.data() + bytes.size() - count,
                            static_cast<std::uint32_t>(count)))
            return false;
    }
    return true;
}

enum mantis_error_code mantis_accelerator::accept(const std::vector<std::uint8_t> &bytes)
{
    program_pointer fresh(program_decode(bytes.data(), bytes.size(), "program", &error_));
    if (!fresh || !machine_check(fresh.get(), &error_))
        return MANTIS_ERROR_BAD_PROGRAM;
    if (!machine_.load(*fresh, bus_port_, &error_))
        return MANTIS_ERROR_NO_MEMORY;
    program_ = std::move(fresh);
    is_loaded_ = true;
    describe_program();
    return MANTIS_ERROR_NONE;
}

/* The machine may still hold it. */
void mantis_accelerator::forget_program()
{
    is_loaded_ = false;
    set_pair(MANTIS_DRAM_BYTES_LOW, 0);
    set_pair(MANTIS_INPUT_OFFSET_LOW, 0);
    set_pair(MANTIS_OUTPUT_OFFSET_LOW, 0);
    at(MANTIS_INPUT_BYTES) = 0;
    at(MANTIS_OUTPUT_BYTES) = 0;
}

void mantis_accelerator::describe_program()
{
    const struct dram_tensor &input = program_->tensors[program_->input];
    const struct dram_tensor &output = program_->tensors[program_->output];
    std::uint64_t end = 0;
    for (std::uint32_t i = 0; i < program_->tensor_count; i++)
        end = std::max(end, program_->tensors[i].address + tensor_bytes(&program_->tensors[i]));
    set_pair(MANTIS_DRAM_BYTES_LOW, end);
    set_pair(MANTIS_INPUT_OFFSET_LOW, input.address);
    set_pair(MANTIS_OUTPUT_OFFSET_LOW, output.address);
    at(MANTIS_INPUT_BYTES) = saturated(tensor_bytes(&input));
    at(MANTIS_OUTPUT_BYTES) = saturated(tensor_bytes(&output));
}

/* --- START --- */

enum mantis_error_code mantis_accelerator::run()
{
    if (!is_loaded_) {
        err_set(&error_, "no program is loaded");
        return MANTIS_ERROR_NO_PROGRAM;
    }
    if (!is_addressable(pair(MANTIS_DRAM_BASE_LOW), pair(MANTIS_DRAM_BYTES_LOW))) {
        err_set(&error_, "the program's DRAM passes the end of the 64-bit address space");
        return MANTIS_ERROR_BAD_RANGE;
    }
    if (state_ != MANTIS_STATE_STOPPING)
        state_ = MANTIS_STATE_RUNNING;
    machine_.start();
    wait(machine_.done());
    cycles_ = machine_.cycle();
    return machine_.has_failed() ? bus_error(MANTIS_ERROR_DRAM_ACCESS, "DRAM") : MANTIS_ERROR_NONE;
}

} // namespace mantis
