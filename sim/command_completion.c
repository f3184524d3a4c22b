/* mantis completion: the script that completes command lines, from the commands' own tables. */
#include <stdio.h>
#include <string.h>

#include "sim/command.h"

/* What may stand where a table of options says NAME: the names that `mantis list LIST` prints, and
 * files with one of the suffixes (with any, where there is none to name). Elsewhere "X.suffix" is
 * such a file, lower case is the word itself, and all else (N, COLUMNS) is the user's to know. */
static const struct {
    const char *name, *list, *suffixes;
} kinds[] = {
    {"ARCH", "archs", ".cfg"},
    {"SCHEME", "quants", ".cfg"},
    {"DATA", "data", ".cfg"},
    {"DEVICE", "drams", ".cfg"},
    {"PLATFORM", "fpgas", ".cfg"},
    {"SWEEP", "sweeps", ".cfg"},
    {"ENGINE", "engines", NULL},
    {"LIST", "lists", NULL},
    {"RESOURCE=VALUE", "resources", NULL},
    {"MODEL", NULL, ".onnx .csv .mprog"},
    {"SCHEDULE", NULL, ".csv"},
    {"TRACE", NULL, ""},
    {"SOURCE", NULL, ".json .db"},
    {"SOURCE", NULL, ".json .db"},
    {"FILE", NULL, ""},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

/* Words are read from the line itself: readline also breaks them at "=", "@" and ":", and its own
 * word, $2, is only what the answer replaces. */
static const char functions[] =
    "_mantis_files() { # SUFFIXES WORD: files with one of them, or any; folders on the way to "
    "them\n"
    "    local suffix\n"
    "    if [[ -z $1 ]]; then\n"
    "        compgen -f -- \"$2\"\n"
    "        return\n"
    "    fi\n"
    "    compgen -d -- \"$2\"\n"
    "    for suffix in $1; do compgen -f -X \"!*$suffix\" -- \"$2\"; done\n"
    "}\n"
    "\n"
    "_mantis() { # PROGRAM READLINE-WORD\n"
    "    local program=${1/#\\~/$HOME} line=${COMP_LINE:0:COMP_POINT} word='' kind='' value stem "
    "i\n"
    "    local -a words\n"
    "    read -ra words <<<\"$line\"\n"
    "    if [[ $line != *[[:space:]] ]]; then\n"
    "        word=${words[-1]}\n"
    "        unset 'words[-1]'\n"
    "    fi\n"
    "    value=$word\n"
    "    if ((${#words[@]} < 2)); then\n"
    "        kind=COMMAND\n"
    "    elif [[ $word == --*=* ]]; then\n"
    "        value=${word#*=}\n"
    "        kind=$(_mantis_kind \"${words[1]}\" \"${word%%=*}\")\n"
    "    elif [[ ${words[-1]} == -* ]]; then\n"
    "        kind=$(_mantis_kind \"${words[1]}\" \"${words[-1]}\")\n"
    "    fi\n"
    "    if [[ -z $kind && $word == -* ]]; then\n"
    "        kind=OPTION\n"
    "    elif [[ -z $kind ]]; then\n"
    "        kind=$(_mantis_kind \"${words[1]}\" '')\n"
    "    fi\n"
    "    if [[ $kind == SCHEME ]]; then # one of a list, each with its accelerator\n"
    "        [[ ${value##*,} == *@* ]] && kind=ARCH\n"
    "        value=${value##*[,@]}\n"
    "    fi\n"
    "    stem=${word%\"$value\"}\n"
    "    mapfile -t COMPREPLY < <(_mantis_candidates \"$program\" \"$kind\" \"$value\" "
    "\"${words[1]-}\")\n"
    "    stem=${stem#\"${word%\"$2\"}\"}\n"
    "    for i in \"${!COMPREPLY[@]}\"; do\n"
    "        [[ -e ${COMPREPLY[i]/#\\~/$HOME} ]] && compopt -o filenames 2>/dev/null\n"
    "        COMPREPLY[i]=$stem${COMPREPLY[i]}\n"
    "    done\n"
    "}\n"
    "complete -F _mantis mantis\n";

/* --- what a command takes --- */

static void print_long_option(void *context, const struct argp_option *option)
{
    printf(" --%s", option->name);
}

static void print_kind(void *context, const struct argp_option *option)
{
    const char *command = context;
    if (!option->arg)
        return;
    printf("    %s:--%s", command, option->name);
    if (command_has_letter(option))
        printf(" | %s:-%c", command, option->key);
    printf(") echo '%s' ;;\n", option->arg);
}

/* That of the first argument, as "TRACE" of "TRACE...", for all. */
static void print_argument_kind(const struct command *command)
{
    const char *arguments = command->argp->args_doc;
    if (!arguments)
        return;
    int length = (int)strcspn(arguments, " \n");
    if (length > 3 && !strncmp(arguments + length - 3, "...", 3))
        length -= 3;
    printf("    %s:) echo '%.*s' ;;\n", command->name, length, arguments);
}

/* --- the script --- */

static void print_kinds(void)
{
    printf("_mantis_kind() { # COMMAND OPTION: what the option takes; without one, the command\n"
           "    case $1:$2 in\n");
    for (const struct command *command = commands; command->name; command++) {
        command_options(command->argp, print_kind, (void *)command->name);
        print_argument_kind(command);
    }
    printf("    esac\n}\n\n");
}

static void print_options(void)
{
    printf("_mantis_options() { # COMMAND\n    case $1 in\n");
    for (const struct command *command = commands; command->name; command++) {
        printf("    %s) echo '--help", command->name);
        command_options(command->argp, print_long_option, NULL);
        printf("' ;;\n");
    }
    printf("    esac\n}\n\n");
}

static void print_candidates(void)
{
    printf("_mantis_candidates() { # PROGRAM KIND WORD COMMAND\n"
           "    case $2 in\n"
           "    COMMAND) compgen -W '--help --version");
    for (const struct command *command = commands; command->name; command++)
        printf(" %s", command->name);
    printf("' -- \"$3\" ;;\n"
           "    OPTION) compgen -W \"$(_mantis_options \"$4\")\" -- \"$3\" ;;\n");
    for (int i = 0; i < KIND_COUNT; i++) {
        printf("    %s)\n", kinds[i].name);
        if (kinds[i].list)
            printf("        compgen -W \"$(\"$1\" list %s 2>/dev/null | cut -d ' ' -f 1)\" -- "
                   "\"$3\"\n",
                   kinds[i].list);
        if (kinds[i].suffixes)
            printf("        _mantis_files '%s' \"$3\"\n", kinds[i].suffixes);
        printf("        ;;\n");
    }
    printf("    DIR) compgen -d -- \"$3\" ;;\n"
           "    *.*) _mantis_files \".${2##*.}\" \"$3\" ;;\n"
           "    [a-z]*) compgen -W \"$2\" -- \"$3\" ;;\n"
           "    esac\n}\n\n");
}

static void print_bash(void)
{
    printf("# Completion of mantis " MANTIS_VERSION
           " in bash, printed by: mantis completion bash\n\n");
    print_kinds();
    print_options();
    print_candidates();
    fputs(functions, stdout);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    int *count = state->input;
    if (key == ARGP_KEY_ARG) {
        if (++*count > 1 || strcmp(argument, "bash") != 0)
            command_usage(state, "%.32s: no such shell; there is bash", argument);
        return 0;
    }
    if (key == ARGP_KEY_END && !*count)
        command_usage(state, "for which shell? There is bash");
    return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

const struct argp completion_argp = {
    .parser = parse,
    .args_doc = "bash",
    .doc = "Print the script that completes mantis in a shell. To use it at once: "
           "eval \"$(mantis completion bash)\"",
};

int command_completion(int argc, char **argv)
{
    int count = 0;
    command_parse(&completion_argp, argc, argv, &count);
    print_bash();
    return EXIT_DONE;
}
