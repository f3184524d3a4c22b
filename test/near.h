/* Figures that differ by rounding alone. */
#ifndef MANTIS_TEST_NEAR_H
#define MANTIS_TEST_NEAR_H

#include <math.h>

#include "test/check.h"

static void assert_near(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fabs(wanted)))
        fail_msg("%.12g is not %.12g", value, wanted);
}

#endif
