/* Can any table of widths make its reader, or what narrows a scheme to a network, crash or leak? */
#include <stdlib.h>
#include <string.h>

#include "sim/config.h"
#include "sim/config_precisions.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct quantise_config config, narrowed;
    char *text = strndup((const char *)bytes, size);
    memset(&config, 0, sizeof config);
    config.weights = config.activations = (struct format_choice){8, 1, {FORMAT_INT}};
    if (text && precisions_decode(text, "fuzz.csv", "a", &config, &err) &&
        precisions_narrow(&config, "n", &narrowed, &err))
        free(narrowed.overrides);
    quantise_config_free(&config);
    free(text);
    return 0;
}
