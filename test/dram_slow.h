/* The in-order controller once more, slowly: it looks back over all commands, burst by burst, with
 * the rules of dram_command_log.h, and knows nothing of closed forms. */
#ifndef MANTIS_TEST_DRAM_SLOW_H
#define MANTIS_TEST_DRAM_SLOW_H

#include <stdlib.h>
#include <string.h>

#include "memory/dram.h"
#include "test/check.h"
#include "test/dram_command_log.h"

enum { MAX_PLACED = 60000, MAX_CHANNELS = 4, LOOK_BACK = 1500 };

struct slow {
    struct dram_device device;
    int placed;
    struct dram_issued log[MAX_PLACED];         /* in the order of the requests, not of time */
    int64_t open[MAX_CHANNELS][DRAM_MAX_BANKS]; /* row, or -1 */
    uint64_t refreshes, done;
    struct dram_counts counts;
};

/* Of one field of an address, whose letters are `name`. */
static uint32_t slow_field(const struct dram_device *device, uint64_t burst, const char *name)
{
    const struct dram_geometry *g = &device->geometry;
    const struct {
        const char *name;
        uint32_t size;
    } fields[] = {{"ch", g->channels},    {"ra", g->ranks},
                  {"bg", g->bank_groups}, {"ba", g->banks_per_group},
                  {"ro", g->rows},        {"co", g->columns / g->burst_length}};
    for (int place = 5; place >= 0; place--)
        for (int f = 0; f < 6; f++) {
            if (strncmp(device->policy.mapping + 2 * place, fields[f].name, 2))
                continue;
            if (!strcmp(fields[f].name, name))
                return (uint32_t)(burst % fields[f].size);
            burst /= fields[f].size;
        }
    fail();
    return 0;
}

/* Commands of one kind that stay in order: a later clock for columns, not an earlier one for
 * precharges. */
static uint64_t in_order(enum dram_command before, enum dram_command after, enum distance far)
{
    bool columns = (reads(before) || writes(before)) && (reads(after) || writes(after));
    bool closing = before == DRAM_PRECHARGE && after == DRAM_PRECHARGE && far != OTHER_RANK;
    return columns ? 1 : closing ? 0 : UINT64_MAX;
}

static uint64_t slow_place(struct slow *s, enum dram_command command, uint32_t channel,
                           uint32_t bank, uint64_t from)
{
    uint64_t at = from, last_activates = 0;
    for (int i = s->placed - 1; i >= 0 && i >= s->placed - LOOK_BACK; i--) {
        const struct dram_issued *before = &s->log[i];
        if (before->channel != channel)
            continue;
        enum distance far = distance(&s->device.geometry, before->bank, bank);
        int wait = least_wait(&s->device, before->command, command, far);
        uint64_t order = in_order(before->command, command, far);
        if (wait > 0 && before->clock + (uint64_t)wait > at)
            at = before->clock + (uint64_t)wait;
        if (order != UINT64_MAX && before->clock + order > at)
            at = before->clock + order;
        bool in_window = command == DRAM_ACTIVATE && before->command == DRAM_ACTIVATE;
        if (in_window && far != OTHER_RANK && ++last_activates == 4 &&
            before->clock + (uint64_t)s->device.timing.tFAW > at)
            at = before->clock + (uint64_t)s->device.timing.tFAW;
    }
    assert_true(s->placed < MAX_PLACED);
    s->log[s->placed++] =
        (struct dram_issued){.clock = at, .channel = channel, .bank = bank, .command = command};
    return at;
}

static void slow_close(struct slow *s, uint32_t channel, uint32_t bank, uint64_t from)
{
    slow_place(s, DRAM_PRECHARGE, channel, bank, from);
    s->open[channel][bank] = -1;
    s->counts.precharges++;
}

static void slow_refresh(struct slow *s, uint64_t now)
{
    const struct dram_geometry *g = &s->device.geometry;
    const uint32_t of_rank = g->bank_groups * g->banks_per_group;
    const bool by_bank = s->device.policy.refresh == DRAM_REFRESHES_BANKS;
    const uint64_t interval =
        (uint64_t)s->device.timing.tREFI / (by_bank ? g->ranks * of_rank : g->ranks);
    if (s->device.policy.refresh == DRAM_REFRESHES_NOTHING)
        return;
    for (; (s->refreshes + 1) * interval <= now; s->refreshes++) {
        uint64_t due = (s->refreshes + 1) * interval;
        uint32_t first = (uint32_t)(s->refreshes % g->ranks) * of_rank;
        if (by_bank)
            first += (uint32_t)(s->refreshes / g->ranks % of_rank);
        for (uint32_t channel = 0; channel < g->channels; channel++) {
            for (uint32_t bank = first; bank < first + (by_bank ? 1 : of_rank); bank++)
                if (s->open[channel][bank] >= 0)
                    slow_close(s, channel, bank, due);
            slow_place(s, by_bank ? DRAM_REFRESH_BANK : DRAM_REFRESH, channel, first, due);
            s->counts.refreshes++;
        }
    }
}

/* The clock of its column command. */
static uint64_t slow_burst(struct slow *s, uint64_t now, uint64_t burst, bool write,
                           uint32_t *channel)
{
    const struct dram_device *device = &s->device;
    uint32_t group = slow_field(device, burst, "ra") * device->geometry.bank_groups +
                     slow_field(device, burst, "bg");
    uint32_t bank = group * device->geometry.banks_per_group + slow_field(device, burst, "ba");
    int64_t row = slow_field(device, burst, "ro");
    *channel = slow_field(device, burst, "ch");
    int64_t *open = &s->open[*channel][bank];
    if (*open != row) {
        if (*open >= 0)
            slow_close(s, *channel, bank, now);
        slow_place(s, DRAM_ACTIVATE, *channel, bank, now);
        s->counts.activates++;
        *open = row;
    }
    return slow_place(s, write ? DRAM_WRITE : DRAM_READ, *channel, bank, now);
}

static struct dram_grant slow_access(struct slow *s, uint64_t now, uint64_t address, uint32_t bytes,
                                     bool write)
{
    const uint64_t size = s->device.geometry.bus_width / 8 * s->device.geometry.burst_length;
    const int latency = write ? s->device.timing.CWL : s->device.timing.CL;
    struct dram_grant grant = {0};
    bool seen[MAX_CHANNELS] = {false};
    slow_refresh(s, now);
    for (uint64_t burst = address / size; burst <= (address + bytes - 1) / size; burst++) {
        uint32_t channel;
        uint64_t column = slow_burst(s, now, burst, write, &channel);
        uint64_t done = column + (uint64_t)latency + s->device.geometry.burst_length / 2;
        if (!seen[channel] && column > grant.next)
            grant.next = column;
        seen[channel] = true;
        s->done = done > s->done ? done : s->done;
    }
    grant.done = s->done;
    return grant;
}

/* Clocks before `now` in which each rank had a row open, added up: by the clock. */
static uint64_t slow_active(const struct slow *s, uint64_t now)
{
    const struct dram_geometry *g = &s->device.geometry;
    const uint32_t of_rank = g->bank_groups * g->banks_per_group;
    uint64_t active = 0;
    int32_t *change = malloc((now + 1) * sizeof *change);
    for (uint32_t rank = 0; rank < g->channels * g->ranks; rank++) {
        memset(change, 0, (now + 1) * sizeof *change);
        for (int i = 0; i < s->placed; i++) {
            const struct dram_issued *c = &s->log[i];
            if (c->channel * g->ranks + c->bank / of_rank != rank || c->clock > now)
                continue;
            change[c->clock] += (c->command == DRAM_ACTIVATE) - (c->command == DRAM_PRECHARGE);
        }
        int32_t open = 0;
        for (uint64_t clock = 0; clock < now; clock++)
            active += (open += change[clock]) > 0;
    }
    free(change);
    return active;
}

#endif
