/* SPDX-License-Identifier: MIT
 * Computing views. Classes and confusion come from logits that are there; layers, embedding and a
 * sample's probabilities need passes. */
#include "workbench/views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "removal/stage_common.h"
#include "study/representation.h"
#include "workbench/plots.h"
#include "workbench/workbench.h"

enum { SAMPLES = 1000 }; /* at most of a set, for layers and embedding */

struct lethe_model_view_work {
    struct lethe_model_view *view;
    double *w[LETHE_VIEW_MODELS]; /* of the models; layers: of a and b. Owned */
    struct lethe_sheet *sheet;
    char *path;
};

void lethe_model_view_work_free(void *arg)
{
    struct lethe_model_view_work *work = arg;
    if (!work)
        return;
    for (size_t m = 0; m < LETHE_VIEW_MODELS; m++)
        lethe_free(work->w[m]);
    lethe_model_view_unref(work->view);
    lethe_sheet_unref(work->sheet);
    lethe_free(work->path);
    lethe_free(work);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static double *copy_of(const double *w, size_t size, struct lethe_error *err)
{
    double *copy = lethe_alloc(size, sizeof *copy);
    if (copy)
        memcpy(copy, w, size * sizeof *copy);
    else
        lethe_fail_memory(err, "weights", size, sizeof *copy);
    return copy;
}

/* Weights by the name of a model or of a commit. */
static enum lethe_err weights_by(double **w, const struct lethe_workbench *wb, size_t size,
                                 const char *name, struct lethe_error *err)
{
    struct lethe_state *state = NULL;
    const double *from = NULL;
    if (!strcmp(name, "before"))
        from = wb->project.w;
    else if (!strcmp(name, "now") && !wb->preview)
        return lethe_fail(err, LETHE_EARG,
                          "there is no model after a removal yet: 'preview' first");
    else if (!strcmp(name, "now"))
        from = wb->preview->w;
    else if (!strcmp(name, "retrain") && !wb->warm)
        return lethe_fail(err, LETHE_EARG, "there is no retrained model yet: 'retrain warm' first");
    else if (!strcmp(name, "retrain"))
        from = wb->warm->w;
    if (from)
        return (*w = copy_of(from, size, err)) ? LETHE_OK : LETHE_ENOMEM;
    enum lethe_err code = lethe_session_find(&state, wb->session, name, err);
    if (!code && !(*w = lethe_alloc(size, sizeof **w)))
        code = lethe_fail_memory(err, "weights", size, sizeof **w);
    return code ? code : lethe_state_weights(state, *w, err);
}

static enum lethe_err take_models(struct lethe_model_view_work *work, struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    struct lethe_model_view *view = work->view;
    const struct lethe_model_view_request *r = &view->request;
    const size_t size =
        lethe_graph_size(wb->project.graph) + lethe_graph_buffers(wb->project.graph);
    view->preview = wb->preview ? lethe_preview_ref(wb->preview) : NULL;
    view->warm = wb->warm ? lethe_retrained_ref(wb->warm) : NULL;
    if (r->kind == LETHE_VIEW_LAYERS) {
        enum lethe_err code = weights_by(&work->w[0], wb, size, r->a, err);
        return code ? code : weights_by(&work->w[1], wb, size, r->b, err);
    }
    if (!wb->preview || wb->preview->partial)
        return lethe_fail(err, LETHE_EARG, "there is nothing to look at yet: 'preview' first");
    const double *from[] = {wb->preview->snapshot->w, wb->preview->w,
                            wb->warm ? wb->warm->w : NULL};
    const int passes = r->kind == LETHE_VIEW_EMBEDDING || r->kind == LETHE_VIEW_SAMPLE;
    for (size_t m = 0; m < LETHE_VIEW_MODELS; m++) {
        view->there[m] = from[m] != NULL;
        if (passes && from[m] && !(work->w[m] = copy_of(from[m], size, err)))
            return LETHE_ENOMEM;
    }
    return LETHE_OK;
}

static enum lethe_err check(const struct lethe_model_view_request *r,
                            const struct lethe_snapshot *s, const struct lethe_model_view *view,
                            struct lethe_error *err)
{
    if (r->kind == LETHE_VIEW_CONFUSION && !view->there[r->of])
        return lethe_fail(err, LETHE_EARG, "there is no retrained model yet: 'retrain warm' first");
    if (r->kind == LETHE_VIEW_SAMPLE && r->sample >= lethe_dataset_count(s->train))
        return lethe_fail(err, LETHE_EARG, "no sample %zu: the data have 0 to %zu", r->sample,
                          lethe_dataset_count(s->train) - 1);
    if ((r->kind == LETHE_VIEW_CLASSES || r->kind == LETHE_VIEW_CONFUSION) &&
        !lethe_snapshot_ids(s, r->set)->count)
        return lethe_fail(err, LETHE_EARG, "there are no samples in this set");
    return LETHE_OK;
}

enum lethe_err lethe_model_view_work_new(struct lethe_model_view_work **work,
                                         struct lethe_workbench *wb,
                                         const struct lethe_model_view_request *request,
                                         const char *path, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct lethe_model_view_work *made = lethe_alloc_zero(1, sizeof *made);
    struct lethe_model_view *view = made ? lethe_alloc_zero(1, sizeof *view) : NULL;
    if (!view) {
        lethe_free(made);
        return lethe_fail_memory(err, "a view", 1, sizeof *made);
    }
    view->refs = 1;
    view->request = *request;
    view->snapshot = lethe_snapshot_ref(snapshot);
    view->classes = lethe_graph_classes(snapshot->graph);
    made->view = view;
    char title[LETHE_VIEW_NAME], below[LETHE_PLOTS_SUBTITLE];
    lethe_model_view_title(title, request);
    lethe_plots_subtitle(below, wb, LETHE_ABOUT_STEP);
    made->sheet = lethe_sheet_new(title, below, err);
    made->path = path ? lethe_strdup(path) : NULL;
    if (!made->sheet || (path && !made->path))
        code = lethe_fail_memory(err, "a view", 1, 1);
    if (!code)
        code = take_models(made, wb, err);
    if (!code)
        code = check(request, snapshot, view, err);
    if (code)
        lethe_model_view_work_free(made);
    else
        *work = made;
    return code;
}

/* ---- classes --------------------------------------------------------------------------------- */

static const struct lethe_evaluation *evaluation_of(const struct lethe_model_view_work *work,
                                                    size_t m)
{
    const struct lethe_model_view *view = work->view;
    const struct lethe_evaluation *all[] = {&view->preview->before, &view->preview->now,
                                            view->warm ? &view->warm->outcome : NULL};
    return all[m];
}

static double loss_of(const double *z, size_t classes, int label)
{
    double most = z[0];
    for (size_t c = 1; c < classes; c++)
        most = fmax(most, z[c]);
    double sum = exp(z[0] - most);
    for (size_t c = 1; c < classes; c++)
        sum += exp(z[c] - most);
    return most + log(sum) - z[label];
}

static size_t best_of(const double *z, size_t classes)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        best = z[c] > z[best] ? c : best;
    return best;
}

/* Minus the losses of one class's samples in a set; *n of them. */
static void scores_of(double *scores, size_t *n, const struct lethe_evaluation *e,
                      enum lethe_side set, size_t class)
{
    *n = 0;
    for (size_t i = 0; i < e->count[set]; i++)
        if ((size_t)e->labels[set][i] == class)
            scores[(*n)++] = -loss_of(e->logits[set] + i * e->classes, e->classes, (int)class);
}

static enum lethe_err class_row(double *row, const struct lethe_evaluation *e, enum lethe_side set,
                                size_t class, double *scores, struct lethe_error *err)
{
    double right = 0, loss = 0;
    size_t n = 0, members = 0, others = 0;
    for (size_t i = 0; i < e->count[set]; i++) {
        const double *z = e->logits[set] + i * e->classes;
        if ((size_t)e->labels[set][i] != class)
            continue;
        right += best_of(z, e->classes) == class;
        loss += loss_of(z, e->classes, (int)class);
        n++;
    }
    row[0] = n ? right / (double)n : NAN;
    row[1] = n ? loss / (double)n : NAN;
    row[2] = NAN;
    scores_of(scores, &members, e, LETHE_SIDE_FORGET, class);
    scores_of(scores + members, &others, e, e->heldout, class);
    const struct lethe_pool pool = {scores, scores + members, members, others};
    struct lethe_measure auc;
    if (members < 2 || !others)
        return LETHE_OK;
    enum lethe_err code = lethe_auc(&auc, &pool, err);
    row[2] = code ? NAN : auc.value;
    return code;
}

/* How much a class changed: its accuracy first, then its loss. */
static double changed(const struct lethe_model_view *view, size_t class)
{
    const double *before = view->value[0] + 3 * class, *now = view->value[1] + 3 * class;
    const double accuracy = fabs(now[0] - before[0]), loss = fabs(now[1] - before[1]);
    return isnan(accuracy) ? -1 : 1e6 * accuracy + loss;
}

static enum lethe_err see_classes(struct lethe_model_view_work *work, struct lethe_error *err)
{
    struct lethe_model_view *view = work->view;
    const enum lethe_side set = view->request.set;
    const struct lethe_evaluation *first = evaluation_of(work, 0);
    const size_t classes = view->classes;
    double *scores = lethe_alloc(first->count[LETHE_SIDE_FORGET] + first->count[first->heldout] + 1,
                                 sizeof *scores);
    enum lethe_err code = scores ? LETHE_OK : lethe_fail_memory(err, "losses", classes, 8);
    view->ids = lethe_alloc(classes, sizeof *view->ids);
    view->count = lethe_alloc_zero(classes, sizeof *view->count);
    if (!view->ids || !view->count)
        code = lethe_fail_memory(err, "classes", classes, sizeof *view->ids);
    for (size_t m = 0; !code && m < LETHE_VIEW_MODELS; m++) {
        if (!view->there[m])
            continue;
        view->value[m] = lethe_alloc(3 * classes, sizeof(double));
        if (!view->value[m])
            code = lethe_fail_memory(err, "classes", 3 * classes, sizeof(double));
        for (size_t c = 0; !code && c < classes; c++)
            code = class_row(view->value[m] + 3 * c, evaluation_of(work, m), set, c, scores, err);
    }
    lethe_free(scores);
    if (code)
        return code;
    for (size_t i = 0; i < first->count[set]; i++)
        view->count[first->labels[set][i]]++;
    for (size_t c = 0; c < classes; c++) {
        size_t at = c;
        for (; at && changed(view, view->ids[at - 1]) < changed(view, c); at--)
            view->ids[at] = view->ids[at - 1];
        view->ids[at] = c;
    }
    view->rows = classes;
    return LETHE_OK;
}

static enum lethe_err see_confusion(struct lethe_model_view_work *work, struct lethe_error *err)
{
    struct lethe_model_view *view = work->view;
    const size_t classes = view->classes;
    for (size_t m = 0; m < LETHE_VIEW_MODELS; m++) {
        if (!view->there[m])
            continue;
        const struct lethe_evaluation *e = evaluation_of(work, m);
        const enum lethe_side set = view->request.set;
        view->value[m] = lethe_alloc_zero(classes * classes, sizeof(double));
        if (!view->value[m])
            return lethe_fail_memory(err, "a confusion matrix", classes * classes, sizeof(double));
        for (size_t i = 0; i < e->count[set]; i++)
            view->value[m][(size_t)e->labels[set][i] * classes +
                           best_of(e->logits[set] + i * classes, classes)]++;
    }
    view->rows = classes;
    return LETHE_OK;
}

/* ---- layers, embedding, sample --------------------------------------------------------------- */

/* The first samples of a set, at most SAMPLES. */
static struct lethe_ids some_of(const struct lethe_snapshot *snapshot, enum lethe_side set)
{
    struct lethe_ids ids = *lethe_snapshot_ids(snapshot, set);
    ids.count = ids.count < SAMPLES ? ids.count : SAMPLES;
    return ids;
}

static enum lethe_err open_problem(struct lethe_problem **problem,
                                   const struct lethe_snapshot *snapshot, enum lethe_side set,
                                   const struct lethe_ids *ids, struct lethe_error *err)
{
    const struct lethe_problem_spec spec = {
        .graph = snapshot->graph,
        .data = set == LETHE_SIDE_FORGET || set == LETHE_SIDE_RETAIN ? snapshot->train
                                                                     : snapshot->heldout,
        .ids = ids->at,
        .count = ids->count,
        .dtype = lethe_graph_passes(snapshot->graph)};
    return lethe_problem_new(problem, &spec, err);
}

static enum lethe_err see_layers(struct lethe_model_view_work *work, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_model_view *view = work->view;
    const size_t layers = lethe_graph_layer_count(view->snapshot->graph);
    const enum lethe_side set = view->snapshot->tune.count ? LETHE_SIDE_TUNE : LETHE_SIDE_RETAIN;
    const struct lethe_ids ids = some_of(view->snapshot, set);
    struct lethe_problem *problem = NULL;
    enum lethe_err code = open_problem(&problem, view->snapshot, set, &ids, err);
    view->value[0] = lethe_alloc(layers, sizeof(double));
    view->value[1] = lethe_alloc(layers + 1, sizeof(double));
    if (!code && (!view->value[0] || !view->value[1]))
        code = lethe_fail_memory(err, "layers", layers + 1, sizeof(double));
    if (!code)
        code = lethe_layers_cka(view->value[0], problem, work->w[0], work->w[1], watch, err);
    if (!code)
        code =
            lethe_layers_change(view->value[1], view->snapshot->graph, work->w[0], work->w[1], err);
    lethe_problem_free(problem);
    view->rows = layers;
    return code;
}

static enum lethe_err features_of(double *to, const struct lethe_model_view_work *work, size_t m,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = work->view->snapshot;
    const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, LETHE_SIDE_TUNE};
    const size_t width = lethe_last_width(snapshot->graph);
    enum lethe_err code = LETHE_OK;
    for (size_t s = 0; !code && s < 3; s++) {
        const struct lethe_ids ids = some_of(snapshot, sets[s]);
        struct lethe_problem *problem = NULL;
        if (!ids.count)
            continue;
        code = open_problem(&problem, snapshot, sets[s], &ids, err);
        if (!code)
            code = lethe_last_features(to, problem, work->w[m], watch, err);
        for (size_t i = 0; !code && m == 0 && i < ids.count; i++) {
            work->view->labels[work->view->rows] = lethe_problem_labels(problem)[i];
            work->view->sides[work->view->rows] = (int)sets[s];
            work->view->ids[work->view->rows++] = ids.at[i];
        }
        lethe_problem_free(problem);
        to += ids.count * width;
    }
    return code;
}

static enum lethe_err see_embedding(struct lethe_model_view_work *work, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    struct lethe_model_view *view = work->view;
    const struct lethe_snapshot *s = view->snapshot;
    const size_t n = some_of(s, LETHE_SIDE_FORGET).count + some_of(s, LETHE_SIDE_RETAIN).count +
                     some_of(s, LETHE_SIDE_TUNE).count;
    const size_t width = lethe_last_width(s->graph);
    struct lethe_axes2 axes = {0};
    double *x = lethe_alloc(n, width * sizeof *x);
    view->ids = lethe_alloc(n, sizeof *view->ids);
    view->labels = lethe_alloc(n, sizeof *view->labels);
    view->sides = lethe_alloc(n, sizeof *view->sides);
    enum lethe_err code = x && view->ids && view->labels && view->sides
                              ? LETHE_OK
                              : lethe_fail_memory(err, "features", n, width * sizeof *x);
    for (size_t m = 0; !code && m < LETHE_VIEW_MODELS; m++) {
        if (!view->there[m])
            continue;
        code = features_of(x, work, m, watch, err);
        if (!code && m == 0)
            code = view->request.discriminants ? lethe_discriminant_axes(&axes, x, view->labels, n,
                                                                         width, view->classes, err)
                                               : lethe_principal_axes(&axes, x, n, width, err);
        if (!code && !(view->value[m] = lethe_alloc(2 * n, sizeof(double))))
            code = lethe_fail_memory(err, "an embedding", 2 * n, sizeof(double));
        if (!code)
            lethe_axes2_project(view->value[m], &axes, x, n);
    }
    view->share[0] = axes.share[0];
    view->share[1] = axes.share[1];
    lethe_axes2_release(&axes);
    lethe_free(x);
    return code;
}

static enum lethe_err see_sample(struct lethe_model_view_work *work, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_model_view *view = work->view;
    struct lethe_ids one = {&view->request.sample, 1};
    struct lethe_problem *problem = NULL;
    enum lethe_err code = open_problem(&problem, view->snapshot, LETHE_SIDE_RETAIN, &one, err);
    if (!code)
        view->label = lethe_problem_labels(problem)[0];
    for (size_t m = 0; !code && m < LETHE_VIEW_MODELS; m++) {
        if (!view->there[m])
            continue;
        view->value[m] = lethe_alloc(view->classes, sizeof(double));
        code = view->value[m]
                   ? lethe_problem_logits(problem, view->value[m], work->w[m], watch, err)
                   : lethe_fail_memory(err, "probabilities", view->classes, 8);
        if (!code)
            lethe_softmax(view->value[m], view->value[m], 1, view->classes);
    }
    lethe_problem_free(problem);
    view->rows = view->classes;
    return code;
}

enum lethe_err lethe_model_view_work_run(void *arg, struct lethe_watch *watch,
                                         struct lethe_error *err)
{
    struct lethe_model_view_work *work = arg;
    enum lethe_err code = LETHE_OK;
    switch (work->view->request.kind) {
    case LETHE_VIEW_CLASSES:
        code = see_classes(work, err);
        break;
    case LETHE_VIEW_CONFUSION:
        code = see_confusion(work, err);
        break;
    case LETHE_VIEW_LAYERS:
        code = see_layers(work, watch, err);
        break;
    case LETHE_VIEW_EMBEDDING:
        code = see_embedding(work, watch, err);
        break;
    default:
        code = see_sample(work, watch, err);
    }
    if (!code)
        code = lethe_model_view_draw(work->sheet, work->view, err);
    if (!code && work->path)
        code = lethe_plot_save(lethe_sheet_plot(work->sheet), work->path, watch, err);
    return code;
}

enum lethe_err lethe_model_view_classes(struct lethe_model_view **view, struct lethe_workbench *wb,
                                        enum lethe_side set, struct lethe_error *err)
{
    const struct lethe_model_view_request request = {.kind = LETHE_VIEW_CLASSES, .set = set};
    struct lethe_model_view_work *work = NULL;
    enum lethe_err code = lethe_model_view_work_new(&work, wb, &request, NULL, err);
    if (!code)
        code = see_classes(work, err);
    if (!code)
        *view = lethe_model_view_ref(work->view);
    lethe_model_view_work_free(work);
    return code;
}

void lethe_model_view_work_keep(struct lethe_workbench *wb, struct lethe_model_view_work *work)
{
    const enum lethe_model_view_kind kind = work->view->request.kind;
    if (wb->snapshot != work->view->snapshot)
        return;
    lethe_model_view_unref(wb->views[kind]);
    wb->views[kind] = lethe_model_view_ref(work->view);
    wb->looks.at[kind].request = work->view->request;
    wb->looks.at[kind].known = 1;
    wb->version++;
}

enum lethe_err lethe_model_view_work_adopt(struct lethe_workbench *wb, void *arg,
                                           struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_model_view_work *work = arg;
    (void)err;
    lethe_model_view_work_keep(wb, work);
    lethe_model_view_put(out, work->view);
    if (work->path)
        lethe_put_text(out, "path", work->path);
    else
        out->owner->sheet = lethe_sheet_ref(work->sheet);
    return LETHE_OK;
}
