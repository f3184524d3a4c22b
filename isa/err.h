/* Errors on outside data: a function that can fail on a user's input returns bool and fills a
 * struct err. Broken internal contracts assert instead. Only the command line prints and exits. */
#ifndef MANTIS_ISA_ERR_H
#define MANTIS_ISA_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* One clear line for the user: file, place, what is wrong, and the legal choices.
 * Example: "a.cfg:12: rows: 0 is not in 1..1024". */
struct err {
    char text[480];
};

/* Fill `err` (which may be NULL) and return false, so that a caller can
 *   return err_set(err, ...); */
__attribute__((format(printf, 2, 3))) bool err_set(struct err *err, const char *format, ...);

/* Put "place: " in front of the text already there, and return false. */
__attribute__((format(printf, 2, 3))) bool err_prefix(struct err *err, const char *format, ...);

/* Put an item behind a list of legal choices: "a", "a, b", "a, b, c". What does not fit is cut. */
__attribute__((format(printf, 3, 4))) void list_append(char *text, size_t size, const char *format,
                                                       ...);

/* Whether such a list has that very entry. */
bool list_has(const char *list, const char *entry);

#endif
