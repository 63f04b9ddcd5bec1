/* SPDX-License-Identifier: MIT
 * Activations come from an executor batch by batch, as those of select do. */
#include "study/spurious.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/blanket.h"
#include "lethe/codec.h"
#include "lethe/equivalence.h"
#include "lethe/problem.h"
#include "lethe/rng.h"
#include "lethe/train.h"

enum lethe_err lethe_spurious_check(const struct lethe_dataset *data, struct lethe_error *err)
{
    const size_t groups = lethe_dataset_groups(data);
    if (groups == 2)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG,
                      "a mark is told by samples of two groups, and these have %zu: "
                      "'generate mark' plants one before 'train'",
                      groups);
}

int lethe_spurious_class(double *share, double *elsewhere, const struct lethe_dataset *data)
{
    const size_t classes = lethe_dataset_classes(data), n = lethe_dataset_count(data);
    double best = -INFINITY;
    int found = 0;
    for (size_t c = 0; c < classes; c++) {
        double marked[2] = {0}, count[2] = {0};
        for (size_t i = 0; i < n; i++) {
            const int of_it = lethe_dataset_label(data, i) == (int)c;
            marked[of_it] += lethe_dataset_group(data, i) == 1;
            count[of_it]++;
        }
        const double in = count[1] > 0 ? marked[1] / count[1] : 0;
        const double out = count[0] > 0 ? marked[0] / count[0] : 0;
        if (in - out > best) {
            best = in - out;
            found = (int)c;
            *share = in;
            *elsewhere = out;
        }
    }
    return found;
}

/* ---- what the network makes of the samples --------------------------------------------------- */

struct looked {
    struct lethe_problem *problem;
    size_t n, units; /* samples; units of all layers but the last, which come first */
    double *a;       /* (n, units), NULL: not wanted */
    double *logits;  /* (n, classes) */
};

static void looked_release(struct looked *looked)
{
    lethe_problem_free(looked->problem);
    lethe_free(looked->a);
    lethe_free(looked->logits);
}

/* Every layer's activations of a batch into rows first to first + n - 1. */
static void read_units(struct looked *looked, double *buffer, const struct lethe_graph *graph,
                       size_t first, size_t n)
{
    const size_t layers = lethe_graph_layer_count(graph);
    for (size_t l = 0; l + 1 < layers; l++) {
        const size_t units = lethe_graph_layer(graph, l)->units,
                     from = lethe_unit_number(graph, l, 0);
        lethe_exec_preact(lethe_problem_exec(looked->problem), l, buffer);
        for (size_t i = 0; i < n; i++)
            memcpy(looked->a + (first + i) * looked->units + from, buffer + i * units,
                   units * sizeof *buffer);
    }
}

static enum lethe_err pass(struct looked *looked, const struct lethe_spurious_spec *spec,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(spec->graph);
    const size_t batches = lethe_problem_batches(looked->problem);
    double *buffer = lethe_alloc(lethe_problem_batch(looked->problem),
                                 (lethe_unit_count(spec->graph) + 1) * sizeof *buffer);
    enum lethe_err code =
        buffer ? LETHE_OK : lethe_fail_memory(err, "activations", batches, sizeof *buffer);
    lethe_problem_weights(looked->problem, spec->w);
    for (size_t b = 0, first = 0, n = 0; !code && b < batches; b++) {
        code = lethe_watch_step(watch, "looking at samples", (long)b, (long)batches, err);
        if (!code)
            code = lethe_problem_forward(looked->problem, b, looked->logits + first * classes,
                                         &first, &n, err);
        if (!code && looked->a)
            read_units(looked, buffer, spec->graph, first, n);
        first += n;
    }
    lethe_free(buffer);
    return code;
}

static enum lethe_err look(struct looked *looked, const struct lethe_spurious_spec *spec,
                           int activations, struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t layers = lethe_graph_layer_count(spec->graph);
    const struct lethe_problem_spec problem = {.graph = spec->graph,
                                               .data = spec->data,
                                               .ids = spec->ids,
                                               .count = spec->count,
                                               .dtype = lethe_graph_passes(spec->graph)};
    *looked = (struct looked){.n = spec->count};
    if (!layers)
        return lethe_fail(err, LETHE_EARG, "the network has no layers with units");
    looked->units = lethe_unit_number(spec->graph, layers - 1, 0);
    enum lethe_err code = lethe_problem_new(&looked->problem, &problem, err);
    if (code)
        return code;
    looked->logits =
        lethe_alloc(looked->n, lethe_graph_classes(spec->graph) * sizeof *looked->logits);
    if (activations)
        looked->a = lethe_alloc(looked->n, (looked->units + 1) * sizeof *looked->a);
    if (!looked->logits || (activations && !looked->a))
        return lethe_fail_memory(err, "activations", looked->n, looked->units * sizeof(double));
    return pass(looked, spec, watch, err);
}

/* ---- order of the units ---------------------------------------------------------------------- */

struct asked {
    double *columns;  /* (n, 2) label, mark */
    double *contrast; /* (n) */
    double *y;        /* (n) of the unit at work */
    double *mean;     /* (classes, 2) sums and counts */
    unsigned char *marks;
    int *labels;
};

static void asked_release(struct asked *asked)
{
    lethe_free(asked->columns);
    lethe_free(asked->contrast);
    lethe_free(asked->y);
    lethe_free(asked->mean);
    lethe_free(asked->marks);
    lethe_free(asked->labels);
}

static enum lethe_err ask(struct asked *asked, const struct lethe_spurious_spec *spec,
                          struct lethe_error *err)
{
    const size_t n = spec->count, classes = lethe_dataset_classes(spec->data);
    asked->columns = lethe_alloc(n, 2 * sizeof *asked->columns);
    asked->contrast = lethe_alloc(n, sizeof *asked->contrast);
    asked->y = lethe_alloc(n, sizeof *asked->y);
    asked->mean = lethe_alloc(classes, 2 * sizeof *asked->mean);
    asked->marks = lethe_alloc(n, 1);
    asked->labels = lethe_alloc(n, sizeof *asked->labels);
    if (!asked->columns || !asked->contrast || !asked->y || !asked->mean || !asked->marks ||
        !asked->labels)
        return lethe_fail_memory(err, "marks", n, 4 * sizeof *asked->columns);
    for (size_t i = 0; i < n; i++) {
        asked->labels[i] = lethe_dataset_label(spec->data, spec->ids[i]);
        asked->marks[i] = lethe_dataset_group(spec->data, spec->ids[i]) == 1;
        asked->columns[2 * i] = asked->labels[i];
        asked->columns[2 * i + 1] = asked->marks[i];
    }
    return lethe_train_contrast(asked->contrast, asked->marks, asked->labels, n, classes, err);
}

/* Standard deviation of y within a label. */
static double spread(struct asked *asked, size_t n, size_t classes)
{
    double square = 0;
    memset(asked->mean, 0, 2 * classes * sizeof *asked->mean);
    for (size_t i = 0; i < n; i++) {
        asked->mean[2 * asked->labels[i]] += asked->y[i];
        asked->mean[2 * asked->labels[i] + 1]++;
    }
    for (size_t i = 0; i < n; i++) {
        const double *mean = asked->mean + 2 * asked->labels[i];
        square += pow(asked->y[i] - mean[0] / mean[1], 2) / (double)n;
    }
    return sqrt(square);
}

static enum lethe_err score(struct lethe_spurious_unit *out, struct asked *asked,
                            const struct looked *looked, const struct lethe_spurious_spec *spec,
                            struct lethe_error *err)
{
    static const size_t label = 0, mark = 1;
    const struct lethe_codec_sets sets = {&label, &mark, 1, 1};
    const struct lethe_codec_options options = {.seed = spec->seed, .threads = spec->threads};
    const struct lethe_codec_input input = {
        .n = spec->count, .p = 2, .x64 = asked->columns, .y = asked->y};
    struct lethe_codec_value value = {0};
    double shift = 0, largest = 0;
    for (size_t i = 0; i < spec->count; i++) {
        asked->y[i] = looked->a[i * looked->units + out->unit];
        shift += asked->contrast[i] * asked->y[i] / (double)spec->count;
        largest = fmax(largest, fabs(asked->y[i]));
    }
    const double sd = spread(asked, spec->count, lethe_dataset_classes(spec->data));
    out->shift = sd > LETHE_ROUNDING * largest ? shift / sd : 0; /* a unit that never moves */
    enum lethe_err code = lethe_codec(&value, &input, &sets, &options, err);
    out->dependence = value.defined ? value.value : 0;
    return code;
}

static int by_dependence(const void *a, const void *b)
{
    const struct lethe_spurious_unit *x = a, *y = b;
    if (x->dependence != y->dependence)
        return x->dependence > y->dependence ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* As many of the ids as are looked at, in their order; ids is new. */
static enum lethe_err thin(size_t **ids, size_t *count, const struct lethe_spurious_spec *spec,
                           struct lethe_error *err)
{
    struct lethe_rng rng;
    *count = spec->count < LETHE_SPURIOUS_SAMPLES ? spec->count : LETHE_SPURIOUS_SAMPLES;
    *ids = lethe_alloc(spec->count, sizeof **ids);
    if (!*ids)
        return lethe_fail_memory(err, "samples", spec->count, sizeof **ids);
    memcpy(*ids, spec->ids, spec->count * sizeof **ids);
    lethe_rng_init(&rng, spec->seed, LETHE_RNG_SUBSET, 0, 0);
    if (*count < spec->count)
        lethe_rng_shuffle(&rng, *ids, spec->count);
    return LETHE_OK;
}

enum lethe_err lethe_spurious_units(struct lethe_spurious_unit **order, size_t *count,
                                    size_t *looked_at, const struct lethe_spurious_spec *given,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_spurious_spec spec = *given;
    struct looked looked = {0};
    struct asked asked = {0};
    struct lethe_spurious_unit *made = NULL;
    size_t *ids = NULL;
    enum lethe_err code = lethe_spurious_check(spec.data, err);
    if (!code)
        code = thin(&ids, &spec.count, given, err);
    spec.ids = ids;
    if (!code)
        code = ask(&asked, &spec, err);
    if (!code)
        code = look(&looked, &spec, 1, watch, err);
    if (!code && !(made = lethe_alloc(looked.units + 1, sizeof *made)))
        code = lethe_fail_memory(err, "units", looked.units, sizeof *made);
    for (size_t u = 0; !code && u < looked.units; u++) {
        made[u].unit = u;
        code = lethe_watch_step(watch, "dependence on the mark", (long)u, (long)looked.units, err);
        if (!code)
            code = score(&made[u], &asked, &looked, &spec, err);
    }
    if (!code) {
        qsort(made, looked.units, sizeof *made, by_dependence);
        *order = made;
        *count = looked.units;
        *looked_at = spec.count;
    } else {
        lethe_free(made);
    }
    looked_release(&looked);
    asked_release(&asked);
    lethe_free(ids);
    return code;
}

/* ---- outcome --------------------------------------------------------------------------------- */

enum lethe_err lethe_spurious_measure(struct lethe_spurious_outcome *outcome,
                                      const struct lethe_spurious_spec *spec, int class,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(spec->graph);
    struct lethe_spurious_outcome made = {0};
    struct looked looked = {0};
    enum lethe_err code = lethe_spurious_check(spec->data, err);
    if (!code)
        code = look(&looked, spec, 0, watch, err);
    for (size_t i = 0; !code && i < spec->count; i++) {
        const double *logits = looked.logits + i * classes;
        const int label = lethe_dataset_label(spec->data, spec->ids[i]);
        const int marked = lethe_dataset_group(spec->data, spec->ids[i]) == 1;
        struct lethe_spurious_part *part = label == class ? &made.of_class : &made.others;
        int answer = 0;
        for (size_t c = 1; c < classes; c++)
            if (logits[c] > logits[answer])
                answer = (int)c;
        part->samples[marked]++;
        part->right[marked] += answer == label;
        part->named[marked] += answer == class;
    }
    looked_release(&looked);
    if (!code)
        *outcome = made;
    return code;
}
