/* SPDX-License-Identifier: MIT
 * The tables of a report: whatever figures a commit was given. Objects with "before" or "now" are
 * rows of one table, other values rows of a second; those that the table of metrics or the list
 * here knows are called by their names, others by their keys, so new figures need no change. */
#include "session/report_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lethe/eval.h"

enum { COLUMNS = 7, ROOM = 120 };

static const char *const columns[COLUMNS] = {"figure", "before", "now", "retrain",
                                             "sd",     "z",      "says"};

/* Keys that are no words of their own; NULL: told elsewhere on the page, or of the program alone.
 */
static const struct {
    const char *key, *name;
} names[] = {
    {"report.accuracy", "held-out accuracy, other half"},
    {"report.loss", "held-out loss, other half"},
    {"report.auc", "attack AUC, other half"},
    {"auc_low", "attack AUC, 95 % from"},
    {"auc_high", "attack AUC, 95 % to"},
    {"kl.forget", "KL to retrain, forget samples"},
    {"kl.retain", "KL to retrain, retained samples"},
    {"kl.heldout", "KL to retrain, held-out samples"},
    {"update_norm", "length of the step"},
    {"parameters", "weights the step may change"},
    {"units", "units the step may change"},
    {"reach", "reach of these weights"},
    {"estimated", "step is an estimate"},
    {"reach_estimated", "reach is an estimate"},
    {"curvature_samples", "samples of the curvature"},
    {"solve_residual", "residual of the solve"},
    {"unfinished_training", "gradient left by the training"},
    {"residual_gradient", "gradient of the retained objective"},
    {"predicted_change", "change of the retained objective, promised"},
    {"actual_change", "change of the retained objective, found"},
    {"leverage.largest", "largest leverage of a forget sample"},
    {"leverage.sample", "sample of largest leverage"},
    {"retraining.optimizer", "retraining: optimizer"},
    {"retraining.converged", "retraining: converged"},
    {"retraining.gradient", "retraining: largest gradient"},
    {"retraining.iterations", "retraining: iterations"},
    {"retraining.time", "retraining: seconds"},
    {"time", "seconds of the removal"},
    {"heldout_half", "half of the held-out samples"},
    {"noise", "sd of the noise"},
    {"products", "products with the curvature"},
    {"hints.auto", NULL},
    {"hints.rho", NULL},
    {"hints.levenberg_marquardt", NULL},
    {"retraining.cold", NULL},
};

/* 0: not to be shown. */
static int name_of(char out[ROOM], const char *key, enum lethe_metric_look *look)
{
    const char *known = key;
    *look = strstr(key, "accuracy") || strstr(key, "churn") ? LETHE_LOOK_PERCENT : LETHE_LOOK_PLAIN;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].key, key)) {
            snprintf(out, ROOM, "%s", names[i].name ? names[i].name : "");
            return names[i].name != NULL;
        }
    const struct lethe_metric *metric = lethe_metric_find(key);
    if (!strcmp(key, "percentile"))
        metric = lethe_metric_find("attack.percentile");
    if (metric) {
        known = metric->title ? metric->title : metric->label;
        if (metric->of_model)
            *look = metric->look;
    }
    snprintf(out, ROOM, "%.100s", known);
    for (char *c = out; *c && !metric; c++)
        *c = *c == '_' || *c == '.' ? ' ' : *c;
    return 1;
}

static void write_value(char out[ROOM], const struct lethe_json *value, enum lethe_metric_look look)
{
    double x;
    int flag;
    if (lethe_json_as_number(value, &x))
        snprintf(out, ROOM,
                 look == LETHE_LOOK_PERCENT    ? "%.2f %%"
                 : look == LETHE_LOOK_FRACTION ? "%.3f"
                                               : "%.4g",
                 look == LETHE_LOOK_PERCENT ? 100 * x : x);
    else if (lethe_json_as_bool(value, &flag))
        snprintf(out, ROOM, "%s", flag ? "yes" : "no");
    else
        snprintf(out, ROOM, "%.100s",
                 lethe_json_as_string(value) ? lethe_json_as_string(value) : "");
}

/* One walk looks which columns have entries, another writes them. */
struct walk {
    struct lethe_page *page; /* NULL: it only looks */
    const struct lethe_json *metrics;
    int hashed;    /* no samples by number */
    int figures;   /* rows with before and now; else single values */
    unsigned used; /* columns with an entry, by bit */
    size_t rows;
};

static void figure_row(struct walk *walk, const char *key, const struct lethe_json *figure)
{
    char texts[COLUMNS][ROOM];
    const char *cells[COLUMNS], *head[COLUMNS];
    enum lethe_metric_look look;
    size_t count = 0;
    if (!name_of(texts[0], key, &look))
        return;
    for (size_t i = 1; i < COLUMNS; i++) {
        write_value(texts[i], lethe_json_get(figure, columns[i]), i > 3 ? LETHE_LOOK_PLAIN : look);
        walk->used |= *texts[i] && !walk->page ? 1u << i : 0;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        if (!i || walk->used & 1u << i) {
            head[count] = columns[i];
            cells[count++] = texts[i];
        }
    if (walk->page && !walk->rows)
        lethe_page_table(walk->page, head, count);
    if (walk->page)
        lethe_page_row(walk->page, cells, count);
    walk->rows++;
}

/* Where training had come to its end, what a removal changes is its recovery: not told twice. */
static int is_recovery(const struct walk *walk, const char *key, const struct lethe_json *figure)
{
    char name[ROOM];
    double mine, other;
    if (strncmp(key, "change", strlen("change")) != 0)
        return 0;
    snprintf(name, sizeof name, "recovery%.60s", key + strlen("change"));
    const struct lethe_json *twin = lethe_json_get(walk->metrics, name);
    return twin && lethe_json_as_number(lethe_json_get(figure, "now"), &mine) &&
           lethe_json_as_number(lethe_json_get(twin, "now"), &other) &&
           fabs(mine - other) <= 5e-5 * fabs(other); /* as far as it is shown */
}

static void value_row(struct walk *walk, const char *key, const struct lethe_json *value)
{
    if (walk->hashed && strcmp(key, "leverage.sample") == 0)
        return;
    static const char *const head[] = {"of the step", ""};
    char name[ROOM], text[ROOM];
    const char *cells[] = {name, text};
    enum lethe_metric_look look;
    if (!name_of(name, key, &look))
        return;
    write_value(text, value, look);
    if (!*text)
        return;
    if (!walk->rows++)
        lethe_page_table(walk->page, head, 2);
    lethe_page_row(walk->page, cells, 2);
}

/* Depth is bounded by the reader of JSON. What a commit adds stands under "more" and is named like
 * the rest. */
static void walk_metrics(struct walk *walk, const char *path, const struct lethe_json *value)
{
    if (!lethe_json_is_object(value)) {
        if (!walk->figures)
            value_row(walk, path, value);
        return;
    }
    if (lethe_json_get(value, "before") || lethe_json_get(value, "now")) {
        if (walk->figures && !is_recovery(walk, path, value))
            figure_row(walk, path, value);
        return;
    }
    for (const struct lethe_json *m = lethe_json_first(value); m; m = lethe_json_next(m)) {
        char inner[ROOM];
        const int plain = !*path || !strcmp(path, "more");
        snprintf(inner, sizeof inner, "%.50s%s%.60s", plain ? "" : path, plain ? "" : ".",
                 lethe_json_key(m));
        walk_metrics(walk, inner, m);
    }
}

void lethe_report_tables(struct lethe_page *page, const struct lethe_state *state,
                         const struct lethe_report_options *options)
{
    const int more = options->what == LETHE_REPORT_FULL;
    struct lethe_json *metrics = lethe_report_metrics(state);
    for (int figures = 1; metrics && figures >= (more ? 0 : 1); figures--) {
        struct walk look = {NULL, metrics, options->salt != NULL, figures, 0, 0}, walk = look;
        walk.page = page;
        if (figures)
            walk_metrics(&look, "", metrics);
        walk.used = look.used;
        walk_metrics(&walk, "", metrics);
        if (walk.rows)
            lethe_page_table_end(page);
    }
    lethe_json_free(metrics);
}
