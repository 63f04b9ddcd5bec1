/* SPDX-License-Identifier: MIT
 * Which rows of the ledger of samples are shown, and in which order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/desk.h"

static double sort_key(const struct lethe_view_sample *sample, enum lethe_sample_sort sort)
{
    const double keys[LETHE_SORTS] = {(double)sample->id,
                                      sample->label,
                                      sample->before,
                                      sample->now,
                                      sample->retrain,
                                      sample->leverage,
                                      sample->now - sample->before};
    return isnan(keys[sort]) ? -INFINITY : keys[sort];
}

struct ledger {
    const struct lethe_view_sample *samples;
    enum lethe_sample_sort sort;
    int descending;
};

static int compare(const void *a, const void *b, void *arg)
{
    const struct ledger *ledger = arg;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    double x = sort_key(&ledger->samples[i], ledger->sort);
    double y = sort_key(&ledger->samples[j], ledger->sort);
    if (x != y)
        return ((x > y) - (x < y)) * (ledger->descending ? -1 : 1);
    return (i > j) - (i < j);
}

/* A filter is an id, "class:7", "forget", "changed" (labels) or "wrong" (predictions); empty:
 * everything. */
static int passes(const struct lethe_view_sample *sample, const char *filter)
{
    if (!*filter)
        return 1;
    if (strncmp(filter, "class:", 6) == 0)
        return filter[6] && sample->label == atoi(filter + 6);
    if (strncmp("forget", filter, strlen(filter)) == 0)
        return sample->forget;
    if (strncmp("changed", filter, strlen(filter)) == 0)
        return sample->label != sample->true_label;
    if (strncmp("wrong", filter, strlen(filter)) == 0) {
        const int predicted = sample->now_class >= 0 ? sample->now_class : sample->before_class;
        return predicted >= 0 && predicted != sample->label;
    }
    char id[24];
    snprintf(id, sizeof id, "%zu", sample->id);
    return strncmp(id, filter, strlen(filter)) == 0;
}

void lethe_desk_order(struct lethe_desk *desk)
{
    const struct lethe_view *view = desk->view;
    if (view->sample_count > desk->order_room) {
        size_t *grown = lethe_realloc(desk->order, view->sample_count, sizeof *grown);
        if (!grown) {
            desk->screen.order_count = 0;
            return;
        }
        desk->order = grown;
        desk->order_room = view->sample_count;
    }
    size_t count = 0;
    for (size_t k = 0; k < view->sample_count; k++)
        if (passes(&view->samples[k], desk->filter.text))
            desk->order[count++] = k;
    struct ledger ledger = {view->samples, desk->screen.sort, desk->screen.descending};
    if (desk->screen.sort != LETHE_SORT_ID || desk->screen.descending)
        qsort_r(desk->order, count, sizeof *desk->order, compare, &ledger);
    desk->screen.order = desk->order;
    desk->screen.order_count = count;
}
