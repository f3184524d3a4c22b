#include "memory/dram_energy.h"

/* V x mA x ns = pJ, times the devices of a rank, which all take part in a command:
 *
 *   activate + precharge  VDD (IDD0 tRC - IDD3N tRAS - IDD2N tRP)
 *   read, write           VDD (IDD4 - IDD3N) burst
 *   refresh               VDD (IDD5 - IDD3N) tRFC
 *   standby, per clock    VDD IDD3N with an open bank, VDD IDD2N without
 *
 * Micron, "Calculating Memory Power for DDR4 SDRAM" (TN-40-07), as DRAMsim3 has it
 * (src/configuration.cc), with the clock period that its products of current and clocks leave out.
 * */
static double scale_of(const struct dram_device *device)
{
    const double devices = device->geometry.bus_width / device->geometry.device_width;
    return device->currents.VDD * device->tCK * devices;
}

static double rank_refresh(const struct dram_device *device)
{
    const struct dram_currents *I = &device->currents;
    return scale_of(device) * (I->IDD5AB - I->IDD3N) * device->timing.tRFC;
}

static double bank_refresh(const struct dram_device *device)
{
    const struct dram_currents *I = &device->currents;
    return scale_of(device) * (I->IDD5PB - I->IDD3N) * device->timing.tRFCpb;
}

struct dram_energy dram_energy_prices(const struct dram_device *device)
{
    const struct dram_currents *I = &device->currents;
    const struct dram_timing *t = &device->timing;
    const double scale = scale_of(device);
    const bool by_bank = device->policy.refresh == DRAM_REFRESHES_BANKS;
    const double burst = dram_burst_clocks(&device->geometry);
    return (struct dram_energy){
        .activate = scale * (I->IDD0 * (t->tRAS + t->tRP) - I->IDD3N * t->tRAS - I->IDD2N * t->tRP),
        .read = scale * (I->IDD4R - I->IDD3N) * burst,
        .write = scale * (I->IDD4W - I->IDD3N) * burst,
        .refresh = by_bank ? bank_refresh(device) : rank_refresh(device),
        .active_standby = scale * I->IDD3N,
        .precharged_standby = scale * I->IDD2N,
    };
}

struct dram_energy dram_energy_of(const struct dram_device *device,
                                  const struct dram_command_counts *counts)
{
    const struct dram_energy price = dram_energy_prices(device);
    const uint64_t *commands = counts->commands;
    return (struct dram_energy){
        .activate = price.activate * (double)commands[DRAM_ACTIVATE],
        .read = price.read * (double)(commands[DRAM_READ] + commands[DRAM_READ_PRECHARGE]),
        .write = price.write * (double)(commands[DRAM_WRITE] + commands[DRAM_WRITE_PRECHARGE]),
        .refresh = rank_refresh(device) * (double)commands[DRAM_REFRESH] +
                   bank_refresh(device) * (double)commands[DRAM_REFRESH_BANK],
        .active_standby = price.active_standby * (double)counts->active_clocks,
        .precharged_standby = price.precharged_standby * (double)counts->idle_clocks,
    };
}

double dram_energy_total(const struct dram_energy *energy)
{
    double total = 0;
#define ADD(field, help) total += energy->field;
    DRAM_ENERGIES(ADD)
#undef ADD
    return total;
}
