/* Configuration readers on arbitrary text: the first byte chooses the kind of file. */
#include <stddef.h>
#include <stdint.h>

#include "sim/config.h"
#include "sim/sweep_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *text = (const char *)data + 1;
    struct arch arch;
    struct quantise_config scheme;
    struct dataset_config dataset;
    struct dram_device device;
    struct fpga fpga;
    struct err err;
    switch (data[0] % 8) {
    case 0:
        config_decode_arch(text, size - 1, "fuzz.cfg", &arch, &err);
        return 0;
    case 1:
        if (config_decode_quantise(text, size - 1, "fuzz.cfg", &scheme, &err))
            quantise_config_free(&scheme);
        return 0;
    case 2:
        config_decode_dataset(text, size - 1, "fuzz.cfg", &dataset, &err);
        return 0;
    case 4:
        config_decode_dram(text, size - 1, "fuzz.cfg", &device, &err);
        return 0;
    case 5:
        config_decode_fpga(text, size - 1, "fuzz.cfg", &fpga, &err);
        return 0;
    case 6:
        sweep_config_free(config_decode_sweep(text, size - 1, "fuzz.cfg", &err));
        return 0;
    default:
        technology_free(config_decode_technology(text, size - 1, "fuzz.cfg", &err));
        return 0;
    }
}
