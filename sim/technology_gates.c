/* Area of the project's Verilog twins: gate equivalents from synthesis, turned into um2 by the
 * node's NAND gate. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/technology.h"

/* X(price, design, parts): which design of the table a price is the area of, and how many PEs that
 * is: PEs as they are in an output-stationary array, with their registers; fused PEs four at a
 * time, packed ones in pairs, OLAccel's in groups of 16 with one for outliers. */
#define TWINS(X)                                  \
    X(MAC_8X8_AREA, "cell_int8", 1)               \
    X(ANT_PE_AREA, "cell_ant_2x2", 4)             \
    X(MSD_PE_AREA, "cell_msd_os", 1)              \
    X(INT8X2_MAC_AREA, "cell_int8x2", 2)          \
    X(ADAFLOAT_PE_AREA, "cell_adafloat", 1)       \
    X(BISCALED_PE_AREA, "cell_biscaled", 1)       \
    X(BITFUSION_PE_AREA, "cell_bitfusion_2x2", 4) \
    X(OLACCEL_PE_AREA, "cell_olaccel_4x4", 16)    \
    X(DECODER_AREA, "decoder_ant", 1)

#define TWIN(price, design, parts) {PRICE_##price, design, parts},
static const struct {
    enum price_id price;
    const char *design;
    int parts;
} twins[] = {TWINS(TWIN)};
#undef TWIN
enum { TWIN_COUNT = sizeof twins / sizeof *twins };

static struct bounded scaled(struct bounded figure, double factor)
{
    return (struct bounded){figure.value * factor, figure.low * factor, figure.high * factor};
}

/* A price that the file gives itself stays. */
static void set_area(struct technology *technology, int twin, double gates,
                     const struct gates *source)
{
    struct price *price = &technology->prices[twins[twin].price];
    if (!isnan(price->figure.value))
        return;
    char share[16] = "";
    if (twins[twin].parts > 1)
        snprintf(share, sizeof share, " / %d", twins[twin].parts);
    price->figure = scaled(source->um2, gates / twins[twin].parts);
    price->node_nm = technology->node_nm;
    snprintf(price->provenance, sizeof price->provenance, "measured");
    snprintf(price->source, sizeof price->source,
             "twin %s: %.1f gate equivalents%s x %g um2; %.160s", twins[twin].design, gates, share,
             source->um2.value, source->source);
}

/* A data line: "design,gate_equivalents,...". Designs that nothing is priced by are passed over. */
static bool read_line(struct technology *technology, const char *line, const char *place,
                      const struct gates *source, bool found[TWIN_COUNT], struct err *err)
{
    char design[64];
    double gates;
    if (sscanf(line, "%63[^,\n],%lf", design, &gates) != 2 || !(gates >= 0 && gates < 1e9))
        return err_set(err, "%s: not \"design,gate_equivalents,...\"", place);
    for (int i = 0; i < TWIN_COUNT; i++)
        if (!strcmp(twins[i].design, design)) {
            if (found[i] || !(gates > 0))
                return err_set(err, "%s: %s: twice, or without area", place, design);
            found[i] = true;
            set_area(technology, i, gates, source);
        }
    return true;
}

bool technology_read_gates(struct technology *technology, const char *text,
                           const struct gates *source, const char *path, struct err *err)
{
    bool found[TWIN_COUNT] = {false};
    int number = 1;
    const char *line = strchr(text, '\n');
    if (strncmp(text, "design,gate_equivalents", strlen("design,gate_equivalents")) || !line)
        return err_set(err, "%s:1: does not begin with design,gate_equivalents", path);
    for (line++; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        char place[1200];
        snprintf(place, sizeof place, "%s:%d", path, ++number);
        if (!read_line(technology, line, place, source, found, err))
            return false;
    }
    for (int i = 0; i < TWIN_COUNT; i++)
        if (!found[i])
            return err_set(err, "%s: no design %s", path, twins[i].design);
    return true;
}
