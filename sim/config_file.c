#include "sim/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE_BYTES = 4 << 20 };

/* libconfig 1.5 leaks the text it was reading when it meets a syntax error: known to the leak
 * sanitizer, which asks programs for such a list, and unused elsewhere. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so";
}

static bool read_all(int descriptor, char *text, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(descriptor, text + done, size - done);
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* O_NONBLOCK so that a named pipe is refused below instead of waited for. */
char *config_load(const char *path, size_t *size, struct err *err)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        err_set(err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct stat status;
    char *text = NULL;
    if (fstat(descriptor, &status) || !S_ISREG(status.st_mode))
        err_set(err, "%s: not a regular file", path);
    else if (status.st_size > MAX_FILE_BYTES)
        err_set(err, "%s: %lld bytes are too many for a configuration (limit %d)", path,
                (long long)status.st_size, MAX_FILE_BYTES);
    else if (!(text = malloc((size_t)status.st_size + 1)))
        err_set(err, "%s: out of memory", path);
    else if (!read_all(descriptor, text, (size_t)status.st_size)) {
        err_set(err, "%s: cannot be read", path);
        free(text);
        text = NULL;
    } else {
        *size = (size_t)status.st_size;
        text[*size] = '\0';
    }
    close(descriptor);
    return text;
}

bool config_file_parse(struct config_file *file, const char *text, size_t size, const char *path,
                       struct err *err)
{
    if (!config_text_check(text, size, path, err))
        return false;
    char *terminated = strndup(text, size);
    if (!terminated)
        return err_set(err, "%s: out of memory", path);
    snprintf(file->path, sizeof file->path, "%s", path);
    config_init(&file->tree);
    bool ok = config_read_string(&file->tree, terminated) == CONFIG_TRUE;
    if (!ok) {
        err_set(err, "%s:%d: %s", path, config_error_line(&file->tree),
                config_error_text(&file->tree));
        config_destroy(&file->tree);
    }
    free(terminated);
    return ok;
}

bool config_file_open(struct config_file *file, const char *path, struct err *err)
{
    size_t size;
    char *text = config_load(path, &size, err);
    if (!text)
        return false;
    bool ok = config_file_parse(file, text, size, path, err);
    free(text);
    return ok;
}

void config_file_close(struct config_file *file)
{
    config_destroy(&file->tree);
}

bool config_error(const struct config_file *file, const config_setting_t *setting, struct err *err,
                  const char *format, ...)
{
    char text[sizeof err->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    unsigned line = setting ? config_setting_source_line(setting) : 0;
    if (line)
        return err_set(err, "%s:%u: %s", file->path, line, text);
    return err_set(err, "%s: %s", file->path, text);
}

bool config_relative(const char *base, const char *path, char result[CONFIG_PATH_SIZE])
{
    const char *slash = strrchr(base, '/');
    int folder = path[0] == '/' || !slash ? 0 : (int)(slash - base) + 1;
    return snprintf(result, CONFIG_PATH_SIZE, "%.*s%s", folder, base, path) < CONFIG_PATH_SIZE;
}

void config_base_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    int length = dot && !strcmp(dot, ".cfg") ? (int)(dot - base) : (int)strlen(base);
    snprintf(name, size, "%.*s", length, base);
}
