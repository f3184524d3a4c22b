/* The plots of a report as SVG files. The page's scripts make them in JavaScriptCore, through its C
 * interface (JavaScriptCore/JavaScript.h of WebKitGTK), which is loaded when asked for: mantis
 * neither builds with it nor starts with it. */
#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/output.h"
#include "sim/report_data.h"
#include "sim/report_parts.h"

/* --- the library --- */

/* X(function, result, parameters) */
#define SCRIPT_FUNCTIONS(X)                                                                    \
    X(JSGlobalContextCreate, void *, (void *class))                                            \
    X(JSGlobalContextRelease, void, (void *context))                                           \
    X(JSStringCreateWithUTF8CString, void *, (const char *text))                               \
    X(JSStringRelease, void, (void *string))                                                   \
    X(JSEvaluateScript, const void *,                                                          \
      (void *context, void *script, void *this, void *url, int line, const void **exception))  \
    X(JSValueToStringCopy, void *, (void *context, const void *value, const void **exception)) \
    X(JSStringGetMaximumUTF8CStringSize, size_t, (void *string))                               \
    X(JSStringGetUTF8CString, size_t, (void *string, char *text, size_t size))

struct script_engine {
    void *library, *context;
#define MEMBER(function, result, parameters) result(*function) parameters;
    SCRIPT_FUNCTIONS(MEMBER)
#undef MEMBER
};

static const char *const libraries[] = {"libjavascriptcoregtk-4.1.so.0",
                                        "libjavascriptcoregtk-6.0.so.1",
                                        "libjavascriptcoregtk-4.0.so.18"};

static bool engine_open(struct script_engine *engine, struct err *err)
{
    *engine = (struct script_engine){0};
    for (size_t i = 0; !engine->library && i < sizeof libraries / sizeof *libraries; i++)
        engine->library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
    bool whole = engine->library != NULL;
#define LOAD(function, result, parameters)                               \
    if (whole)                                                           \
        *(void **)&engine->function = dlsym(engine->library, #function); \
    whole = whole && engine->function;
    SCRIPT_FUNCTIONS(LOAD)
#undef LOAD
    if (whole)
        engine->context = engine->JSGlobalContextCreate(NULL);
    return engine->context ||
           err_set(err,
                   "--svg: needs the library %s (Debian: libjavascriptcoregtk-4.1-0); the HTML "
                   "report has a button SVG at each plot",
                   libraries[0]);
}

static void engine_close(struct script_engine *engine)
{
    if (engine->context)
        engine->JSGlobalContextRelease(engine->context);
    /* The library has threads of its own: it stays loaded. */
}

/* The value as text, to be freed; NULL where there is no memory. */
static char *value_text(struct script_engine *engine, const void *value)
{
    void *string = engine->JSValueToStringCopy(engine->context, value, NULL);
    size_t size = string ? engine->JSStringGetMaximumUTF8CStringSize(string) : 0;
    char *text = size ? malloc(size) : NULL;
    if (text)
        engine->JSStringGetUTF8CString(string, text, size);
    if (string)
        engine->JSStringRelease(string);
    return text;
}

/* Run a script; *text, where asked for, is its value. */
static bool engine_run(struct script_engine *engine, const char *script, char **text,
                       struct err *err)
{
    const void *exception = NULL;
    void *source = engine->JSStringCreateWithUTF8CString(script);
    const void *value =
        engine->JSEvaluateScript(engine->context, source, NULL, NULL, 1, &exception);
    engine->JSStringRelease(source);
    if (value) {
        if (text)
            *text = value_text(engine, value);
        return !text || *text || err_set(err, "--svg: out of memory");
    }
    char *reason = value_text(engine, exception);
    err_set(err, "--svg: %.200s", reason ? reason : "out of memory");
    free(reason);
    return false;
}

/* --- scripts --- */

/* Define reportText: the data as JSON, in a string literal, which is JSON again. And setTimeout, of
 * which the engine has none: plots that do not move wait for nothing. */
static bool run_data(struct script_engine *engine, const struct report_data *data, struct err *err)
{
    static const char head[] = "globalThis.setTimeout = () => 0; const reportText = ";
    json_t *root = report_data_json(data);
    char *dump = root ? json_dumps(root, REPORT_JSON_FLAGS) : NULL;
    json_t *string = dump ? json_string(dump) : NULL;
    char *literal = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    char *script = literal ? malloc(sizeof head + strlen(literal)) : NULL;
    bool ok = script != NULL || err_set(err, "--svg: out of memory");
    if (ok)
        ok = engine_run(engine, strcat(strcpy(script, head), literal), NULL, err);
    free(script);
    free(literal);
    json_decref(string);
    free(dump);
    json_decref(root);
    return ok;
}

static bool run_plots(struct script_engine *engine, const struct report_data *data, char **plots,
                      struct err *err)
{
    const char *const scripts[] = {report_part_library, report_part_format, report_part_points,
                                   report_part_layers, report_part_roofline};
    bool ok = run_data(engine, data, err);
    for (size_t i = 0; ok && i < sizeof scripts / sizeof *scripts; i++)
        ok = engine_run(engine, scripts[i], NULL, err);
    return ok && engine_run(engine, report_part_svg, plots, err);
}

/* --- files --- */

static bool write_plot(const char *folder, const char *name, const char *text, struct err *err)
{
    char path[PATH_MAX];
    struct output output;
    if (snprintf(path, sizeof path, "%s/%s.svg", folder, name) >= (int)sizeof path)
        return err_set(err, "%.64s...: the path is too long", folder);
    if (!output_open(&output, path, err))
        return false;
    fputs(text, output.file);
    return output_commit(&output, err);
}

static bool write_plots(const char *folder, const char *plots, struct err *err)
{
    json_t *root = json_loads(plots, 0, NULL), *plot;
    const char *name;
    bool ok = root || err_set(err, "--svg: out of memory");
    if (ok && mkdir(folder, 0777) && errno != EEXIST)
        ok = err_set(err, "%s: cannot be made: %s", folder, strerror(errno));
    json_object_foreach(root, name, plot) ok =
        ok && write_plot(folder, name, json_string_value(plot), err);
    json_decref(root);
    return ok;
}

bool report_svg(const struct report_data *data, const char *folder, struct err *err)
{
    struct script_engine engine;
    char *plots = NULL;
    bool ok = engine_open(&engine, err) && run_plots(&engine, data, &plots, err) &&
              write_plots(folder, plots, err);
    free(plots);
    engine_close(&engine);
    return ok;
}
