/* SPDX-License-Identifier: MIT
 * The control that was made last, for snapshots that begin with the same weights. */
#include "removal/retrain_control.h"

#include <string.h>
#include "base/alloc.h"

struct lethe_controls {
    int refs;
    pthread_mutex_t lock;
    double *from, *w; /* (entries) before and after; NULL: none yet */
    size_t entries, samples;
    double decay;
    enum lethe_dtype dtype;
    struct lethe_train_options warm;
    struct lethe_train_report report;
};

struct lethe_controls *lethe_controls_new(void)
{
    struct lethe_controls *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return NULL;
    made->refs = 1;
    pthread_mutex_init(&made->lock, NULL);
    return made;
}

struct lethe_controls *lethe_controls_ref(struct lethe_controls *controls)
{
    __atomic_add_fetch(&controls->refs, 1, __ATOMIC_RELAXED);
    return controls;
}

void lethe_controls_unref(struct lethe_controls *controls)
{
    if (!controls || __atomic_sub_fetch(&controls->refs, 1, __ATOMIC_ACQ_REL))
        return;
    pthread_mutex_destroy(&controls->lock);
    lethe_free(controls->from);
    lethe_free(controls->w);
    lethe_free(controls);
}

static size_t entries_of(const struct lethe_snapshot *snapshot)
{
    return lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
}

/* The same retraining, as far as settings of one bundle can differ. */
static int alike(const struct lethe_train_options *a, const struct lethe_train_options *b)
{
    return a->method == b->method && a->iterations == b->iterations;
}

static int fits(const struct lethe_controls *c, const struct lethe_snapshot *snapshot)
{
    return c->from && c->entries == entries_of(snapshot) && c->decay == snapshot->decay &&
           c->dtype == snapshot->dtype &&
           c->samples == snapshot->forget.count + snapshot->retain.count &&
           alike(&c->warm, &snapshot->warm) &&
           memcmp(c->from, snapshot->w, c->entries * sizeof *c->from) == 0;
}

int lethe_controls_get(struct lethe_controls *controls, double *w,
                       struct lethe_train_report *report, const struct lethe_snapshot *snapshot)
{
    if (!controls)
        return 0;
    pthread_mutex_lock(&controls->lock);
    const int found = fits(controls, snapshot);
    if (found) {
        memcpy(w, controls->w, controls->entries * sizeof *w);
        *report = controls->report;
    }
    pthread_mutex_unlock(&controls->lock);
    return found;
}

void lethe_controls_put(struct lethe_controls *controls, const double *w,
                        const struct lethe_train_report *report,
                        const struct lethe_snapshot *snapshot)
{
    const size_t entries = entries_of(snapshot);
    if (!controls)
        return;
    double *from = lethe_alloc(entries, sizeof *from), *to = lethe_alloc(entries, sizeof *to);
    if (!from || !to) {
        lethe_free(from);
        lethe_free(to);
        return;
    }
    memcpy(from, snapshot->w, entries * sizeof *from);
    memcpy(to, w, entries * sizeof *to);
    pthread_mutex_lock(&controls->lock);
    lethe_free(controls->from);
    lethe_free(controls->w);
    controls->from = from;
    controls->w = to;
    controls->entries = entries;
    controls->samples = snapshot->forget.count + snapshot->retain.count;
    controls->decay = snapshot->decay;
    controls->dtype = snapshot->dtype;
    controls->warm = snapshot->warm;
    controls->report = *report;
    pthread_mutex_unlock(&controls->lock);
}
