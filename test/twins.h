/* The committed area of the Verilog twins, read without the program's own reader. */
#ifndef MANTIS_TEST_TWINS_H
#define MANTIS_TEST_TWINS_H

#include "test/check.h"

#include <string.h>

/* Gate equivalents of a design. */
__attribute__((unused)) static double twin_gates(const char *design)
{
    FILE *file = fopen(TEST_SOURCE_DIR "/configs/technology/twins_area.csv", "r");
    char line[256];
    double gates = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *comma = strchr(line, ',');
        if (!comma)
            continue;
        *comma = '\0';
        if (!strcmp(line, design))
            gates = atof(comma + 1);
    }
    fclose(file);
    if (!(gates > 0))
        fail_msg("no area of %s", design);
    return gates;
}

/* FreePDK45 NAND2_X1: 0.57 x 1.4 um. */
#define NAND_UM2 (0.57 * 1.4)

#endif
