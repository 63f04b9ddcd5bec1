/* SPDX-License-Identifier: MIT
 * A selection is written as numbers, in a file as those of models: six of the whole, then five for
 * each unit of the network (the pick of that place, and the unit's own marginal score). */
#include "study/kept_selection.h"

#include <string.h>

#include "base/alloc.h"
#include "study/head_name.h"
#include "study/weights_cache.h"

enum { HEAD = 6, EACH = 5 };

static void name_selection(char name[LETHE_HASH_TEXT], const struct lethe_snapshot *snapshot,
                           const struct lethe_settings *settings,
                           const struct lethe_training_context *training)
{
    struct lethe_hash hash;
    lethe_head_name(name, snapshot, training);
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe selection 1", 17);
    lethe_hash_add(&hash, name, LETHE_HASH_TEXT);
    lethe_hash_add(&hash, snapshot->forget.at,
                   snapshot->forget.count * sizeof *snapshot->forget.at);
    for (int k = 0; k < LETHE_SET_COUNT; k++) {
        const enum lethe_setting key = (enum lethe_setting)k;
        const int samples = key == LETHE_SET_CURVATURE || key == LETHE_SET_CURVATURE_SAMPLES;
        if (samples || (lethe_settings_parts(settings, key) & LETHE_PART_SELECTION))
            lethe_hash_add(&hash, settings->text[k], strlen(settings->text[k]) + 1);
    }
    lethe_hash_text(&hash, name);
}

static void write_numbers(double *to, const struct lethe_selection *s)
{
    const double head[HEAD] = {(double)s->count,  (double)s->accepted, (double)s->samples,
                               (double)s->united, (double)s->greedy,   s->marginal ? 1 : 0};
    memcpy(to, head, sizeof head);
    for (size_t i = 0; i < s->count; i++) {
        const struct lethe_pick *p = &s->picks[i];
        const double pick[] = {(double)p->unit, p->score, p->cumulative, (double)p->votes};
        memcpy(to + HEAD + i * EACH, pick, sizeof pick);
    }
    for (size_t i = 0; s->marginal && i < s->units; i++)
        to[HEAD + i * EACH + EACH - 1] = s->marginal[i];
}

static enum lethe_err read_numbers(struct lethe_selection *s, const double *from,
                                   struct lethe_error *err)
{
    s->count = (size_t)from[0];
    s->accepted = (size_t)from[1];
    s->samples = (size_t)from[2];
    s->united = (int)from[3];
    s->greedy = (size_t)from[4];
    s->stopped = "";
    s->picks = lethe_alloc(s->count + 1, sizeof *s->picks);
    s->marginal = from[5] > 0 ? lethe_alloc(s->units, sizeof *s->marginal) : NULL;
    if (!s->picks || (from[5] > 0 && !s->marginal))
        return lethe_fail_memory(err, "a selection", s->units, sizeof *s->picks);
    for (size_t i = 0; i < s->count; i++) {
        const double *p = from + HEAD + i * EACH;
        s->picks[i] = (struct lethe_pick){(size_t)p[0], p[1], p[2], (size_t)p[3]};
    }
    for (size_t i = 0; s->marginal && i < s->units; i++)
        s->marginal[i] = from[HEAD + i * EACH + EACH - 1];
    return LETHE_OK;
}

static enum lethe_err take(struct lethe_selected **selected, const struct lethe_kept *kept,
                           size_t units, const struct lethe_settings *settings,
                           struct lethe_error *err)
{
    struct lethe_selected *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a selection", 1, sizeof *made);
    made->refs = 1;
    made->seconds = kept->report.seconds;
    made->selection.units = units;
    enum lethe_err code =
        lethe_select_find(&made->selection.method, settings->text[LETHE_SET_SELECT_METHOD], err);
    if (!code)
        code = read_numbers(&made->selection, kept->w, err);
    if (code)
        lethe_selected_unref(made);
    else
        *selected = made;
    return code;
}

enum lethe_err lethe_kept_selection(struct lethe_selected **selected,
                                    struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    const struct lethe_training_context *training,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t units = lethe_unit_count(snapshot->graph);
    char name[LETHE_HASH_TEXT];
    if (!training || !training->folder ||
        !strcmp(settings->text[LETHE_SET_SELECT_METHOD], "weights"))
        return lethe_selected_make(selected, snapshot, settings, watch, err);
    struct lethe_kept kept = {.size = HEAD + EACH * units};
    kept.w = lethe_alloc_zero(kept.size, sizeof *kept.w);
    if (!kept.w)
        return lethe_fail_memory(err, "a selection", kept.size, sizeof *kept.w);
    name_selection(name, snapshot, settings, training);
    if (lethe_weights_cache_read(&kept, training->folder, name)) {
        const enum lethe_err code = take(selected, &kept, units, settings, err);
        lethe_free(kept.w);
        return code;
    }
    struct lethe_selected *made = NULL;
    enum lethe_err code = lethe_selected_make(&made, snapshot, settings, watch, err);
    if (!code && made && made->selection.count <= units) {
        write_numbers(kept.w, &made->selection);
        kept.report.seconds = made->seconds;
        code = lethe_weights_cache_write(&kept, training->folder, name, err);
    }
    if (code)
        lethe_selected_unref(made);
    else
        *selected = made;
    lethe_free(kept.w);
    return code;
}
