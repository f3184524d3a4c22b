/* Do arrays survive a file, does NumPy agree, and is every broken file refused? */
#include "test/check.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "workloads/npz.h"

static char folder[] = "/tmp/mantis_test_npz_XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

/* An array of random bytes; floats are kept to numbers, so that NaNs do not get in the way. */
static struct array random_array(enum array_type type, int rank)
{
    struct array array = {.type = type, .rank = rank};
    snprintf(array.name, sizeof array.name, "t%d_rank%d", (int)type, rank);
    for (int axis = 0; axis < rank; axis++)
        array.dims[axis] = check_between(rank > 1 ? 0 : 1, 4);
    uint8_t *bytes = malloc(array_bytes(&array) + 1);
    for (size_t i = 0; i < array_bytes(&array); i++)
        bytes[i] = (uint8_t)check_between(0, 63);
    array.data = bytes;
    return array;
}

static void write_or_fail(const char *path, const struct array *arrays, int count)
{
    struct err err = {""};
    struct npz_writer *writer = npz_writer_open(path, &err);
    if (!writer)
        fail_msg("%s", err.text);
    for (int i = 0; i < count; i++)
        if (!npz_writer_add(writer, &arrays[i], &err))
            fail_msg("%s", err.text);
    if (!npz_writer_close(writer, &err))
        fail_msg("%s", err.text);
}

static void assert_same(const struct array *a, const struct array *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->rank, b->rank);
    assert_memory_equal(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims);
    assert_memory_equal(a->data, b->data, array_bytes(a));
}

enum { ALL_ARRAYS = ARRAY_TYPE_COUNT * (ARRAY_MAX_RANK + 1) };

static void make_all(struct array arrays[ALL_ARRAYS])
{
    for (int i = 0; i < ALL_ARRAYS; i++)
        arrays[i] = random_array((enum array_type)(i % ARRAY_TYPE_COUNT), i / ARRAY_TYPE_COUNT);
}

static void every_type_and_rank_comes_back(void **state)
{
    struct array arrays[ALL_ARRAYS];
    struct err err = {""};
    make_all(arrays);
    write_or_fail(in_folder("all.npz"), arrays, ALL_ARRAYS);
    struct npz *npz = npz_read(in_folder("all.npz"), &err);
    if (!npz)
        fail_msg("%s", err.text);
    assert_int_equal(npz->count, ALL_ARRAYS);
    for (int i = 0; i < ALL_ARRAYS; i++) {
        const struct array *found = npz_find(npz, arrays[i].name);
        assert_non_null(found);
        assert_same(&arrays[i], found);
        free(arrays[i].data);
    }
    assert_null(npz_find(npz, "other"));
    npz_free(npz);
}

static void equal_arrays_make_equal_files(void **state)
{
    struct array array = random_array(ARRAY_INT32, 3);
    uint8_t bytes[2][4096];
    size_t sizes[2];
    for (int i = 0; i < 2; i++) {
        write_or_fail(in_folder("same.npz"), &array, 1);
        FILE *file = fopen(in_folder("same.npz"), "rb");
        sizes[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        fclose(file);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(array.data);
}

static bool has_numpy(void)
{
    return !system("/usr/bin/python3 -c 'import numpy' 2>/dev/null");
}

static int run_python(const char *program)
{
    char command[2048];
    snprintf(command, sizeof command, "cd '%s' && /usr/bin/python3 -c \"%s\"", folder, program);
    return system(command);
}

static void numpy_reads_what_is_written(void **state)
{
    if (!has_numpy()) {
        printf("SKIPPED: no NumPy for /usr/bin/python3\n");
        skip();
    }
    int32_t numbers[6] = {1, -2, 3, 4, 5, INT32_MIN};
    double real = 0.1;
    struct array arrays[2] = {
        {.name = "a", .type = ARRAY_INT32, .rank = 2, .dims = {2, 3}, .data = numbers},
        {.name = "deep/b", .type = ARRAY_FLOAT64, .rank = 0, .data = &real},
    };
    write_or_fail(in_folder("ours.npz"), arrays, 2);
    assert_int_equal(run_python("import numpy as np; z = np.load('ours.npz')\n"
                                "assert z['a'].dtype == np.int32 and z['deep/b'].shape == ()\n"
                                "assert z['a'].tolist() == [[1, -2, 3], [4, 5, -2**31]]\n"
                                "assert z['deep/b'] == 0.1"),
                     0);
}

static void what_numpy_writes_is_read(void **state)
{
    if (!has_numpy()) {
        printf("SKIPPED: no NumPy for /usr/bin/python3\n");
        skip();
    }
    assert_int_equal(
        run_python(
            "import numpy as np; f = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 8\n"
            "np.savez('stored.npz', f=f, n=np.array([7], np.uint16))\n"
            "np.savez_compressed('deflated.npz', f=f, n=np.array([7], np.uint16))\n"
            "np.save('lone.npy', f)\n"
            "np.save('fortran.npy', np.asfortranarray(f)); np.save('big.npy', f.astype('>f4'))\n"
            "np.lib.format.write_array(open('v2.npy', 'wb'), f, version=(2, 0))"),
        0);
    static const char *const files[] = {"stored.npz", "deflated.npz", "lone.npy", "v2.npy"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct err err = {""};
        struct npz *npz = npz_read(in_folder(files[i]), &err);
        if (!npz)
            fail_msg("%s", err.text);
        const struct array *f = npz_find(npz, i < 2 ? "f" : "array");
        assert_non_null(f);
        assert_int_equal(f->type, ARRAY_FLOAT32);
        assert_int_equal(f->rank, 3);
        for (int k = 0; k < 24; k++)
            assert_true(((const float *)f->data)[k] == (float)k / 8);
        if (i < 2)
            assert_int_equal(((const uint16_t *)npz_find(npz, "n")->data)[0], 7);
        npz_free(npz);
    }
    struct err err = {""};
    assert_null(npz_read(in_folder("fortran.npy"), &err));
    assert_non_null(strstr(err.text, "column-major order (fortran_order) is not supported"));
    assert_null(npz_read(in_folder("big.npy"), &err));
    assert_non_null(strstr(err.text, "type '>f4' is not one of |u1 |i1 <u2 <i2 <i4 <i8 <f4 <f8"));
}

/* A .npy of version 1 with this header and so many bytes of data. */
static struct npz *decode_header(const char *header, size_t data, struct err *err)
{
    uint8_t bytes[1024] = "\x93NUMPY\1\0";
    size_t length = strlen(header);
    bytes[8] = (uint8_t)length;
    bytes[9] = (uint8_t)(length >> 8);
    memcpy(bytes + 10, header, length);
    return npz_decode(bytes, 10 + length + data, "a.npy", err);
}

static const struct {
    const char *header;
    size_t data;
    const char *message;
} hostile[] = {
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7,
     "a.npy: shape and type need 8 bytes of data, there are 7"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9, "need 8 bytes of data"},
    {"{'descr': '<f4', 'fortran_order': False, }", 8, "descr, fortran_order or shape is missing"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627777,), }", 8, "too large"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1048576,1048576,2), }", 8,
     "too many elements"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", 4,
     "more than 8 dimensions"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "other than numbers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", 8, "shape is not a tuple"},
    {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,), }", 8, "neither True nor False"},
    {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8, "structured types"},
    {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, "type '<c8' is not one of"},
    {"{'shape': (2,), 'key': 3}", 8, "key 'key' is not descr, fortran_order or shape"},
    {"{'descr': '<f4", 8, "a quote is not closed"},
    {"{'descr' '<f4'}", 8, "a colon is missing"},
    {"[1]", 8, "not a dictionary"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x", 8, "follows the dictionary"},
};

static void broken_headers_are_refused(void **state)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct err err = {""};
        assert_null(decode_header(hostile[i].header, hostile[i].data, &err));
        if (!strstr(err.text, hostile[i].message) || strchr(err.text, '\n'))
            fail_msg("\"%s\" does not say \"%s\"", err.text, hostile[i].message);
    }
}

static size_t read_bytes(const char *path, uint8_t *bytes, size_t most)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, most, file);
    fclose(file);
    return size;
}

static void every_truncation_and_flipped_bit_is_read_or_refused(void **state)
{
    uint8_t bytes[4096];
    struct array array = random_array(ARRAY_FLOAT32, 1);
    write_or_fail(in_folder("small.npz"), &array, 1);
    size_t size = read_bytes(in_folder("small.npz"), bytes, sizeof bytes);
    for (size_t length = 0; length < size; length++) {
        struct err err = {""};
        assert_null(npz_decode(bytes, length, "cut.npz", &err));
        assert_memory_equal(err.text, "cut.npz: ", 9);
    }
    for (size_t bit = 0; bit < 8 * size; bit++) {
        struct err err = {""};
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        npz_free(npz_decode(bytes, size, "bit.npz", &err));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(array.data);
}

/* The data's checksum is checked: no flipped bit in them goes unnoticed. */
static void damaged_data_are_noticed(void **state)
{
    uint8_t bytes[8192];
    struct array array = {.name = "a", .type = ARRAY_UINT8, .rank = 1, .dims = {2000}};
    uint8_t data[2000];
    for (int i = 0; i < 2000; i++)
        data[i] = (uint8_t)check_random();
    array.data = data;
    write_or_fail(in_folder("sum.npz"), &array, 1);
    size_t size = read_bytes(in_folder("sum.npz"), bytes, sizeof bytes);
    for (size_t at = 500; at < 1500; at += 7) {
        struct err err = {""};
        bytes[at] ^= 0x10;
        assert_null(npz_decode(bytes, size, "sum.npz", &err));
        assert_non_null(strstr(err.text, "array \"a\": damaged"));
        bytes[at] ^= 0x10;
    }
}

/* A disk that fills up, played by a limit on file sizes: an error, and the old file is still there,
 * whole. */
static void a_full_disk_is_an_error(void **state)
{
    enum { COUNT = 100000 };
    const char *path = in_folder("full.npz");
    uint8_t *noise = malloc(COUNT);
    for (int i = 0; i < COUNT; i++)
        noise[i] = (uint8_t)check_random();
    struct array small = {
        .name = "old", .type = ARRAY_UINT8, .rank = 1, .dims = {3}, .data = noise};
    struct array large = {
        .name = "new", .type = ARRAY_UINT8, .rank = 1, .dims = {COUNT}, .data = noise};
    write_or_fail(path, &small, 1);
    pid_t child = fork();
    if (child == 0) {
        struct err err = {""};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){COUNT / 2, COUNT / 2});
        struct npz_writer *writer = npz_writer_open(path, &err);
        bool ok = writer && npz_writer_add(writer, &large, &err);
        bool written = ok && npz_writer_close(writer, &err);
        _exit(!ok ? 1 : written ? 2 : strstr(err.text, path) == err.text ? 0 : 3);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct err err = {""};
    struct npz *npz = npz_read(path, &err);
    assert_non_null(npz);
    assert_non_null(npz_find(npz, "old"));
    npz_free(npz);
    char command[300];
    snprintf(command, sizeof command, "test -z \"$(ls '%s' | grep -v npz$ | grep full)\"", folder);
    assert_int_equal(system(command), 0); /* no temporary file is left */
    free(noise);
}

static void a_writer_that_is_aborted_leaves_nothing(void **state)
{
    struct err err = {""};
    struct array array = random_array(ARRAY_INT8, 2);
    struct npz_writer *writer = npz_writer_open(in_folder("aborted.npz"), &err);
    assert_non_null(writer);
    assert_true(npz_writer_add(writer, &array, &err));
    assert_false(npz_writer_add(writer, &array, &err));
    assert_non_null(strstr(err.text, "is there already"));
    npz_writer_abort(writer);
    assert_int_not_equal(access(in_folder("aborted.npz"), F_OK), 0);
    writer = npz_writer_open(in_folder("empty.npz"), &err);
    assert_non_null(writer);
    assert_false(npz_writer_close(writer, &err));
    assert_non_null(strstr(err.text, "no arrays to write"));
    assert_null(npz_writer_open("/no/such/folder/a.npz", &err));
    assert_string_equal(err.text, "/no/such/folder/a.npz: No such file or directory");
    assert_null(npz_writer_open("/tmp", &err));
    assert_string_equal(err.text, "/tmp: not a regular file");
    free(array.data);
}

int main(void)
{
    check_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_and_rank_comes_back),
        cmocka_unit_test(equal_arrays_make_equal_files),
        cmocka_unit_test(numpy_reads_what_is_written),
        cmocka_unit_test(what_numpy_writes_is_read),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(every_truncation_and_flipped_bit_is_read_or_refused),
        cmocka_unit_test(damaged_data_are_noticed),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(a_writer_that_is_aborted_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
