/* SPDX-License-Identifier: MIT
 * Plots that own their numbers and words. Every copy hangs in one list and is freed with the sheet;
 * the arrays of series and marks grow by copying too, so a failure leaves the sheet as it was. */
#include "lethe/plot.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { BINS = 30 };

struct block {
    struct block *next;
    double data[]; /* doubles, texts or arrays of pointers: all fit its alignment */
};

struct lethe_sheet {
    struct lethe_plot plot;
    struct block *blocks;
    atomic_int references;
};

/* Room for count things of size bytes that lives as long as the sheet. */
static void *keep(struct lethe_sheet *sheet, size_t count, size_t size, struct lethe_error *err)
{
    size_t units = 1 + (count * size + sizeof(double) - 1) / sizeof(double);
    struct block *block = size && count > PTRDIFF_MAX / size ? NULL : lethe_alloc(1 + units, 8);
    if (!block) {
        lethe_fail_memory(err, "a plot", count, size);
        return NULL;
    }
    block->next = sheet->blocks;
    sheet->blocks = block;
    return block->data;
}

/* Copies n numbers; NULL stays NULL. */
static enum lethe_err keep_numbers(struct lethe_sheet *sheet, const double **numbers, size_t n,
                                   struct lethe_error *err)
{
    if (!*numbers)
        return LETHE_OK;
    double *copy = keep(sheet, n, sizeof *copy, err);
    if (!copy)
        return LETHE_ENOMEM;
    *numbers = n ? memcpy(copy, *numbers, n * sizeof *copy) : copy;
    return LETHE_OK;
}

static enum lethe_err keep_text(struct lethe_sheet *sheet, const char **text,
                                struct lethe_error *err)
{
    if (!*text)
        return LETHE_OK;
    size_t n = strlen(*text) + 1;
    char *copy = keep(sheet, n, 1, err);
    if (!copy)
        return LETHE_ENOMEM;
    *text = memcpy(copy, *text, n);
    return LETHE_OK;
}

/* A copy of `count` items of `size` bytes with room for one more. */
static void *keep_more(struct lethe_sheet *sheet, const void *items, size_t count, size_t size,
                       struct lethe_error *err)
{
    void *copy = keep(sheet, count + 1, size, err);
    if (copy && count)
        memcpy(copy, items, count * size);
    return copy;
}

struct lethe_sheet *lethe_sheet_new(const char *title, const char *subtitle,
                                    struct lethe_error *err)
{
    struct lethe_sheet *sheet = lethe_alloc_zero(1, sizeof *sheet);
    if (!sheet) {
        lethe_fail_memory(err, "a plot", 1, sizeof *sheet);
        return NULL;
    }
    atomic_init(&sheet->references, 1);
    sheet->plot.title = title;
    sheet->plot.subtitle = subtitle;
    if (keep_text(sheet, &sheet->plot.title, err) || keep_text(sheet, &sheet->plot.subtitle, err)) {
        lethe_sheet_unref(sheet);
        return NULL;
    }
    return sheet;
}

enum lethe_err lethe_sheet_title(struct lethe_sheet *sheet, const char *title,
                                 struct lethe_error *err)
{
    const char *copy = title;
    const enum lethe_err code = keep_text(sheet, &copy, err);
    if (!code)
        sheet->plot.title = copy;
    return code;
}

struct lethe_sheet *lethe_sheet_ref(struct lethe_sheet *sheet)
{
    atomic_fetch_add(&sheet->references, 1);
    return sheet;
}

void lethe_sheet_unref(struct lethe_sheet *sheet)
{
    if (!sheet || atomic_fetch_sub(&sheet->references, 1) > 1)
        return;
    while (sheet->blocks) {
        struct block *next = sheet->blocks->next;
        lethe_free(sheet->blocks);
        sheet->blocks = next;
    }
    lethe_free(sheet);
}

const struct lethe_plot *lethe_sheet_plot(const struct lethe_sheet *sheet)
{
    return &sheet->plot;
}

static enum lethe_err keep_axis(struct lethe_sheet *sheet, struct lethe_plot_axis *axis,
                                struct lethe_error *err)
{
    enum lethe_err code = keep_text(sheet, &axis->label, err);
    if (code || !axis->names)
        return code;
    const char **names = keep(sheet, axis->name_count, sizeof *names, err);
    if (!names)
        return LETHE_ENOMEM;
    for (size_t i = 0; !code && i < axis->name_count; i++) {
        names[i] = axis->names[i];
        code = keep_text(sheet, &names[i], err);
    }
    axis->names = names;
    return code;
}

enum lethe_err lethe_sheet_axes(struct lethe_sheet *sheet, const struct lethe_plot_axis *x,
                                const struct lethe_plot_axis *y, struct lethe_error *err)
{
    struct lethe_plot_axis copy_x = *x, copy_y = *y;
    enum lethe_err code = keep_axis(sheet, &copy_x, err);
    if (!code)
        code = keep_axis(sheet, &copy_y, err);
    if (code)
        return code;
    sheet->plot.x = copy_x;
    sheet->plot.y = copy_y;
    return LETHE_OK;
}

enum lethe_err lethe_sheet_series(struct lethe_sheet *sheet, const struct lethe_plot_series *series,
                                  struct lethe_error *err)
{
    struct lethe_plot *plot = &sheet->plot;
    struct lethe_plot_series copy = *series;
    struct lethe_plot_series *all =
        keep_more(sheet, plot->series, plot->series_count, sizeof *all, err);
    if (!all || keep_text(sheet, &copy.title, err) || keep_numbers(sheet, &copy.x, copy.n, err) ||
        keep_numbers(sheet, &copy.y, copy.n, err) || keep_numbers(sheet, &copy.low, copy.n, err) ||
        keep_numbers(sheet, &copy.high, copy.n, err))
        return LETHE_ENOMEM;
    all[plot->series_count++] = copy;
    plot->series = all;
    return LETHE_OK;
}

enum lethe_err lethe_sheet_cells(struct lethe_sheet *sheet, const struct lethe_plot_cells *cells,
                                 struct lethe_error *err)
{
    struct lethe_plot_cells *copy = keep(sheet, 1, sizeof *copy, err);
    if (!copy)
        return LETHE_ENOMEM;
    *copy = *cells;
    if (keep_text(sheet, &copy->label, err) ||
        keep_numbers(sheet, &copy->value, copy->rows * copy->columns, err))
        return LETHE_ENOMEM;
    sheet->plot.cells = copy;
    return LETHE_OK;
}

enum lethe_err lethe_sheet_mark(struct lethe_sheet *sheet, const struct lethe_plot_mark *mark,
                                struct lethe_error *err)
{
    struct lethe_plot *plot = &sheet->plot;
    struct lethe_plot_mark copy = *mark;
    struct lethe_plot_mark *all = keep_more(sheet, plot->marks, plot->mark_count, sizeof *all, err);
    if (!all || keep_text(sheet, &copy.label, err))
        return LETHE_ENOMEM;
    all[plot->mark_count++] = copy;
    plot->marks = all;
    return LETHE_OK;
}

enum lethe_err lethe_sheet_panels(struct lethe_sheet *sheet, const char *const *names, size_t count,
                                  struct lethe_error *err)
{
    const char **copy = keep(sheet, count, sizeof *copy, err);
    if (!copy)
        return LETHE_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        copy[i] = names[i];
        if (keep_text(sheet, &copy[i], err))
            return LETHE_ENOMEM;
    }
    sheet->plot.panels = copy;
    sheet->plot.panel_count = count;
    return LETHE_OK;
}

enum lethe_err lethe_sheet_roc(struct lethe_sheet *sheet, const char *title,
                               const struct lethe_pool *pool, struct lethe_error *err)
{
    static const struct lethe_plot_axis rates[2] = {
        {.label = "false positive rate", .low = 0, .high = 1},
        {.label = "true positive rate", .low = 0, .high = 1}};
    size_t room = pool->members + pool->nonmembers + 1, count = 0;
    struct lethe_roc_point *points = lethe_alloc(room, sizeof *points);
    double *xy = lethe_alloc(room, 2 * sizeof *xy);
    struct lethe_measure auc;
    char words[160];
    enum lethe_err code = LETHE_ENOMEM;
    if (!points || !xy) {
        lethe_fail_memory(err, "a ROC curve", room, sizeof *points);
        goto out;
    }
    code = lethe_roc(points, &count, pool, err);
    if (!code)
        code = lethe_auc(&auc, pool, err);
    if (!code)
        code = lethe_sheet_axes(sheet, &rates[0], &rates[1], err);
    if (code)
        goto out;
    for (size_t i = 0; i < count; i++) {
        xy[i] = points[i].fpr;
        xy[room + i] = points[i].tpr;
    }
    snprintf(words, sizeof words, "%s (AUC %.3f)", title, auc.value);
    const struct lethe_plot_series series = {
        .title = words, .style = LETHE_PLOT_LINE, .x = xy, .y = xy + room, .n = count};
    code = lethe_sheet_series(sheet, &series, err);
    if (!code)
        sheet->plot.square = 1;
out:
    lethe_free(points);
    lethe_free(xy);
    return code;
}

/* Smallest and largest finite value of all groups; 0 when there is none. */
static int finite_range(struct lethe_bins *bins, const struct lethe_plot_group *groups,
                        size_t count)
{
    *bins = (struct lethe_bins){INFINITY, -INFINITY, BINS};
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g].n; i++)
            if (isfinite(groups[g].values[i])) {
                bins->low = fmin(bins->low, groups[g].values[i]);
                bins->high = fmax(bins->high, groups[g].values[i]);
            }
    if (bins->low == bins->high) { /* all equal: a bin needs a width */
        bins->low -= 0.5;
        bins->high += 0.5;
    }
    return bins->low < bins->high;
}

enum lethe_err lethe_sheet_histograms(struct lethe_sheet *sheet, const char *label,
                                      const struct lethe_plot_group *groups, size_t count,
                                      struct lethe_error *err)
{
    const struct lethe_plot_axis x = {.label = label}, y = {.label = "share of samples"};
    struct lethe_bins bins;
    if (!finite_range(&bins, groups, count))
        return lethe_fail(err, LETHE_EARG, "nothing to plot: no %s is finite", label);
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &y, err);
    for (size_t g = 0; !code && g < count; g++) {
        double share[BINS], centre[BINS];
        lethe_histogram(share, centre, &bins, groups[g].values, groups[g].n);
        const struct lethe_plot_series series = {.title = groups[g].title,
                                                 .style = LETHE_PLOT_HISTOGRAM,
                                                 .x = centre,
                                                 .y = share,
                                                 .n = BINS};
        code = lethe_sheet_series(sheet, &series, err);
    }
    return code;
}
