/* SPDX-License-Identifier: MIT
 * Noisy copies of one sample through the network: pre-activations, losses, dead units. */
#include "lethe/perturb.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/blanket.h"
#include "lethe/rng.h"
#include "unlearn/inputs.h"
#include "unlearn/perturber.h"

enum {
    COPIES = 250,        /* in one batch */
    SPECIAL = 2,         /* tokens below: padding 0, unknown 1 */
    MEMORY = 1024 << 20, /* bytes, where none are said */
};

struct lethe_perturb_options lethe_perturb_defaults(void)
{
    return (struct lethe_perturb_options){
        .count = 1000, .sigma = 0.1, .tokens = 2, .dtype = LETHE_F32};
}

void lethe_perturbation_release(struct lethe_perturbation *out)
{
    lethe_free(out->a);
    lethe_free(out->loss);
    lethe_free(out->dead);
    *out = (struct lethe_perturbation){0};
}

struct lethe_perturber {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_exec *exec;
    struct lethe_perturb_options options;
    size_t sample, width, classes, batch;
    int label;
    int *labels;           /* (batch) all the same */
    double *clean;         /* (width) */
    double *x, *split;     /* (batch, width) */
    const double **inputs; /* one for each input of the graph */
    double *logits;        /* (batch, classes), then the derivative */
    double *layer;         /* (batch, widest layer) */
    size_t *words;         /* (width) positions of tokens that can be replaced */
};

static enum lethe_err prepare(struct lethe_perturber *k, const struct lethe_dataset *data,
                              struct lethe_error *err)
{
    size_t widest = 1, parts = lethe_graph_inputs(k->graph), total = 0;
    for (size_t l = 0; l < lethe_graph_layer_count(k->graph); l++)
        if (lethe_graph_layer(k->graph, l)->units > widest)
            widest = lethe_graph_layer(k->graph, l)->units;
    for (size_t p = 0; p < parts; p++)
        total += lethe_graph_input_width(k->graph, p);
    k->width = lethe_dataset_width(data);
    if (total != k->width)
        return lethe_fail(err, LETHE_EARG,
                          "the model takes %zu numbers per sample, the data have %zu", total,
                          k->width);
    k->classes = lethe_graph_classes(k->graph);
    k->batch = k->options.count < COPIES ? k->options.count : COPIES;
    /* values of a copy, and as much again of derivatives */
    const size_t each = 2 * lethe_graph_footprint(k->graph) * sizeof(double) /
                            (k->options.dtype == LETHE_F32 ? 2 : 1) +
                        1;
    const size_t fit = (k->options.memory ? k->options.memory : MEMORY) / each;
    k->batch = fit < 1 ? 1 : fit < k->batch ? fit : k->batch;
    k->labels = lethe_alloc(k->batch, sizeof *k->labels);
    k->clean = lethe_alloc(k->width, sizeof *k->clean);
    k->x = lethe_alloc_aligned(k->batch * k->width, sizeof *k->x);
    k->split = lethe_alloc_aligned(k->batch * k->width, sizeof *k->split);
    k->inputs = lethe_alloc(parts, sizeof *k->inputs);
    k->logits = lethe_alloc(2 * k->batch * k->classes, sizeof *k->logits);
    k->layer = lethe_alloc(k->batch * widest, sizeof *k->layer);
    k->words = lethe_alloc(k->width, sizeof *k->words);
    if (!k->labels || !k->clean || !k->x || !k->split || !k->inputs || !k->logits || !k->layer ||
        !k->words)
        return lethe_fail_memory(err, "perturbations", k->batch * (2 * k->width + widest),
                                 sizeof(double));
    k->exec = lethe_exec_new(k->graph, k->options.dtype, k->batch, err);
    if (!k->exec)
        return err && err->code ? err->code : LETHE_ENOMEM;
    return lethe_exec_threads(k->exec, k->options.threads, err);
}

/* The sample whose copies are drawn from now on. */
static enum lethe_err take_sample(struct lethe_perturber *k, size_t sample, struct lethe_error *err)
{
    k->sample = sample;
    lethe_dataset_batch(k->data, k->clean, &k->label, &k->sample, 1);
    if (k->label < 0 || (size_t)k->label >= k->classes)
        return lethe_fail(err, LETHE_EARG, "sample %zu has label %d, the model classes 0 to %zu",
                          k->sample, k->label, k->classes - 1);
    for (size_t i = 0; i < k->batch; i++)
        k->labels[i] = k->label;
    return LETHE_OK;
}

void lethe_perturber_free(struct lethe_perturber *k)
{
    if (!k)
        return;
    lethe_graph_unref(k->graph);
    lethe_dataset_unref(k->data);
    lethe_exec_free(k->exec);
    lethe_free(k->labels);
    lethe_free(k->clean);
    lethe_free(k->x);
    lethe_free(k->split);
    lethe_free(k->inputs);
    lethe_free(k->logits);
    lethe_free(k->layer);
    lethe_free(k->words);
    lethe_free(k);
}

/* Positions of the input's tokens that can be replaced, into k->words; how many. */
static size_t find_words(struct lethe_perturber *k, size_t from, size_t width)
{
    size_t count = 0;
    for (size_t i = from; i < from + width; i++)
        if (k->clean[i] >= SPECIAL)
            k->words[count++] = i;
    return count;
}

/* Some of the words of x, which is the clean sample, by others of `rows`. */
static void replace_words(struct lethe_perturber *k, double *x, size_t words, size_t rows,
                          struct lethe_rng *rng)
{
    for (size_t i = 0; i < k->options.tokens && i < words; i++) {
        size_t j = i + (size_t)lethe_rng_below(rng, words - i), at = k->words[j];
        k->words[j] = k->words[i];
        k->words[i] = at;
        x[at] = (double)(SPECIAL + lethe_rng_below(rng, rows - SPECIAL));
    }
}

/* One input of one copy: entries from .. from + width - 1 of x. */
static void draw_input(struct lethe_perturber *k, double *x, size_t input, size_t from,
                       struct lethe_rng *rng)
{
    size_t width = lethe_graph_input_width(k->graph, input), rows = 0;
    enum lethe_input_kind kind = lethe_graph_input_kind(k->graph, input, &rows);
    memcpy(x + from, k->clean + from, width * sizeof *x);
    if (kind == LETHE_INPUT_REAL)
        for (size_t i = from; i < from + width; i++)
            x[i] += k->options.sigma * lethe_rng_normal(rng);
    else if (kind == LETHE_INPUT_TOKENS && rows > SPECIAL)
        replace_words(k, x, find_words(k, from, width), rows, rng);
}

/* Copies first .. first + n - 1 of the sample. */
static void draw(struct lethe_perturber *k, size_t first, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, k->options.seed, LETHE_RNG_PERTURB, k->sample, first + c);
        for (size_t p = 0, from = 0; p < lethe_graph_inputs(k->graph); p++) {
            draw_input(k, k->x + c * k->width, p, from, &rng);
            from += lethe_graph_input_width(k->graph, p);
        }
    }
    lethe_inputs_split(k->inputs, k->split, k->graph, k->x, n);
}

/* Something of the sample must be free to move. */
static enum lethe_err check_movable(struct lethe_perturber *k, struct lethe_error *err)
{
    for (size_t p = 0, from = 0; p < lethe_graph_inputs(k->graph); p++) {
        size_t rows = 0, width = lethe_graph_input_width(k->graph, p);
        enum lethe_input_kind kind = lethe_graph_input_kind(k->graph, p, &rows);
        if (kind == LETHE_INPUT_REAL)
            return LETHE_OK;
        if (kind == LETHE_INPUT_TOKENS && rows > SPECIAL && find_words(k, from, width))
            return LETHE_OK;
        from += width;
    }
    return lethe_fail(err, LETHE_EARG,
                      "sample %zu cannot be perturbed: its inputs hold neither real numbers nor "
                      "words of an embedding's vocabulary",
                      k->sample);
}

static int all_alive(const unsigned char *alive, size_t units)
{
    return !memchr(alive, 0, units);
}

/* alive[u] is set once the loss of some copy depends on unit u. */
static enum lethe_err find_alive(struct lethe_perturber *k, unsigned char *alive,
                                 const double *slope, size_t n, struct lethe_error *err)
{
    enum lethe_err rc = lethe_exec_backward(k->exec, NULL, slope, err);
    for (size_t l = 0, column = 0; !rc && l < lethe_graph_layer_count(k->graph); l++) {
        const size_t units = lethe_graph_layer(k->graph, l)->units;
        if (!all_alive(alive + column, units)) {
            lethe_exec_delta(k->exec, l, k->layer);
            for (size_t c = 0; c < n; c++)
                for (size_t u = 0; u < units; u++)
                    alive[column + u] |= k->layer[c * units + u] != 0;
        }
        column += units;
    }
    return rc;
}

/* Losses and pre-activations of n copies; derivatives only while some unit may still be dead. */
static enum lethe_err record(struct lethe_perturber *k, struct lethe_perturbation *out,
                             unsigned char *alive, size_t first, size_t n, struct lethe_error *err)
{
    double *slope = k->logits + k->batch * k->classes;
    enum lethe_err rc = lethe_exec_forward(k->exec, k->logits, k->inputs, n, err);
    if (rc)
        return rc;
    lethe_cross_entropy(out->loss + first, slope, k->logits, k->labels, n, k->classes, 1);
    for (size_t l = 0, column = 0; l < lethe_graph_layer_count(k->graph); l++) {
        const size_t units = lethe_graph_layer(k->graph, l)->units;
        lethe_exec_preact(k->exec, l, k->layer);
        for (size_t c = 0; c < n; c++)
            for (size_t u = 0; u < units; u++)
                out->a[(first + c) * out->units + column + u] = (float)k->layer[c * units + u];
        column += units;
    }
    return all_alive(alive, out->units) ? LETHE_OK : find_alive(k, alive, slope, n, err);
}

/* Refuses what is not a number; a unit that never moves is dead. */
static enum lethe_err settle(struct lethe_perturbation *out, const struct lethe_graph *graph,
                             const unsigned char *alive, size_t sample, struct lethe_error *err)
{
    for (size_t u = 0; u < out->units; u++) {
        int moves = 0;
        for (size_t c = 0; c < out->count; c++) {
            float a = out->a[c * out->units + u];
            moves |= a != out->a[u];
            if (!isfinite(a)) {
                char name[LETHE_UNIT_NAME];
                lethe_unit_name(name, sizeof name, graph, u);
                return lethe_fail(err, LETHE_ENUM, "unit '%s' is not finite on sample %zu", name,
                                  sample);
            }
        }
        out->dead[u] = !(alive[u] && moves);
    }
    for (size_t c = 0; c < out->count; c++)
        if (!isfinite(out->loss[c]))
            return lethe_fail(err, LETHE_ENUM, "the loss is not finite on a copy of sample %zu",
                              sample);
    return LETHE_OK;
}

static enum lethe_err check(const struct lethe_perturb_options *o, const struct lethe_dataset *data,
                            size_t sample, struct lethe_error *err)
{
    if (o->count < 2 || o->count > 1000000)
        return lethe_fail(err, LETHE_EARG, "%zu perturbed copies: 2 to 1000000", o->count);
    if (!(o->sigma > 0) || !isfinite(o->sigma))
        return lethe_fail(err, LETHE_EARG, "sigma %g: it must be above 0", o->sigma);
    if (o->tokens < 1)
        return lethe_fail(err, LETHE_EARG, "0 tokens replaced: it must be at least 1");
    if (sample >= lethe_dataset_count(data))
        return lethe_fail(err, LETHE_EARG, "no sample %zu: the data have 0 to %zu", sample,
                          lethe_dataset_count(data) - 1);
    return LETHE_OK;
}

enum lethe_err lethe_perturber_new(struct lethe_perturber **perturber, struct lethe_graph *graph,
                                   struct lethe_dataset *data, const double *w,
                                   const struct lethe_perturb_options *options,
                                   struct lethe_error *err)
{
    struct lethe_perturber *k = lethe_alloc_zero(1, sizeof *k);
    if (!k)
        return lethe_fail_memory(err, "perturbations", 1, sizeof *k);
    k->graph = lethe_graph_ref(graph);
    k->data = lethe_dataset_ref(data);
    k->options = *options;
    enum lethe_err rc = prepare(k, data, err);
    if (rc) {
        lethe_perturber_free(k);
        return rc;
    }
    lethe_exec_weights(k->exec, w);
    *perturber = k;
    return LETHE_OK;
}

/* The sample as it is, then its copies. */
static enum lethe_err run_copies(struct lethe_perturber *k, struct lethe_perturbation *p,
                                 unsigned char *alive, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    lethe_inputs_split(k->inputs, k->split, k->graph, k->clean, 1);
    enum lethe_err rc = lethe_exec_forward(k->exec, k->logits, k->inputs, 1, err);
    if (!rc)
        p->loss_clean = lethe_cross_entropy(p->loss, NULL, k->logits, k->labels, 1, k->classes, 1);
    for (size_t first = 0, n; !rc && first < p->count; first += n) {
        n = p->count - first < k->batch ? p->count - first : k->batch;
        rc = lethe_watch_step(watch, "perturbing", (long)first, (long)p->count, err);
        draw(k, first, n);
        if (!rc)
            rc = record(k, p, alive, first, n, err);
    }
    return rc;
}

enum lethe_err lethe_perturber_run(struct lethe_perturber *k, struct lethe_perturbation *out,
                                   size_t sample, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_perturbation p = {.count = k->options.count, .units = lethe_unit_count(k->graph)};
    enum lethe_err rc = check(&k->options, k->data, sample, err);
    if (rc)
        return rc;
    unsigned char *alive = lethe_alloc_zero(p.units, 1);
    p.a = lethe_alloc_aligned(p.count * p.units, sizeof *p.a);
    p.loss = lethe_alloc(p.count, sizeof *p.loss);
    p.dead = lethe_alloc_zero(p.units, 1);
    if (!alive || !p.a || !p.loss || !p.dead)
        rc = lethe_fail_memory(err, "perturbations", p.count * p.units, sizeof *p.a);
    if (!rc)
        rc = take_sample(k, sample, err);
    if (!rc)
        rc = check_movable(k, err);
    if (!rc)
        rc = run_copies(k, &p, alive, watch, err);
    if (!rc)
        rc = settle(&p, k->graph, alive, sample, err);
    if (!rc) {
        *out = p;
        p = (struct lethe_perturbation){0};
    }
    lethe_perturbation_release(&p);
    lethe_free(alive);
    return rc;
}

enum lethe_err lethe_perturb(struct lethe_perturbation *out, struct lethe_graph *graph,
                             struct lethe_dataset *data, const double *w, size_t sample,
                             const struct lethe_perturb_options *options, struct lethe_watch *watch,
                             struct lethe_error *err)
{
    struct lethe_perturber *k = NULL;
    enum lethe_err rc = check(options, data, sample, err);
    if (!rc)
        rc = lethe_perturber_new(&k, graph, data, w, options, err);
    if (!rc)
        rc = lethe_perturber_run(k, out, sample, watch, err);
    lethe_perturber_free(k);
    return rc;
}
