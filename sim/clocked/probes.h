/* What a waveform of the clocked machine shows. */
#ifndef MANTIS_SIM_CLOCKED_PROBES_H
#define MANTIS_SIM_CLOCKED_PROBES_H

#include "sim/clocked/array_unit.h"
#include "sim/clocked/channel.h"
#include "sim/clocked/dma_unit.h"
#include "sim/clocked/sequencer.h"
#include "sim/clocked/vector_unit.h"
#include "sim/clocked/waveform.h"

namespace mantis
{

struct probed_parts {
    const run_state &state;
    const sequencer_module &sequencer;
    const load_unit &load;
    const array_unit &array, &array2;
    const vector_unit &vector;
    const store_unit &store;
    const channel_module &channel;
};

/* Adds variables for the program that is loaded; the parts must outlive the waveform. */
void add_probes(waveform &waveform, const probed_parts &parts);

} // namespace mantis

#endif
