#include "sim/progress.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

static const double TERMINAL_INTERVAL_S = 0.1, LINE_INTERVAL_S = 10;

static volatile sig_atomic_t caught;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress_init(struct progress *progress, FILE *file)
{
    memset(progress, 0, sizeof *progress);
    progress->file = file;
    progress->is_terminal = file && isatty(fileno(file));
}

void progress_begin(struct progress *progress, const char *label, int total, const char *unit)
{
    if (!progress || !progress->file)
        return;
    snprintf(progress->label, sizeof progress->label, "%s", label);
    snprintf(progress->unit, sizeof progress->unit, "%s", unit);
    progress->total = total;
    progress->started = now();
    progress->shown = progress->is_terminal ? 0 : progress->started;
}

/* "int8 on int8-32x32  [######........]  4210/10000 images  812/s  7 s left" */
static void draw_bar(const struct progress *progress, int done, double rate, double left)
{
    char bar[BAR_WIDTH + 1];
    int filled = progress->total ? (int)((int64_t)BAR_WIDTH * done / progress->total) : 0;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(progress->file, "\r\033[K%.24s [%s] %d/%d  %.0f/s  %.0f s left", progress->label, bar,
            done, progress->total, rate, ceil(left));
}

void progress_update(struct progress *progress, int done)
{
    if (!progress || !progress->file)
        return;
    double time = now(), elapsed = time - progress->started;
    double interval = progress->is_terminal ? TERMINAL_INTERVAL_S : LINE_INTERVAL_S;
    if (time - progress->shown < interval)
        return;
    progress->shown = time;
    double rate = elapsed > 0 ? done / elapsed : 0;
    double left = rate > 0 ? (progress->total - done) / rate : 0;
    if (progress->is_terminal)
        draw_bar(progress, done, rate, left);
    else
        fprintf(progress->file, "%s: %d of %d %s, %.0f/s, %.0f s left\n", progress->label, done,
                progress->total, progress->unit, rate, ceil(left));
    progress->drawn = progress->is_terminal;
    fflush(progress->file);
}

void progress_end(struct progress *progress)
{
    if (!progress || !progress->drawn)
        return;
    fputs("\r\033[K", progress->file);
    fflush(progress->file);
    progress->drawn = false;
}

static void note(int signal_number)
{
    caught = signal_number;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_pending(void)
{
    return caught != 0;
}

int interrupt_signal(void)
{
    return caught;
}
