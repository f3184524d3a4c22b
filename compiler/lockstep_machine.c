/* The machine of the lockstep model: an arch's cores as arrays. */
#include "compiler/lockstep.h"
#include "pe/pe.h"

/* The PEs that the model has costs for. Bit-serial ones store a weight as digits. */
static const struct {
    enum pe_type pe;
    bool is_serial;
} costed_pes[] = {{PE_INT8, false}, {PE_INT8X2, false}, {PE_MSD, true}};

enum { COSTED_PES = sizeof costed_pes / sizeof *costed_pes };

static bool refuse_pe(const struct core *core, struct err *err)
{
    char legal[100] = "";
    for (int i = 0; i < COSTED_PES; i++)
        list_append(legal, sizeof legal, "%s", pe_name(costed_pes[i].pe));
    return err_set(err, "lockstep: has no cost of PE %s; legal: %s", pe_name(core->pe), legal);
}

static bool array_of(const struct core *core, struct lockstep_array *array, struct err *err)
{
    if (core->dataflow != OUTPUT_STATIONARY)
        return err_set(err, "lockstep: dataflow %s; must be os", dataflow_name(core->dataflow));
    int i = 0;
    while (i < COSTED_PES && costed_pes[i].pe != core->pe)
        i++;
    if (i == COSTED_PES)
        return refuse_pe(core, err);
    array->is_serial = costed_pes[i].is_serial;
    array->rows = core->rows;
    array->columns = core->columns;
    array->macs = (int)pe_pixels(pe_descriptor(core->pe));
    return true;
}

bool lockstep_complete(struct lockstep *machine, const struct arch *arch, struct err *err)
{
    if (!machine->bytes_per_cycle)
        return err_set(err, "%s: has no group lockstep (docs/compiler.md)", arch->name);
    machine->array_count = arch->core_count;
    for (int i = 0; i < machine->array_count; i++)
        if (!array_of(&arch->cores[i], &machine->arrays[i], err))
            return err_prefix(err, "%s", arch->name);
    return true;
}

int lockstep_effectual_bits(struct format weight)
{
    return pe_descriptor(PE_MSD)->clocks_per_mac(weight);
}
