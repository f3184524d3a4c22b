/* What libconfig 1.5 gets wrong about hostile text, checked before it sees it. */
#include "sim/config_file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTING = 32 };

/* Where the scan is. */
struct scan {
    const char *at, *end, *path;
    int line, nesting;
};

static bool refuse(const struct scan *scan, struct err *err, const char *what)
{
    return err_set(err, "%s:%d: %s", scan->path, scan->line, what);
}

static bool starts(const struct scan *scan, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(scan->end - scan->at) >= length && !memcmp(scan->at, text, length);
}

static void skip_line(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n')
        scan->at++;
}

static bool skip_block_comment(struct scan *scan, struct err *err)
{
    int opened = scan->line;
    for (scan->at += 2; scan->at < scan->end; scan->at++) {
        if (starts(scan, "*/")) {
            scan->at += 2;
            return true;
        }
        scan->line += *scan->at == '\n';
    }
    scan->line = opened;
    return refuse(scan, err, "a comment is not closed");
}

static bool skip_string(struct scan *scan, struct err *err)
{
    int opened = scan->line;
    for (scan->at++; scan->at < scan->end; scan->at++) {
        if (*scan->at == '"') {
            scan->at++;
            return true;
        }
        scan->line += *scan->at == '\n';
        if (*scan->at == '\\' && scan->at + 1 < scan->end)
            scan->at++;
    }
    scan->line = opened;
    return refuse(scan, err, "a text is not closed with \"");
}

/* A word: a name, a number or a boolean. Whole numbers without L must fit 32 bits, with L 64 bits:
 * libconfig wraps. */
static bool check_word(struct scan *scan, struct err *err)
{
    char word[64];
    size_t length = 0;
    const char *start = scan->at;
    while (scan->at < scan->end &&
           (isalnum((unsigned char)*scan->at) || strchr("_.-+*", *scan->at)))
        scan->at++;
    length = (size_t)(scan->at - start);
    bool number = isdigit((unsigned char)start[0]) ||
                  (strchr("+-", start[0]) && length > 1 && isdigit((unsigned char)start[1]));
    if (!number)
        return true;
    if (length >= sizeof word)
        return refuse(scan, err, "a number is too long");
    memcpy(word, start, length);
    word[length] = '\0';
    char *rest;
    errno = 0;
    bool hexadecimal = length > 1 && (word[1] == 'x' || word[1] == 'X');
    long long value = strtoll(word, &rest, hexadecimal ? 16 : 10);
    bool is_long = *rest == 'L';
    bool is_whole = !*rest || is_long;
    if (is_whole && (errno || (!is_long && (value > INT_MAX || value < INT_MIN))))
        return err_set(err, "%s:%d: %s is too large for a whole number", scan->path, scan->line,
                       word);
    return true;
}

static bool check_nesting(struct scan *scan, struct err *err)
{
    char c = *scan->at++;
    if (strchr("{[(", c) && ++scan->nesting > MAX_NESTING)
        return refuse(scan, err, "nested too deeply (limit 32)");
    if (strchr("}])", c))
        scan->nesting--;
    return true;
}

static bool check_one(struct scan *scan, struct err *err)
{
    char c = *scan->at;
    if (!c)
        return refuse(scan, err, "a NUL byte: this is not a text file");
    if (c == '\n') {
        scan->line++;
        scan->at++;
    } else if (c == '#' || starts(scan, "//"))
        skip_line(scan);
    else if (starts(scan, "/*"))
        return skip_block_comment(scan, err);
    else if (c == '"')
        return skip_string(scan, err);
    else if (c == '@')
        return refuse(scan, err, "@include is not supported; an accelerator can say extends");
    else if (isalnum((unsigned char)c) || strchr("+-", c))
        return check_word(scan, err);
    else if (strchr("{}[]()", c))
        return check_nesting(scan, err);
    else
        scan->at++;
    return true;
}

bool config_text_check(const char *text, size_t size, const char *path, struct err *err)
{
    struct scan scan = {text, text + size, path, 1, 0};
    while (scan.at < scan.end)
        if (!check_one(&scan, err))
            return false;
    return true;
}
