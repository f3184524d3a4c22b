/* Digests of what decides a result: SHA-256 over named values, cut to 128 bits. */
#ifndef MANTIS_SIM_SWEEP_DIGEST_H
#define MANTIS_SIM_SWEEP_DIGEST_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdint.h>

#include "compiler/quantise.h"
#include "isa/arch.h"
#include "isa/err.h"
#include "sim/technology.h"
#include "workloads/dataset.h"

enum { SWEEP_KEY_BYTES = 16, SWEEP_KEY_TEXT = 2 * SWEEP_KEY_BYTES + 1 };

struct sweep_key {
    uint8_t bytes[SWEEP_KEY_BYTES];
};

struct digest {
    struct sha256_ctx state;
};

void digest_begin(struct digest *digest, const char *kind);
void digest_text(struct digest *digest, const char *text);
void digest_number(struct digest *digest, uint64_t number);
void digest_real(struct digest *digest, double number);
void digest_key(struct digest *digest, const struct sweep_key *key);
struct sweep_key digest_end(struct digest *digest);

/* "0123...": lower-case hexadecimal. */
char *sweep_key_text(const struct sweep_key *key, char text[SWEEP_KEY_TEXT]);

/* Everything in each that decides results. */
struct sweep_key digest_arch(const struct arch *arch);
struct sweep_key digest_scheme(const struct quantise_config *scheme);
struct sweep_key digest_technology(const struct technology *technology);

/* The bytes of a file. */
bool digest_file(const char *path, struct sweep_key *key, struct err *err);

/* A data file's settings, and the content of what it names; of a folder of images the list of
 * labels, and name and size of each image in it. */
bool digest_dataset(const struct dataset_config *config, struct sweep_key *key, struct err *err);

#endif
