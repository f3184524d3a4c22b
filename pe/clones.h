/* Loops that the compiler vectorises for several instruction sets; the best one is picked when the
 * program starts. */
#ifndef MANTIS_PE_CLONES_H
#define MANTIS_PE_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTOR_CLONES
#endif

/* The one body that the clones of a loop, and its specialisations to constant arguments, are made
 * of. */
#define LOOP_BODY static inline __attribute__((always_inline))

#endif
