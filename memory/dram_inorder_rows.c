/* Rows of the in-order controller: opened, closed, refreshed. */
#include "memory/dram_inorder_parts.h"

#include "memory/dram_refresh.h"

static void tell(const struct dram_inorder *inorder, const struct inorder_channel *channel,
                 enum dram_event_kind kind, uint32_t bank, uint32_t row, uint64_t begin,
                 int32_t clocks)
{
    if (!inorder->observer)
        return;
    struct dram_event event = {.kind = kind,
                               .begin = begin,
                               .end = begin + (uint64_t)clocks,
                               .channel = channel->number,
                               .bank = bank,
                               .row = row};
    inorder->observer(inorder->observer_context, &event);
}

static void precharge(struct dram_inorder *inorder, struct inorder_channel *channel, uint32_t bank,
                      uint64_t from)
{
    const uint32_t rank = channel->state.banks[bank].rank;
    const uint64_t in_order = later(from, channel->precharged[rank]);
    const uint64_t at = dram_state_place(&channel->state, DRAM_PRECHARGE, bank, 0, in_order);
    channel->precharged[rank] = at;
    dram_activity_note(&channel->activity[rank], false, at, from);
    inorder->counts.precharges++;
    tell(inorder, channel, DRAM_EVENT_PRECHARGE, bank, 0, at, inorder->device.timing.tRP);
}

void inorder_activate(struct dram_inorder *inorder, struct inorder_channel *channel, uint32_t bank,
                      uint32_t row, uint64_t from)
{
    if (channel->state.banks[bank].open)
        precharge(inorder, channel, bank, from);
    const uint64_t at = dram_state_place(&channel->state, DRAM_ACTIVATE, bank, row, from);
    dram_activity_note(&channel->activity[channel->state.banks[bank].rank], true, at, from);
    inorder->counts.activates++;
    tell(inorder, channel, DRAM_EVENT_ACTIVATE, bank, row, at, inorder->device.timing.tRCDRD);
}

/* Its open banks are precharged, then it comes. */
static void refresh(struct dram_inorder *inorder, struct inorder_channel *channel, uint64_t due)
{
    const struct dram_device *device = &inorder->device;
    const uint32_t first = dram_refresh_first(device, inorder->refresh_number);
    const uint32_t end = first + dram_refresh_banks(device);
    const enum dram_command command = dram_refresh_command(device);
    if (channel->state.rank[channel->state.banks[first].rank].open_banks)
        for (uint32_t bank = first; bank < end; bank++)
            if (channel->state.banks[bank].open)
                precharge(inorder, channel, bank, due);
    const uint64_t at = dram_state_place(&channel->state, command, first, 0, due);
    inorder->counts.refreshes++;
    tell(inorder, channel, DRAM_EVENT_REFRESH, first, 0, at,
         command == DRAM_REFRESH ? device->timing.tRFC : device->timing.tRFCpb);
}

void inorder_refresh(struct dram_inorder *inorder, uint64_t now)
{
    while (inorder->next_refresh <= now) {
        for (uint32_t c = 0; c < inorder->device.geometry.channels; c++)
            refresh(inorder, &inorder->channels[c], inorder->next_refresh);
        inorder->next_refresh += inorder->refresh_interval;
        inorder->refresh_number++;
    }
}
