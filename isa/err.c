#include "isa/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, const char *format, ...)
{
    if (err) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(err->text, sizeof err->text, format, arguments);
        va_end(arguments);
    }
    return false;
}

bool err_prefix(struct err *err, const char *format, ...)
{
    if (err) {
        char rest[sizeof err->text];
        memcpy(rest, err->text, sizeof rest);
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(err->text, sizeof err->text, format, arguments);
        va_end(arguments);
        size_t length = strlen(err->text);
        snprintf(err->text + length, sizeof err->text - length, ": %s", rest);
    }
    return false;
}

void list_append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    if (length)
        length += (size_t)snprintf(text + length, size - length, ", ");
    if (length >= size)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

bool list_has(const char *list, const char *entry)
{
    size_t length = strlen(entry);
    while (list && *list) {
        const char *end = strstr(list, ", ");
        size_t here = end ? (size_t)(end - list) : strlen(list);
        if (here == length && !memcmp(list, entry, length))
            return true;
        list = end ? end + 2 : NULL;
    }
    return false;
}
