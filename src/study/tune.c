/* SPDX-License-Identifier: MIT
 * Random search and successive halving (Jamieson and Talwalkar, 2016): every trial gets a quarter
 * of its epochs, the better half of them a half, the better half of these all. Methods without
 * epochs are searched at random. The published parameters stay to the end, so that what is found
 * is never worse by the score. */
#include "study/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/parallel_for.h"
#include "base/ranks.h"
#include "lethe/rng.h"

enum { STREAM = 100, AT_ONCE = 8 };

struct search {
    const struct lethe_tune_options *options;
    const struct lethe_comparison_base *base;
    const struct lethe_training_context *training;
    struct lethe_tuning *out;
    struct lethe_unlearn_values *values; /* (count) with all epochs */
    size_t epochs;                       /* number of the parameter; its count: there is none */
    double begun;
    size_t *order; /* (count) trials still in, best first once a rung is done */
    size_t left;
};

static double drawn(const struct lethe_unlearn_param *p, struct lethe_rng *rng)
{
    const double u = lethe_rng_uniform(rng);
    double value = p->flags & LETHE_UNLEARN_SCALE && p->low > 0 ? p->low * pow(p->high / p->low, u)
                                                                : p->low + u * (p->high - p->low);
    char text[32]; /* three figures are what anyone would write */
    if (p->flags & LETHE_UNLEARN_WHOLE)
        return floor(value + 0.5);
    snprintf(text, sizeof text, "%.3g", value);
    value = strtod(text, NULL);
    return fmin(fmax(value, p->least), p->most);
}

static void draw(struct lethe_unlearn_values *values, const struct search *s, size_t trial)
{
    const struct lethe_unlearn_method *method = s->options->method;
    struct lethe_rng rng;
    lethe_unlearn_defaults(values, method);
    lethe_rng_init(&rng, s->base->snapshot->seed, LETHE_RNG_UNLEARN, trial, STREAM);
    for (size_t k = 0; trial && k < method->count; k++)
        values->at[k] = drawn(&method->params[k], &rng);
}

/* The trial's settings with so much of its epochs; 1 when they are other ones than before. */
static int set_rung(struct search *s, size_t trial, double share, struct lethe_error *err)
{
    struct lethe_method_trial *t = &s->out->trials[trial];
    struct lethe_unlearn_values values = s->values[trial];
    char before[LETHE_SETTING_TEXT], text[LETHE_UNLEARN_TEXT];
    memcpy(before, t->settings.text[LETHE_SET_METHOD_WITH], sizeof before);
    if (s->epochs < s->options->method->count)
        values.at[s->epochs] = fmax(1, floor(values.at[s->epochs] * share + 0.5));
    lethe_unlearn_write(text, &values, s->options->method);
    (void)lethe_settings_put(&t->settings, LETHE_SET_METHOD, s->options->method->name, err);
    (void)lethe_settings_put(&t->settings, LETHE_SET_METHOD_WITH, text, err); /* as it was drawn */
    return strcmp(before, t->settings.text[LETHE_SET_METHOD_WITH]) != 0 || isnan(t->score);
}

static int over(const struct search *s, size_t rung)
{
    const double share = (double)(rung + 1) / LETHE_TUNE_RUNGS;
    return s->options->budget > 0 && lethe_clock() - s->begun > share * s->options->budget;
}

/* How many trials are made at once: with a budget no more than there are workers for, so that the
 * search ends within one trial of it. */
static size_t at_once(const struct search *s)
{
    const size_t threads = lethe_parallel_threads(s->training->threads);
    const size_t ranks = (size_t)lethe_ranks_count();
    const size_t workers = ranks > threads ? ranks : threads;
    return s->options->budget > 0 && workers < AT_ONCE ? workers : AT_ONCE;
}

/* Runs trials of the order that change with the rung, a few at a time. */
static enum lethe_err run_rung(struct search *s, size_t rung, double share,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_method_trial *batch = lethe_alloc_zero(AT_ONCE, sizeof *batch);
    size_t which[AT_ONCE], waiting = 0;
    enum lethe_err code =
        batch ? LETHE_OK : lethe_fail_memory(err, "trials", AT_ONCE, sizeof *batch);
    for (size_t k = 0; !code && k <= s->left; k++) {
        const int last = k == s->left, late = over(s, rung) && k >= 1;
        s->out->out_of_time |= !last && late;
        if (!last && !late) {
            struct lethe_method_trial *t = &s->out->trials[s->order[k]];
            t->rung = rung;
            if (set_rung(s, s->order[k], share, err)) {
                which[waiting] = s->order[k];
                batch[waiting++] = *t;
            }
        }
        if (waiting && (waiting == at_once(s) || last || late)) {
            code = lethe_method_trials_run(batch, waiting, s->base, s->training, watch, err);
            for (size_t i = 0; !code && i < waiting; i++)
                s->out->trials[which[i]] = batch[i];
            s->out->made += waiting;
            waiting = 0;
        }
        if (late)
            break;
    }
    lethe_free(batch);
    return code;
}

/* Whether a stands before b: further along, then by score, then by number. */
static int stands_before(const struct search *s, size_t a, size_t b)
{
    const struct lethe_method_trial *x = &s->out->trials[a], *y = &s->out->trials[b];
    const double p = isnan(x->score) ? HUGE_VAL : x->score,
                 q = isnan(y->score) ? HUGE_VAL : y->score;
    if (x->rung != y->rung)
        return x->rung > y->rung;
    return p != q ? p < q : a < b;
}

/* Best first; then half of them stay, and the published one. */
static void halve(struct search *s, int last)
{
    for (size_t i = 1; i < s->left; i++)
        for (size_t k = i; k && stands_before(s, s->order[k], s->order[k - 1]); k--) {
            const size_t kept = s->order[k];
            s->order[k] = s->order[k - 1];
            s->order[k - 1] = kept;
        }
    if (last)
        return;
    size_t half = (s->left + 1) / 2, at = half;
    while (at < s->left && s->order[at] != 0)
        at++;
    if (at < s->left)
        s->order[half++] = 0;
    s->left = half;
}

static enum lethe_err open_search(struct search *s, struct lethe_error *err)
{
    const size_t count = s->options->trials;
    const struct lethe_unlearn_method *method = s->options->method;
    s->out->trials = lethe_alloc_zero(count, sizeof *s->out->trials);
    s->values = lethe_alloc(count, sizeof *s->values);
    s->order = lethe_alloc(count, sizeof *s->order);
    if (!s->out->trials || !s->values || !s->order)
        return lethe_fail_memory(err, "trials", count, sizeof *s->out->trials);
    s->out->count = s->left = count;
    while (s->epochs < method->count && strcmp(method->params[s->epochs].key, "epochs") != 0)
        s->epochs++;
    for (size_t i = 0; i < count; i++) {
        s->order[i] = i;
        s->out->trials[i].settings = s->base->settings;
        s->out->trials[i].tuned = 1;
        s->out->trials[i].score = NAN;
        draw(&s->values[i], s, i);
    }
    return LETHE_OK;
}

enum lethe_err lethe_tune(struct lethe_tuning *tuning, const struct lethe_comparison_base *base,
                          const struct lethe_training_context *training,
                          const struct lethe_tune_options *options, struct lethe_watch *watch,
                          struct lethe_error *err)
{
    struct lethe_tuning made = {0};
    struct search s = {options, base, training, &made, NULL, 0, lethe_clock(), NULL, 0};
    enum lethe_err code = LETHE_OK;
    if (!base->warm)
        return lethe_fail(err, LETHE_EARG,
                          "a search is judged by the warm retraining, which cannot be made here: "
                          "not all samples the model was trained on are there");
    code = open_search(&s, err);
    const int rungs = s.epochs < options->method->count;
    for (size_t rung = rungs ? 0 : LETHE_TUNE_RUNGS - 1; !code && rung < LETHE_TUNE_RUNGS; rung++) {
        const struct lethe_watch_span outside =
            lethe_watch_enter(watch, "tuning", (double)rung / LETHE_TUNE_RUNGS,
                              (double)(rung + 1) / LETHE_TUNE_RUNGS);
        code = run_rung(&s, rung, pow(0.5, (double)(LETHE_TUNE_RUNGS - 1 - rung)), watch, err);
        halve(&s, rung + 1 == LETHE_TUNE_RUNGS);
        lethe_watch_leave(watch, outside);
    }
    made.best = s.order ? s.order[0] : 0;
    made.seconds = lethe_clock() - s.begun;
    lethe_free(s.values);
    lethe_free(s.order);
    if (code)
        lethe_tuning_release(&made);
    else
        *tuning = made;
    return code;
}

void lethe_tuning_release(struct lethe_tuning *tuning)
{
    lethe_free(tuning->trials);
    *tuning = (struct lethe_tuning){0};
}
