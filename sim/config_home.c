/* Where configurations live, and how a plain name is looked up. */
#include "sim/config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/config_file.h"

#define FOLDER(id, folder, help) folder,
static const char *const folders[] = {CONFIG_HOMES(FOLDER)};
#undef FOLDER
#define HELP(id, folder, help) help,
static const char *const kinds[] = {CONFIG_HOMES(HELP)};
#undef HELP

/* The folder of the running program; empty where the system does not tell. */
static void executable_folder(char folder[CONFIG_PATH_SIZE])
{
    ssize_t length = readlink("/proc/self/exe", folder, CONFIG_PATH_SIZE - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
}

enum { ROOT_COUNT = 5 };

struct roots {
    int count;
    char paths[ROOT_COUNT][CONFIG_PATH_SIZE];
};

/* The places that may hold configs/<folder>, in order of precedence: an installed program has its
 * own beside it, wherever that was moved; a program built against libmantis may have none. */
static void find_roots(struct roots *roots)
{
    char beside[CONFIG_PATH_SIZE];
    const char *given = getenv("MANTIS_HOME");
    executable_folder(beside);
    roots->count = 0;
    if (given && *given)
        snprintf(roots->paths[roots->count++], CONFIG_PATH_SIZE, "%s", given);
    snprintf(roots->paths[roots->count++], CONFIG_PATH_SIZE, "%s", beside);
    snprintf(roots->paths[roots->count++], CONFIG_PATH_SIZE, "%.900s/../share/mantis", beside);
    snprintf(roots->paths[roots->count++], CONFIG_PATH_SIZE, "%s", MANTIS_SOURCE_DIR);
    snprintf(roots->paths[roots->count++], CONFIG_PATH_SIZE, "%s", MANTIS_INSTALL_DIR);
}

bool config_is_plain(const char *name)
{
    size_t length = strlen(name);
    bool has_suffix = length > 4 && !strcmp(name + length - 4, ".cfg");
    return !strchr(name, '/') && !has_suffix;
}

static bool unknown_name(enum config_home home, const char *name, struct err *err)
{
    char legal[320];
    config_names_list(home, legal, sizeof legal);
    return err_set(err, "%.64s: no such %s; there are: %s (or give a .cfg file)", name, kinds[home],
                   *legal ? legal : "none");
}

bool config_find(enum config_home home, const char *name, char path[CONFIG_PATH_SIZE],
                 struct err *err)
{
    if (!config_is_plain(name)) {
        if (snprintf(path, CONFIG_PATH_SIZE, "%s", name) >= CONFIG_PATH_SIZE)
            return err_set(err, "%.64s...: the path is too long", name);
        return true;
    }
    struct roots roots;
    find_roots(&roots);
    for (int i = 0; i < roots.count; i++) {
        int length = snprintf(path, CONFIG_PATH_SIZE, "%s/configs/%s/%s.cfg", roots.paths[i],
                              folders[home], name);
        if (length < CONFIG_PATH_SIZE && !access(path, R_OK))
            return true;
    }
    return unknown_name(home, name, err);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool known(const struct config_names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (!strcmp(names->names[i], name))
            return true;
    return false;
}

static void add_name(struct config_names *names, const char *file_name)
{
    char base[256];
    size_t length = strlen(file_name);
    if (length <= 4 || strcmp(file_name + length - 4, ".cfg"))
        return;
    config_base_name(file_name, base, sizeof base);
    if (known(names, base))
        return;
    char **grown = realloc(names->names, ((size_t)names->count + 1) * sizeof *grown);
    if (!grown)
        return;
    names->names = grown;
    char *copy = strdup(base);
    if (copy)
        names->names[names->count++] = copy;
}

struct config_names config_names(enum config_home home)
{
    struct config_names names = {0, NULL};
    struct roots roots;
    find_roots(&roots);
    for (int i = 0; i < roots.count; i++) {
        char path[CONFIG_PATH_SIZE + 64];
        snprintf(path, sizeof path, "%s/configs/%s", roots.paths[i], folders[home]);
        DIR *folder = opendir(path);
        if (!folder)
            continue;
        for (struct dirent *entry; (entry = readdir(folder));)
            add_name(&names, entry->d_name);
        closedir(folder);
    }
    if (names.count)
        qsort(names.names, (size_t)names.count, sizeof *names.names, compare_names);
    return names;
}

void config_names_free(struct config_names *names)
{
    for (int i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct config_names){0, NULL};
}

void config_names_list(enum config_home home, char *text, size_t size)
{
    text[0] = '\0';
    struct config_names names = config_names(home);
    for (int i = 0; i < names.count; i++)
        list_append(text, size, "%s", names.names[i]);
    config_names_free(&names);
}
