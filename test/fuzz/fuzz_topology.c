/* Can any text make the topology reader crash, leak or overflow? */
#include "workloads/topology.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct topology *topology = topology_decode((const char *)bytes, size, "fuzz.csv", &err);
    for (int i = 0; topology && i < topology->count; i++)
        if (!topology_macs(&topology->layers[i]))
            abort(); /* every accepted layer computes something */
    topology_free(topology);
    return 0;
}
