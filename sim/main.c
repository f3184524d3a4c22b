/* mantis: the command line. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/command.h"

static void print_help(FILE *file)
{
    fprintf(file,
            "usage: mantis COMMAND ...\n\n"
            "Bit-accurate, cycle-level simulation of DNN accelerators with low-bit formats.\n\n");
    for (const struct command *command = commands; command->name; command++)
        fprintf(file, "  %-11s %s\n", command->name, command->help);
    fprintf(file, "\nmantis COMMAND --help tells more; mantis --version the version.\nExit codes:");
#define PRINT(id, code, meaning) fprintf(file, "%s %d %s", EXIT_##id ? "," : "", code, meaning);
    EXIT_CODES(PRINT)
#undef PRINT
    fprintf(file, ".\n");
}

static int unknown_command(const char *name)
{
    if (name)
        fprintf(stderr, "mantis: %.64s: no such command; there are", name);
    else
        fprintf(stderr, "mantis: give a command, one of");
    for (const struct command *command = commands; command->name; command++)
        fprintf(stderr, "%s %s", command == commands ? "" : ",", command->name);
    fprintf(stderr, " (mantis --help tells more)\n");
    return EXIT_BAD_INPUT;
}

/* A broken internal contract (assert) ends with its own exit code. */
static void internal_error(int signal_number)
{
    static const char text[] = "mantis: internal error, see the line above\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(EXIT_INTERNAL);
}

static int run_command(const struct command *command, int argc, char **argv)
{
    char name[64];
    snprintf(name, sizeof name, "mantis %s", command->name);
    argv[0] = name;
    interrupt_catch();
    int status = command->run(argc, argv);
    if (interrupt_signal()) { /* end as the signal would have, for the shell to see */
        signal(interrupt_signal(), SIG_DFL);
        raise(interrupt_signal());
    }
    if (status == EXIT_DONE && (fflush(stdout) || ferror(stdout))) {
        fprintf(stderr, "mantis: standard output cannot be written\n");
        return EXIT_BAD_INPUT;
    }
    return status;
}

int main(int argc, char **argv)
{
    signal(SIGABRT, internal_error);
    const char *name = argc > 1 ? argv[1] : NULL;
    if (name && (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (name && (!strcmp(name, "--version") || !strcmp(name, "-V"))) {
        printf("mantis %s\n", MANTIS_VERSION);
        return EXIT_DONE;
    }
    for (const struct command *command = commands; name && command->name; command++)
        if (!strcmp(command->name, name))
            return run_command(command, argc - 1, argv + 1);
    return unknown_command(name);
}
