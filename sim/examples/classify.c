/* libmantis in thirty lines: run a network in 4-bit ANT formats and print what it costs.
 *   cc classify.c -lmantis ...   usage: classify MODEL.onnx ARCH QUANT DATA IMAGES */
#include <stdio.h>
#include <stdlib.h>

#include "sim/mantis.h"

static bool simulate(struct mantis *mantis, char **argv)
{
    return mantis_model(mantis, argv[1]) && mantis_arch(mantis, argv[2]) &&
           mantis_quant(mantis, argv[3]) && mantis_data(mantis, argv[4]) &&
           mantis_run(mantis, atoi(argv[5]), 0);
}

int main(int argc, char **argv)
{
    struct mantis *mantis = argc == 6 ? mantis_new() : NULL;
    if (!mantis || !simulate(mantis, argv)) {
        fprintf(stderr, "%s\n",
                mantis ? mantis_error(mantis) : "usage: classify MODEL ARCH QUANT DATA IMAGES");
        mantis_free(mantis);
        return 2;
    }
    printf("top-1 %.2f %%, %.0f cycles, %.3f uJ, %.3f mm2\n", 100 * mantis_result(mantis, "top1"),
           mantis_result(mantis, "cycles"), 1e6 * mantis_result(mantis, "energy_j"),
           mantis_result(mantis, "area_mm2"));
    for (int i = 0; i < mantis_layer_count(mantis); i++)
        printf("%-30s %8.0f cycles\n", mantis_layer_text(mantis, i, "name"),
               mantis_layer_result(mantis, i, "cycles"));
    mantis_free(mantis);
    return 0;
}
