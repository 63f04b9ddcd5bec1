/* SPDX-License-Identifier: MIT
 * The control that was made last, for scenes that begin with the same weights. */
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

static size_t entries_of(const struct lethe_scene *scene)
{
    return lethe_graph_size(scene->graph) + lethe_graph_buffers(scene->graph);
}

/* The same retraining, as far as settings of one bundle can differ. */
static int alike(const struct lethe_train_options *a, const struct lethe_train_options *b)
{
    return a->method == b->method && a->iterations == b->iterations;
}

static int fits(const struct lethe_controls *c, const struct lethe_scene *scene)
{
    return c->from && c->entries == entries_of(scene) && c->decay == scene->decay &&
           c->dtype == scene->dtype && c->samples == scene->forget.count + scene->retain.count &&
           alike(&c->warm, &scene->warm) &&
           memcmp(c->from, scene->w, c->entries * sizeof *c->from) == 0;
}

int lethe_controls_get(struct lethe_controls *controls, double *w,
                       struct lethe_train_report *report, const struct lethe_scene *scene)
{
    if (!controls)
        return 0;
    pthread_mutex_lock(&controls->lock);
    const int found = fits(controls, scene);
    if (found) {
        memcpy(w, controls->w, controls->entries * sizeof *w);
        *report = controls->report;
    }
    pthread_mutex_unlock(&controls->lock);
    return found;
}

void lethe_controls_put(struct lethe_controls *controls, const double *w,
                        const struct lethe_train_report *report, const struct lethe_scene *scene)
{
    const size_t entries = entries_of(scene);
    if (!controls)
        return;
    double *from = lethe_alloc(entries, sizeof *from), *to = lethe_alloc(entries, sizeof *to);
    if (!from || !to) {
        lethe_free(from);
        lethe_free(to);
        return;
    }
    memcpy(from, scene->w, entries * sizeof *from);
    memcpy(to, w, entries * sizeof *to);
    pthread_mutex_lock(&controls->lock);
    lethe_free(controls->from);
    lethe_free(controls->w);
    controls->from = from;
    controls->w = to;
    controls->entries = entries;
    controls->samples = scene->forget.count + scene->retain.count;
    controls->decay = scene->decay;
    controls->dtype = scene->dtype;
    controls->warm = scene->warm;
    controls->report = *report;
    pthread_mutex_unlock(&controls->lock);
}
