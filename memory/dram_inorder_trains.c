/* Requests of the in-order controller, train by train. */
#include "memory/dram_inorder_parts.h"

/* A request on its way. */
struct request {
    uint64_t from;       /* it arrived */
    uint64_t burst, end; /* the burst at hand, the one behind the last */
    bool is_write;
    uint32_t begun;       /* channels in which it has had a column command */
    uint64_t first, last; /* column commands: the latest of those that are first in their channel;
                             of all */
};

/* The part of a train in one channel. */
struct part {
    struct inorder_channel *channel;
    uint64_t burst; /* its first */
    uint32_t count, banks;
    struct column_bank bank[TRAIN_MAX_BANKS];
    struct train_columns columns;
};

/* That of the burst, which need not be the last one's. */
static const struct inorder_block *find_block(struct dram_inorder *inorder, uint64_t burst,
                                              bool is_write)
{
    struct inorder_block *block = &inorder->block[is_write];
    const struct train_shape *shape = &inorder->shape;
    const uint8_t burst_bits = inorder->mapping.burst_bits;
    const uint64_t address = burst << burst_bits;
    if (address >= block->first && address <= block->last)
        return block;
    const uint64_t first = burst >> shape->block_bits << shape->block_bits;
    const struct dram_place place =
        dram_place_of(&inorder->mapping, first, &inorder->device.geometry);
    block->first = first << burst_bits;
    block->last = block->first + (1ull << shape->block_bits << burst_bits) - 1;
    block->channel = &inorder->channels[place.channel];
    struct dram_state *state = &block->channel->state;
    block->rank = &state->rank[state->banks[place.bank].rank];
    block->bank = place.bank;
    block->row = place.row;
    const uint32_t turns = shape->channels == 1 ? 2 * shape->period : 0;
    for (uint32_t i = 0; i < turns; i++)
        block->turns[i] = column_bank_of(state, place.bank + shape->bank[i & (shape->period - 1)]);
    return block;
}

static void tell(const struct dram_inorder *inorder, const struct part *part, bool is_write)
{
    const struct inorder_channel *channel = part->channel;
    struct dram_event event = {.kind = is_write ? DRAM_EVENT_WRITE : DRAM_EVENT_READ,
                               .begin = part->columns.first + inorder->gaps[is_write].data,
                               .end = part->columns.last + inorder->gaps[is_write].end,
                               .channel = channel->number,
                               .bank = (uint32_t)(part->bank[0].bank - channel->state.banks),
                               .row = inorder->block[is_write].row,
                               .address = part->burst << inorder->mapping.burst_bits,
                               .bursts = part->count};
    inorder->observer(inorder->observer_context, &event);
}

/* What of the train's bursts from `part->burst` to before `end` lies in the same channel as the
 * first: its banks, their rows open. */
static void open_banks(struct dram_inorder *inorder, const struct request *request,
                       struct part *part, uint64_t end)
{
    const struct train_shape *shape = &inorder->shape;
    const struct inorder_block *block = &inorder->block[request->is_write];
    const uint32_t mask = shape->period - 1;
    const uint8_t lane = shape->channel[part->burst & mask];
    part->channel = block->channel + lane;
    part->banks = part->count = 0;
    for (uint64_t burst = part->burst; burst < end && burst < request->burst + shape->period;
         burst++) {
        if (shape->channel[burst & mask] != lane)
            continue;
        const uint32_t number = block->bank + shape->bank[burst & mask];
        const struct column_bank bank = column_bank_of(&part->channel->state, number);
        if (bank.bank->row != block->row)
            inorder_activate(inorder, part->channel, number, block->row, request->from);
        part->bank[part->banks++] = bank;
        part->count += (uint32_t)((end - burst - 1) >> shape->period_bits) + 1;
    }
}

/* Burst `first` of the train, which lies before `end`, and those behind it in the same channel. */
static void serve_part(struct dram_inorder *inorder, struct request *request, uint64_t first,
                       uint64_t end)
{
    const bool is_write = request->is_write;
    struct part part;
    part.burst = first;
    open_banks(inorder, request, &part, end);
    struct dram_state *state = &part.channel->state;
    const struct train train = {part.bank, &state->rank[part.bank[0].bank->rank], part.count,
                                part.banks, is_write};
    part.columns =
        train_place(&train, state, &inorder->shape, &inorder->gaps[is_write], request->from);
    if (!(request->begun >> part.channel->number & 1))
        request->first = later(request->first, part.columns.first);
    request->begun |= 1u << part.channel->number;
    request->last = later(request->last, part.columns.last);
    if (inorder->observer)
        tell(inorder, &part, is_write);
}

/* The train that begins with the burst at hand; channels take turns: one part after the other. */
static void serve_train(struct dram_inorder *inorder, struct request *request)
{
    const struct train_shape *shape = &inorder->shape;
    const struct inorder_block *block = find_block(inorder, request->burst, request->is_write);
    const uint64_t end = earlier((block->last >> inorder->mapping.burst_bits) + 1, request->end);
    const uint64_t round = earlier(end, request->burst + shape->period);
    uint32_t served = 0;
    for (uint64_t burst = request->burst; burst < round; burst++) {
        const uint32_t lane = shape->channel[burst & (shape->period - 1)];
        if (!(served >> lane & 1))
            serve_part(inorder, request, burst, end);
        served |= 1u << lane;
    }
    request->burst = end;
}

struct dram_grant inorder_serve(struct dram_inorder *inorder, uint64_t now, uint64_t address,
                                uint32_t bytes, bool is_write)
{
    const uint8_t burst_bits = inorder->mapping.burst_bits;
    const uint64_t first = address >> burst_bits;
    struct request request = {.from = now,
                              .burst = first,
                              .end = ((address + bytes - 1) >> burst_bits) + 1,
                              .is_write = is_write};
    inorder_refresh(inorder, now);
    inorder->now = now;
    while (request.burst < request.end)
        serve_train(inorder, &request);
    inorder->bursts[is_write] += request.end - first;
    inorder->done = later(inorder->done, request.last + inorder->gaps[is_write].end);
    return (struct dram_grant){request.first, inorder->done};
}
