/* The float reference: one operator after the other in float32, as ONNX defines them. Calibration,
 * the float32 scheme and the accuracy baseline run on it. */
#ifndef MANTIS_COMPILER_REFERENCE_H
#define MANTIS_COMPILER_REFERENCE_H

#include "workloads/graph.h"

/* Memory for one forward pass at a time; one per thread. */
struct reference;
struct reference *reference_new(const struct graph *graph);
void reference_free(struct reference *reference);

/* Run on one input of the graph's input shape. Results stay valid until the next run. */
void reference_run(struct reference *reference, const float *input);

/* Run nodes first .. end - 1 again, over whatever the values before them now hold. */
void reference_run_nodes(struct reference *reference, int first, int end);

/* An activation's data, to change behind the node that computes it. */
float *reference_activation(struct reference *reference, int value);

/* Use `data` for a constant from now on, which must outlive its use; NULL: the graph's own again. */
void reference_replace_constant(struct reference *reference, int value, float *data);

/* Data of any value (activations of the last run, or a constant), NCHW. */
const float *reference_value(const struct reference *reference, int value);

#endif
