#include "sim/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isa/host.h"

static bool cannot_write(const char *path, int reason, struct err *err)
{
    return err_set(err, "%s: cannot be written: %s", path, strerror(reason));
}

/* Let go of all but the stream. */
static void release(struct output *output)
{
    if (output->temporary)
        unlink(output->temporary); /* gone already where it was renamed */
    free(output->temporary);
    free(output->path);
}

bool output_open(struct output *output, const char *path, struct err *err)
{
    *output = (struct output){.file = stdout};
    if (!strcmp(path, "-"))
        return true;
    bool is_direct = !file_replaceable(path, NULL);
    output->path = strdup(path);
    output->temporary = is_direct ? NULL : file_temporary(path);
    if (output->path && (is_direct || output->temporary))
        output->file = fopen(is_direct ? path : output->temporary, "w");
    else
        output->file = NULL;
    if (output->file)
        return true;
    int reason = errno;
    release(output);
    return cannot_write(path, reason, err);
}

void output_discard(struct output *output)
{
    if (output->path)
        fclose(output->file);
    release(output);
}

bool output_commit(struct output *output, struct err *err)
{
    bool ok = !ferror(output->file);
    if (ok) /* else errno still tells what went wrong */
        errno = 0;
    ok = ok && !fflush(output->file);
    int earlier = ok ? 0 : errno;
    ok = (!output->path || !fclose(output->file)) && ok;
    if (ok && output->temporary)
        ok = !rename(output->temporary, output->path);
    int reason = earlier ? earlier : errno ? errno : EIO;
    if (!ok)
        cannot_write(output->path ? output->path : "standard output", reason, err);
    release(output);
    return ok;
}
