/* mantis man: the manual page, from the commands' own tables. */
#include <stdio.h>
#include <string.h>

#include "sim/command.h"

/* Text as roff: no character of it is a request or an escape, and "-" is the one of ASCII. */
static void put(const char *text, size_t length)
{
    if (length && (*text == '.' || *text == '\''))
        printf("\\&");
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            printf("\\e");
        else if (text[i] == '-')
            printf("\\-");
        else
            putchar(text[i]);
    }
}

static void put_text(const char *text)
{
    put(text, strlen(text));
}

static void put_paragraph(const char *text, size_t length)
{
    if (!length)
        return;
    printf(".PP\n");
    put(text, length);
    putchar('\n');
}

/* "-a, --arch=ARCH", and what it means. */
static void put_option(void *context, const struct argp_option *option)
{
    printf(".TP\n");
    if (command_has_letter(option))
        printf("\\fB\\-%c\\fR, ", option->key);
    printf("\\fB\\-\\-");
    put_text(option->name);
    printf("\\fR");
    if (option->arg) {
        printf("=\\fI");
        put_text(option->arg);
        printf("\\fR");
    }
    putchar('\n');
    put_text(option->doc);
    putchar('\n');
}

/* argp takes a line each for different ways to call a command. */
static void put_arguments(const char *text)
{
    printf(" \\fI");
    for (size_t length; text[length = strcspn(text, "\n")]; text += length + 1) {
        put(text, length);
        printf("\\fR | \\fI");
    }
    put_text(text);
    printf("\\fR");
}

/* argp shows what follows a \v in the description after the options. */
static void put_command(const struct command *command)
{
    const char *text = command->argp->doc ? command->argp->doc : command->help;
    size_t before = strcspn(text, "\v");
    printf(".SS \"mantis %s\\fR [\\fIOPTION\\fR...]", command->name);
    if (command->argp->args_doc)
        put_arguments(command->argp->args_doc);
    printf("\"\n");
    put_paragraph(text, before);
    command_options(command->argp, put_option, NULL);
    if (text[before])
        put_paragraph(text + before + 1, strlen(text + before + 1));
}

static void put_exit_codes(void)
{
    printf(".SH EXIT STATUS\n");
#define PUT(id, code, meaning) printf(".TP\n.B %d\n%s\n", code, meaning);
    EXIT_CODES(PUT)
#undef PUT
}

static void put_files(void)
{
    printf(".SH FILES\n"
           "A plain name is that of a configuration, looked up below \\fIMANTIS_HOME\\fR, then "
           "beside the "
           "program, in \\fI../share/mantis\\fR from there, and where mantis was built.\n");
#define PUT(id, folder, help) \
    printf(".TP\n.I configs/%s/NAME.cfg\n%s, as in \\fBmantis list\\fR\n", folder, help);
    CONFIG_HOMES(PUT)
#undef PUT
}

static void put_page(void)
{
    printf(".\\\" Printed by: mantis man\n"
           ".TH MANTIS 1 \"\" \"mantis " MANTIS_VERSION "\" \"User Commands\"\n"
           ".SH NAME\n"
           "mantis \\- bit\\-accurate, cycle\\-level simulation of DNN accelerators with low\\-bit "
           "formats\n"
           ".SH SYNOPSIS\n"
           ".B mantis\n"
           "\\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
           ".PP\n"
           "\\fBmantis\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR | \\fBmantis \\-\\-version\\fR\n"
           ".SH DESCRIPTION\n");
    for (const struct command *command = commands; command->name; command++) {
        printf(".TP\n.B %s\n", command->name);
        put_text(command->help);
        putchar('\n');
    }
    printf(".SH COMMANDS\n");
    for (const struct command *command = commands; command->name; command++)
        put_command(command);
    put_exit_codes();
    printf(".SH ENVIRONMENT\n.TP\n.B MANTIS_HOME\n"
           "a folder that holds \\fIconfigs\\fR, before all others\n");
    put_files();
}

const struct argp man_argp = {
    .doc = "Print the manual page, as troff. To read it: mantis man | man -l -",
};

int command_man(int argc, char **argv)
{
    command_parse(&man_argp, argc, argv, NULL);
    put_page();
    return EXIT_DONE;
}
