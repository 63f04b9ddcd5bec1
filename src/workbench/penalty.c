/* SPDX-License-Identifier: MIT
 * Which units a training penalises, as `train penalty=` names them, and with what. See
 * penalty.h. */
#include "workbench/penalty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/blanket.h"
#include "lethe/rng.h"
#include "study/spurious.h"

void lethe_penalty_release(struct lethe_penalty *penalty)
{
    lethe_free(penalty->text);
    lethe_dataset_unref(penalty->heldout);
    lethe_free(penalty->ids);
    lethe_free(penalty->w);
    lethe_free(penalty->units);
    lethe_free(penalty->contrast);
    *penalty = (struct lethe_penalty){0};
}

/* Units of all layers but the last: they have the first numbers. */
static size_t hidden_units(const struct lethe_graph *graph)
{
    const size_t layers = lethe_graph_layer_count(graph);
    return layers ? lethe_unit_number(graph, layers - 1, 0) : 0;
}

/* "WORD[:8]": the number; 0 for another word, or no such number. */
static size_t limit_of(const char *text, const char *word)
{
    const size_t length = strlen(word);
    char *end;
    if (strncmp(text, word, length) != 0 || strncmp(text + length, "[:", 2) != 0)
        return 0;
    errno = 0;
    const unsigned long long n = strtoull(text + length + 2, &end, 10);
    return errno || strcmp(end, "]") != 0 ? 0 : (size_t)n;
}

enum lethe_err lethe_penalty_read(struct lethe_penalty *penalty, const struct lethe_args *args,
                                  enum lethe_train_method method, uint64_t seed,
                                  struct lethe_error *err)
{
    const char *text = lethe_args_text(args, "penalty", NULL);
    if (!text && lethe_args_given(args, "strength"))
        return lethe_fail(err, LETHE_EARG, "'strength=' is of a penalty: 'penalty=spurious[:8]'");
    if (!text)
        return LETHE_OK;
    if (method == LETHE_TRAIN_LBFGS)
        return lethe_fail(err, LETHE_EARG,
                          "a penalty is of mini-batches that train the whole network: "
                          "optimizer=sgd or optimizer=adam");
    *penalty = (struct lethe_penalty){.text = lethe_strdup(text),
                                      .strength = lethe_args_real(args, "strength", 0.1),
                                      .seed = seed};
    return penalty->text ? LETHE_OK : lethe_fail_memory(err, "units", strlen(text), 1);
}

/* ---- from the words -------------------------------------------------------------------------- */

static enum lethe_err add_unit(struct lethe_penalty *p, const struct lethe_graph *graph,
                               const char *name, struct lethe_error *err)
{
    size_t number = 0;
    enum lethe_err code = lethe_unit_find(&number, graph, name, err);
    if (code)
        return code;
    if (number >= hidden_units(graph))
        return lethe_fail(err, LETHE_EARG,
                          "'%s' cannot be penalised: units of all layers but the last can", name);
    for (size_t k = 0; k < p->count; k++)
        if (p->units[k] == number)
            return lethe_fail(err, LETHE_EARG, "unit '%s' is given twice", name);
    p->units[p->count++] = number;
    return LETHE_OK;
}

static enum lethe_err read_list(struct lethe_penalty *p, const struct lethe_graph *graph,
                                struct lethe_error *err)
{
    char *text = lethe_strdup(p->text), *rest = NULL;
    enum lethe_err code = text ? LETHE_OK : lethe_fail_memory(err, "units", strlen(p->text), 1);
    for (char *name = text ? strtok_r(text, ",", &rest) : NULL; name && !code;
         name = strtok_r(NULL, ",", &rest))
        code = add_unit(p, graph, name, err);
    if (!code && !p->count)
        code =
            lethe_fail(err, LETHE_EARG,
                       "'penalty=' names units: spurious[:8], random[:8], all, or fc1[3],fc1[5]");
    lethe_free(text);
    return code;
}

static enum lethe_err take_model(struct lethe_penalty *p, const struct lethe_project *project,
                                 const struct lethe_graph *graph, struct lethe_error *err)
{
    if (project->graph != graph || !project->heldout)
        return lethe_fail(
            err, LETHE_EARG,
            "'penalty=%s' looks at the network there is and held-out samples: 'train' "
            "first, then 'train continue penalty=%s'",
            p->text, p->text);
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    enum lethe_err code = lethe_spurious_check(project->heldout, err);
    if (code)
        return code;
    p->w = lethe_alloc(size, sizeof *p->w);
    p->ids = lethe_alloc(project->tune.count, sizeof *p->ids);
    if (!p->w || !p->ids)
        return lethe_fail_memory(err, "weights", size, sizeof *p->w);
    memcpy(p->w, project->w, size * sizeof *p->w);
    memcpy(p->ids, project->tune.at, project->tune.count * sizeof *p->ids);
    p->id_count = project->tune.count;
    p->heldout = lethe_dataset_ref(project->heldout);
    return LETHE_OK;
}

static void draw(struct lethe_penalty *p, size_t hidden, size_t wanted)
{
    struct lethe_rng rng;
    for (size_t u = 0; u < hidden; u++)
        p->units[u] = u;
    lethe_rng_init(&rng, p->seed, LETHE_RNG_SELECT, 0, 0);
    if (wanted < hidden)
        lethe_rng_shuffle(&rng, p->units, hidden);
    p->count = wanted < hidden ? wanted : hidden;
}

enum lethe_err lethe_penalty_begin(struct lethe_penalty *p, const struct lethe_project *project,
                                   const struct lethe_graph *graph,
                                   const struct lethe_dataset *train, struct lethe_error *err)
{
    const size_t hidden = hidden_units(graph);
    enum lethe_err code = lethe_spurious_check(train, err);
    if (code)
        return code;
    if (!hidden)
        return lethe_fail(err, LETHE_EARG,
                          "there is nothing to penalise: the network's only layer is its last");
    p->units = lethe_alloc(hidden, sizeof *p->units);
    if (!p->units)
        return lethe_fail_memory(err, "units", hidden, sizeof *p->units);
    if (limit_of(p->text, "spurious"))
        return take_model(p, project, graph, err);
    if (limit_of(p->text, "random"))
        draw(p, hidden, limit_of(p->text, "random"));
    else if (!strcmp(p->text, "all"))
        draw(p, hidden, hidden);
    else
        return read_list(p, graph, err);
    return LETHE_OK;
}

/* ---- in the training ------------------------------------------------------------------------- */

static enum lethe_err find_units(struct lethe_penalty *p, struct lethe_graph *graph,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_spurious_spec spec = {.graph = graph,
                                             .w = p->w,
                                             .data = p->heldout,
                                             .ids = p->ids,
                                             .count = p->id_count,
                                             .seed = p->seed,
                                             .threads = p->threads};
    struct lethe_spurious_unit *order = NULL;
    size_t count = 0, looked = 0;
    const size_t wanted = limit_of(p->text, "spurious");
    enum lethe_err code = lethe_spurious_units(&order, &count, &looked, &spec, watch, err);
    for (; !code && p->count < wanted && p->count < count; p->count++)
        p->units[p->count] = order[p->count].unit;
    lethe_free(order);
    return code;
}

enum lethe_err lethe_penalty_make(struct lethe_train_penalty *out, struct lethe_penalty *p,
                                  struct lethe_graph *graph, const struct lethe_dataset *train,
                                  const size_t *ids, size_t count, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    enum lethe_err code = p->w ? find_units(p, graph, watch, err) : LETHE_OK;
    unsigned char *marks = lethe_alloc(count, 1);
    int *labels = lethe_alloc(count, sizeof *labels);
    p->contrast = lethe_alloc(count, sizeof *p->contrast);
    if (!code && (!marks || !labels || !p->contrast))
        code = lethe_fail_memory(err, "marks", count, sizeof *p->contrast);
    for (size_t i = 0; !code && i < count; i++) {
        labels[i] = lethe_dataset_label(train, ids[i]);
        marks[i] = lethe_dataset_group(train, ids[i]) == 1;
    }
    if (!code)
        code = lethe_train_contrast(p->contrast, marks, labels, count, lethe_dataset_classes(train),
                                    err);
    lethe_free(marks);
    lethe_free(labels);
    if (!code)
        *out = (struct lethe_train_penalty){
            .units = p->units, .count = p->count, .strength = p->strength, .contrast = p->contrast};
    return code;
}

void lethe_penalty_put(struct lethe_value *out, const struct lethe_penalty *p,
                       const struct lethe_graph *graph)
{
    if (!p->text)
        return;
    lethe_put_real(out, "penalty_strength", p->strength);
    struct lethe_value *list = lethe_put_list(out, "penalised_units");
    for (size_t k = 0; k < p->count; k++) {
        char name[LETHE_UNIT_NAME];
        lethe_unit_name(name, sizeof name, graph, p->units[k]);
        lethe_put_text(list, NULL, name);
    }
    lethe_put_note(out, "'objective' and 'gradient' are without the penalty, and a retraining goes "
                        "without it, too");
}
