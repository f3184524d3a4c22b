/* Random DRAM devices, small, so that rows, banks, groups, ranks and channels change often. Seed
 * with check_seed first. */
#ifndef MANTIS_TEST_RANDOM_DRAM_H
#define MANTIS_TEST_RANDOM_DRAM_H

#include <string.h>

#include "isa/arch.h"
#include "test/check.h"

/* Any order of the fields of an address. */
__attribute__((unused)) static void random_mapping(char mapping[13])
{
    char fields[6][3] = {"ch", "ra", "bg", "ba", "ro", "co"};
    mapping[0] = '\0';
    for (int left = 6; left; left--) {
        int pick = check_between(0, left - 1);
        strcat(mapping, fields[pick]);
        memmove(fields[pick], fields[left - 1], sizeof fields[0]);
    }
}

__attribute__((unused)) static struct dram_geometry random_geometry(void)
{
    struct dram_geometry geometry = {
        .channels = 1u << check_between(0, 1) * check_between(0, 2),
        .ranks = 1u << check_between(0, 1) * check_between(0, 2),
        .bank_groups = 1u << check_between(0, 2),
        .banks_per_group = 1u << check_between(0, 2),
        .rows = 1u << check_between(2, 12),
        .device_width = 8,
        .bus_width = 8u << check_between(0, 4),
        .burst_length = 2u << check_between(0, 3),
    };
    geometry.columns = geometry.burst_length << check_between(0, 5);
    return geometry;
}

/* `most`: of a constraint's clocks, about; up to 240. */
__attribute__((unused)) static struct dram_timing random_timing(int most)
{
    struct dram_timing timing = {0};
#define RANDOM_CLOCKS(field, initial, least, greatest, help) \
    timing.field = check_between((int)(least), most < (greatest) ? most : (int)(greatest));
    DRAM_TIMINGS(RANDOM_CLOCKS)
#undef RANDOM_CLOCKS
    timing.tRAS += timing.tRCDRD;
    timing.tFAW += check_between(0, 2 * most);
    timing.tCCD_L = timing.tCCD_S + check_between(0, 6);
    timing.tRRD_L = timing.tRRD_S + check_between(0, 6);
    timing.tWTR_L = timing.tWTR_S + check_between(0, 10);
    if (timing.tRAS < timing.tRRD_L) /* a bank's activates lie further apart than a group's */
        timing.tRAS = timing.tRRD_L;
    if (check_between(0, 1))
        timing.tPPD = 0;
    return timing;
}

/* Enough for refreshes to leave half of the time. */
__attribute__((unused)) static int least_refresh_interval(const struct dram_device *device)
{
    const struct dram_timing *t = &device->timing;
    const int banks = (int)dram_rank_banks(&device->geometry), ranks = (int)device->geometry.ranks;
    const int row =
        t->tRAS + t->CWL + (int)dram_burst_clocks(&device->geometry) + t->tWR + t->tRTP + t->tRP;
    return device->policy.refresh == DRAM_REFRESHES_RANKS
               ? 2 * ranks * (row + banks * (t->tPPD + 1) + t->tRFC)
               : 2 * ranks * banks * (row + t->tPPD + 1 + t->tRFCpb);
}

/* One that dram_device_check accepts; refresh seldom or often, by rank, by bank or never. */
__attribute__((unused)) static struct dram_device random_device(int most_clocks)
{
    struct dram_device device = {
        .name = "random",
        .tCK = check_between(300, 3000) / 1000.0,
        .geometry = random_geometry(),
        .timing = random_timing(most_clocks),
        .currents = {.VDD = 1.2,
                     .IDD0 = 50,
                     .IDD2N = 30,
                     .IDD3N = 40,
                     .IDD4R = 100,
                     .IDD4W = 100,
                     .IDD5AB = 200,
                     .IDD5PB = 100},
        .policy = {.row = (uint8_t)check_between(0, 1),
                   .scheduler = (uint8_t)check_between(0, 1),
                   .drain = (uint8_t)check_between(0, 1),
                   .refresh = (uint8_t)check_between(0, 2),
                   .dual_command = check_between(0, 1) == 1,
                   .read_queue = (uint32_t)check_between(1, 16),
                   .write_buffer = (uint32_t)check_between(8, 16),
                   .bank_queue = (uint32_t)check_between(1, 6),
                   .row_hit_cap = (uint32_t)check_between(1, 6),
                   .drain_high = (uint32_t)check_between(3, 8),
                   .drain_low = (uint32_t)check_between(0, 2)},
    };
    struct dram_timing *timing = &device.timing;
    random_mapping(device.policy.mapping);
    timing->tRFC = check_between(1, 100);
    timing->tRFCpb = check_between(1, 40);
    timing->tREFI =
        least_refresh_interval(&device) + check_between(0, check_between(0, 1) ? 300 : 5000);
    assert_true(dram_device_check(&device, NULL));
    return device;
}

/* For the in-order controller, which leaves rows open. */
__attribute__((unused)) static struct dram_device random_device_in_order(int most_clocks)
{
    struct dram_device device = random_device(most_clocks);
    device.policy.row = DRAM_ROW_OPEN;
    return device;
}

/* With rows for every program that tests make. */
__attribute__((unused)) static struct dram_device with_room(struct dram_device device)
{
    const uint64_t most_bytes = 1 << 25;
    while (dram_capacity(&device.geometry) < most_bytes)
        device.geometry.rows *= 2;
    assert_true(dram_device_check(&device, NULL));
    return device;
}

/* One time in four the ideal memory. most_clocks: as in random_timing. */
__attribute__((unused)) static struct dram_config random_dram(int most_clocks)
{
    uint16_t bus = (uint16_t)(1 << check_between(2, 6));
    if (check_between(0, 1))
        return (struct dram_config){.device = with_room(random_device_in_order(most_clocks))};
    if (check_between(0, 1))
        return (struct dram_config){.device = with_room(random_device(most_clocks)),
                                    .controller = DRAM_CONTROLLER_QUEUED};
    return (struct dram_config){.is_ideal = true,
                                .ideal = {.clock_period_ps = (uint32_t)check_between(300, 3000),
                                          .bytes_per_clock = bus,
                                          .burst_bytes = (uint16_t)(bus << check_between(0, 3)),
                                          .latency = (uint16_t)check_between(0, 40)}};
}

#endif
