/* SPDX-License-Identifier: MIT
 * Maps of where a network looks, as an answer and as a picture. See activation_answer.h. */
#include "workbench/activation_answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/visible.h"
#include "data/words.h"

enum { MODELS = LETHE_ACTIVATION_MODELS, MARKED = 6, LISTED = 10 };
static const char *const models[MODELS] = {"before", "now", "retrained"};

enum lethe_err lethe_activation_of(struct lethe_activation_spec *spec,
                                   const struct lethe_workbench *wb, size_t id, int heldout,
                                   struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    const struct lethe_retrained *again = wb->cold_count ? wb->colds[0] : wb->warm;
    if (heldout && !project->heldout)
        return lethe_fail(err, LETHE_EARG, "there are no held-out samples");
    *spec = (struct lethe_activation_spec){
        .graph = project->graph,
        .data = heldout ? project->heldout : project->train,
        .id = id,
        .heldout = heldout,
        .class = -1,
        .w = {project->w, wb->preview ? wb->preview->w : NULL, again ? again->w : NULL}};
    return LETHE_OK;
}

enum lethe_err lethe_activation_class(long *class, const struct lethe_dataset *data,
                                      const char *name, struct lethe_error *err)
{
    const size_t classes = lethe_dataset_classes(data);
    char *end;
    for (size_t c = 0; c < classes; c++) {
        const char *known = lethe_dataset_class_name(data, c);
        if (known && lethe_visible_means(known, name, strlen(name))) {
            *class = (long)c;
            return LETHE_OK;
        }
    }
    *class = strtol(name, &end, 10);
    if (end != name && !*end && *class >= 0 && (size_t) * class < classes)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "no class '%s': a name, or a number from 0 to %zu", name,
                      classes - 1);
}

static void put_class(struct lethe_value *to, const char *key, const struct lethe_workbench *wb,
                      int class)
{
    const char *name = lethe_dataset_class_name(wb->project.train, (size_t) class);
    if (name)
        lethe_put_textf(to, key, "%d (%s)", class, name);
    else
        lethe_put_textf(to, key, "%d", class);
}

static void put_models(struct lethe_value *out, const struct lethe_activation *seen,
                       const struct lethe_workbench *wb)
{
    struct lethe_value *list = lethe_put_list(out, "models");
    for (size_t m = 0; m < MODELS; m++) {
        double largest = 0;
        if (!seen->map[m])
            continue;
        for (size_t i = 0; i < seen->rows * seen->columns; i++)
            largest = fmax(largest, seen->map[m][i]);
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "model", models[m]);
        put_class(row, "answer", wb, seen->answer[m]);
        lethe_hint(lethe_put_real(row, "probability", seen->share[m]), LETHE_HINT_PERCENT);
        lethe_put_real(row, "largest", largest);
        struct lethe_value *map = lethe_hint(lethe_put_list(row, "map"), LETHE_HINT_QUIET);
        for (size_t i = 0; i < seen->rows * seen->columns; i++)
            lethe_put_real(map, NULL, seen->map[m][i]);
    }
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* Places of the weightiest tokens, largest first; returns how many. */
static size_t weightiest(size_t places[LISTED], const struct lethe_activation *seen)
{
    size_t count = 0;
    for (size_t t = 0; t < seen->columns; t++) {
        size_t at = count;
        if (!(seen->tokens[t] > 0))
            continue;
        while (at > 0 && fabs(seen->map[0][t]) > fabs(seen->map[0][places[at - 1]]))
            at--;
        if (at == LISTED)
            continue;
        count += count < LISTED;
        memmove(places + at + 1, places + at, (count - at - 1) * sizeof *places);
        places[at] = t;
    }
    return count;
}

static const char *word_of(char text[32], const struct lethe_words *words, double token)
{
    const size_t number = (size_t)token;
    if (number < words->count)
        return words->word[number];
    snprintf(text, 32, "%zu", number);
    return text;
}

static void put_text(struct lethe_value *out, const struct lethe_activation *seen,
                     const struct lethe_words *words)
{
    size_t places[LISTED], count = weightiest(places, seen);
    struct lethe_text text = {0};
    char number[32];
    for (size_t t = 0; t < seen->columns; t++) {
        int marked = 0;
        if (!(seen->tokens[t] > 0))
            continue;
        for (size_t k = 0; k < count && k < MARKED; k++)
            marked |= places[k] == t;
        lethe_text_addf(&text, "%s%s%s%s", *lethe_text_get(&text) ? " " : "", marked ? "*" : "",
                        word_of(number, words, seen->tokens[t]), marked ? "*" : "");
    }
    lethe_hint(lethe_put_text(out, "text", lethe_text_get(&text)), LETHE_HINT_SENTENCE);
    lethe_text_release(&text);
    struct lethe_value *list = lethe_put_list(out, "words");
    for (size_t k = 0; k < count; k++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_count(row, "place", places[k]);
        lethe_put_text(row, "word", word_of(number, words, seen->tokens[places[k]]));
        for (size_t m = 0; m < MODELS; m++)
            if (seen->map[m])
                lethe_hint(lethe_put_real(row, models[m], seen->map[m][places[k]]),
                           LETHE_HINT_FIXED);
    }
}

/* ---- the answer ------------------------------------------------------------------------------ */

enum lethe_err lethe_activation_put(struct lethe_value *out, const struct lethe_activation *seen,
                                    const struct lethe_workbench *wb, struct lethe_error *err)
{
    const struct lethe_bundle *bundle = wb->project.bundle;
    lethe_hint(lethe_put_count(out, "sample", seen->id), LETHE_HINT_PLAIN);
    lethe_put_text(out, "from", seen->heldout ? "heldout" : "train");
    put_class(out, "label", wb, seen->label);
    put_class(out, "class", wb, seen->class);
    lethe_put_text(out, "layer", seen->layer);
    lethe_put_text(out, "method", seen->method);
    lethe_hint(lethe_put_count(out, "rows", seen->rows), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_count(out, "columns", seen->columns), LETHE_HINT_QUIET);
    put_models(out, seen, wb);
    if (!seen->tokens)
        return LETHE_OK;
    struct lethe_words words = {0};
    enum lethe_err code = bundle && bundle->train.vocabulary
                              ? lethe_words_read(&words, bundle->train.vocabulary, err)
                              : LETHE_OK;
    if (!code)
        put_text(out, seen, &words);
    lethe_words_release(&words);
    return code;
}

enum lethe_err lethe_activation_sheet(struct lethe_sheet **sheet,
                                      const struct lethe_activation *seen,
                                      const struct lethe_workbench *wb, struct lethe_error *err)
{
    char title[200], below[160];
    const char *name = lethe_dataset_class_name(wb->project.train, (size_t)seen->class);
    const size_t wide = MODELS * (seen->columns + 1) - 1, size = seen->rows * wide;
    double *cells = lethe_alloc(size, sizeof *cells);
    if (!cells)
        return lethe_fail_memory(err, "a map", size, sizeof *cells);
    for (size_t i = 0; i < size; i++)
        cells[i] = NAN;
    for (size_t m = 0; m < MODELS; m++)
        for (size_t r = 0; r < seen->rows && seen->map[m]; r++) /* row 0 of a sheet lies below */
            memcpy(cells + (seen->rows - 1 - r) * wide + m * (seen->columns + 1),
                   seen->map[m] + r * seen->columns, seen->columns * sizeof *cells);
    snprintf(title, sizeof title,
             "What sample %zu has of class %d%s%.60s%s: before | now | retrained", seen->id,
             seen->class, name ? " (" : "", name ? name : "", name ? ")" : "");
    snprintf(below, sizeof below, "%s of %s", seen->method, seen->layer);
    const struct lethe_plot_cells map = {
        .value = cells, .rows = seen->rows, .columns = wide, .label = "share of the logit"};
    struct lethe_sheet *made = lethe_sheet_new(title, below, err);
    enum lethe_err code = made ? lethe_sheet_cells(made, &map, err) : LETHE_ENOMEM;
    lethe_free(cells);
    if (code)
        lethe_sheet_unref(made);
    else
        *sheet = made;
    return code;
}
