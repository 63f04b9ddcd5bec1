/* SPDX-License-Identifier: MIT
 * Making the last layer's snapshot, and carrying weights and orders across. */
#include "removal/head_snapshot.h"

#include <string.h>

#include "removal/ekfac_store.h"
#include "removal/head_store.h"
#include "removal/retrain_control.h"
#include "removal/stage_common.h"
#include "removal/target.h"
#include "unlearn/train_head.h"

static size_t last_layer(const struct lethe_graph *graph)
{
    return lethe_graph_layer_count(graph) - 1;
}

/* ---- the model of the layer ------------------------------------------------------------------ */

/* Features of all samples of data, as data of their own under the same ids; NULL of none. */
static enum lethe_err make_features(struct lethe_dataset **out,
                                    const struct lethe_snapshot *snapshot,
                                    struct lethe_dataset *data, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    struct lethe_problem_spec spec =
        lethe_snapshot_spec(snapshot, &snapshot->forget, lethe_graph_passes(snapshot->graph));
    struct lethe_head_features features = {0};
    struct lethe_problem *problem = NULL;
    if (!data)
        return LETHE_OK;
    spec.data = data;
    spec.ids = NULL;
    spec.count = lethe_dataset_count(data);
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_head_features_make(&features, snapshot->w, problem, watch, err);
    if (!code)
        code = lethe_dataset_from(out, features.x, features.labels, features.count, features.width,
                                  err);
    lethe_head_features_release(&features);
    lethe_problem_free(problem);
    return code;
}

/* Unit after unit: in both graphs a unit's entries are its weights in the order of the inputs, then
 * its bias. */
static enum lethe_err map_entries(struct lethe_head_model *model, const struct lethe_graph *graph,
                                  struct lethe_error *err)
{
    const size_t size = lethe_graph_size(model->graph), layer = last_layer(graph);
    const size_t params = lethe_graph_layer(model->graph, 0)->unit_params;
    size_t *from = lethe_alloc(2 * params, sizeof *from);
    model->entries = lethe_alloc(size, sizeof *model->entries);
    if (!from || !model->entries) {
        lethe_free(from);
        return lethe_fail_memory(err, "the last layer", size, sizeof *from);
    }
    for (size_t unit = 0; unit * params < size; unit++) {
        lethe_graph_unit_params(graph, layer, unit, from);
        lethe_graph_unit_params(model->graph, 0, unit, from + params);
        for (size_t i = 0; i < params; i++)
            model->entries[from[params + i]] = from[i];
    }
    lethe_free(from);
    return LETHE_OK;
}

static enum lethe_err fits(const struct lethe_snapshot *snapshot, size_t width,
                           struct lethe_error *err)
{
    const size_t samples = lethe_dataset_count(snapshot->train) +
                           (snapshot->heldout ? lethe_dataset_count(snapshot->heldout) : 0);
    const size_t room = lethe_head_store_room(snapshot->heads) / sizeof(double);
    if (samples <= room / (width + 1))
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG,
                      "what the last layer sees, %zu numbers of each of %zu samples, is more than "
                      "'memory' allows: 'set memory %zu'",
                      width, samples, (samples * (width + 1) * sizeof(double) >> 20) + 1);
}

static enum lethe_err make_model(struct lethe_head_model **out,
                                 const struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const struct lethe_graph *graph = snapshot->graph;
    const size_t layers = lethe_graph_layer_count(graph);
    const struct lethe_layer *layer = layers ? lethe_graph_layer(graph, layers - 1) : NULL;
    struct lethe_head_model *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "the last layer", 1, sizeof *made);
    made->refs = 1;
    made->controls = lethe_controls_new();
    made->ekfacs = lethe_ekfac_store_new();
    enum lethe_err code = made->controls && made->ekfacs
                              ? LETHE_OK
                              : lethe_fail_memory(err, "the last layer", 1, sizeof *made);
    if (!code && layer)
        code = fits(snapshot, layer->fan_in, err);
    if (!code)
        code = make_features(&made->train, snapshot, snapshot->train, watch, err);
    if (!code)
        code = make_features(&made->heldout, snapshot, snapshot->heldout, watch, err);
    if (!code && layer)
        code = lethe_graph_regression(&made->graph, layer->name, layer->fan_in,
                                      lethe_graph_classes(graph), err);
    if (!code)
        code = map_entries(made, graph, err);
    if (code)
        lethe_head_model_unref(made);
    else
        *out = made;
    return code;
}

/* The weights but for the last layer's. */
static enum lethe_err name_below(char name[LETHE_HASH_TEXT], const struct lethe_snapshot *snapshot,
                                 struct lethe_error *err)
{
    const struct lethe_graph *graph = snapshot->graph;
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    const size_t layers = lethe_graph_layer_count(graph);
    const struct lethe_layer *layer = layers ? lethe_graph_layer(graph, layers - 1) : NULL;
    const size_t params = layer ? layer->unit_params : 0;
    struct lethe_hash hash;
    double *w = lethe_alloc(size, sizeof *w);
    size_t *entries = lethe_alloc(params + 1, sizeof *entries);
    if (!w || !entries) {
        lethe_free(w);
        lethe_free(entries);
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    }
    memcpy(w, snapshot->w, size * sizeof *w);
    for (size_t unit = 0; layer && unit < layer->units; unit++) {
        lethe_graph_unit_params(graph, layers - 1, unit, entries);
        for (size_t i = 0; i < params; i++)
            w[entries[i]] = 0;
    }
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, w, size * sizeof *w);
    lethe_hash_text(&hash, name);
    lethe_free(w);
    lethe_free(entries);
    return LETHE_OK;
}

/* What features are a function of: those weights, the network, the data. */
static void name_features(char name[LETHE_HASH_TEXT], const char *below,
                          const struct lethe_snapshot *snapshot)
{
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, below, LETHE_HASH_TEXT);
    lethe_hash_add(&hash, &snapshot->graph, sizeof snapshot->graph);
    lethe_hash_add(&hash, &snapshot->train, sizeof snapshot->train);
    lethe_hash_add(&hash, &snapshot->heldout, sizeof snapshot->heldout);
    lethe_hash_text(&hash, name);
}

static enum lethe_err need_model(struct lethe_head_model **model,
                                 const struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    char below[LETHE_HASH_TEXT], name[LETHE_HASH_TEXT];
    enum lethe_err code = name_below(below, snapshot, err);
    if (code)
        return code;
    name_features(name, below, snapshot);
    code = lethe_head_store_get(model, snapshot->heads, name, watch, err);
    if (code || *model)
        return code;
    code = make_model(model, snapshot, watch, err);
    if (!code)
        memcpy((*model)->below, below, sizeof below);
    lethe_head_store_put(snapshot->heads, name, code ? NULL : *model);
    return code;
}

/* ---- the snapshot ---------------------------------------------------------------------------- */

static enum lethe_err make_head(struct lethe_snapshot **head, const struct lethe_snapshot *snapshot,
                                struct lethe_head_model *model, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(model->graph);
    struct lethe_snapshot from = *snapshot; /* borrows; what is made of it copies */
    double square = 0, *w = lethe_alloc(size, sizeof *w);
    if (!w)
        return lethe_fail_memory(err, "the last layer", size, sizeof *w);
    for (size_t i = 0; i < lethe_graph_size(snapshot->graph); i++)
        square += snapshot->w[i] * snapshot->w[i];
    for (size_t i = 0; i < size; i++) {
        w[i] = snapshot->w[model->entries[i]];
        square -= w[i] * w[i];
    }
    from.w = w;
    from.graph = model->graph;
    from.train = model->train;
    from.heldout = model->heldout;
    from.controls = model->controls;
    from.ekfacs = model->ekfacs;
    from.heads = NULL;
    from.head_only = 0;
    from.of = model;
    from.dtype = LETHE_F64;
    from.frozen = snapshot->decay / 2 * square;
    enum lethe_err code = lethe_snapshot_new(head, &from, err);
    lethe_free(w);
    return code;
}

enum lethe_err lethe_snapshot_movable(struct lethe_snapshot **movable,
                                      struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                      struct lethe_error *err)
{
    struct lethe_head_model *model = NULL;
    struct lethe_snapshot *made = NULL;
    pthread_mutex_lock(&snapshot->workers_lock);
    *movable = snapshot->head_only ? snapshot->head : snapshot;
    pthread_mutex_unlock(&snapshot->workers_lock);
    if (*movable)
        return LETHE_OK;
    enum lethe_err code = need_model(&model, snapshot, watch, err);
    if (!code)
        code = make_head(&made, snapshot, model, err);
    lethe_head_model_unref(model);
    pthread_mutex_lock(&snapshot->workers_lock);
    if (!code && !snapshot->head) { /* else another thread was faster, with the same numbers */
        snapshot->head = made;
        made = NULL;
    }
    *movable = snapshot->head;
    pthread_mutex_unlock(&snapshot->workers_lock);
    lethe_snapshot_unref(made);
    return code;
}

size_t lethe_snapshot_movable_size(const struct lethe_snapshot *snapshot)
{
    const struct lethe_graph *graph = snapshot->graph;
    if (!snapshot->head_only || !lethe_graph_layer_count(graph))
        return lethe_graph_size(graph);
    const struct lethe_layer *last = lethe_graph_layer(graph, last_layer(graph));
    return last->units * last->unit_params;
}

struct lethe_snapshot *lethe_snapshot_head(struct lethe_snapshot *snapshot)
{
    pthread_mutex_lock(&snapshot->workers_lock);
    struct lethe_snapshot *head = snapshot->head;
    pthread_mutex_unlock(&snapshot->workers_lock);
    return head;
}

size_t lethe_head_entry(const struct lethe_snapshot *head, size_t entry)
{
    const size_t size = lethe_graph_size(head->graph);
    size_t i = 0;
    while (i < size && head->of->entries[i] != entry)
        i++;
    return i < size ? i : SIZE_MAX;
}

void lethe_head_put(double *w, const double *own, const struct lethe_snapshot *head)
{
    for (size_t i = 0; i < lethe_graph_size(head->graph); i++)
        w[head->of->entries[i]] = own[i];
}

void lethe_head_get(double *own, const double *w, const struct lethe_snapshot *head)
{
    for (size_t i = 0; i < lethe_graph_size(head->graph); i++)
        own[i] = w[head->of->entries[i]];
}

/* ---- across ---------------------------------------------------------------------------------- */

/* A unit or weight of the layer by its number in the network. */
static size_t number_in_network(const struct lethe_snapshot *snapshot, size_t number)
{
    const struct lethe_snapshot *head = snapshot->head;
    const size_t units = lethe_unit_total(head->graph);
    return number < units
               ? lethe_unit_number(snapshot->graph, last_layer(snapshot->graph), number)
               : lethe_unit_of_weight(snapshot->graph, head->of->entries[number - units]);
}

static size_t number_in_head(const struct lethe_snapshot *snapshot, size_t number)
{
    const struct lethe_unit unit = lethe_unit_at(snapshot->graph, number);
    return unit.weight ? lethe_unit_of_weight(snapshot->head->graph,
                                              lethe_head_entry(snapshot->head, unit.index))
                       : unit.index;
}

enum way { TO_NETWORK, TO_HEAD };

/* Scores of the layer's units, and room for those of the network that are not its: 0. */
static enum lethe_err carry_marginal(struct lethe_selection *to, const struct lethe_selection *from,
                                     const struct lethe_snapshot *snapshot, enum way way,
                                     struct lethe_error *err)
{
    const struct lethe_graph *graph = snapshot->graph;
    const size_t first = lethe_unit_number(graph, last_layer(graph), 0);
    const size_t own = lethe_graph_layer(graph, last_layer(graph))->units;
    to->units = way == TO_NETWORK ? lethe_unit_count(graph) : own;
    to->marginal = NULL;
    if (!from->marginal)
        return LETHE_OK;
    to->marginal = lethe_alloc_zero(to->units, sizeof *to->marginal);
    if (!to->marginal)
        return lethe_fail_memory(err, "scores", to->units, sizeof *to->marginal);
    memcpy(to->marginal + (way == TO_NETWORK ? first : 0),
           from->marginal + (way == TO_NETWORK ? 0 : first), own * sizeof *to->marginal);
    return LETHE_OK;
}

static enum lethe_err carry(struct lethe_selected **out, const struct lethe_selected *in,
                            const struct lethe_snapshot *snapshot, enum way way,
                            struct lethe_error *err)
{
    const size_t count = in->selection.count;
    struct lethe_selected *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a selection", 1, sizeof *made);
    *made = *in;
    made->refs = 1;
    made->target = in->target ? lethe_target_ref(in->target) : NULL;
    made->selection.picks = lethe_alloc(count + 1, sizeof *made->selection.picks);
    enum lethe_err code = carry_marginal(&made->selection, &in->selection, snapshot, way, err);
    if (!code && !made->selection.picks)
        code = lethe_fail_memory(err, "a selection", count, sizeof *made->selection.picks);
    for (size_t i = 0; !code && i < count; i++) {
        struct lethe_pick *pick = &made->selection.picks[i];
        *pick = in->selection.picks[i];
        pick->unit = way == TO_NETWORK ? number_in_network(snapshot, pick->unit)
                                       : number_in_head(snapshot, pick->unit);
    }
    if (code)
        lethe_selected_unref(made);
    else
        *out = made;
    return code;
}

enum lethe_err lethe_selected_of_network(struct lethe_selected **out,
                                         const struct lethe_selected *in,
                                         const struct lethe_snapshot *snapshot,
                                         struct lethe_error *err)
{
    return carry(out, in, snapshot, TO_NETWORK, err);
}

enum lethe_err lethe_selected_of_head(struct lethe_selected **out, const struct lethe_selected *in,
                                      const struct lethe_snapshot *snapshot,
                                      struct lethe_error *err)
{
    return carry(out, in, snapshot, TO_HEAD, err);
}

/* *w (size of the layer's) is replaced by the network's weights with the layer among them; what was
 * there is handed out. */
static enum lethe_err spread(double **own, double **w, const struct lethe_snapshot *snapshot,
                             struct lethe_error *err)
{
    const struct lethe_snapshot *head = snapshot->head;
    double *all = lethe_stage_weights(snapshot, err);
    if (!all)
        return LETHE_ENOMEM;
    lethe_head_put(all, *w, head);
    *own = *w;
    *w = all;
    return LETHE_OK;
}

enum lethe_err lethe_preview_of_network(struct lethe_preview *preview,
                                        struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (!preview->step_of) /* else it has what that one has */
        code = spread(&preview->head_w, &preview->w, snapshot, err);
    if (code)
        return code;
    lethe_snapshot_unref(preview->snapshot);
    preview->snapshot = lethe_snapshot_ref(snapshot);
    return LETHE_OK;
}
