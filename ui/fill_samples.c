/* SPDX-License-Identifier: MIT
 * The ledger of training samples, the plots and the picture of one sample. */
#include <math.h>
#include <stdio.h>

#include "lethe/eval.h"
#include "ui/fill.h"

/* losses(outcome->count[set]) of a set, in the pool; NULL when there are none. */
static double *set_losses(struct lethe_fill *fill, const struct lethe_reading *outcome,
                          enum lethe_side set)
{
    size_t n = outcome->count[set];
    double *losses = lethe_scrap_alloc(&fill->scrap, n, sizeof *losses);
    if (!losses || !n || !outcome->logits[set])
        return NULL;
    const struct lethe_outputs outputs = {outcome->logits[set], outcome->labels[set], n,
                                          outcome->classes};
    lethe_rows_score(NULL, losses, NULL, &outputs);
    return losses;
}

enum column { BEFORE, NOW, RETRAIN };

static void spread(struct lethe_fill *fill, struct lethe_view_sample *rows,
                   const struct lethe_scene *scene, const struct lethe_reading *outcome,
                   enum column column)
{
    static const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN};
    for (int s = 0; s < 2; s++) {
        const struct lethe_ids *ids = lethe_scene_ids(scene, sets[s]);
        const double *losses = set_losses(fill, outcome, sets[s]);
        for (size_t k = 0; losses && k < ids->count && k < outcome->count[sets[s]]; k++) {
            struct lethe_view_sample *row = &rows[ids->at[k]];
            *(column == BEFORE ? &row->before
              : column == NOW  ? &row->now
                               : &row->retrain) = losses[k];
        }
    }
}

void lethe_fill_samples(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_dataset *train = wb->subject.train;
    const struct lethe_ids *forget = &wb->subject.forget;
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_truth *warm = wb->warm;
    size_t n = train ? lethe_dataset_count(train) : 0;
    struct lethe_view_sample *rows = lethe_scrap_alloc(&fill->scrap, n, sizeof *rows);
    if (!n || !rows)
        return;
    for (size_t k = 0; k < n; k++)
        rows[k] = (struct lethe_view_sample){.id = k,
                                             .label = lethe_dataset_label(train, k),
                                             .true_label = lethe_dataset_true_label(train, k),
                                             .before = NAN,
                                             .now = NAN,
                                             .retrain = NAN};
    for (size_t k = 0; k < forget->count; k++)
        rows[forget->at[k]].forget = 1;
    const double *losses = fill->survey ? lethe_survey_losses(fill->survey, wb, n) : NULL;
    for (size_t k = 0; losses && k < n; k++)
        rows[k].before = losses[k];
    fill->view.samples = rows;
    fill->view.sample_count = n;
    /* Results fit the scene of the moment, or the workbench would have dropped them. */
    const struct lethe_scene *scene = wb->scene;
    if (!scene)
        return;
    if (preview) {
        spread(fill, rows, scene, &preview->before, BEFORE);
        spread(fill, rows, scene, &preview->now, NOW);
    }
    if (warm)
        spread(fill, rows, scene, &warm->outcome, RETRAIN);
}

/* ---- plots ----------------------------------------------------------------------------------- */

struct plots {
    struct lethe_view_plot at[5];
    struct lethe_series series[5][3];
    size_t count;
};

static void add_losses(struct lethe_fill *fill, struct plots *plots, const char *title,
                       const struct lethe_reading *outcome)
{
    static const struct {
        const char *name;
        enum lethe_side set;
        uint16_t ink;
    } groups[] = {{"forget", LETHE_SIDE_FORGET, LETHE_INK_FORGET},
                  {"held-out", LETHE_SIDE_TUNE, LETHE_INK_HELDOUT},
                  {"retain", LETHE_SIDE_RETAIN, LETHE_INK_RETAIN}};
    struct lethe_series *series = plots->series[plots->count];
    size_t count = 0;
    for (int g = 0; g < 3; g++) {
        const double *losses = set_losses(fill, outcome, groups[g].set);
        if (losses)
            series[count++] = (struct lethe_series){
                groups[g].name, NULL, losses, outcome->count[groups[g].set], groups[g].ink, 0};
    }
    if (count)
        plots->at[plots->count++] =
            (struct lethe_view_plot){title, series, count, {.x_name = "cross-entropy"}, 1};
}

/* Members are the forget samples, non-members the held-out ones of the same classes: the attack the
 * figures count. 0 when there is no curve. */
static int add_roc(struct lethe_fill *fill, struct lethe_series *series,
                   const struct lethe_reading *outcome)
{
    size_t members = outcome->count[LETHE_SIDE_FORGET], others = 0, count = 0;
    double *member = set_losses(fill, outcome, LETHE_SIDE_FORGET);
    double *other = set_losses(fill, outcome, LETHE_SIDE_TUNE);
    if (members < 2 || !member || !other)
        return 0;
    const int *labels = outcome->labels[LETHE_SIDE_FORGET];
    for (size_t k = 0; k < outcome->count[LETHE_SIDE_TUNE]; k++) {
        size_t m = 0;
        while (m < members && labels[m] != outcome->labels[LETHE_SIDE_TUNE][k])
            m++;
        if (m < members)
            other[others++] = -other[k]; /* a low loss speaks for membership */
    }
    for (size_t m = 0; m < members; m++)
        member[m] = -member[m];
    size_t room = members + others + 1;
    struct lethe_roc_point *points = lethe_scrap_alloc(&fill->scrap, room, sizeof *points);
    double *x = lethe_scrap_alloc(&fill->scrap, room, sizeof *x);
    double *y = lethe_scrap_alloc(&fill->scrap, room, sizeof *y);
    const struct lethe_pool pool = {member, other, members, others};
    if (!others || !points || !x || !y || lethe_roc(points, &count, &pool, NULL) != LETHE_OK)
        return 0;
    for (size_t k = 0; k < count; k++) {
        x[k] = points[k].fpr;
        y[k] = points[k].tpr;
    }
    series->x = x;
    series->y = y;
    series->count = count;
    return 1;
}

static void add_curve(struct lethe_fill *fill, struct plots *plots,
                      const struct lethe_preview *preview, const struct lethe_truth *warm)
{
    const struct {
        const char *name;
        const struct lethe_reading *outcome;
        uint16_t ink;
    } models[] = {{"before", preview ? &preview->before : NULL, LETHE_INK_DIM},
                  {"now", preview ? &preview->now : NULL, LETHE_INK_FORGET},
                  {"retrain", warm ? &warm->outcome : NULL, LETHE_INK_RETRAIN}};
    struct lethe_series *series = plots->series[plots->count];
    size_t count = 0;
    for (int k = 0; k < 3; k++) {
        series[count] = (struct lethe_series){.name = models[k].name, .ink = models[k].ink};
        count += models[k].outcome && add_roc(fill, &series[count], models[k].outcome);
    }
    const struct lethe_axes axes = {0, 1, 0, 1, 0, 0, 1, "false positives", NULL};
    if (count)
        plots->at[plots->count++] =
            (struct lethe_view_plot){"ROC of the attack", series, count, axes, 0};
}

/* The row of the surface nearest to the blanket's size, over damping; damping 0 has no place on the
 * logarithmic axis. */
static void add_damping(const struct lethe_fill *fill, struct plots *plots)
{
    const struct lethe_view_surface *surface = &fill->view.surface;
    const size_t size = fill->view.blanket_size;
    size_t row = 0;
    for (size_t k = 1; k < surface->rows; k++)
        if (surface->sizes[k] <= size)
            row = k;
    if (!surface->rows || surface->cols < 3)
        return;
    struct lethe_series *series = plots->series[plots->count];
    *series = (struct lethe_series){.x = surface->dampings,
                                    .y = surface->values + row * surface->cols,
                                    .count = surface->cols,
                                    .ink = LETHE_INK_ACCENT};
    const struct lethe_axes axes = {.log_x = 1, .x_name = "damping", .y_name = surface->figure};
    plots->at[plots->count++] = (struct lethe_view_plot){"damping", series, 1, axes, 0};
}

void lethe_fill_plots(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_truth *warm = wb->warm;
    struct plots *plots = lethe_scrap_alloc(&fill->scrap, 1, sizeof *plots);
    if (!plots)
        return;
    if (preview)
        add_losses(fill, plots, "loss now", &preview->now);
    add_curve(fill, plots, preview, warm);
    if (preview)
        add_losses(fill, plots, "loss before", &preview->before);
    if (warm)
        add_losses(fill, plots, "loss after retraining", &warm->outcome);
    add_damping(fill, plots);
    fill->view.plots = plots->at;
    fill->view.plot_count = plots->count;
}

/* ---- the picture ----------------------------------------------------------------------------- */

/* Height, width and channels of a sample: channels x rows x columns, rows x columns, or a square
 * that was written as one row. 0: not a picture. */
static int picture_shape(struct lethe_picture *picture, const struct lethe_dataset *data)
{
    size_t ndim = lethe_dataset_ndim(data), width = lethe_dataset_width(data);
    size_t side = (size_t)lround(sqrt((double)width));
    *picture = (struct lethe_picture){NULL, side, side, 1};
    if (ndim == 1)
        return side >= 7 && side * side == width;
    picture->height = lethe_dataset_dim(data, ndim - 2);
    picture->width = lethe_dataset_dim(data, ndim - 1);
    picture->channels = ndim == 3 ? lethe_dataset_dim(data, 0) : 1;
    return ndim <= 3 && picture->height >= 4 && picture->width >= 4 &&
           (picture->channels == 1 || picture->channels == 3);
}

/* Pixels in [0, 1] between the sample's own darkest and lightest, channels last. */
static double *make_pixels(struct lethe_fill *fill, const struct lethe_dataset *data,
                           const struct lethe_picture *shape, size_t id)
{
    size_t n = lethe_dataset_width(data), plane = shape->height * shape->width;
    double *x = lethe_scrap_alloc(&fill->picture, n, sizeof *x);
    double *pixels = lethe_scrap_alloc(&fill->picture, n, sizeof *pixels);
    double lo = INFINITY, hi = -INFINITY;
    if (!x || !pixels)
        return NULL;
    lethe_dataset_batch(data, x, NULL, &id, 1);
    for (size_t k = 0; k < n; k++) {
        lo = fmin(lo, x[k]);
        hi = fmax(hi, x[k]);
    }
    for (size_t c = 0; c < shape->channels; c++)
        for (size_t k = 0; k < plane; k++)
            pixels[k * shape->channels + c] = hi > lo ? (x[c * plane + k] - lo) / (hi - lo) : 0;
    return pixels;
}

void lethe_fill_picture(struct lethe_fill *fill, const struct lethe_workbench *wb, size_t sample)
{
    const struct lethe_dataset *train = wb->subject.train;
    struct lethe_view_picture *picture = &fill->view.picture;
    lethe_scrap_release(&fill->picture);
    *picture = (struct lethe_view_picture){0};
    fill->sample = sample;
    if (!train || sample >= fill->view.sample_count)
        return;
    const struct lethe_view_sample *row = &fill->view.samples[sample];
    const char *name = lethe_dataset_class_name(train, (size_t)row->label);
    char text[LETHE_FILL_TEXT];
    int used = snprintf(text, sizeof text, "#%zu  label %d%s%s", sample, row->label,
                        name ? " " : "", name ? name : "");
    if (row->label != row->true_label && used > 0 && (size_t)used < sizeof text)
        snprintf(text + used, sizeof text - (size_t)used, "  was %d", row->true_label);
    picture->caption = lethe_scrap_strdup(&fill->picture, text);
    if (picture_shape(&picture->image, train))
        picture->image.pixels = make_pixels(fill, train, &picture->image, sample);
}
