#include "sim/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* mkstemp makes the file private; a result should have the rights that any new file has. */
static void usual_rights(int descriptor)
{
    mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
}

bool output_temporary(const char *path, char *temporary, size_t size, struct err *err)
{
    if (snprintf(temporary, size, "%s.XXXXXX", path) >= (int)size)
        return err_set(err, "%.64s...: the path is too long", path);
    int descriptor = mkstemp(temporary);
    if (descriptor < 0)
        return err_set(err, "%s: cannot be written: %s", path, strerror(errno));
    usual_rights(descriptor);
    close(descriptor);
    return true;
}

bool output_open(struct output *output, const char *path, struct err *err)
{
    output->temporary[0] = '\0';
    if (snprintf(output->path, sizeof output->path, "%s", path) >= (int)sizeof output->path)
        return err_set(err, "%.64s...: the path is too long", path);
    if (!strcmp(path, "-")) {
        output->file = stdout;
        return true;
    }
    if (!output_temporary(path, output->temporary, sizeof output->temporary, err))
        return false;
    output->file = fopen(output->temporary, "w");
    if (output->file)
        return true;
    err_set(err, "%s: cannot be written: %s", path, strerror(errno));
    unlink(output->temporary);
    return false;
}

void output_discard(struct output *output)
{
    if (output->file != stdout) {
        fclose(output->file);
        unlink(output->temporary);
    }
}

bool output_commit(struct output *output, struct err *err)
{
    bool is_file = output->file != stdout;
    errno = 0;
    bool ok = !ferror(output->file) && !fflush(output->file);
    ok = (!is_file || !fclose(output->file)) && ok;
    ok = ok && (!is_file || !rename(output->temporary, output->path));
    if (ok)
        return true;
    int reason = errno ? errno : EIO;
    if (is_file)
        unlink(output->temporary);
    return err_set(err, "%s: cannot be written: %s", is_file ? output->path : "standard output",
                   strerror(reason));
}
