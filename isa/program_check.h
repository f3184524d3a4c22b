/* The parts of program_check(). */
#ifndef MANTIS_ISA_PROGRAM_CHECK_H
#define MANTIS_ISA_PROGRAM_CHECK_H

#include "isa/program.h"

/* Widths that codes can have at all; which widths each family has is the PE's business
 * (pe/format.h). `what` stands in front of the error. */
bool format_check(struct format format, const char *what, struct err *err);

bool program_tensors_check(const struct program *program, struct err *err);
bool program_layers_check(const struct program *program, struct err *err);

/* Every VECTOR finds its parameter records loaded, by LOADs that its unit has waited for. */
bool program_params_check(const struct program *program, struct err *err);

#endif
