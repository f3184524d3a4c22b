/* PEs of a random second core, for all who draw accelerators. */
#ifndef MANTIS_TEST_SECOND_CORE_PE_H
#define MANTIS_TEST_SECOND_CORE_PE_H

#include <stdbool.h>

#include "isa/arch.h"
#include "test/check.h"

/* Whether all activations that the PE takes are integers. */
__attribute__((unused)) static bool takes_integers_alone(int pe)
{
    return pe == PE_INT8 || pe == PE_MSD || pe == PE_MSD_SKIP || pe == PE_INT8X2 ||
           pe == PE_BITFUSION;
}

/* One that takes any integers that the first core's activations are: none that fuses or decodes. */
__attribute__((unused)) static int random_second_pe(void)
{
    static const int integers[] = {PE_INT8, PE_MSD, PE_MSD_SKIP, PE_INT8X2};
    return integers[check_between(0, 3)];
}

#endif
