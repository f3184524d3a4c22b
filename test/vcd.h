/* Reads value change dumps (IEEE 1364-2005, section 18) strictly, for the tests of waveforms:
 * anything out of order fails the test. */
#ifndef MANTIS_TEST_VCD_H
#define MANTIS_TEST_VCD_H

#include <string.h>

#include "isa/host.h"
#include "test/check.h"

enum { VCD_MAX_VARIABLES = 256, VCD_MAX_DEPTH = 4 };

struct vcd_variable {
    char scope[32], name[32], code[8];
    unsigned bits;
    bool is_known; /* not z */
    uint64_t value;
};

struct vcd {
    char *text, *next;
    int variable_count;
    struct vcd_variable variables[VCD_MAX_VARIABLES];
    bool has_time;
    uint64_t time;
};

/* The next word, ended by a zero; NULL at the end of the file. */
__attribute__((unused)) static char *vcd_word(struct vcd *vcd)
{
    char *word = vcd->next + strspn(vcd->next, " \n");
    if (!*word)
        return NULL;
    vcd->next = word + strcspn(word, " \n");
    if (*vcd->next)
        *vcd->next++ = 0;
    return word;
}

__attribute__((unused)) static void vcd_expect(struct vcd *vcd, const char *word)
{
    const char *found = vcd_word(vcd);
    assert_non_null(found);
    assert_string_equal(found, word);
}

__attribute__((unused)) static void vcd_skip_section(struct vcd *vcd)
{
    for (const char *word = vcd_word(vcd); strcmp(word, "$end"); word = vcd_word(vcd))
        assert_non_null(word);
}

__attribute__((unused)) static void vcd_read_variable(struct vcd *vcd, const char *scope)
{
    assert_true(vcd->variable_count < VCD_MAX_VARIABLES);
    struct vcd_variable *variable = &vcd->variables[vcd->variable_count];
    vcd_expect(vcd, "wire");
    variable->bits = (unsigned)strtoul(vcd_word(vcd), NULL, 10);
    assert_in_range(variable->bits, 1, 64);
    snprintf(variable->scope, sizeof variable->scope, "%s", scope);
    snprintf(variable->code, sizeof variable->code, "%s", vcd_word(vcd));
    snprintf(variable->name, sizeof variable->name, "%s", vcd_word(vcd));
    vcd_expect(vcd, "$end");
    for (int i = 0; i < vcd->variable_count; i++) {
        const struct vcd_variable *other = &vcd->variables[i];
        assert_string_not_equal(other->code, variable->code);
        assert_true(strcmp(other->name, variable->name) || strcmp(other->scope, variable->scope));
    }
    vcd->variable_count++;
}

/* Up to the end of the definitions. */
__attribute__((unused)) static void vcd_open(struct vcd *vcd, const char *path)
{
    char scopes[VCD_MAX_DEPTH][32];
    int depth = 0;
    size_t size;
    memset(vcd, 0, sizeof *vcd);
    vcd->text = vcd->next = (char *)file_read(path, 1 << 28, &size, NULL);
    assert_non_null(vcd->text);
    for (char *word = vcd_word(vcd); strcmp(word, "$enddefinitions"); word = vcd_word(vcd)) {
        if (!strcmp(word, "$scope")) {
            assert_true(depth < VCD_MAX_DEPTH);
            vcd_expect(vcd, "module");
            snprintf(scopes[depth++], sizeof scopes[0], "%s", vcd_word(vcd));
            vcd_expect(vcd, "$end");
        } else if (!strcmp(word, "$upscope")) {
            assert_true(depth-- > 0);
            vcd_expect(vcd, "$end");
        } else if (!strcmp(word, "$var")) {
            assert_true(depth > 0);
            vcd_read_variable(vcd, scopes[depth - 1]);
        } else {
            assert_int_equal(word[0], '$');
            vcd_skip_section(vcd);
        }
    }
    vcd_expect(vcd, "$end");
    assert_int_equal(depth, 0);
}

__attribute__((unused)) static void vcd_close(struct vcd *vcd)
{
    free(vcd->text);
}

__attribute__((unused)) static struct vcd_variable *vcd_find(struct vcd *vcd, const char *scope,
                                                             const char *name)
{
    for (int i = 0; i < vcd->variable_count; i++)
        if (!strcmp(vcd->variables[i].scope, scope) && !strcmp(vcd->variables[i].name, name))
            return &vcd->variables[i];
    fail_msg("no variable %s.%s", scope, name);
    return NULL;
}

/* A change: "1!", "z!" or "b0101 !". */
__attribute__((unused)) static void vcd_change(struct vcd *vcd, const char *word)
{
    const bool is_vector = *word == 'b';
    const char *digits = word + is_vector, *code = is_vector ? vcd_word(vcd) : word + 1;
    const size_t length = is_vector ? strlen(digits) : 1;
    struct vcd_variable *variable = NULL;
    for (int i = 0; i < vcd->variable_count; i++)
        if (!strcmp(vcd->variables[i].code, code))
            variable = &vcd->variables[i];
    assert_non_null(variable);
    variable->is_known = *digits != 'z';
    variable->value = 0;
    assert_true(is_vector == (variable->bits > 1));
    assert_true(length == variable->bits || (length == 1 && !variable->is_known));
    for (size_t i = 0; variable->is_known && i < length; i++) {
        assert_true(digits[i] == '0' || digits[i] == '1');
        variable->value = variable->value << 1 | (digits[i] == '1');
    }
}

/* Go on to the next time, with the changes that it brings; false where the file ends. */
__attribute__((unused)) static bool vcd_advance(struct vcd *vcd)
{
    char *word = vcd_word(vcd);
    if (!word)
        return false;
    assert_int_equal(word[0], '#');
    uint64_t time = strtoull(word + 1, NULL, 10);
    assert_true(!vcd->has_time || time > vcd->time);
    bool is_first = !vcd->has_time;
    vcd->has_time = true;
    vcd->time = time;
    if (is_first)
        vcd_expect(vcd, "$dumpvars");
    while (vcd->next[strspn(vcd->next, " \n")] && vcd->next[strspn(vcd->next, " \n")] != '#') {
        word = vcd_word(vcd);
        if (strcmp(word, "$end"))
            vcd_change(vcd, word);
        else
            assert_true(is_first);
    }
    return true;
}

#endif
