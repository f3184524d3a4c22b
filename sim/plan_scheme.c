/* A plan as a quantisation file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plan_subject.h"

#define FAMILY_NAME(id, name, digits, extra_bits) name,
static const char *const family_names[] = {FORMAT_FAMILIES(FAMILY_NAME)};
#undef FAMILY_NAME

static void print_heading(const char *heading, FILE *file)
{
    while (*heading) {
        int length = (int)strcspn(heading, "\n");
        fprintf(file, "# %.*s\n", length, heading);
        heading += length + (heading[length] == '\n');
    }
}

static void print_choice(const char *key, const struct format_choice *choice, FILE *file)
{
    fprintf(file, "%s = { formats = [", key);
    for (int i = 0; i < choice->family_count; i++)
        fprintf(file, "%s\"%s\"", i ? ", " : "", family_names[choice->families[i]]);
    fprintf(file, "]; bits = %d; };", choice->bits);
}

static const char *truth(bool is_true)
{
    return is_true ? "true" : "false";
}

static void print_scales(const struct quantise_config *base, FILE *file)
{
    fprintf(file, "bias_correction = %s;\ntensor_scales = %s;\n", truth(base->bias_correction),
            truth(base->tensor_scales));
    fprintf(file, "power_of_two_scales = %s;\noutlier_percent = %.17g;\n",
            truth(base->power_of_two_scales), base->outlier_percent);
}

/* The name as a pattern of fnmatch in a string of libconfig: what either would read as something
 * else is escaped. False where it does not fit. */
static bool escape(const char *name, char *text, size_t size)
{
    size_t length = 0;
    for (; *name; name++) {
        const char *escaped = *name == '"'           ? "\\\""
                              : *name == '\\'        ? "\\\\\\\\"
                              : strchr("*?[", *name) ? "\\\\"
                                                     : "";
        bool is_whole = *name == '"' || *name == '\\';
        size_t needed = strlen(escaped) + !is_whole;
        if (length + needed >= size)
            return false;
        length += (size_t)snprintf(text + length, size - length, "%s", escaped);
        if (!is_whole)
            text[length++] = *name;
    }
    text[length] = '\0';
    return true;
}

static bool print_layer(const struct planner *planner, int index, int candidate, FILE *file,
                        struct err *err)
{
    const struct network *network = planner->compiled[0].network;
    const struct quantise_config *scheme = &planner->schemes[candidate];
    int layer = planner->layer_of[index];
    char pattern[4 * PROGRAM_NAME_SIZE];
    if (!escape(network->layers[layer].name, pattern, sizeof pattern))
        return err_set(err, "layer \"%s\": the name is too long", network->layers[layer].name);
    struct format_choice weights = plan_weight_choice(network, scheme, layer);
    struct format_choice activations = plan_activation_choice(network, scheme, layer);
    fprintf(file, "    { match = \"%s\"; # %s\n      ", pattern, scheme->name);
    print_choice("weights", &weights, file);
    fprintf(file, "\n      ");
    print_choice("activations", &activations, file);
    fprintf(file, " }%s\n", index + 1 < planner->plan->layer_count ? "," : "");
    return true;
}

static bool print_layers(const struct planner *planner, const int *choice, FILE *file,
                         struct err *err)
{
    if (planner->plan->layer_count > QUANTISE_MAX_OVERRIDES)
        return err_set(err, "%d layers: a quantisation file has up to %d",
                       planner->plan->layer_count, QUANTISE_MAX_OVERRIDES);
    fprintf(file, "layers = (\n");
    for (int i = 0; i < planner->plan->layer_count; i++)
        if (!print_layer(planner, i, choice[i], file, err))
            return false;
    fprintf(file, ");\n");
    return true;
}

char *planner_scheme(const struct planner *planner, const int *choice,
                     const struct quantise_config *base, const char *heading, struct err *err)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (!file) {
        err_set(err, "out of memory");
        return NULL;
    }
    print_heading(heading, file);
    print_choice("weights", &base->weights, file);
    fputc('\n', file);
    print_choice("activations", &base->activations, file);
    fprintf(file, "\noutput_bits = %d;\ncalibration_images = %d;\n", base->output_bits,
            base->calibration_images);
    print_scales(base, file);
    bool ok = print_layers(planner, choice, file, err);
    ok = !fclose(file) && ok;
    if (ok)
        return text;
    free(text);
    return NULL;
}
