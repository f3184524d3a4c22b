/* What every test program starts with: cmocka, a seeded random generator whose seed is printed, and
 * loud skips. */
#ifndef MANTIS_TEST_CHECK_H
#define MANTIS_TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Skip the running test, saying why, unless `path` can be read. */
#define SKIP_WITHOUT(path)                               \
    do {                                                 \
        if (access((path), R_OK)) {                      \
            printf("SKIPPED: %s is not here\n", (path)); \
            skip();                                      \
        }                                                \
    } while (0)

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled"
 * (2016). */
static uint64_t check_state;

__attribute__((unused)) static uint64_t check_random(void)
{
    check_state ^= check_state >> 12;
    check_state ^= check_state << 25;
    check_state ^= check_state >> 27;
    return check_state * 0x2545F4914F6CDD1Du;
}

/* A whole number in low..high. */
__attribute__((unused)) static int check_between(int low, int high)
{
    return low + (int)(check_random() % (uint64_t)(high - low + 1));
}

/* Seed from MANTIS_SEED, or 1; prints it. */
__attribute__((unused)) static void check_seed(void)
{
    const char *given = getenv("MANTIS_SEED");
    check_state = given ? strtoull(given, NULL, 0) : 1;
    if (!check_state)
        check_state = 1;
    printf("seed %llu (set MANTIS_SEED to change it)\n", (unsigned long long)check_state);
}

#endif
