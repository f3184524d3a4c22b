/* Which command comes next: refresh first, then the banks in turn, each by its row and its queue.
 * */
#include "memory/dram_channel_parts.h"

/* A command that may come now, or none, for a bank. */
struct choice {
    enum dram_command command; /* DRAM_COMMAND_COUNT = none */
    uint32_t bank, row;
    uint32_t entry; /* of the bank's queue, for column commands */
};

static const struct choice no_choice = {.command = DRAM_COMMAND_COUNT};

/* --- what a bank's queue wants --- */

/* The choice if its time has come; else its time joins *earliest. */
static struct choice when_ready(const struct dram_channel *channel, struct choice choice,
                                uint64_t now, uint64_t *earliest)
{
    uint64_t ready = dram_state_ready(&channel->state, choice.command, choice.bank);
    if (ready <= now)
        return choice;
    if (ready < *earliest)
        *earliest = ready;
    return no_choice;
}

static struct choice column_choice(const struct dram_channel *channel, uint32_t bank, int entry,
                                   uint64_t now, uint64_t *earliest)
{
    if (entry == DRAM_NONE)
        return no_choice;
    const struct dram_request *request = &channel->banks[bank].queue.entries[entry];
    bool closes = channel->device.policy.row == DRAM_ROW_CLOSED;
    enum dram_command command = request->is_write ? closes ? DRAM_WRITE_PRECHARGE : DRAM_WRITE
                                : closes          ? DRAM_READ_PRECHARGE
                                                  : DRAM_READ;
    struct choice choice = {command, bank, request->row, (uint32_t)entry};
    return when_ready(channel, choice, now, earliest);
}

/* What the bank, whose queue holds something, may do now. */
static struct choice bank_choice(const struct dram_channel *channel, uint32_t bank, uint64_t now,
                                 uint64_t *earliest)
{
    const struct dram_bank_queue *wish = &channel->banks[bank];
    struct choice row = {DRAM_ACTIVATE, bank, wish->queue.entries[0].row, 0};
    if (!channel->state.banks[bank].open)
        return when_ready(channel, row, now, earliest);
    if (wish->may_precharge) {
        row.command = DRAM_PRECHARGE;
        row.row = channel->state.banks[bank].row;
        row = when_ready(channel, row, now, earliest);
        if (row.command != DRAM_COMMAND_COUNT)
            return row;
    }
    struct choice read = column_choice(channel, bank, wish->first_read, now, earliest);
    struct choice write = column_choice(channel, bank, wish->first_write, now, earliest);
    if (read.command == DRAM_COMMAND_COUNT)
        return write;
    return write.command == DRAM_COMMAND_COUNT || read.entry < write.entry ? read : write;
}

/* First-ready: the oldest read and write that hit the open row. A miss may close the row only as
 * the bank's oldest, and while hits wait only once the row has had its row_hit_cap of them. */
static void find_wishes(struct dram_channel *channel, uint32_t bank)
{
    struct dram_bank_queue *wish = &channel->banks[bank];
    const struct dram_policy *policy = &channel->device.policy;
    const struct dram_bank *state = &channel->state.banks[bank];
    const struct dram_queue *queue = &wish->queue;
    wish->first_read = wish->first_write = DRAM_NONE;
    wish->may_precharge = false;
    if (!state->open || !queue->count)
        return;
    uint32_t seen = policy->scheduler == DRAM_SCHEDULER_FCFS ? 1 : queue->count;
    for (uint32_t i = seen; i-- > 0;)
        if (queue->entries[i].row == state->row)
            *(queue->entries[i].is_write ? &wish->first_write : &wish->first_read) = (int)i;
    bool hits_wait = wish->first_read != DRAM_NONE || wish->first_write != DRAM_NONE;
    wish->may_precharge =
        queue->entries[0].row != state->row && (!hits_wait || state->hits >= policy->row_hit_cap);
}

void dram_bank_queue_look(struct dram_channel *channel, uint32_t bank)
{
    uint64_t earliest = UINT64_MAX;
    find_wishes(channel, bank);
    if (channel->banks[bank].queue.count &&
        bank_choice(channel, bank, 0, &earliest).command != DRAM_COMMAND_COUNT)
        earliest = 0;
    channel->not_before[bank] = earliest;
    if (earliest < channel->quiet_until)
        channel->quiet_until = earliest;
}

/* Behind others it changes what the bank does next only as the first hit of its kind; then a miss
 * before it may have to wait, too. */
void dram_bank_queue_joined(struct dram_channel *channel, uint32_t bank)
{
    const struct dram_bank_queue *wish = &channel->banks[bank];
    const struct dram_bank *state = &channel->state.banks[bank];
    const struct dram_request *last = &wish->queue.entries[wish->queue.count - 1];
    bool is_hit = state->open && last->row == state->row;
    bool is_known = (last->is_write ? wish->first_write : wish->first_read) != DRAM_NONE;
    if (wish->queue.count == 1 || (is_hit && !is_known))
        dram_bank_queue_look(channel, bank);
}

/* --- refresh --- */

void dram_refresh_plan(struct dram_channel *channel)
{
    channel->refresh_due = channel->refresh_interval
                               ? (channel->refreshes + 1) * channel->refresh_interval
                               : UINT64_MAX;
}

/* The banks that the refresh is of. */
static uint64_t refresh_banks(const struct dram_channel *channel, uint32_t first)
{
    uint32_t count = dram_refresh_banks(&channel->device);
    return (count == 64 ? UINT64_MAX : (1ull << count) - 1) << first;
}

/* A refresh that is due closes its open banks one after the other, each as soon as it may, then
 * comes. Its banks take no other command meanwhile. */
static struct choice refresh_choice(const struct dram_channel *channel, uint32_t first,
                                    uint64_t now, uint64_t *earliest)
{
    bool any_open = false;
    for (uint64_t banks = refresh_banks(channel, first); banks; banks &= banks - 1) {
        uint32_t bank = (uint32_t)__builtin_ctzll(banks);
        if (!channel->state.banks[bank].open)
            continue;
        any_open = true;
        struct choice close = {DRAM_PRECHARGE, bank, channel->state.banks[bank].row, 0};
        close = when_ready(channel, close, now, earliest);
        if (close.command != DRAM_COMMAND_COUNT)
            return close;
    }
    if (any_open)
        return no_choice;
    struct choice refresh = {dram_refresh_command(&channel->device), first, 0, 0};
    return when_ready(channel, refresh, now, earliest);
}

/* --- the clock's choice --- */

/* bank_choice, but where the bank is known to have to wait. */
static struct choice patient_choice(struct dram_channel *channel, uint32_t bank, uint64_t now)
{
    uint64_t earliest = UINT64_MAX;
    if (channel->not_before[bank] > now)
        return no_choice;
    struct choice choice = bank_choice(channel, bank, now, &earliest);
    if (choice.command == DRAM_COMMAND_COUNT)
        channel->not_before[bank] = earliest;
    return choice;
}

/* The banks of the set, in turn behind the one that came last. */
static struct choice next_bank(struct dram_channel *channel, uint64_t banks, uint64_t now,
                               uint64_t *earliest)
{
    uint64_t behind = channel->turn == 63 ? 0 : UINT64_MAX << (channel->turn + 1);
    const uint64_t halves[] = {banks & behind, banks & ~behind};
    for (int half = 0; half < 2; half++)
        for (uint64_t rest = halves[half]; rest; rest &= rest - 1) {
            uint32_t bank = (uint32_t)__builtin_ctzll(rest);
            struct choice choice = patient_choice(channel, bank, now);
            if (choice.command != DRAM_COMMAND_COUNT) {
                channel->turn = bank;
                return choice;
            }
            if (channel->not_before[bank] < *earliest)
                *earliest = channel->not_before[bank];
        }
    return no_choice;
}

/* The banks with work, but for those that a refresh waits for. */
static uint64_t free_banks(const struct dram_channel *channel, uint64_t now)
{
    return now < channel->refresh_due
               ? channel->waiting
               : channel->waiting & ~refresh_banks(channel, dram_refresh_first(&channel->device,
                                                                               channel->refreshes));
}

static struct choice next_choice(struct dram_channel *channel, uint64_t now, uint64_t *earliest)
{
    struct choice choice = no_choice;
    if (now >= channel->refresh_due)
        choice = refresh_choice(channel, dram_refresh_first(&channel->device, channel->refreshes),
                                now, earliest);
    else
        *earliest = channel->refresh_due;
    return choice.command != DRAM_COMMAND_COUNT
               ? choice
               : next_bank(channel, free_banks(channel, now), now, earliest);
}

/* --- issue --- */

static void complete_read(struct dram_channel *channel, const struct dram_request *request,
                          uint64_t now)
{
    uint64_t arrives =
        now + (uint64_t)channel->device.timing.CL + dram_burst_clocks(&channel->device.geometry);
    dram_completions_add(&channel->arrived, request->id, arrives);
    for (uint32_t i = 0; i < channel->merged.count;) {
        if (channel->merged.entries[i].burst == request->burst) {
            dram_completions_add(&channel->arrived, channel->merged.entries[i].id, arrives);
            dram_queue_remove(&channel->merged, i);
        } else {
            i++;
        }
    }
}

static void count_row_hit(struct dram_channel *channel, const struct choice *choice)
{
    if (channel->state.banks[choice->bank].hits)
        *(dram_is_read(choice->command) ? &channel->counts.read_row_hits
                                        : &channel->counts.write_row_hits) += 1;
}

static void issue(struct dram_channel *channel, const struct choice *choice, uint64_t now)
{
    struct dram_queue *queue = &channel->banks[choice->bank].queue;
    struct dram_issued issued = {.clock = now,
                                 .channel = channel->number,
                                 .bank = choice->bank,
                                 .row = choice->row,
                                 .command = choice->command};
    if (dram_is_column(choice->command)) {
        count_row_hit(channel, choice);
        if (dram_is_read(choice->command))
            complete_read(channel, &queue->entries[choice->entry], now);
        issued.burst = queue->entries[choice->entry].burst;
        issued.id = queue->entries[choice->entry].id;
        --*dram_pending(channel, issued.burst, queue->entries[choice->entry].is_write);
        dram_queue_remove(queue, choice->entry);
        channel->full &= ~(1ull << choice->bank);
        if (!queue->count)
            channel->waiting &= ~(1ull << choice->bank);
        channel->can_move = true;
    }
    if (choice->command == DRAM_ACTIVATE)
        issued.id = queue->entries[choice->entry].id;
    if (choice->command == DRAM_REFRESH || choice->command == DRAM_REFRESH_BANK) {
        channel->refreshes++;
        dram_refresh_plan(channel);
    }
    dram_state_issue(&channel->state, choice->command, choice->bank, choice->row, now);
    dram_bank_queue_look(channel, choice->bank);
    channel->counts.commands[choice->command]++;
    if (channel->observer)
        channel->observer(channel->observer_context, &issued);
}

/* The first clock behind `now`, in which a command came, at which another may. */
static uint64_t next_chance(const struct dram_channel *channel, uint64_t now)
{
    uint64_t earliest = channel->refresh_due;
    for (uint64_t banks = channel->waiting; banks; banks &= banks - 1) {
        uint64_t not_before = channel->not_before[__builtin_ctzll(banks)];
        earliest = not_before < earliest ? not_before : earliest;
    }
    return earliest > now ? earliest : now + 1;
}

/* With a bus for row and one for column commands, a second command of the other kind may come
 * along. The bank found second has had its turn even where its command is of the same kind and must
 * wait. */
void dram_schedule(struct dram_channel *channel, uint64_t now)
{
    uint64_t earliest = UINT64_MAX;
    struct choice first = next_choice(channel, now, &earliest);
    if (first.command == DRAM_COMMAND_COUNT) {
        channel->quiet_until = earliest;
        return;
    }
    issue(channel, &first, now);
    if (channel->device.policy.dual_command) {
        struct choice second = next_bank(channel, free_banks(channel, now), now, &earliest);
        if (second.command != DRAM_COMMAND_COUNT &&
            dram_is_column(second.command) != dram_is_column(first.command))
            issue(channel, &second, now);
    }
    channel->quiet_until = next_chance(channel, now);
}
