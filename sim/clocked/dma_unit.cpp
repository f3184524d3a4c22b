#include "sim/clocked/dma_unit.h"

#include <cstring>

extern "C" {
#include "isa/packed.h"
}

namespace mantis
{

dma_unit::dma_unit(sc_core::sc_module_name name, enum unit which, run_state &state)
    : unit_module(name, which, state)
{
}

void dma_unit::reset()
{
    requests_.clear();
    has_next_ = false;
    unit_module::reset();
}

std::uint64_t dma_unit::elements_passed() const
{
    return cursor_.passed();
}

std::size_t dma_unit::requests() const
{
    return requests_.size();
}

const transfer &dma_unit::at_hand() const
{
    return state_.instruction_at(index()).transfer;
}

std::uint8_t *dma_unit::pad_element() const
{
    const transfer &transfer = at_hand();
    return machine_pads_at(&state_.pads(), static_cast<scratchpad_id>(transfer.pad), format_,
                           transfer.offset + cursor_.passed());
}

/* --- an instruction --- */

void dma_unit::begin(const instruction &instruction)
{
    const dram_tensor &tensor = state_.tensor_of(instruction.transfer);
    cursor_ = patch_cursor(instruction.transfer, tensor);
    format_ = tensor.format;
    bits_ = static_cast<unsigned>(format_code_bits(format_));
    runs_ = dma_runs_of(&instruction.transfer, &tensor);
    has_next_ = dma_next(&runs_, &next_);
    setup_left_ = state_.program().arch.dma_setup;
}

/* A transfer with requests ends with the last of them. */
void dma_unit::rise()
{
    if (!is_busy())
        return;
    if (setup_left_)
        setup_left_--;
    if (!setup_left_ && !has_next_ && requests_.empty())
        end();
}

/* What is left of the patch lies outside the tensor. */
void dma_unit::end()
{
    while (!cursor_.is_at_end())
        pass();
    complete();
}

/* --- its requests --- */

bool dma_unit::is_waiting() const
{
    return is_busy() && has_next_ && !setup_left_;
}

dram_request &dma_unit::take_request()
{
    dram_request &request = requests_.emplace_back();
    request.payer = &count_for();
    request.memory.address = next_.address;
    request.memory.count = next_.bytes;
    request.memory.bytes = request.bytes.data();
    request.memory.is_write = which() == UNIT_STORE;
    prepare(request);
    has_next_ = dma_next(&runs_, &next_);
    return request;
}

void dma_unit::finish_request()
{
    use(requests_.front());
    requests_.pop_front();
    if (!has_next_ && requests_.empty())
        end();
}

/* --- LOAD --- */

load_unit::load_unit(sc_core::sc_module_name name, run_state &state)
    : dma_unit(name, UNIT_LOAD, state)
{
}

void load_unit::prepare(dram_request &)
{
}

/* Elements go into the scratchpad as soon as all their bytes have arrived. The next one may have
 * begun in the last bytes of this request. */
void load_unit::use(const dram_request &request)
{
    constexpr std::size_t most_bytes = sizeof(std::uint32_t); /* of an element */
    if (request.memory.address != arrived_from_ + arrived_.size()) {
        arrived_.clear();
        arrived_from_ = request.memory.address;
    }
    arrived_.insert(arrived_.end(), request.bytes.begin(),
                    request.bytes.begin() + request.memory.count);
    const std::uint64_t end = 8 * (arrived_from_ + arrived_.size());
    while (!cursor_.is_at_end() && !(cursor_.is_inside() && cursor_.bit() + bits_ > end))
        pass();
    if (arrived_.size() > most_bytes) {
        const std::size_t used = arrived_.size() - most_bytes;
        arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(used));
        arrived_from_ += used;
    }
}

void load_unit::pass()
{
    counters &count = count_for();
    switch (static_cast<scratchpad_id>(at_hand().pad)) {
    case PAD_ACT:
        count.act_write_bits += bits_;
        break;
    case PAD_WEIGHT:
        count.weight_write_bits += bits_;
        break;
    case PAD_PARAM:
        count.param_write_bits += bits_;
        break;
    case PAD_ACC:
    case PAD_OUT:
    case PAD_COUNT:
        sc_assert(!"not loaded");
    }
    if (state_.has_values())
        move_element();
    cursor_.next();
}

void load_unit::move_element()
{
    std::uint32_t code = at_hand().pad_code;
    if (cursor_.is_inside())
        code =
            packed_get(arrived_.data(), cursor_.bit() - 8 * arrived_from_, static_cast<int>(bits_));
    std::memcpy(pad_element(), &code, static_cast<std::size_t>(format_host_bytes(format_)));
}

/* --- STORE --- */

store_unit::store_unit(sc_core::sc_module_name name, run_state &state)
    : dma_unit(name, UNIT_STORE, state)
{
}

/* The elements, or parts of elements, that lie in the request's bytes. */
void store_unit::prepare(dram_request &request)
{
    const packed_part part = {request.memory.address, request.memory.count, request.bytes.data(),
                              request.known.data()};
    const std::uint64_t end = 8 * (part.first + part.count);
    while (!cursor_.is_at_end()) {
        if (cursor_.is_inside()) {
            if (cursor_.bit() >= end)
                return;
            std::uint32_t code = 0;
            if (state_.has_values())
                std::memcpy(&code, pad_element(),
                            static_cast<std::size_t>(format_host_bytes(format_)));
            packed_put(&part, cursor_.bit(), static_cast<int>(bits_), code);
            if (cursor_.bit() + bits_ > end)
                return;
        }
        pass();
    }
}

void store_unit::use(const dram_request &)
{
}

void store_unit::pass()
{
    count_for().out_read_bits += bits_;
    cursor_.next();
}

} // namespace mantis
