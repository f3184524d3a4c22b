/* Golden tensors: what every layer of a program reads and writes, as npz arrays or $readmemh files
 * for RTL benches.
 *
 *   input                  the network's input codes, [images][h][w][c]
 *   <layer>/input          activations that the layer loads, [images][h][w][c]
 *   <layer>/input2         the second of them: a residual
 *   <layer>/weights        weight codes as they lie in DRAM, flat
 *   <layer>/weights2       those of a second core
 *   <layer>/params         bias, multiplier, residual multiplier, shift per channel, flat int32
 *   <layer>/output         codes that the layer leaves, [images][h][w][c]
 *   <layer>/output_scale   real value of level 1
 *
 * Codes take format_host_bytes: uint8, uint16 or int32. */
#ifndef MANTIS_SIM_GOLDEN_H
#define MANTIS_SIM_GOLDEN_H

#include <stdbool.h>

#include "isa/err.h"
#include "isa/program.h"
#include "sim/machine.h"
#include "workloads/dataset.h"
#include "workloads/npz.h"

/* The tensors of `images` images from `first` on; data NULL: one image of zeros. NULL on error.
 * Free with npz_free. */
struct npz *golden_make(const struct program *program, const struct dataset *data, int first,
                        int images, struct err *err);

bool golden_write_npz(const struct npz *golden, const char *path, struct err *err);

/* One file per array, <folder>/<array with / as .>.hex: one code per line. Makes the folder. */
bool golden_write_hex(const struct npz *golden, const char *folder, struct err *err);

/* The product that a core's array computes for a layer: M x K activation codes, the windows of
 * output pixel after output pixel in reduction order (ky, kx, channel), times K x N weight codes,
 * N being the output channels that are the core's. Of layers with groups, the first group's. */
struct golden_matrices {
    uint64_t m, k, n, groups; /* m = 0: the core has no product there */
    uint32_t *channels; /* [n], of the layer's output, ascending: all where there is one core */
    struct format act_format, weight_format;
    uint8_t *act;     /* [m][k] */
    uint8_t *weights; /* [k][n], format_host_bytes each */
    int64_t *sums;    /* [m][n], exact */
};

/* Of the machine's last run, whose input was `input`. False where the core's instructions of the
 * layer are not tiles of one product, as the compiler's are, or it takes too much memory. Free with
 * golden_matrices_free. */
bool golden_matrices_make(const struct machine *machine, const struct program *program,
                          const void *input, uint32_t layer, int core,
                          struct golden_matrices *matrices, struct err *err);
void golden_matrices_free(struct golden_matrices *matrices);

/* For each layer with a product, of the first golden image: <layer>.matmul.act.hex, .weights.hex,
 * one code a line, .sums.hex, one sum of 64 bits a line, and .args, plusargs that say shapes,
 * formats and PE (docs/rtl.md). On two cores these are the first's, <layer>.matmul2 has the
 * second's, and .channels.hex the output channels of either. The folder must be there. */
bool golden_write_matrices(const struct program *program, const struct npz *golden,
                           const char *folder, struct err *err);

/* Path of a file for an array of that name: <folder>/<name with / as .>.<extension>. */
enum { GOLDEN_PATH_SIZE = 1024 };
bool golden_path(const char *folder, const char *name, const char *extension,
                 char path[GOLDEN_PATH_SIZE], struct err *err);

/* Name of a layer's array. Layers that share a name are told apart by their index. */
void golden_array_name(const struct program *program, uint32_t layer, const char *what,
                       char name[ARRAY_NAME_SIZE]);

/* How a verification ended. */
struct verdict {
    int images, layers; /* compared */
    bool differs;
    char text[400]; /* the first difference: layer, element, both values */
};

/* Run the program on the golden inputs and compare every layer's output. False where that is not
 * possible. */
bool golden_verify(const struct program *program, const struct npz *golden, struct verdict *verdict,
                   struct err *err);

#endif
