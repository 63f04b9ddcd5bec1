/* SPDX-License-Identifier: MIT
 * Views as drawings and as numbers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "workbench/put_class.h"
#include "workbench/views.h"

enum { NAMES = 32, NAME = LETHE_VIEW_CLASS };

void lethe_model_view_class(char name[LETHE_VIEW_CLASS], const struct lethe_model_view *view,
                            size_t class)
{
    const char *own = lethe_dataset_class_name(view->snapshot->train, class);
    if (own && *own)
        snprintf(name, LETHE_VIEW_CLASS, "%.23s", own);
    else
        snprintf(name, LETHE_VIEW_CLASS, "%zu", class);
}

void lethe_model_view_title(char title[LETHE_VIEW_NAME], const struct lethe_model_view_request *r)
{
    static const char *const sets[LETHE_SIDES] = {"forget", "retained", "held-out"};
    static const char *const models[] = {"before", "now", "retrained"};
    const char *set = r->set < 3 ? sets[r->set] : "held-out";
    switch (r->kind) {
    case LETHE_VIEW_CLASSES:
        snprintf(title, LETHE_VIEW_NAME, "Accuracy on %s samples, by class", set);
        break;
    case LETHE_VIEW_CONFUSION:
        snprintf(title, LETHE_VIEW_NAME, "What is taken for what: %s samples, %s", set,
                 models[r->of]);
        break;
    case LETHE_VIEW_LAYERS:
        snprintf(title, LETHE_VIEW_NAME, "Where two models differ, by layer");
        break;
    case LETHE_VIEW_EMBEDDING:
        snprintf(title, LETHE_VIEW_NAME, "Where samples lie in what the last layer is given");
        break;
    default:
        snprintf(title, LETHE_VIEW_NAME, "Probabilities of sample #%zu", r->sample);
    }
}

/* ---- drawing --------------------------------------------------------------------------------- */

static enum lethe_err draw_classes(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                   struct lethe_error *err)
{
    const size_t n = view->rows < NAMES ? view->rows : NAMES;
    char text[NAMES][NAME];
    const char *names[NAMES];
    double y[NAMES];
    for (size_t k = 0; k < n; k++) {
        lethe_model_view_class(text[k], view, view->ids[k]);
        names[k] = text[k];
    }
    const struct lethe_plot_axis x = {
        .label = "class, most changed first", .names = names, .name_count = n};
    const struct lethe_plot_axis axis = {.label = "accuracy", .high = 1};
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &axis, err);
    for (size_t m = 0; !code && m < LETHE_VIEW_MODELS; m++) {
        if (!view->there[m])
            continue;
        for (size_t k = 0; k < n; k++)
            y[k] = view->value[m][3 * view->ids[k]];
        const struct lethe_plot_series bars = {
            .title = lethe_model_view_model(m), .style = LETHE_PLOT_BARS, .y = y, .n = n};
        code = lethe_sheet_series(sheet, &bars, err);
    }
    return code;
}

/* Row 0 of a map is at the bottom, the first class at the top. Shares of each class. */
static enum lethe_err draw_confusion(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                     struct lethe_error *err)
{
    const size_t n = view->classes;
    const double *count = view->value[view->request.of];
    double *share = lethe_alloc(n * n, sizeof *share);
    char(*text)[NAME] = lethe_alloc(2 * n, sizeof *text);
    const char **names = lethe_alloc(2 * n, sizeof *names);
    enum lethe_err code =
        share && text && names ? LETHE_OK : lethe_fail_memory(err, "a map", n * n, sizeof *share);
    for (size_t r = 0; !code && r < n; r++) {
        double all = 0;
        for (size_t c = 0; c < n; c++)
            all += count[r * n + c];
        for (size_t c = 0; c < n; c++)
            share[(n - 1 - r) * n + c] = all > 0 ? count[r * n + c] / all : NAN;
        lethe_model_view_class(text[r], view, r);
        lethe_model_view_class(text[2 * n - 1 - r], view, r);
    }
    for (size_t k = 0; !code && k < 2 * n; k++)
        names[k] = text[k];
    const struct lethe_plot_axis x = {.label = "predicted", .names = names, .name_count = n};
    const struct lethe_plot_axis y = {.label = "class", .names = names + n, .name_count = n};
    const struct lethe_plot_cells cells = {
        .value = share, .rows = n, .columns = n, .label = "share of the class"};
    if (!code)
        code = lethe_sheet_axes(sheet, &x, &y, err);
    if (!code)
        code = lethe_sheet_cells(sheet, &cells, err);
    lethe_free(share);
    lethe_free(text);
    lethe_free(names);
    return code;
}

static enum lethe_err draw_layers(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                  struct lethe_error *err)
{
    const size_t n = view->rows < NAMES ? view->rows : NAMES;
    const char *names[NAMES];
    char title[2 * LETHE_VIEW_NAME + 16];
    for (size_t l = 0; l < n; l++)
        names[l] = lethe_graph_layer(view->snapshot->graph, l)->name;
    snprintf(title, sizeof title, "CKA, %s and %s", view->request.a, view->request.b);
    const struct lethe_plot_axis x = {.label = "layer", .names = names, .name_count = n};
    const struct lethe_plot_axis y = {.label = "CKA, share of the change", .high = 1};
    const struct lethe_plot_series cka = {
        .title = title, .style = LETHE_PLOT_BARS, .y = view->value[0], .n = n};
    const struct lethe_plot_series change = {
        .title = "share of the change", .style = LETHE_PLOT_BARS, .y = view->value[1], .n = n};
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &y, err);
    if (!code)
        code = lethe_sheet_series(sheet, &cka, err);
    return code ? code : lethe_sheet_series(sheet, &change, err);
}

/* Forget samples under each model; retained and held-out ones as the network had them. */
/* A group of the embedding's points: a set as one model gives it. */
struct group {
    const char *title;
    size_t model;
    enum lethe_side side;
    enum lethe_plot_point point;
};

/* The points of a group that are of a class (-1: of all), in room for two columns. */
static enum lethe_err draw_group(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                 const struct group *group, int class, const char *title,
                                 double *room, struct lethe_error *err)
{
    double *x = room, *y = room + view->rows;
    size_t n = 0;
    for (size_t i = 0; view->there[group->model] && i < view->rows; i++)
        if (view->sides[i] == (int)group->side && (class < 0 || view->labels[i] == class)) {
            x[n] = view->value[group->model][2 * i];
            y[n++] = view->value[group->model][2 * i + 1];
        }
    const struct lethe_plot_series points = {.title = title,
                                             .style = LETHE_PLOT_POINTS,
                                             .x = x,
                                             .y = y,
                                             .n = n,
                                             .point = group->point,
                                             .colour = class < 0 ? 0 : (size_t) class + 1,
                                             .reference =
                                                 class < 0 && group->side != LETHE_SIDE_FORGET};
    return n ? lethe_sheet_series(sheet, &points, err) : LETHE_OK;
}

/* Colours are classes and marks are sets; of many classes the retained and held-out samples are
 * grey. The key names the classes by their retained samples and the marks by the first class that
 * has any. */
static enum lethe_err draw_groups(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                  double *room, struct lethe_error *err)
{
    enum { COLOURS = 10 };
    static const struct group groups[] = {
        {"retained", 0, LETHE_SIDE_RETAIN, LETHE_POINT_DOT},
        {"held-out", 0, LETHE_SIDE_TUNE, LETHE_POINT_RING},
        {"forget before", 0, LETHE_SIDE_FORGET, LETHE_POINT_CIRCLE},
        {"forget now", 1, LETHE_SIDE_FORGET, LETHE_POINT_DISC},
        {"forget retrained", 2, LETHE_SIDE_FORGET, LETHE_POINT_SQUARE}};
    const int by_class = view->classes <= COLOURS;
    enum lethe_err code = LETHE_OK;
    for (size_t g = 0; !code && g < sizeof groups / sizeof *groups; g++) {
        int named = 0;
        for (int c = by_class ? 0 : -1; !code && c < (by_class ? (int)view->classes : 0); c++) {
            char name[NAME];
            const char *title = NULL;
            int there = 0;
            for (size_t i = 0; view->there[groups[g].model] && i < view->rows && !there; i++)
                there = view->sides[i] == (int)groups[g].side && (c < 0 || view->labels[i] == c);
            if (by_class && g == 0) {
                lethe_model_view_class(name, view, (size_t)c);
                title = name;
            } else if (there && !named) {
                title = groups[g].title;
                named = 1;
            }
            code = draw_group(sheet, view, &groups[g], c, title, room, err);
        }
    }
    return code;
}

static enum lethe_err draw_embedding(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                     struct lethe_error *err)
{
    char label[2][64];
    double *room = lethe_alloc(view->rows, 2 * sizeof *room);
    for (size_t a = 0; a < 2; a++)
        snprintf(label[a], sizeof label[a], "%s %zu (%.0f %%)",
                 view->request.discriminants ? "discriminant" : "component", a + 1,
                 100 * view->share[a]);
    const struct lethe_plot_axis across = {.label = label[0]}, up = {.label = label[1]};
    enum lethe_err code = room ? lethe_sheet_axes(sheet, &across, &up, err)
                               : lethe_fail_memory(err, "points", view->rows, 2 * sizeof *room);
    if (!code)
        code = draw_groups(sheet, view, room, err);
    lethe_free(room);
    return code;
}

static enum lethe_err draw_sample(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                  struct lethe_error *err)
{
    const size_t n = view->rows < NAMES ? view->rows : NAMES;
    char text[NAMES][NAME];
    const char *names[NAMES];
    for (size_t c = 0; c < n; c++) {
        lethe_model_view_class(text[c], view, c);
        names[c] = text[c];
    }
    const struct lethe_plot_axis x = {.label = "class", .names = names, .name_count = n};
    const struct lethe_plot_axis y = {.label = "probability", .high = 1};
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &y, err);
    for (size_t m = 0; !code && m < LETHE_VIEW_MODELS; m++) {
        const struct lethe_plot_series bars = {.title = lethe_model_view_model(m),
                                               .style = LETHE_PLOT_BARS,
                                               .y = view->value[m],
                                               .n = n};
        if (view->there[m])
            code = lethe_sheet_series(sheet, &bars, err);
    }
    return code;
}

enum lethe_err lethe_model_view_draw(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                     struct lethe_error *err)
{
    static enum lethe_err (*const draw[])(struct lethe_sheet *, const struct lethe_model_view *,
                                          struct lethe_error *) = {
        [LETHE_VIEW_CLASSES] = draw_classes,
        [LETHE_VIEW_CONFUSION] = draw_confusion,
        [LETHE_VIEW_LAYERS] = draw_layers,
        [LETHE_VIEW_EMBEDDING] = draw_embedding,
        [LETHE_VIEW_SAMPLE] = draw_sample};
    return draw[view->request.kind](sheet, view, err);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static const char *side_name(int side)
{
    return side == LETHE_SIDE_FORGET ? "forget" : side == LETHE_SIDE_RETAIN ? "retain" : "heldout";
}

static void put_classes(struct lethe_value *out, const struct lethe_model_view *view)
{
    static const char *const keys[] = {"accuracy", "loss", "auc"};
    struct lethe_value *list = lethe_put_list(out, "classes");
    for (size_t k = 0; k < view->rows; k++) {
        const size_t c = view->ids[k];
        struct lethe_value *row = lethe_put_object(list, NULL);
        char name[NAME], key[32];
        lethe_model_view_class(name, view, c);
        lethe_put_text(row, "class", name);
        lethe_put_count(row, "samples", view->count[c]);
        for (size_t f = 0; f < 3; f++)
            for (size_t m = 0; m < LETHE_VIEW_MODELS; m++) {
                const double value = view->there[m] ? view->value[m][3 * c + f] : NAN;
                snprintf(key, sizeof key, "%s_%s", keys[f], lethe_model_view_model(m));
                lethe_hint(f ? lethe_put_real(row, key, value) : lethe_put_share(row, key, value),
                           f ? LETHE_HINT_FIXED : 0u);
            }
    }
    lethe_put_text(out, "set", side_name((int)view->request.set));
    lethe_put_note(out, "most changed first; auc: the loss attack on the class's forget samples "
                        "beside its held-out ones");
}

void lethe_model_view_put_changes(struct lethe_value *out, const struct lethe_model_view *view,
                                  size_t most)
{
    static const char *const figures[] = {"accuracy", "loss"};
    struct lethe_value *all = lethe_put_object(out, "class");
    for (size_t k = 0; k < view->rows && k < most; k++) {
        char name[NAME];
        const size_t c = view->ids[k];
        if (!view->count[c])
            continue;
        lethe_model_view_class(name, view, c);
        struct lethe_value *class = lethe_put_object(all, name);
        for (size_t f = 0; f < 2; f++) {
            struct lethe_value *figure = lethe_put_object(class, figures[f]);
            for (size_t m = 0; m < LETHE_VIEW_MODELS; m++)
                lethe_hint(lethe_put_real(figure, lethe_model_view_model(m),
                                          view->there[m] ? view->value[m][3 * c + f] : NAN),
                           f ? LETHE_HINT_FIXED : LETHE_HINT_PERCENT);
        }
    }
}

static void put_confusion(struct lethe_value *out, const struct lethe_model_view *view)
{
    const size_t n = view->classes;
    lethe_put_text(out, "model", lethe_model_view_model(view->request.of));
    lethe_put_text(out, "set", side_name((int)view->request.set));
    struct lethe_value *all = lethe_hint(lethe_put_object(out, "confusion"), LETHE_HINT_QUIET);
    for (size_t m = 0; m < LETHE_VIEW_MODELS; m++) {
        if (!view->there[m])
            continue;
        struct lethe_value *matrix = lethe_put_list(all, lethe_model_view_model(m));
        for (size_t r = 0; r < n; r++) {
            struct lethe_value *row = lethe_put_list(matrix, NULL);
            for (size_t c = 0; c < n; c++)
                lethe_put_count(row, NULL, (size_t)view->value[m][r * n + c]);
        }
    }
}

static void put_layers(struct lethe_value *out, const struct lethe_model_view *view)
{
    const struct lethe_graph *graph = view->snapshot->graph;
    struct lethe_value *list = lethe_put_list(out, "layers");
    for (size_t l = 0; l < view->rows; l++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "layer", lethe_graph_layer(graph, l)->name);
        lethe_hint(lethe_put_real(row, "cka", view->value[0][l]), LETHE_HINT_NONE);
        lethe_put_share(row, "share_of_change", view->value[1][l]);
    }
    lethe_put_text(out, "a", view->request.a);
    lethe_put_text(out, "b", view->request.b);
    if (view->value[1][view->rows] > 0)
        lethe_put_share(out, "outside_of_layers", view->value[1][view->rows]);
    lethe_put_note(out, "linear CKA of what goes into the nonlinearities, on held-out samples (the "
                        "half for choosing); of convolutions averaged over their positions");
}

static void put_embedding(struct lethe_value *out, const struct lethe_model_view *view)
{
    lethe_put_text(out, "axes", view->request.discriminants ? "discriminants" : "components");
    struct lethe_value *share = lethe_put_list(out, "shares");
    lethe_put_share(share, NULL, view->share[0]);
    lethe_put_share(share, NULL, view->share[1]);
    struct lethe_value *list = lethe_hint(lethe_put_list(out, "points"), LETHE_HINT_QUIET);
    for (size_t i = 0; i < view->rows; i++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_hint(lethe_put_count(row, "sample", view->ids[i]), LETHE_HINT_PLAIN);
        lethe_put_text(row, "set", side_name(view->sides[i]));
        lethe_put_class(row, "class", "class_name", view->snapshot->train, view->labels[i]);
        for (size_t m = 0; m < LETHE_VIEW_MODELS; m++) {
            if (!view->there[m])
                continue;
            struct lethe_value *at = lethe_put_list(row, lethe_model_view_model(m));
            lethe_put_real(at, NULL, view->value[m][2 * i]);
            lethe_put_real(at, NULL, view->value[m][2 * i + 1]);
        }
    }
    lethe_put_note(out, "what the last layer is given; the axes are those of the network before, "
                        "for all three");
}

static void put_sample(struct lethe_value *out, const struct lethe_model_view *view)
{
    struct lethe_value *list = lethe_put_list(out, "probabilities");
    char name[NAME];
    for (size_t c = 0; c < view->rows; c++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_model_view_class(name, view, c);
        lethe_put_text(row, "class", name);
        for (size_t m = 0; m < LETHE_VIEW_MODELS; m++)
            if (view->there[m])
                lethe_hint(lethe_put_real(row, lethe_model_view_model(m), view->value[m][c]),
                           LETHE_HINT_BAR | LETHE_HINT_FIXED);
    }
    lethe_hint(lethe_put_count(out, "sample", view->request.sample), LETHE_HINT_PLAIN);
    lethe_model_view_class(name, view, (size_t)view->label);
    lethe_put_text(out, "label", name);
}

void lethe_model_view_put(struct lethe_value *out, const struct lethe_model_view *view)
{
    static void (*const puts[])(struct lethe_value *, const struct lethe_model_view *) = {
        [LETHE_VIEW_CLASSES] = put_classes,
        [LETHE_VIEW_CONFUSION] = put_confusion,
        [LETHE_VIEW_LAYERS] = put_layers,
        [LETHE_VIEW_EMBEDDING] = put_embedding,
        [LETHE_VIEW_SAMPLE] = put_sample};
    puts[view->request.kind](out, view);
}
