/* SPDX-License-Identifier: MIT
 * Pictures for a report: what the model made of the forgotten samples where it began and what it
 * makes of them now, beside samples it never saw. See report_pictures.h. Losses are computed
 * anew, from the weights of the root, of the head and of the model that was retrained for the
 * last commit. */
#include "workbench/report_pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/text.h"
#include "eval/rows.h"
#include "lethe/plot.h"
#include "workbench/plane_view.h"
#include "workbench/plots.h"
#include "workbench/report_embedding.h"
#include "workbench/workbench.h"
#include "workbench/yardstick.h"

enum { MODELS = LETHE_REPORT_MODELS };

/* Losses of the forgotten and of held-out samples, at the root, at the head and retrained, and how
 * many of the held-out ones of each class are right (NAN: there are none). */
struct losses {
    size_t *ids, forgotten, heldout;
    double *forgotten_at[MODELS], *heldout_at[MODELS], *right[MODELS]; /* right: (classes) */
    double *root, *retrained;   /* weights where it began; retrained, NULL: not known */
    const double *w[MODELS];    /* borrowed; NULL: there is no such model */
    size_t *alike, alike_count; /* places of held-out samples of the forgotten samples' classes */
};

static void release(struct losses *losses)
{
    for (int k = 0; k < MODELS; k++) {
        lethe_free(losses->forgotten_at[k]);
        lethe_free(losses->heldout_at[k]);
        lethe_free(losses->right[k]);
    }
    lethe_free(losses->root);
    lethe_free(losses->retrained);
    lethe_free(losses->alike);
    lethe_free(losses->ids);
}

/* Shares of the outputs that are right, class by class: *right is new. */
static enum lethe_err count_right(double **right, const struct lethe_outputs *outputs,
                                  struct lethe_error *err)
{
    double *share = lethe_alloc_zero(2 * outputs->classes, sizeof *share);
    if (!share)
        return lethe_fail_memory(err, "classes", outputs->classes, sizeof *share);
    double *of = share + outputs->classes;
    for (size_t i = 0; i < outputs->n; i++) {
        const double *row = outputs->logits + i * outputs->classes;
        const int label = outputs->labels[i];
        of[label]++;
        share[label] += lethe_row_argmax(row, outputs->classes) == (size_t)label;
    }
    for (size_t c = 0; c < outputs->classes; c++)
        share[c] = of[c] > 0 ? share[c] / of[c] : NAN;
    *right = share;
    return LETHE_OK;
}

/* Losses of `ids` of data at weights w: *out is new, and so is *right (NULL: not asked for). */
static enum lethe_err measure(double **out, double **right, const struct lethe_workbench *wb,
                              struct lethe_dataset *data, const size_t *ids, size_t count,
                              const double *w, struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(wb->project.graph);
    const struct lethe_problem_spec spec = {.graph = wb->project.graph,
                                            .data = data,
                                            .ids = ids,
                                            .count = count,
                                            .dtype = lethe_graph_passes(wb->project.graph)};
    struct lethe_problem *problem = NULL;
    double *logits = lethe_alloc(count, classes * sizeof *logits);
    *out = lethe_alloc(count, sizeof **out);
    enum lethe_err code = logits && *out ? lethe_problem_new(&problem, &spec, err)
                                         : lethe_fail_memory(err, "logits", count * classes, 8);
    if (!code)
        code = lethe_problem_logits(problem, logits, w, watch, err);
    if (!code) {
        const struct lethe_outputs outputs = {logits, lethe_problem_labels(problem), count,
                                              classes};
        lethe_rows_score(NULL, *out, NULL, &outputs);
        if (right)
            code = count_right(right, &outputs, err);
    }
    lethe_problem_free(problem);
    lethe_free(logits);
    return code;
}

static enum lethe_err measure_all(struct losses *losses, const struct lethe_workbench *wb,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    const struct lethe_state *root = lethe_session_head(wb->session);
    while (lethe_state_parent(root))
        root = lethe_state_parent(root);
    double *w = losses->root = lethe_alloc(lethe_state_size(root), sizeof *w);
    enum lethe_err code = w ? lethe_state_weights(root, w, err)
                            : lethe_fail_memory(err, "weights", lethe_state_size(root), sizeof *w);
    losses->w[0] = w;
    losses->w[1] = project->w;
    if (!code)
        code = lethe_yardstick_weights(&losses->retrained, wb, err);
    losses->w[2] = losses->retrained;
    for (int k = 0; k < MODELS && !code; k++) {
        const double *at = losses->w[k];
        if (!at)
            continue;
        code = measure(&losses->forgotten_at[k], NULL, wb, project->train, losses->ids,
                       losses->forgotten, at, watch, err);
        if (!code)
            code = measure(&losses->heldout_at[k], &losses->right[k], wb, project->heldout,
                           project->report.at, losses->heldout, at, watch, err);
    }
    return code;
}

/* The SVG of a sheet without what stands before its element, and its caption. */
static enum lethe_err add(struct lethe_report_pictures *pictures, const struct lethe_sheet *sheet,
                          const char *caption, struct lethe_watch *watch, struct lethe_error *err)
{
    char *picture = NULL;
    size_t size = 0;
    enum lethe_err code =
        lethe_plot_render(&picture, &size, lethe_sheet_plot(sheet), LETHE_PLOT_SVG, watch, err);
    if (code)
        return code;
    const char *at = picture;
    for (size_t i = 0; i + 4 < size && strncmp(at, "<svg", 4) != 0; i++)
        at++;
    const size_t length = size - (size_t)(at - picture);
    char *svg = lethe_alloc(length + 1, 1), *words = lethe_strdup(caption);
    if (svg && words) {
        for (size_t i = 0; i < length; i++)
            svg[i] = at[i] == '\t' ? ' ' : at[i];
        svg[length] = '\0';
        pictures->at[pictures->count++] = (struct lethe_report_picture){svg, words};
    } else {
        lethe_free(svg);
        lethe_free(words);
        code = lethe_fail_memory(err, "a picture", length, 1);
    }
    lethe_free(picture);
    return code;
}

static enum lethe_err add_histograms(struct lethe_report_pictures *pictures,
                                     const struct losses *losses, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    struct lethe_plot_group groups[MODELS + 1];
    char title[MODELS][48];
    size_t count = 0;
    for (size_t k = 0; k < MODELS; k++) {
        if (!losses->w[k])
            continue;
        snprintf(title[k], sizeof title[k], "forgotten, %s", lethe_report_model(k));
        groups[count++] =
            (struct lethe_plot_group){title[k], losses->forgotten_at[k], losses->forgotten};
    }
    groups[count++] =
        (struct lethe_plot_group){"never trained on, now", losses->heldout_at[1], losses->heldout};
    struct lethe_sheet *sheet = lethe_sheet_new("Losses of the forgotten samples", NULL, err);
    enum lethe_err code =
        sheet ? lethe_sheet_histograms(sheet, "loss (nats)", groups, count, err) : LETHE_ENOMEM;
    if (!code)
        code =
            add(pictures, sheet,
                "Losses of the forgotten samples where the model began, now, and retrained where "
                "that was done, beside samples it was never trained on. Forgotten samples should "
                "look like what retraining would "
                "make of them, not like nothing.",
                watch, err);
    lethe_sheet_unref(sheet);
    return code;
}

/* As the attack of the figures does: beside held-out samples of the same classes; of all where
 * there are none. */
static enum lethe_err find_alike(struct losses *losses, const struct lethe_project *project,
                                 struct lethe_error *err)
{
    const size_t classes = lethe_dataset_classes(project->train);
    unsigned char *there = lethe_alloc_zero(classes, 1);
    losses->alike = lethe_alloc(losses->heldout, sizeof *losses->alike);
    if (!there || !losses->alike) {
        lethe_free(there);
        return lethe_fail_memory(err, "samples", losses->heldout, sizeof *losses->alike);
    }
    for (size_t i = 0; i < losses->forgotten; i++)
        there[lethe_dataset_label(project->train, losses->ids[i])] = 1;
    for (int all = 0; all < 2 && !losses->alike_count; all++)
        for (size_t i = 0; i < losses->heldout; i++)
            if (all || there[lethe_dataset_label(project->heldout, project->report.at[i])])
                losses->alike[losses->alike_count++] = i;
    lethe_free(there);
    return LETHE_OK;
}

static const char roc_words[] =
    "How well the loss tells the forgotten samples from samples of the same classes that were "
    "never "
    "trained on, of the half that was kept for the report: the first page counts the half that the "
    "settings were chosen by. The aim is the curve of a retrained model, not the diagonal. AUC "
    "here";

static enum lethe_err add_roc(struct lethe_report_pictures *pictures, const struct losses *losses,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_sheet *sheet = lethe_sheet_new("Attack on the loss", NULL, err);
    struct lethe_text words = {0};
    enum lethe_err code = sheet ? LETHE_OK : LETHE_ENOMEM;
    size_t drawn = 0;
    lethe_text_add(&words, roc_words);
    for (size_t k = 0; k < MODELS && !code; k++) {
        struct lethe_measure auc = {.value = NAN};
        if (!losses->w[k])
            continue;
        double *scores = lethe_alloc(losses->forgotten + losses->heldout, sizeof *scores);
        if (!scores) {
            code = lethe_fail_memory(err, "scores", losses->heldout, sizeof *scores);
            break;
        }
        for (size_t i = 0; i < losses->forgotten; i++)
            scores[i] = -losses->forgotten_at[k][i];
        for (size_t i = 0; i < losses->alike_count; i++)
            scores[losses->forgotten + i] = -losses->heldout_at[k][losses->alike[i]];
        const struct lethe_pool pool = {scores, scores + losses->forgotten, losses->forgotten,
                                        losses->alike_count};
        code = lethe_sheet_roc(sheet, lethe_report_model(k), &pool, err);
        if (!code)
            code = lethe_auc(&auc, &pool, err);
        if (!isnan(auc.value))
            lethe_text_addf(&words, "%s%s %.3f", drawn++ ? ", " : ": ", lethe_report_model(k),
                            auc.value);
        lethe_free(scores);
    }
    lethe_text_add(&words, ".");
    if (!code)
        code = lethe_text_ok(&words, err);
    if (!code)
        code = add(pictures, sheet, lethe_text_get(&words), watch, err);
    lethe_text_release(&words);
    lethe_sheet_unref(sheet);
    return code;
}

static enum lethe_err add_classes(struct lethe_report_pictures *pictures,
                                  const struct losses *losses, const struct lethe_workbench *wb,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    enum { MOST = 20, NAME = 24 };
    const size_t classes = lethe_graph_classes(wb->project.graph);
    const size_t n = classes < MOST ? classes : MOST;
    char text[MOST][NAME];
    const char *names[MOST];
    for (size_t c = 0; c < n; c++) {
        const char *own = lethe_dataset_class_name(wb->project.train, c);
        if (own && *own)
            snprintf(text[c], NAME, "%.23s", own);
        else
            snprintf(text[c], NAME, "%zu", c);
        names[c] = text[c];
    }
    const struct lethe_plot_axis x = {.label = "class", .names = names, .name_count = n};
    const struct lethe_plot_axis y = {.label = "held-out accuracy", .low = 0, .high = 1};
    struct lethe_sheet *sheet = lethe_sheet_new("Classes", NULL, err);
    enum lethe_err code = sheet ? lethe_sheet_axes(sheet, &x, &y, err) : LETHE_ENOMEM;
    for (size_t k = 0; k < MODELS && !code; k++) {
        if (!losses->w[k])
            continue;
        const struct lethe_plot_series bars = {.title = lethe_report_model(k),
                                               .style = LETHE_PLOT_BARS,
                                               .y = losses->right[k],
                                               .n = n};
        code = lethe_sheet_series(sheet, &bars, err);
    }
    if (!code)
        code =
            add(pictures, sheet,
                classes > MOST
                    ? "Accuracy on held-out samples of the first twenty classes."
                    : "Accuracy on held-out samples, class by class: what forgetting cost others.",
                watch, err);
    lethe_sheet_unref(sheet);
    return code;
}

/* The embedding; *done 0: this network has none. */
static enum lethe_err add_embedding(struct lethe_report_pictures *pictures, int *done,
                                    const struct losses *losses, const struct lethe_workbench *wb,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_report_embedding spec = {
        &wb->project, losses->ids, losses->forgotten, {losses->w[0], losses->w[1], losses->w[2]}};
    struct lethe_sheet *sheet = NULL;
    enum lethe_err code = lethe_report_embedding_make(&sheet, &spec, watch, err);
    *done = sheet != NULL;
    if (!code && sheet)
        code = add(pictures, sheet,
                   losses->w[2]
                       ? "What the last layer is given, on the two main axes of the network where "
                         "it began, the same for all three. Forgotten samples should lie where "
                         "retraining puts them."
                       : "What the last layer is given, on the two main axes of the network where "
                         "it began, the same for both. Forgotten samples should lie where "
                         "retraining puts them.",
                   watch, err);
    lethe_sheet_unref(sheet);
    return code;
}

/* The plane of the inputs with the boundaries of each model; nothing for inputs on no plane. */
static enum lethe_err add_plane(struct lethe_report_pictures *pictures, const struct losses *losses,
                                const struct lethe_workbench *wb, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    struct lethe_plane_view view = {0};
    enum lethe_err code = lethe_plane_make(&view.plane, project->graph, project->train, watch, err);
    if (code == LETHE_EARG)
        return LETHE_OK;
    for (int k = 0; k < MODELS && !code; k++)
        if (losses->w[k])
            code = lethe_plane_field_make(&view.field[k], view.plane, project->graph, losses->w[k],
                                          watch, err);
    struct lethe_sheet *sheet =
        code ? NULL : lethe_sheet_new("Samples and decision boundaries", NULL, err);
    if (!code)
        code = sheet ? lethe_plots_plane_of(sheet, &view, project, err) : LETHE_ENOMEM;
    if (!code)
        code =
            add(pictures, sheet,
                view.plane->cut
                    ? "The training samples on the two directions in which they spread most, and "
                      "where the decision changes on that cut, where it began and now."
                    : "The training samples, and where the decision changes: where the model "
                      "began (dashed), now, and retrained where that was done.",
                watch, err);
    lethe_sheet_unref(sheet);
    lethe_plane_view_release(&view);
    return code;
}

static enum lethe_err add_history(struct lethe_report_pictures *pictures,
                                  const struct lethe_workbench *wb, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_sheet *sheet = lethe_sheet_new("Accuracies over the commits", NULL, err);
    enum lethe_err code = sheet ? lethe_plots_history(sheet, wb, err) : LETHE_ENOMEM;
    if (!code)
        code = add(pictures, sheet,
                   "Accuracies as they were at each commit; dashed, those of the model that was "
                   "retrained beside it.",
                   watch, err);
    lethe_sheet_unref(sheet);
    return code;
}

/* Of two inputs the plane shows all there is; of more the embedding, or a cut where there is none.
 */
static enum lethe_err add_place(struct lethe_report_pictures *pictures, const struct losses *losses,
                                const struct lethe_workbench *wb, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    int done = 0;
    enum lethe_err code = LETHE_OK;
    if (lethe_dataset_width(wb->project.train) != 2)
        code = add_embedding(pictures, &done, losses, wb, watch, err);
    return code || done ? code : add_plane(pictures, losses, wb, watch, err);
}

/* Why no retrained model is known at the head. */
static const char *why_not_retrained(const struct lethe_state *head)
{
    const char *text = lethe_state_metrics(head);
    struct lethe_json *metrics = NULL;
    double loss = NAN;
    if (strcmp(lethe_state_kind(head), "forget") != 0)
        return "The retrained model is not drawn: the model was trained on after the last removal, "
               "so that no retraining belongs to it. 'undo' and a report there draw it.";
    if (*text && !lethe_json_parse(&metrics, text, strlen(text), "metrics", NULL)) {
        const struct lethe_json *forget = lethe_json_get(metrics, "forget");
        const struct lethe_json *row = lethe_json_get(forget, "loss");
        lethe_json_as_number(lethe_json_get(row, "retrain"), &loss);
    }
    lethe_json_free(metrics);
    return isnan(loss)
               ? "The retrained model is not drawn: none was made beside the last removal. "
                 "'undo', 'retrain warm', 'preview', 'commit' and this report again draw it."
               : "The retrained model is not drawn: its weights are kept for the commit made "
                 "last only, and that is another one. 'undo', 'retrain warm', 'preview', "
                 "'commit' and this report again draw it.";
}

enum lethe_err lethe_report_pictures_make(struct lethe_report_pictures *pictures,
                                          const struct lethe_workbench *wb,
                                          struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    struct losses losses = {.heldout = project->report.count};
    struct lethe_error why = {0};
    *pictures = (struct lethe_report_pictures){0};
    enum lethe_err code =
        lethe_state_forgotten(&losses.ids, &losses.forgotten, lethe_session_head(wb->session), err);
    if (code)
        return code;
    if (!losses.forgotten || !project->train || !project->heldout || !losses.heldout) {
        pictures->missing = losses.forgotten ? "pictures need held-out samples" : NULL;
        release(&losses);
        return LETHE_OK;
    }
    code = measure_all(&losses, wb, watch, err);
    if (!code)
        code = find_alike(&losses, project, err);
    if (!code)
        code = add_histograms(pictures, &losses, watch, &why);
    if (!code)
        code = add_roc(pictures, &losses, watch, &why);
    if (!code)
        code = add_classes(pictures, &losses, wb, watch, &why);
    if (!code)
        code = add_place(pictures, &losses, wb, watch, &why);
    if (!code && lethe_state_parent(lethe_session_head(wb->session)))
        code = add_history(pictures, wb, watch, &why);
    if (!code && !losses.w[2])
        pictures->not_drawn = why_not_retrained(lethe_session_head(wb->session));
    release(&losses);
    if (code == LETHE_EIO && why.code) { /* no gnuplot: the report is whole without pictures */
        pictures->missing = "pictures need gnuplot (apt-get install gnuplot-nox)";
        return LETHE_OK;
    }
    if (code)
        lethe_report_pictures_release(pictures);
    return code && why.code ? lethe_fail(err, code, "%s", why.message) : code;
}

void lethe_report_pictures_release(struct lethe_report_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++) {
        lethe_free((char *)pictures->at[i].svg);
        lethe_free((char *)pictures->at[i].caption);
    }
    *pictures = (struct lethe_report_pictures){0};
}
