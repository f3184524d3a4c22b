/* The machine of the lockstep model: an arch's cores as arrays. */
#include "compiler/lockstep.h"
#include "pe/pe.h"

/* Bit-serial PEs store a weight as digits; others take it whole. */
static bool array_of(const struct core *core, struct lockstep_array *array, struct err *err)
{
    if (core->dataflow != OUTPUT_STATIONARY)
        return err_set(err, "lockstep: dataflow %s; must be os", dataflow_name(core->dataflow));
    switch ((enum pe_type)core->pe) {
    case PE_INT8:
        array->is_serial = false;
        break;
    case PE_MSD:
        array->is_serial = true;
        break;
    case PE_ANT:
    case PE_MSD_SKIP:
    case PE_BITFUSION:
    case PE_OLACCEL:
    case PE_ADAFLOAT:
    case PE_BISCALED:
    case PE_COUNT:
        return err_set(err, "lockstep: has no cost of PE %s; legal: int8, msd", pe_name(core->pe));
    }
    array->rows = core->rows;
    array->columns = core->columns;
    array->macs = 1;
    return true;
}

bool lockstep_complete(struct lockstep *machine, const struct arch *arch, struct err *err)
{
    if (!machine->bytes_per_cycle)
        return err_set(err, "%s: has no group lockstep (docs/compiler.md)", arch->name);
    machine->array_count = 1;
    for (int i = 0; i < machine->array_count; i++)
        if (!array_of(&arch->cores[i], &machine->arrays[i], err))
            return err_prefix(err, "%s", arch->name);
    return true;
}

int lockstep_effectual_bits(struct format weight)
{
    return pe_descriptor(PE_MSD)->clocks_per_mac(weight);
}
