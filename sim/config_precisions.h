/* Tables of widths: what published mixed-precision schemes give to every layer of their networks.
 *
 *   network,scheme,layer,weight_bits,activation_bits
 *
 * in csv; lines that begin with # are comments. A quantisation file names a table and a scheme, and
 * the rows of the network at hand become overrides of its layers. docs/quantisation.md. */
#ifndef MANTIS_SIM_CONFIG_PRECISIONS_H
#define MANTIS_SIM_CONFIG_PRECISIONS_H

#include "compiler/network.h"
#include "compiler/quantise.h"

/* Read the rows of `scheme` into config->precisions. Every family that the common choice of `config`
 * lists must exist at the widths of the rows. `text` ends in NUL; `path` serves messages. */
bool precisions_decode(const char *text, const char *path, const char *scheme,
                       struct quantise_config *config, struct err *err);

/* `scheme` with the rows of that network behind its overrides. An error where rows are there, but
 * none of this network. The caller frees narrowed->overrides, and nothing else of it. */
bool precisions_narrow(const struct quantise_config *scheme, const char *network,
                       struct quantise_config *narrowed, struct err *err);

/* Whether every layer that the rows name is one of the network's with weights. */
bool precisions_met(const struct quantise_config *narrowed, const struct network *network,
                    struct err *err);

#endif
