#include "sim/sweep_constraint.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- reading --- */

/* Longer ones first, so that "<=" is not read as "<". */
static const struct {
    const char *text;
    enum sweep_comparison comparison;
} comparisons[] = {
    {"<=", SWEEP_LESS_EQUAL}, {">=", SWEEP_GREATER_EQUAL}, {"!=", SWEEP_DIFFERENT},
    {"==", SWEEP_EQUAL},      {"<", SWEEP_LESS},           {">", SWEEP_GREATER},
    {"=", SWEEP_EQUAL},
};

/* The next word: up to a space or a comparison. */
static const char *take_word(const char *text, char word[SWEEP_NAME_SIZE])
{
    size_t length = 0;
    text += strspn(text, " \t");
    while (*text && !strchr(" \t<>=!", *text))
        if (length + 1 < SWEEP_NAME_SIZE)
            word[length++] = *text++;
        else
            text++;
    word[length] = '\0';
    return text + strspn(text, " \t");
}

static const char *take_comparison(const char *text, enum sweep_comparison *comparison)
{
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        size_t length = strlen(comparisons[i].text);
        if (!strncmp(text, comparisons[i].text, length)) {
            *comparison = comparisons[i].comparison;
            return text + length;
        }
    }
    return NULL;
}

/* The right side: a text for a text, else a number or another column. */
static bool set_right(struct sweep_constraint *constraint, const char *word, struct err *err)
{
    char *rest;
    constraint->other = -1;
    if (sweep_columns[constraint->column].kind == CELL_TEXT) {
        bool is_equality =
            constraint->comparison == SWEEP_EQUAL || constraint->comparison == SWEEP_DIFFERENT;
        snprintf(constraint->name, sizeof constraint->name, "%s", word);
        return is_equality || err_set(err, "\"%.64s\": a text has only = and !=", constraint->text);
    }
    constraint->number = strtod(word, &rest);
    if (*word && !*rest && constraint->number == constraint->number)
        return true;
    constraint->other = sweep_column_find(word, SWEEP_PARAMETER_COUNT, err);
    return (constraint->other >= 0 && sweep_columns[constraint->other].kind != CELL_TEXT) ||
           err_set(err, "\"%.64s\": \"%.32s\" is neither a number nor a column of numbers",
                   constraint->text, word);
}

bool sweep_constraint_parse(const char *text, struct sweep_constraint *constraint, struct err *err)
{
    char left[SWEEP_NAME_SIZE], right[SWEEP_NAME_SIZE];
    memset(constraint, 0, sizeof *constraint);
    if (strlen(text) >= sizeof constraint->text)
        return err_set(err, "\"%.32s...\" is longer than %d characters", text, SWEEP_NAME_SIZE - 1);
    memcpy(constraint->text, text, strlen(text) + 1);
    text = take_word(text, left);
    constraint->column = sweep_column_find(left, SWEEP_PARAMETER_COUNT, err);
    if (constraint->column < 0)
        return false;
    text = take_comparison(text, &constraint->comparison);
    if (text)
        text = take_word(text, right);
    if (!text || *text || !*right)
        return err_set(err, "\"%.64s\": must be COLUMN, one of <= < >= > = !=, and a value",
                       constraint->text);
    return set_right(constraint, right, err);
}

/* --- holding --- */

static double number_of(int column, const struct sweep_view *view)
{
    struct cell cell = sweep_parameter((enum sweep_parameter)column, view);
    return cell.kind == CELL_INTEGER ? (double)cell.integer : cell.real;
}

static bool compare(enum sweep_comparison comparison, double order)
{
    switch (comparison) {
    case SWEEP_LESS:
        return order < 0;
    case SWEEP_LESS_EQUAL:
        return order <= 0;
    case SWEEP_GREATER:
        return order > 0;
    case SWEEP_GREATER_EQUAL:
        return order >= 0;
    case SWEEP_EQUAL:
        return order == 0;
    case SWEEP_DIFFERENT:
        return order != 0;
    }
    assert(!"no such comparison");
    return false;
}

bool sweep_constraint_holds(const struct sweep_constraint *constraint,
                            const struct sweep_view *view)
{
    if (sweep_columns[constraint->column].kind == CELL_TEXT) {
        struct cell cell = sweep_parameter((enum sweep_parameter)constraint->column, view);
        return compare(constraint->comparison, strcmp(cell.text, constraint->name));
    }
    double right = constraint->other >= 0 ? number_of(constraint->other, view) : constraint->number;
    double left = number_of(constraint->column, view);
    return compare(constraint->comparison, (left > right) - (left < right));
}
