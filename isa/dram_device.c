#include "isa/dram_device.h"

#include <math.h>
#include <string.h>

#include "isa/dram_address.h"

#define NAME_ROW(id, name, help) name,
static const char *const row_policies[] = {DRAM_ROW_POLICIES(NAME_ROW)};
static const char *const schedulers[] = {DRAM_SCHEDULERS(NAME_ROW)};
static const char *const drains[] = {DRAM_DRAINS(NAME_ROW)};
static const char *const refreshes[] = {DRAM_REFRESHES(NAME_ROW)};
#undef NAME_ROW

#define NAME_OF(names, value) \
    ((unsigned)(value) < sizeof(names) / sizeof *(names) ? (names)[value] : NULL)

const char *dram_row_policy_name(int policy)
{
    return NAME_OF(row_policies, policy);
}

const char *dram_scheduler_name(int scheduler)
{
    return NAME_OF(schedulers, scheduler);
}

const char *dram_drain_name(int drain)
{
    return NAME_OF(drains, drain);
}

const char *dram_refresh_name(int refresh)
{
    return NAME_OF(refreshes, refresh);
}

uint64_t dram_capacity(const struct dram_geometry *geometry)
{
    return (uint64_t)geometry->channels * dram_channel_banks(geometry) * geometry->rows *
           geometry->columns * (geometry->bus_width / 8);
}

uint32_t dram_clock_ps(const struct dram_device *device)
{
    return (uint32_t)lround(device->tCK * 1000);
}

static bool in_range(double value, double least, double most, const char *name, struct err *err)
{
    return (value >= least && value <= most) || /* false of NaN */
           err_set(err, "%s: %g is not in %g..%g", name, value, least, most);
}

static bool named(const char *name, int value, const char *field, struct err *err)
{
    return name || err_set(err, "%s: no such policy, number %d", field, value);
}

#define IN_RANGE(field, initial, least, most, help) \
    in_range(part->field, least, most, #field, err) &&

static bool geometry_in_range(const struct dram_geometry *part, struct err *err)
{
    return DRAM_GEOMETRY(IN_RANGE) true;
}

static bool timing_in_range(const struct dram_timing *part, struct err *err)
{
    return DRAM_TIMINGS(IN_RANGE) true;
}

static bool currents_in_range(const struct dram_currents *part, struct err *err)
{
    return DRAM_CURRENTS(IN_RANGE) true;
}

static bool policy_in_range(const struct dram_policy *part, struct err *err)
{
    return DRAM_QUEUES(IN_RANGE) named(dram_row_policy_name(part->row), part->row, "row", err) &&
           named(dram_scheduler_name(part->scheduler), part->scheduler, "scheduler", err) &&
           named(dram_drain_name(part->drain), part->drain, "drain", err) &&
           named(dram_refresh_name(part->refresh), part->refresh, "refresh", err);
}

static bool device_in_range(const struct dram_device *part, struct err *err)
{
    if (!memchr(part->name, 0, sizeof part->name))
        return err_set(err, "a name without end");
    return DRAM_CLOCK(IN_RANGE) geometry_in_range(&part->geometry, err) &&
           timing_in_range(&part->timing, err) && currents_in_range(&part->currents, err) &&
           policy_in_range(&part->policy, err);
}
#undef IN_RANGE

static bool check_geometry(const struct dram_geometry *geometry, struct err *err)
{
#define POWER_OF_TWO(field, initial, least, most, help) \
    if (geometry->field & (geometry->field - 1))        \
        return err_set(err, #field ": %u is no power of two", geometry->field);
    DRAM_GEOMETRY(POWER_OF_TWO)
#undef POWER_OF_TWO
    if (dram_channel_banks(geometry) > DRAM_MAX_BANKS)
        return err_set(err, "ranks x bank_groups x banks_per_group: %u is more than %d",
                       dram_channel_banks(geometry), DRAM_MAX_BANKS);
    if (geometry->device_width > geometry->bus_width)
        return err_set(err, "device_width: %u is wider than bus_width %u", geometry->device_width,
                       geometry->bus_width);
    if (geometry->burst_length > geometry->columns)
        return err_set(err, "burst_length: %u is more than a row's columns %u",
                       geometry->burst_length, geometry->columns);
    return true;
}

static bool check_timing(const struct dram_timing *timing, struct err *err)
{
    const struct {
        const char *name;
        int32_t near, far; /* same bank group, other bank group */
    } pairs[] = {{"tCCD", timing->tCCD_L, timing->tCCD_S},
                 {"tRRD", timing->tRRD_L, timing->tRRD_S},
                 {"tWTR", timing->tWTR_L, timing->tWTR_S}};
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].near < pairs[i].far)
            return err_set(err, "%s_L: %d is less than %s_S %d", pairs[i].name, pairs[i].near,
                           pairs[i].name, pairs[i].far);
    return true;
}

/* Clocks that a refresh takes of `banks` banks at most, from being due: until their rows may be
 * closed, for that, and its own `clocks`. */
static int64_t longest_refresh(const struct dram_device *device, uint32_t banks, int32_t clocks)
{
    const struct dram_timing *t = &device->timing;
    const int32_t written = t->CWL + (int32_t)dram_burst_clocks(&device->geometry) + t->tWR;
    int32_t open = t->tRAS > written ? t->tRAS : written;
    open = open > t->tRTP ? open : t->tRTP;
    return open + (int64_t)banks * (t->tPPD > 1 ? t->tPPD : 1) + t->tRP + clocks;
}

/* Refreshes leave at least half of the time: else those that fall due meanwhile could keep a
 * request waiting for ever. */
static bool check_refresh(const struct dram_device *device, struct err *err)
{
    const struct dram_timing *timing = &device->timing;
    const uint32_t ranks = device->geometry.ranks, banks = dram_rank_banks(&device->geometry);
    uint32_t count = 1; /* refreshes in tREFI, of all ranks */
    int64_t longest = 0;
    switch ((enum dram_refresh)device->policy.refresh) {
    case DRAM_REFRESHES_NOTHING:
        return true;
    case DRAM_REFRESHES_RANKS:
        count = ranks;
        longest = longest_refresh(device, banks, timing->tRFC);
        break;
    case DRAM_REFRESHES_BANKS:
        if (!timing->tRFCpb || device->currents.IDD5PB <= 0)
            return err_set(err, "refresh: \"bank\" needs tRFCpb and IDD5PB");
        count = ranks * banks;
        longest = longest_refresh(device, 1, timing->tRFCpb);
        if ((int64_t)(count - 1) * timing->tRFCpb >= longest) {
            count = banks; /* a bank has time enough while the others have their turn */
            longest = timing->tRFCpb;
        }
        break;
    }
    return timing->tREFI / 2 / count >= longest ||
           err_set(err, "tREFI: %d is less than two refreshes, up to %lld clocks, of each of %u %s",
                   timing->tREFI, (long long)longest, count,
                   device->policy.refresh == DRAM_REFRESHES_RANKS ? "ranks" : "banks");
}

/* The currents of work hold those of standby, which counts on its own: a smaller one would make
 * energy negative. */
static bool check_currents(const struct dram_device *device, struct err *err)
{
    const struct dram_currents *currents = &device->currents;
    const struct dram_timing *timing = &device->timing;
    const struct {
        const char *name;
        double value;
    } work[] = {
        {"IDD4R", currents->IDD4R}, {"IDD4W", currents->IDD4W}, {"IDD5AB", currents->IDD5AB}};
    for (unsigned i = 0; i < sizeof work / sizeof *work; i++)
        if (work[i].value < currents->IDD3N)
            return err_set(err, "%s: %g is less than IDD3N %g", work[i].name, work[i].value,
                           currents->IDD3N);
    if (device->policy.refresh == DRAM_REFRESHES_BANKS && currents->IDD5PB < currents->IDD3N)
        return err_set(err, "IDD5PB: %g is less than IDD3N %g", currents->IDD5PB, currents->IDD3N);
    double standby = (currents->IDD3N * timing->tRAS + currents->IDD2N * timing->tRP) /
                     (timing->tRAS + timing->tRP);
    return currents->IDD0 >= standby ||
           err_set(err, "IDD0: %g is less than the standby in it, %g", currents->IDD0, standby);
}

static bool check_policy(const struct dram_policy *policy, struct err *err)
{
    if (policy->drain_high > policy->write_buffer)
        return err_set(err, "drain_high: %u is more than write_buffer %u", policy->drain_high,
                       policy->write_buffer);
    return policy->drain_low < policy->drain_high ||
           err_set(err, "drain_low: %u is not below drain_high %u", policy->drain_low,
                   policy->drain_high);
}

bool dram_device_check(const struct dram_device *device, struct err *err)
{
    struct dram_mapping mapping;
    return device_in_range(device, err) && check_geometry(&device->geometry, err) &&
           check_timing(&device->timing, err) && check_refresh(device, err) &&
           check_currents(device, err) && check_policy(&device->policy, err) &&
           dram_mapping_read(&mapping, device->policy.mapping, &device->geometry, err);
}
