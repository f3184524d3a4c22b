/* Group `lockstep` of an accelerator: what the cost model of docs/compiler.md, section Lockstep
 * tiles, takes beside the cores. */
#include "sim/config.h"

#include "sim/config_table.h"

enum { MOST_BRAM18 = 4096, MOST_BYTES = 65536 };

#define BUFFER(field, help)                                            \
    INTEGER(#field, struct lockstep_buffers, field, 1, 1, MOST_BRAM18, \
            "block RAMs of 18 Kibit behind a bank of " help),
static const struct parameter buffer_parameters[] = {LOCKSTEP_BUFFERS(BUFFER) END_OF_PARAMETERS};
#undef BUFFER

#define ASSUMPTION(field, help) BOOLEAN(#field, struct lockstep, field, true, help),
const struct parameter lockstep_parameters[] = {
    INTEGER("bytes_per_cycle", struct lockstep, bytes_per_cycle, 0, 0, MOST_BYTES,
            "of each memory port; 0: no such model"),
    GROUP("core", struct lockstep, arrays[0].bram18, buffer_parameters,
          "buffers of the first core"),
    GROUP("second_core", struct lockstep, arrays[1].bram18, buffer_parameters,
          "buffers of the second core"),
    LOCKSTEP_ASSUMPTIONS(ASSUMPTION) END_OF_PARAMETERS,
};
#undef ASSUMPTION
