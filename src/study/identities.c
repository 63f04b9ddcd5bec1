/* SPDX-License-Identifier: MIT
 * What a network knows of the classes that are forgotten and of all others, on samples it never
 * trained on: whether it names them, and whom its features, the inputs of the last layer, take
 * for the same. See identities.h. */
#include "study/identities.h"

#include <string.h>

#include "base/alloc.h"
#include "unlearn/inputs.h"

enum { BATCH = 32 };

struct run {
    const struct lethe_identities_spec *spec;
    struct lethe_exec *exec;
    size_t layer, classes, width; /* the last layer and its inputs */
    double *x, *split, *logits;
    const double **inputs;
    int *labels;
};

void lethe_identity_arrays_release(struct lethe_identity_arrays *arrays)
{
    lethe_free(arrays->x);
    lethe_free(arrays->label);
    lethe_free(arrays->group);
    lethe_free(arrays->asks[0]);
    lethe_free(arrays->asks[1]);
    lethe_free(arrays->pairs);
    *arrays = (struct lethe_identity_arrays){0};
}

static enum lethe_err check(const struct lethe_identities_spec *spec, struct lethe_error *err)
{
    const size_t layers = lethe_graph_layer_count(spec->graph);
    if (!spec->count)
        return lethe_fail(err, LETHE_EARG, "there are no held-out samples to ask about");
    if (!layers || lethe_graph_layer(spec->graph, layers - 1)->positions != 1 ||
        lethe_graph_layer(spec->graph, layers - 1)->units != lethe_graph_classes(spec->graph))
        return lethe_fail(err, LETHE_EARG,
                          "features are the inputs of a last linear layer, which this network "
                          "lacks: 'head CLASSES' puts one on top");
    return LETHE_OK;
}

static enum lethe_err run_init(struct run *run, const struct lethe_identities_spec *spec,
                               const double *w, struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(spec->train);
    run->spec = spec;
    run->layer = lethe_graph_layer_count(spec->graph) - 1;
    run->width = lethe_graph_layer(spec->graph, run->layer)->fan_in;
    run->classes = lethe_graph_classes(spec->graph);
    run->exec = lethe_exec_new(spec->graph, lethe_graph_passes(spec->graph), BATCH, err);
    if (!run->exec)
        return err && err->code ? err->code : LETHE_ENOMEM;
    lethe_exec_weights(run->exec, w);
    run->x = lethe_alloc(BATCH, width * sizeof *run->x);
    run->split = lethe_alloc(BATCH, width * sizeof *run->split);
    run->logits = lethe_alloc(BATCH, run->classes * sizeof *run->logits);
    run->labels = lethe_alloc(BATCH, sizeof *run->labels);
    run->inputs = lethe_alloc(lethe_graph_inputs(spec->graph), sizeof *run->inputs);
    if (!run->x || !run->split || !run->logits || !run->labels || !run->inputs)
        return lethe_fail_memory(err, "features", BATCH, width * sizeof *run->x);
    return LETHE_OK;
}

static void run_release(struct run *run)
{
    lethe_exec_free(run->exec);
    lethe_free(run->x);
    lethe_free(run->split);
    lethe_free(run->logits);
    lethe_free(run->labels);
    lethe_free(run->inputs);
}

static size_t largest(const double *logits, size_t classes)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (logits[c] > logits[best])
            best = c;
    return best;
}

/* What one batch of samples gives, from row `at` of the arrays on. */
static enum lethe_err take_batch(struct lethe_identity_arrays *out, struct run *run,
                                 struct lethe_dataset *data, const size_t *ids, size_t n, size_t at,
                                 struct lethe_error *err)
{
    const int heldout = data == run->spec->heldout;
    lethe_dataset_batch(data, run->x, run->labels, ids, n);
    lethe_inputs_split(run->inputs, run->split, run->spec->graph, run->x, n);
    enum lethe_err code = lethe_exec_forward(run->exec, run->logits, run->inputs, n, err);
    if (code)
        return code;
    lethe_exec_input(run->exec, run->layer, out->x + at * run->width);
    for (size_t i = 0; i < n; i++) {
        const int label = run->labels[i], other = !run->spec->forgotten[label];
        out->label[at + i] = label;
        out->group[at + i] = lethe_dataset_group(data, ids[i]);
        if (!heldout)
            continue;
        out->pairs[at + i] = out->asks[other][at + i] = 1;
        out->samples[other]++;
        out->right[other] += largest(run->logits + i * run->classes, run->classes) == (size_t)label;
    }
    return LETHE_OK;
}

static enum lethe_err arrays_new(struct lethe_identity_arrays *out, size_t n, size_t width,
                                 struct lethe_error *err)
{
    out->n = n;
    out->width = width;
    out->x = lethe_alloc(n, width * sizeof *out->x);
    out->label = lethe_alloc(n, sizeof *out->label);
    out->group = lethe_alloc(n, sizeof *out->group);
    out->asks[0] = lethe_alloc_zero(n, 1);
    out->asks[1] = lethe_alloc_zero(n, 1);
    out->pairs = lethe_alloc_zero(n, 1);
    if (out->x && out->label && out->group && out->asks[0] && out->asks[1] && out->pairs)
        return LETHE_OK;
    return lethe_fail_memory(err, "features", n, width * sizeof *out->x);
}

enum lethe_err lethe_identity_arrays_make(struct lethe_identity_arrays *arrays,
                                          const struct lethe_identities_spec *spec, const double *w,
                                          struct lethe_watch *watch, struct lethe_error *err)
{
    struct run run = {0};
    const size_t trained = lethe_dataset_count(spec->train), n = trained + spec->count;
    size_t ids[BATCH];
    enum lethe_err code = check(spec, err);
    if (!code)
        code = run_init(&run, spec, w, err);
    if (!code)
        code = arrays_new(arrays, n, run.width, err);
    for (size_t at = 0; at < n && !code;) {
        const int heldout = at >= trained;
        const size_t left = (heldout ? n : trained) - at, count = left < BATCH ? left : BATCH;
        for (size_t i = 0; i < count; i++)
            ids[i] = heldout ? spec->ids[at - trained + i] : at + i;
        code = lethe_watch_step(watch, "features", (long)at, (long)n, err);
        if (!code)
            code = take_batch(arrays, &run, heldout ? spec->heldout : spec->train, ids, count, at,
                              err);
        at += count;
    }
    run_release(&run);
    return code;
}

enum lethe_err lethe_identities_measure(struct lethe_identities *identities,
                                        const struct lethe_identities_spec *spec, const double *w,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_identity_arrays a = {0};
    struct lethe_identity_figures figures[2] = {{0}};
    enum lethe_err code = lethe_identity_arrays_make(&a, spec, w, watch, err);
    const struct lethe_feature_rows features = {a.x, a.label, a.group, a.n, a.width};
    for (size_t k = 0; k < 2 && !code; k++) {
        figures[k].samples = a.samples[k];
        figures[k].accuracy = (double)a.right[k] / (double)a.samples[k];
        code = lethe_retrieval_measure(&figures[k].retrieval, &features, a.asks[k], a.pairs, err);
    }
    lethe_identity_arrays_release(&a);
    if (!code)
        *identities = (struct lethe_identities){figures[0], figures[1]};
    return code;
}
