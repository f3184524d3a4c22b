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

static void remove_temporary(const struct output *output)
{
    if (*output->temporary)
        unlink(output->temporary);
}

bool output_is_special(const char *path)
{
    struct stat status;
    return !stat(path, &status) && !S_ISREG(status.st_mode);
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
    bool special = output_is_special(path);
    if (!special && !output_temporary(path, output->temporary, sizeof output->temporary, err))
        return false;
    output->file = fopen(special ? path : output->temporary, "w");
    if (output->file)
        return true;
    err_set(err, "%s: cannot be written: %s", path, strerror(errno));
    remove_temporary(output);
    return false;
}

void output_discard(struct output *output)
{
    if (output->file != stdout)
        fclose(output->file);
    remove_temporary(output);
}

bool output_commit(struct output *output, struct err *err)
{
    bool is_file = output->file != stdout;
    bool ok = !ferror(output->file);
    if (ok) /* else errno still tells what went wrong */
        errno = 0;
    ok = ok && !fflush(output->file);
    int earlier = ok ? 0 : errno;
    ok = (!is_file || !fclose(output->file)) && ok;
    if (ok && *output->temporary)
        ok = !rename(output->temporary, output->path);
    if (ok)
        return true;
    int reason = earlier ? earlier : errno ? errno : EIO;
    remove_temporary(output);
    return err_set(err, "%s: cannot be written: %s", is_file ? output->path : "standard output",
                   strerror(reason));
}
