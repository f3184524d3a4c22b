/* What the tests of datasets share: a folder of their own, and files in it. */
#ifndef MANTIS_TEST_DATASETS_H
#define MANTIS_TEST_DATASETS_H

#include "test/check.h"

#include <math.h>
#include <string.h>

#include "workloads/dataset.h"

static char folder[] = "/tmp/mantis_test_data_XXXXXX";

__attribute__((unused)) static int make_folder(void **state)
{
    return mkdtemp(folder) ? 0 : -1;
}

__attribute__((unused)) static int remove_folder(void **state)
{
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

__attribute__((unused)) static struct dataset_config configure(enum dataset_type type,
                                                               const char *path, const char *labels)
{
    struct dataset_config config = {.type = type};
    const char *parts[] = {path, labels};
    char *targets[] = {config.path, config.labels};
    for (int i = 0; i < 2; i++)
        if (parts[i])
            snprintf(targets[i], DATASET_PATH_SIZE, "%s%s%s", *parts[i] == '/' ? "" : folder,
                     *parts[i] == '/' || !*parts[i] ? "" : "/", parts[i]);
    return config;
}

__attribute__((unused)) static struct dataset *open_or_fail(const struct dataset_config *config)
{
    struct err err = {""};
    struct dataset *dataset = dataset_open(config, &err);
    if (!dataset)
        fail_msg("%s", err.text);
    return dataset;
}

__attribute__((unused)) static void assert_refused(const struct dataset_config *config,
                                                   const char *message)
{
    struct err err = {""};
    assert_null(dataset_open(config, &err));
    if (!strstr(err.text, message) || strchr(err.text, '\n'))
        fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

__attribute__((unused)) static void write_file(const char *name, const void *bytes, size_t size)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

#endif
