#include "sim/sweep_digest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "isa/arch_numbers.h"

/* --- values --- */

void digest_begin(struct digest *digest, const char *kind)
{
    sha256_init(&digest->state);
    digest_text(digest, kind);
}

/* Lengths keep neighbouring texts apart. */
void digest_text(struct digest *digest, const char *text)
{
    digest_number(digest, strlen(text));
    sha256_update(&digest->state, strlen(text), (const uint8_t *)text);
}

void digest_number(struct digest *digest, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    sha256_update(&digest->state, sizeof bytes, bytes);
}

/* Every NaN stands for "there is none"; zeros of both signs are alike. */
void digest_real(struct digest *digest, double number)
{
    uint64_t bits = UINT64_MAX;
    number += 0.0;
    if (!isnan(number))
        memcpy(&bits, &number, sizeof bits);
    digest_number(digest, bits);
}

void digest_key(struct digest *digest, const struct sweep_key *key)
{
    sha256_update(&digest->state, sizeof key->bytes, key->bytes);
}

struct sweep_key digest_end(struct digest *digest)
{
    struct sweep_key key;
    sha256_digest(&digest->state, sizeof key.bytes, key.bytes);
    return key;
}

char *sweep_key_text(const struct sweep_key *key, char text[SWEEP_KEY_TEXT])
{
    for (int i = 0; i < SWEEP_KEY_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", key->bytes[i]);
    return text;
}

/* --- accelerators and schemes --- */

#define NUMBER(field, min, max) digest_number(digest, (uint64_t)part->field);
#define PARAMETER(field, initial, least, most, help) digest_number(digest, (uint64_t)part->field);
#define REAL_PARAMETER(field, initial, least, most, help) digest_real(digest, part->field);

static void digest_ideal(struct digest *digest, const struct dram_ideal *part)
{
    digest_text(digest, part->name);
    IDEAL_NUMBERS(NUMBER)
}

static void digest_geometry(struct digest *digest, const struct dram_geometry *part)
{
    DRAM_GEOMETRY(PARAMETER)
}

static void digest_timing(struct digest *digest, const struct dram_timing *part)
{
    DRAM_TIMINGS(PARAMETER)
}

static void digest_currents(struct digest *digest, const struct dram_currents *part)
{
    DRAM_CURRENTS(REAL_PARAMETER)
}

static void digest_policy(struct digest *digest, const struct dram_policy *part)
{
    digest_text(digest, part->mapping);
    digest_number(digest, part->row);
    digest_number(digest, part->scheduler);
    digest_number(digest, part->drain);
    digest_number(digest, part->refresh);
    digest_number(digest, part->dual_command);
    DRAM_QUEUES(PARAMETER)
}

static void digest_device(struct digest *digest, const struct dram_device *part)
{
    digest_text(digest, part->name);
    DRAM_CLOCK(REAL_PARAMETER)
    digest_geometry(digest, &part->geometry);
    digest_timing(digest, &part->timing);
    digest_currents(digest, &part->currents);
    digest_policy(digest, &part->policy);
}

static void digest_dram(struct digest *digest, const struct dram_config *dram)
{
    digest_number(digest, dram->is_ideal);
    digest_number(digest, dram->controller);
    if (dram->is_ideal)
        digest_ideal(digest, &dram->ideal);
    else
        digest_device(digest, &dram->device);
}

static void digest_core(struct digest *digest, const struct core *part)
{
    CORE_NUMBERS(NUMBER)
}

static void digest_pad(struct digest *digest, const struct scratchpad_config *part)
{
    SCRATCHPAD_NUMBERS(NUMBER)
}

static void digest_units(struct digest *digest, const struct arch *part)
{
    ARCH_NUMBERS(NUMBER)
}
#undef NUMBER
#undef PARAMETER
#undef REAL_PARAMETER

struct sweep_key digest_arch(const struct arch *arch)
{
    struct digest digest;
    digest_begin(&digest, "arch");
    digest_text(&digest, arch->name);
    digest_text(&digest, arch->technology);
    digest_units(&digest, arch);
    for (int core = 0; core < arch->core_count; core++)
        digest_core(&digest, &arch->cores[core]);
    for (int pad = 0; pad < PAD_COUNT; pad++)
        digest_pad(&digest, &arch->pads[pad]);
    digest_dram(&digest, &arch->dram);
    return digest_end(&digest);
}

static void add_choice(struct digest *digest, const struct format_choice *choice)
{
    digest_number(digest, (uint64_t)choice->bits);
    digest_number(digest, (uint64_t)choice->family_count);
    for (int i = 0; i < choice->family_count; i++)
        digest_number(digest, choice->families[i]);
}

struct sweep_key digest_scheme(const struct quantise_config *scheme)
{
    struct digest digest;
    digest_begin(&digest, "scheme");
    digest_text(&digest, scheme->name);
    add_choice(&digest, &scheme->weights);
    add_choice(&digest, &scheme->activations);
    add_choice(&digest, &scheme->edge_weights);
    add_choice(&digest, &scheme->edge_activations);
    add_choice(&digest, &scheme->second_weights);
    digest_number(&digest, (uint64_t)scheme->output_bits);
    digest_number(&digest, (uint64_t)scheme->calibration_images);
    digest_number(&digest, scheme->bias_correction);
    digest_number(&digest, scheme->tensor_scales);
    digest_number(&digest, scheme->power_of_two_scales);
    digest_real(&digest, scheme->outlier_percent);
    digest_number(&digest, (uint64_t)scheme->override_count);
    for (int i = 0; i < scheme->override_count; i++) {
        digest_text(&digest, scheme->overrides[i].pattern);
        add_choice(&digest, &scheme->overrides[i].weights);
        add_choice(&digest, &scheme->overrides[i].activations);
        add_choice(&digest, &scheme->overrides[i].second_weights);
    }
    digest_text(&digest, scheme->precisions_network);
    digest_number(&digest, (uint64_t)scheme->precision_count);
    for (int i = 0; i < scheme->precision_count; i++) {
        digest_text(&digest, scheme->precisions[i].network);
        digest_text(&digest, scheme->precisions[i].layer);
        digest_number(&digest, (uint64_t)scheme->precisions[i].weight_bits);
        digest_number(&digest, (uint64_t)scheme->precisions[i].activation_bits);
    }
    return digest_end(&digest);
}

/* --- technologies --- */

static void add_bounded(struct digest *digest, const struct bounded *figure)
{
    digest_real(digest, figure->value);
    digest_real(digest, figure->low);
    digest_real(digest, figure->high);
}

static void add_grid(struct digest *digest, const struct sram_grid *grid)
{
    digest_number(digest, (uint64_t)grid->count);
    for (int i = 0; i < grid->count; i++) {
        const struct sram_point *point = &grid->points[i];
        digest_number(digest, point->bytes);
        digest_number(digest, point->width_bits);
        digest_real(digest, point->read_pj);
        digest_real(digest, point->write_pj);
        digest_real(digest, point->leakage_mw);
        digest_real(digest, point->area_mm2);
        digest_real(digest, point->access_ns);
    }
}

struct sweep_key digest_technology(const struct technology *technology)
{
    struct digest digest;
    digest_begin(&digest, "technology");
    digest_text(&digest, technology->name);
    digest_number(&digest, (uint64_t)technology->node_nm);
    for (int i = 0; i < PRICE_COUNT; i++)
        add_bounded(&digest, &technology->prices[i].figure);
    digest_number(&digest, (uint64_t)technology->part_count);
    for (int i = 0; i < technology->part_count; i++) {
        digest_text(&digest, part_price_prefix(technology->parts[i].id));
        digest_text(&digest, technology->parts[i].part);
        add_bounded(&digest, &technology->parts[i].price.figure);
    }
    digest_number(&digest, (uint64_t)technology->cell);
    digest_number(&digest, (uint64_t)technology->flavour_count);
    for (int i = 0; i < technology->flavour_count; i++)
        for (int node = 0; node < technology->sram_node_count; node++) {
            digest_number(&digest, (uint64_t)technology->sram_nodes[node]);
            add_grid(&digest, &technology->flavours[i].grids[node]);
        }
    return digest_end(&digest);
}

/* --- files --- */

bool digest_file(const char *path, struct sweep_key *key, struct err *err)
{
    enum { CHUNK = 1 << 16 };
    struct digest digest;
    digest_begin(&digest, "file");
    FILE *file = fopen(path, "rb");
    uint8_t *chunk = malloc(CHUNK);
    bool ok = file && chunk;
    for (size_t got; ok && (got = fread(chunk, 1, CHUNK, file));)
        sha256_update(&digest.state, got, chunk);
    ok = ok && !ferror(file);
    if (!ok)
        err_set(err, "%.400s: %s", path, strerror(errno ? errno : EIO));
    if (file)
        fclose(file);
    free(chunk);
    *key = digest_end(&digest);
    return ok;
}

static bool add_file(struct digest *digest, const char *path, struct err *err)
{
    struct sweep_key key;
    if (!digest_file(path, &key, err))
        return false;
    digest_key(digest, &key);
    return true;
}

/* Cut the class, which is the last word, off a line of `name class`: names may hold spaces. */
static void cut_class(char *line)
{
    static const char blank[] = " \t\r\n";
    size_t length = strlen(line);
    while (length && strchr(blank, line[length - 1]))
        length--;
    while (length && !strchr(blank, line[length - 1]))
        length--;
    while (length && strchr(blank, line[length - 1]))
        length--;
    line[length] = '\0';
}

/* The sizes stand for the images' content. */
static bool add_image_sizes(struct digest *digest, const struct dataset_config *config,
                            struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(config->labels, "r");
    if (!file)
        return err_set(err, "%.400s: %s", config->labels, strerror(errno));
    while (getline(&line, &size, file) > 0) {
        char path[2 * DATASET_PATH_SIZE];
        struct stat status;
        cut_class(line);
        snprintf(path, sizeof path, "%s/%.1000s", config->path, line);
        digest_text(digest, line);
        digest_number(digest, stat(path, &status) ? UINT64_MAX : (uint64_t)status.st_size);
    }
    free(line);
    fclose(file);
    return true;
}

bool digest_dataset(const struct dataset_config *config, struct sweep_key *key, struct err *err)
{
    struct digest digest;
    digest_begin(&digest, "dataset");
    digest_number(&digest, config->type);
    digest_number(&digest, (uint64_t)config->channels_given);
    for (int i = 0; i < DATASET_MAX_CHANNELS; i++) {
        digest_real(&digest, (double)config->mean[i]);
        digest_real(&digest, (double)config->std[i]);
    }
    digest_number(&digest, (uint64_t)config->resize);
    digest_number(&digest, (uint64_t)config->crop);
    digest_number(&digest, (uint64_t)config->first);
    digest_number(&digest, (uint64_t)config->count);
    bool is_folder = config->type == DATASET_IMAGES;
    bool ok = (is_folder || add_file(&digest, config->path, err)) &&
              (!*config->labels || add_file(&digest, config->labels, err)) &&
              (!is_folder || !*config->labels || add_image_sizes(&digest, config, err));
    *key = digest_end(&digest);
    return ok;
}
