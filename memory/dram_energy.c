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
struct dram_energy dram_energy_of(const struct dram_device *device,
                                  const struct dram_command_counts *counts)
{
    const struct dram_currents *I = &device->currents;
    const struct dram_timing *t = &device->timing;
    const uint64_t *commands = counts->commands;
    const double devices = device->geometry.bus_width / device->geometry.device_width;
    const double scale = I->VDD * device->tCK * devices;
    const double burst = dram_burst_clocks(&device->geometry);
    const double reads = (double)(commands[DRAM_READ] + commands[DRAM_READ_PRECHARGE]);
    const double writes = (double)(commands[DRAM_WRITE] + commands[DRAM_WRITE_PRECHARGE]);
    return (struct dram_energy){
        .activate = scale * (double)commands[DRAM_ACTIVATE] *
                    (I->IDD0 * (t->tRAS + t->tRP) - I->IDD3N * t->tRAS - I->IDD2N * t->tRP),
        .read = scale * reads * (I->IDD4R - I->IDD3N) * burst,
        .write = scale * writes * (I->IDD4W - I->IDD3N) * burst,
        .refresh =
            scale * ((double)commands[DRAM_REFRESH] * (I->IDD5AB - I->IDD3N) * t->tRFC +
                     (double)commands[DRAM_REFRESH_BANK] * (I->IDD5PB - I->IDD3N) * t->tRFCpb),
        .active_standby = scale * (double)counts->active_clocks * I->IDD3N,
        .precharged_standby = scale * (double)counts->idle_clocks * I->IDD2N,
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
