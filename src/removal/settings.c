/* SPDX-License-Identifier: MIT
 * The table of settings. */
#include "removal/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lethe/curvature.h"
#include "lethe/methods.h"
#include "lethe/select.h"
#include "text/nearest.h"

const char *lethe_setting_selector(size_t n)
{
    size_t count = 0;
    const struct lethe_select_method *methods = lethe_select_methods(&count);
    return n < count ? methods[n].name : NULL;
}

const char *lethe_setting_curvature(size_t n)
{
    size_t count = 0;
    const struct lethe_curvature_method *methods = lethe_curvature_methods(&count);
    return n < count ? methods[n].name : NULL;
}

const char *lethe_setting_method(size_t n)
{
    const struct lethe_unlearn_method *method = lethe_unlearn_method_at(n);
    return method ? method->name : NULL;
}

#define STEP (LETHE_PART_CURVATURE | LETHE_PART_STEP)

static const struct lethe_setting_row rows[] = {
    [LETHE_SET_SEED] = {{"seed", LETHE_ARG_INT, 0, 0, 9007199254740992.0, 0, 0,
                         "seed of everything random (0)"},
                        "0",
                        LETHE_PART_ALL,
                        1},
    [LETHE_SET_WEIGHT_DECAY] = {{"weight_decay", LETHE_ARG_REAL, 0, 0, INFINITY, 0, 0,
                                 "lambda of the training that made the model"},
                                "",
                                LETHE_PART_ALL,
                                1},
    [LETHE_SET_PERTURB_COUNT] = {{"perturb.count", LETHE_ARG_INT, 0, 10, 100000, 0, 0,
                                  "noisy copies of each forget sample (1000)"},
                                 "1000",
                                 LETHE_PART_SELECTION,
                                 1},
    [LETHE_SET_PERTURB_SIGMA] = {{"perturb.sigma", LETHE_ARG_REAL, LETHE_ARG_OPEN, 0, 1000, 0, 0,
                                  "sd of their noise, on the normalised input (0.1)"},
                                 "0.1",
                                 LETHE_PART_SELECTION,
                                 1},
    [LETHE_SET_PERTURB_TOKENS] = {{"perturb.tokens", LETHE_ARG_INT, 0, 1, 100000, 0, 0,
                                   "text: words replaced in each copy (2)"},
                                  "2",
                                  LETHE_PART_SELECTION,
                                  1},
    [LETHE_SET_SELECT_METHOD] = {{"select.method", LETHE_ARG_CHOICE, 0, 0, 0, NULL,
                                  lethe_setting_selector, "how units are chosen (lfoci)"},
                                 "lfoci",
                                 LETHE_PART_SELECTION,
                                 1},
    [LETHE_SET_SELECT_MAX] = {{"select.max", LETHE_ARG_INT, 0, 1, 100000, 0, 0,
                               "units to order at most (64)"},
                              "64",
                              LETHE_PART_SELECTION,
                              1},
    [LETHE_SET_SELECT_SCALING] = {{"select.scaling", LETHE_ARG_CHOICE, 0, 0, 0, "sd|none", 0,
                                   "scaling of the columns before distances (sd)"},
                                  "sd",
                                  LETHE_PART_SELECTION,
                                  1},
    [LETHE_SET_SELECT_JITTER] = {{"select.jitter", LETHE_ARG_REAL, 0, 0, 1000, 0, 0,
                                  "sd of the noise added to the scaled columns (0)"},
                                 "0",
                                 LETHE_PART_SELECTION,
                                 1},
    [LETHE_SET_SELECT_STOP] = {{"select.stop", LETHE_ARG_CHOICE, 0, 0, 0, "on|off", 0,
                                "draw the line where nothing is gained (on)"},
                               "on",
                               LETHE_PART_SELECTION,
                               1},
    [LETHE_SET_SELECT_SEVERAL] = {{"select.several", LETHE_ARG_CHOICE, 0, 0, 0,
                                   "union|mean|stacked", 0,
                                   "one blanket from several forget samples (union)"},
                                  "union",
                                  LETHE_PART_SELECTION,
                                  1},
    [LETHE_SET_SELECT_ORDER] = {{"select.order", LETHE_ARG_CHOICE, 0, 0, 0, "auto|step|gain|kl", 0,
                                 "how single weights are ordered (auto)"},
                                "auto",
                                LETHE_PART_SELECTION,
                                3},
    [LETHE_SET_SELECT_WITHIN] = {{"select.within", LETHE_ARG_TEXT, 0, 0, 0, 0, 0,
                                  "where single weights may be: all, blanket or layer:NAME,... "
                                  "(all)"},
                                 "all",
                                 LETHE_PART_SELECTION,
                                 3},
    [LETHE_SET_METHOD] = {{"method", LETHE_ARG_CHOICE, 0, 0, 0, NULL, lethe_setting_method,
                           "how the removal is made (newton)"},
                          "newton",
                          LETHE_PART_STEP,
                          2},
    [LETHE_SET_METHOD_WITH] = {{"method.with", LETHE_ARG_TEXT, 0, 0, 0, 0, 0,
                                "parameters of the method, key=value,... (as published)"},
                               "",
                               LETHE_PART_STEP,
                               2},
    [LETHE_SET_BLANKET] =
        {{"blanket", LETHE_ARG_SIZE, 0, 0, 0, 0, 0,
          "what the step may change: a number of the order, P%, auto or all (auto)"},
         "auto",
         LETHE_PART_STEP,
         1},
    [LETHE_SET_DAMPING] = {{"damping", LETHE_ARG_REAL, LETHE_ARG_AUTO, 0, 1e12, 0, 0,
                            "mu, added to the curvature, or auto (auto)"},
                           "auto",
                           LETHE_PART_STEP,
                           1},
    [LETHE_SET_CURVATURE] = {{"curvature", LETHE_ARG_CHOICE, 0, 0, 0, NULL, lethe_setting_curvature,
                              "curvature of the retained objective (ggn)"},
                             "ggn",
                             STEP,
                             1},
    [LETHE_SET_CURVATURE_SAMPLES] = {{"curvature.samples", LETHE_ARG_COUNT, 0, 0, 0, 0, 0,
                                      "retained samples it is made from: a number, auto or all "
                                      "(auto: 2000, more where they are quick or many parameters "
                                      "share a matrix)"},
                                     "auto",
                                     STEP,
                                     1},
    [LETHE_SET_CURVATURE_SHRINK] = {{"curvature.shrink", LETHE_ARG_CHOICE, 0, 0, 0, "auto|off", 0,
                                     "with few samples for its parameters a ggn is shrunk towards "
                                     "EKFAC (auto)"},
                                    "auto",
                                    STEP,
                                    2},
    [LETHE_SET_SOLVE_SETTLED] = {{"solve.settled", LETHE_ARG_REAL, 0, 0, 1, 0, 0,
                                  "share by which the forget samples' predicted logits may still "
                                  "move when a solve by products ends (0.01)"},
                                 "0.01",
                                 STEP,
                                 2},
    [LETHE_SET_FORM] = {{"form", LETHE_ARG_CHOICE, 0, 0, 0, "auto|residual|influence|outcome", 0,
                         "form of the step (auto)"},
                        "auto",
                        LETHE_PART_STEP,
                        1},
    [LETHE_SET_STEPS] = {{"steps", LETHE_ARG_INT, 0, 1, 20, 0, 0,
                          "steps of a removal, each from where the last one led (1)"},
                         "1",
                         LETHE_PART_STEP,
                         1},
    [LETHE_SET_PASSES] = {{"passes", LETHE_ARG_INT, 0, 0, 1000, 0, 0,
                           "iterations of L-BFGS after the step of the whole network (0)"},
                          "0",
                          LETHE_PART_STEP,
                          2},
    [LETHE_SET_NOISE_EPS] = {{"noise.eps", LETHE_ARG_REAL, 0, 0, 100, 0, 0,
                              "eps of the noise on the step, 0 for none (0)"},
                             "0",
                             LETHE_PART_STEP,
                             1},
    [LETHE_SET_NOISE_DELTA] = {{"noise.delta", LETHE_ARG_REAL, LETHE_ARG_OPEN, 0, 0.5, 0, 0,
                                "delta of the noise on the step (1e-5)"},
                               "1e-5",
                               LETHE_PART_STEP,
                               1},
    [LETHE_SET_RETRAIN] = {{"retrain", LETHE_ARG_CHOICE, 0, 0, 0, "on|off", 0,
                            "retrain beside every preview (on)"},
                           "on",
                           0,
                           0},
    [LETHE_SET_RETRAIN_BY] =
        {{"retrain.by", LETHE_ARG_CHOICE, 0, 0, 0, "auto|lbfgs|recipe|head", 0,
          "how a warm retraining goes on; head: the last layer alone, which "
          "then is all that a step moves (auto: so where only that was trained "
          "here)"},
         "auto",
         LETHE_PART_RETRAIN | LETHE_PART_BEFORE,
         4},
    [LETHE_SET_RETRAIN_MOST] = {{"retrain.most", LETHE_ARG_INT, 0, 0, 10000000, 0, 0,
                                 "its iterations or epochs at most, 0 for the usual (0)"},
                                "0",
                                LETHE_PART_RETRAIN | LETHE_PART_BEFORE,
                                0},
    [LETHE_SET_RETRAIN_TOLERANCE] = {{"retrain.tolerance", LETHE_ARG_REAL, 0, 0, 1, 0, 0,
                                      "largest entry of the gradient at its end, 0: the usual (0)"},
                                     "0",
                                     LETHE_PART_RETRAIN | LETHE_PART_BEFORE,
                                     0},
    [LETHE_SET_MEMORY] = {{"memory", LETHE_ARG_INT, 0, 64, 1048576, 0, 0,
                           "megabytes that each stage of a removal keeps to (1024)"},
                          "1024",
                          LETHE_PART_SELECTION | STEP,
                          2},
};
_Static_assert(sizeof rows / sizeof *rows == LETHE_SET_COUNT, "a setting without a row");

const struct lethe_setting_row *lethe_setting_row(enum lethe_setting key)
{
    return &rows[key];
}

enum lethe_err lethe_setting_find(enum lethe_setting *key, const char *name,
                                  struct lethe_error *err)
{
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, name);
    for (int k = 0; k < LETHE_SET_COUNT; k++) {
        if (strcmp(rows[k].spec.name, name) == 0) {
            *key = (enum lethe_setting)k;
            return LETHE_OK;
        }
        lethe_nearest_offer(&guess, rows[k].spec.name);
    }
    if (guess.best)
        return lethe_fail(err, LETHE_EARG, "unknown setting '%s': did you mean '%s'?", name,
                          guess.best);
    return lethe_fail(err, LETHE_EARG, "unknown setting '%s': 'show' lists all", name);
}

void lethe_settings_init(struct lethe_settings *settings)
{
    for (int k = 0; k < LETHE_SET_COUNT; k++)
        snprintf(settings->text[k], LETHE_SETTING_TEXT, "%s", rows[k].fallback);
}

static enum lethe_err check_within(const char *value, struct lethe_error *err)
{
    if (strcmp(value, "all") == 0 || strcmp(value, "blanket") == 0 ||
        (strncmp(value, "layer:", 6) == 0 && value[6]))
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG,
                      "within: 'all', 'blanket' (L-FOCI's) or 'layer:NAME,...', not '%s'", value);
}

/* All parameters of the method of that name, with the values that `text` puts. */
static enum lethe_err complete(char full[LETHE_SETTING_TEXT], const char *name, const char *text,
                               struct lethe_error *err)
{
    const struct lethe_unlearn_method *method = NULL;
    struct lethe_unlearn_values values;
    enum lethe_err code = lethe_unlearn_find(&method, name, err);
    if (!code)
        code = lethe_unlearn_read(&values, method, text, err);
    if (!code && method->masked && strcmp(values.mask, lethe_unlearn_usual_mask(method)) != 0) {
        const struct lethe_select_method *selector = NULL;
        code = lethe_select_find(&selector, values.mask, err);
    }
    if (!code)
        lethe_unlearn_write(full, &values, method);
    return code;
}

enum lethe_err lethe_settings_put(struct lethe_settings *settings, enum lethe_setting key,
                                  const char *value, struct lethe_error *err)
{
    struct lethe_arg arg = {0};
    enum lethe_err code = lethe_arg_check(&arg, &rows[key].spec, value, err);
    if (!code && key == LETHE_SET_SELECT_WITHIN)
        code = check_within(value, err);
    if (code)
        return code;
    if (strlen(value) >= LETHE_SETTING_TEXT)
        return lethe_fail(err, LETHE_EARG, "'%s': the value is longer than %d letters",
                          rows[key].spec.name, (int)LETHE_SETTING_TEXT - 1);
    char with[LETHE_SETTING_TEXT];
    if (key == LETHE_SET_METHOD)
        code = complete(with, value, "", err);
    else if (key == LETHE_SET_METHOD_WITH)
        code = complete(with, settings->text[LETHE_SET_METHOD], value, err);
    if (code)
        return code;
    if (key == LETHE_SET_METHOD || key == LETHE_SET_METHOD_WITH)
        memcpy(settings->text[LETHE_SET_METHOD_WITH], with, sizeof with);
    if (key != LETHE_SET_METHOD_WITH)
        snprintf(settings->text[key], LETHE_SETTING_TEXT, "%s", value);
    return LETHE_OK;
}

double lethe_settings_real(const struct lethe_settings *settings, enum lethe_setting key)
{
    return settings->text[key][0] ? strtod(settings->text[key], NULL) : NAN;
}

size_t lethe_settings_count(const struct lethe_settings *settings, enum lethe_setting key)
{
    return (size_t)strtoull(settings->text[key], NULL, 10);
}

size_t lethe_settings_memory(const struct lethe_settings *settings)
{
    return lethe_settings_count(settings, LETHE_SET_MEMORY) << 20;
}

static int weights_chosen(const struct lethe_settings *settings)
{
    return strcmp(settings->text[LETHE_SET_SELECT_METHOD], "weights") == 0;
}

unsigned lethe_settings_parts(const struct lethe_settings *settings, enum lethe_setting key)
{
    const unsigned parts = rows[key].parts;
    const int steers = key == LETHE_SET_DAMPING || key == LETHE_SET_CURVATURE ||
                       key == LETHE_SET_CURVATURE_SAMPLES || key == LETHE_SET_FORM ||
                       key == LETHE_SET_PASSES;
    return steers && weights_chosen(settings) ? parts | LETHE_PART_SELECTION : parts;
}

int lethe_setting_decides(const struct lethe_settings *settings, enum lethe_setting key)
{
    return rows[key].decides == 1 || (rows[key].decides == 3 && weights_chosen(settings)) ||
           (rows[key].decides == 4 && !strcmp(settings->text[key], "head")) ||
           (rows[key].decides == 2 && strcmp(settings->text[key], rows[key].fallback) != 0);
}

unsigned lethe_settings_stale(const struct lethe_settings *a, const struct lethe_settings *b)
{
    unsigned parts = 0;
    for (int key = 0; key < LETHE_SET_COUNT; key++)
        if (strcmp(a->text[key], b->text[key]) != 0)
            parts |= lethe_settings_parts(a, (enum lethe_setting)key);
    return parts;
}
