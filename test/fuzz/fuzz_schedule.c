/* Can any text make the reader of schedules crash, leak or overflow? */
#include "compiler/schedule.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct schedule *schedule = schedule_decode((const char *)bytes, size, "fuzz.csv", &err);
    for (int i = 0; schedule && i < schedule->count; i++)
        if (!memchr(schedule->entries[i].layer, 0, sizeof schedule->entries[i].layer))
            abort(); /* every accepted name ends */
    schedule_free(schedule);
    return 0;
}
