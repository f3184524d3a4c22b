#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "workloads/onnx_import.h"

/* One node being imported: the inputs and attributes its rule asks for. (Its results:
 * onnx_result.c.) */

bool symbol_constant(struct importer *importer, struct symbol *symbol, struct constant **constant)
{
    if (!symbol->constant && symbol->definer == DEFINED_BY_INITIALIZER) {
        symbol->constant =
            constant_from_tensor(importer->proto->initializer[symbol->index], importer->err);
        if (!symbol->constant) {
            char name[GRAPH_NAME_SIZE];
            onnx_copy_name(name, symbol->name);
            return err_prefix(importer->err, "initializer \"%s\"", name);
        }
    }
    *constant = symbol->constant;
    return true;
}

bool call_has(const struct call *call, int input)
{
    return input >= 0 && input < call->input_count && call->inputs[input];
}

bool call_wrong_input(struct call *call, int input, const char *what)
{
    char name[GRAPH_NAME_SIZE] = "";
    if (call_has(call, input))
        onnx_copy_name(name, call->inputs[input]->name);
    return err_set(call->err, "input %d, \"%s\", %s", input, name, what);
}

const struct value *call_activation(struct call *call, int input)
{
    if (!call_has(call, input)) {
        err_set(call->err, "input %d is missing", input);
        return NULL;
    }
    struct constant *constant = NULL;
    if (!symbol_constant(call->importer, call->inputs[input], &constant))
        return NULL;
    if (constant) {
        call_wrong_input(call, input, "is a constant; an activation is needed");
        return NULL;
    }
    return &call->importer->graph->values[call->inputs[input]->value];
}

struct constant *call_constant(struct call *call, int input)
{
    if (!call_has(call, input)) {
        err_set(call->err, "input %d is missing", input);
        return NULL;
    }
    struct constant *constant = NULL;
    if (!symbol_constant(call->importer, call->inputs[input], &constant))
        return NULL;
    if (!constant)
        call_wrong_input(call, input, "is computed at run time; a constant is needed");
    return constant;
}

static bool list_from_constant(struct call *call, int input, struct int_list *list)
{
    const struct constant *constant = call_constant(call, input);
    if (!constant)
        return false;
    if (constant->is_float)
        return call_wrong_input(call, input, "holds reals; integers are needed");
    if (constant->count > ONNX_MAX_LIST)
        return call_wrong_input(call, input, "is too long a list");
    list->present = true;
    list->count = (int)constant->count;
    memcpy(list->items, constant->integers, (size_t)list->count * sizeof *list->items);
    return true;
}

bool call_int_list(struct call *call, int input, const char *name, struct int_list *list)
{
    *list = (struct int_list){0};
    if (call_has(call, input))
        return list_from_constant(call, input, list);
    const Onnx__AttributeProto *attribute = call_attribute(call, name);
    if (!attribute)
        return true;
    if (attribute->has_type && attribute->type != ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS)
        return err_set(call->err, "attribute %s is not a list of integers", name);
    if (attribute->n_ints > ONNX_MAX_LIST)
        return err_set(call->err, "attribute %s has %zu entries; at most %d", name,
                       attribute->n_ints, ONNX_MAX_LIST);
    list->present = true;
    list->count = (int)attribute->n_ints;
    if (list->count)
        memcpy(list->items, attribute->ints, attribute->n_ints * sizeof *list->items);
    return true;
}

bool call_float(struct call *call, int input, const char *name, float fallback, float *number)
{
    if (!call_has(call, input))
        return call_attribute_float(call, name, fallback, number);
    const struct constant *constant = call_constant(call, input);
    if (!constant)
        return false;
    if (!constant->is_float || constant->count != 1)
        return call_wrong_input(call, input, "is not a single real number");
    *number = constant->floats[0];
    return true;
}

static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (*list) {
        size_t entry = strcspn(list, " ");
        if (entry == length && !memcmp(list, word, length))
            return true;
        list += entry;
        list += strspn(list, " ");
    }
    return false;
}

bool call_attributes_legal(struct call *call, const char *legal)
{
    for (size_t i = 0; i < call->proto->n_attribute; i++) {
        const Onnx__AttributeProto *attribute = call->proto->attribute[i];
        const char *name = attribute->name ? attribute->name : "";
        char shown[GRAPH_NAME_SIZE];
        onnx_copy_name(shown, name);
        if (!is_listed(legal, name))
            return err_set(call->err, "attribute \"%s\" is not known; legal: %s", shown,
                           *legal ? legal : "none");
        if (attribute->ref_attr_name && *attribute->ref_attr_name)
            return err_set(call->err, "attribute %s refers to a function's attribute", shown);
        if (call_attribute(call, name) != attribute)
            return err_set(call->err, "attribute %s is given twice", shown);
    }
    return true;
}

const Onnx__AttributeProto *call_attribute(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->proto->n_attribute; i++) {
        const Onnx__AttributeProto *attribute = call->proto->attribute[i];
        if (attribute->name && !strcmp(attribute->name, name))
            return attribute;
    }
    return NULL;
}

bool call_attribute_int(struct call *call, const char *name, int64_t fallback, int64_t *number)
{
    const Onnx__AttributeProto *attribute = call_attribute(call, name);
    *number = fallback;
    if (!attribute)
        return true;
    if (!attribute->has_i)
        return err_set(call->err, "attribute %s is not an integer", name);
    *number = attribute->i;
    return true;
}

bool call_attribute_float(struct call *call, const char *name, float fallback, float *number)
{
    const Onnx__AttributeProto *attribute = call_attribute(call, name);
    *number = fallback;
    if (!attribute)
        return true;
    if (!attribute->has_f)
        return err_set(call->err, "attribute %s is not a real number", name);
    *number = attribute->f;
    return true;
}

bool call_attribute_text(struct call *call, const char *name, const char *fallback, char text[32])
{
    const Onnx__AttributeProto *attribute = call_attribute(call, name);
    snprintf(text, 32, "%s", fallback);
    if (!attribute)
        return true;
    if (!attribute->has_s || attribute->s.len >= 32)
        return err_set(call->err, "attribute %s is not a short text", name);
    memcpy(text, attribute->s.data, attribute->s.len);
    text[attribute->s.len] = 0;
    return true;
}

bool call_axis(struct call *call, int64_t axis, int rank, int *result)
{
    if (axis < -rank || axis >= rank)
        return err_set(call->err, "axis %" PRId64 " is not in %d..%d", axis, -rank, rank - 1);
    *result = (int)(axis < 0 ? axis + rank : axis);
    return true;
}
