/* SPDX-License-Identifier: MIT
 * What the sample pane shows: the sample under the cursor of the ledger as a picture or as text,
 * with what is known about it and what the models make of it. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ui/fill.h"
#include "ui/view/format.h"

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
    double *x = lethe_arena_alloc(&fill->picture, n, sizeof *x);
    double *pixels = lethe_arena_alloc(&fill->picture, n, sizeof *pixels);
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

/* Words of a sample of tokens, read from the vocabulary of its bundle; NULL when it has none. */
static const char *sample_words(struct lethe_fill *fill, const struct lethe_workbench *wb,
                                size_t id)
{
    const struct lethe_dataset *data = wb->project.train;
    const char *vocabulary = wb->project.bundle ? wb->project.bundle->train.vocabulary : NULL;
    const size_t n = lethe_dataset_width(data);
    double *tokens = lethe_arena_alloc(&fill->picture, n, sizeof *tokens);
    struct lethe_text text = {0};
    if (!vocabulary || !tokens)
        return NULL;
    if (!fill->words.count && lethe_words_read(&fill->words, vocabulary, NULL) != LETHE_OK)
        return NULL;
    lethe_dataset_batch(data, tokens, NULL, &id, 1);
    for (size_t k = 0; k < n && tokens[k] > 0; k++) { /* 0 is padding, 1 an unknown word */
        const size_t number = (size_t)tokens[k];
        lethe_text_add(&text, k ? " " : "");
        lethe_text_add(
            &text, number == 1 || number >= fill->words.count ? "[?]" : fill->words.word[number]);
    }
    const char *copy = lethe_arena_strdup(&fill->picture, lethe_text_get(&text));
    lethe_text_release(&text);
    return copy;
}

/* "7 seven", or the number alone. */
static void class_text(char *out, size_t room, const struct lethe_dataset *data, int label)
{
    const char *name = label < 0 ? NULL : lethe_dataset_class_name(data, (size_t)label);
    char number[16];
    snprintf(number, sizeof number, "%d", label);
    if (!name || strcmp(name, number) == 0)
        snprintf(out, room, "%s", label < 0 ? "?" : number);
    else
        snprintf(out, room, "%d %s", label, name);
}

__attribute__((format(printf, 2, 3))) static void fact(struct lethe_fill *fill, const char *format,
                                                       ...)
{
    char text[LETHE_FILL_TEXT];
    struct lethe_view_picture *picture = &fill->view.picture;
    size_t k = 0;
    while (k < 5 && picture->facts[k])
        k++;
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    picture->facts[k] = lethe_arena_strdup(&fill->picture, text);
}

static void fill_facts(struct lethe_fill *fill, const struct lethe_dataset *data,
                       const struct lethe_view_sample *row)
{
    char a[LETHE_FORMAT_ROOM], b[LETHE_FORMAT_ROOM], before[64], now[64];
    if (row->before_class >= 0) {
        class_text(before, sizeof before, data, row->before_class);
        class_text(now, sizeof now, data, row->now_class);
        const int other = row->now_class >= 0 && row->now_class != row->before_class;
        fact(fill, "predicted %s%s%s", before, other ? " → " : "", other ? now : "");
    }
    if (!isnan(row->before)) {
        lethe_format_figure(a, row->before, LETHE_FIGURE_LOSS);
        lethe_format_figure(b, row->now, LETHE_FIGURE_LOSS);
        fact(fill, "loss %s%s%s", a, isnan(row->now) ? "" : " → ", isnan(row->now) ? "" : b);
    }
    if (!isnan(row->retrain)) {
        lethe_format_figure(a, row->retrain, LETHE_FIGURE_LOSS);
        fact(fill, "retrained: loss %s", a);
    }
    if (!isnan(row->leverage)) {
        lethe_format_figure(a, row->leverage, LETHE_FIGURE_FRACTION);
        fact(fill, "leverage %s", a);
    }
    fact(fill, "%s", row->forget ? "✗ to be forgotten" : "Space forgets it");
}

/* ---- probabilities --------------------------------------------------------------------------- */

/* Softmax of the sample's logits in an evaluation; NULL where it is not among its samples. */
static double *probabilities_of(struct lethe_fill *fill, const struct lethe_snapshot *snapshot,
                                const struct lethe_evaluation *outcome, size_t id)
{
    static const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN};
    for (int s = 0; s < 2; s++) {
        const struct lethe_ids *ids = lethe_snapshot_ids(snapshot, sets[s]);
        size_t low = 0, high = ids->count; /* increasing ids */
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (ids->at[middle] < id)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == ids->count || ids->at[low] != id || low >= outcome->count[sets[s]] ||
            !outcome->logits[sets[s]])
            continue;
        double *p = lethe_arena_alloc(&fill->picture, outcome->classes, sizeof *p);
        if (p)
            lethe_softmax(p, outcome->logits[sets[s]] + low * outcome->classes, 1,
                          outcome->classes);
        return p;
    }
    return NULL;
}

static double likeliest(const struct lethe_view_probabilities *to, size_t class)
{
    double most = 0;
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        if (to->at[m])
            most = fmax(most, to->at[m][class]);
    return most;
}

/* The likeliest of so many classes, at most LISTED; returns how many. */
enum { LISTED = 64 };
static size_t rank(size_t order[LISTED], const struct lethe_view_probabilities *to, size_t classes)
{
    size_t count = 0;
    for (size_t c = 0; c < classes; c++) {
        const double mine = likeliest(to, c);
        size_t k = count < LISTED ? count++ : LISTED;
        for (; k && likeliest(to, order[k - 1]) < mine; k--)
            if (k < LISTED)
                order[k] = order[k - 1];
        if (k < LISTED)
            order[k] = c;
    }
    return count;
}

/* Of the preview's own samples, so that no pass is needed. */
static void fill_probabilities(struct lethe_fill *fill, const struct lethe_workbench *wb, size_t id)
{
    const struct lethe_preview *preview = wb->preview;
    struct lethe_view_probabilities *to = &fill->view.picture.probabilities;
    const struct lethe_dataset *train = wb->project.train;
    if (!preview || preview->partial)
        return;
    size_t *order = lethe_arena_alloc(&fill->picture, LISTED, sizeof *order);
    const char **names = lethe_arena_alloc(&fill->picture, LISTED, sizeof *names);
    to->at[LETHE_VIEW_BEFORE] = probabilities_of(fill, preview->snapshot, &preview->before, id);
    to->at[LETHE_VIEW_NOW] = probabilities_of(fill, preview->snapshot, &preview->now, id);
    if (wb->warm)
        to->at[LETHE_VIEW_RETRAINED] =
            probabilities_of(fill, preview->snapshot, &wb->warm->outcome, id);
    if (!order || !names || !to->at[LETHE_VIEW_NOW])
        return;
    const size_t count = rank(order, to, preview->now.classes);
    for (size_t k = 0; k < count; k++) {
        char text[64];
        class_text(text, sizeof text, train, (int)order[k]);
        if (!(names[k] = lethe_arena_strdup(&fill->picture, text)))
            return;
    }
    to->order = order;
    to->name = names;
    to->count = count;
    to->label = lethe_dataset_label(train, id);
}

void lethe_fill_sample(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const size_t sample = fill->wanted;
    if (sample == fill->sample)
        return;
    const struct lethe_dataset *train = wb->project.train;
    struct lethe_view_picture *picture = &fill->view.picture;
    lethe_arena_release(&fill->picture);
    *picture = (struct lethe_view_picture){0};
    fill->sample = sample;
    if (!train || sample >= fill->view.sample_count)
        return;
    const struct lethe_view_sample *row = &fill->view.samples[sample];
    char text[2 * LETHE_FILL_TEXT], label[64], truth[64];
    class_text(label, sizeof label, train, row->label);
    class_text(truth, sizeof truth, train, row->true_label);
    snprintf(text, sizeof text, "#%zu  label %s%s%s", sample, label,
             row->label != row->true_label ? "  was " : "",
             row->label != row->true_label ? truth : "");
    picture->caption = lethe_arena_strdup(&fill->picture, text);
    fill_facts(fill, train, row);
    fill_probabilities(fill, wb, sample);
    picture->text = sample_words(fill, wb, sample);
    if (!picture->text && picture_shape(&picture->image, train))
        picture->image.pixels = make_pixels(fill, train, &picture->image, sample);
}
