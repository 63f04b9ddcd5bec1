/* SPDX-License-Identifier: MIT
 * What a piece of work made comes to the workbench, as far as it still fits what is set there. */
#include <stdio.h>
#include <string.h>

#include "removal/path.h"
#include "removal/reach.h"
#include "removal/target.h"
#include "workbench/pipeline_work.h"
#include "workbench/trail.h"

#define ADOPT(noun) ADOPT_AS(noun, noun)
#define ADOPT_AS(noun, kind)                                                                       \
    do {                                                                                           \
        if (work->noun && wb->noun != work->noun) {                                                \
            lethe_##kind##_unref(wb->noun);                                                        \
            wb->noun = lethe_##kind##_ref(work->noun);                                             \
        }                                                                                          \
    } while (0)

/* Passes that somebody stopped are those that were asked for: a replay makes as many. */
static enum lethe_err adopt_stop(struct lethe_workbench *wb, struct lethe_pipeline *work,
                                 struct lethe_error *err)
{
    const struct lethe_path *path = work->preview ? work->preview->path
                                    : work->selected && work->selected->target
                                        ? work->selected->target->path
                                        : NULL;
    char text[LETHE_SETTING_TEXT] = "", line[LETHE_SETTING_TEXT + 16];
    if (!path || !path->stopped || lethe_settings_stale(&wb->settings, &work->settings))
        return LETHE_OK;
    snprintf(text, sizeof text, "%zu", (size_t)path->count - 1);
    if (!strcmp(wb->settings.text[LETHE_SET_PASSES], text))
        return LETHE_OK;
    snprintf(line, sizeof line, "update passes=%s", text);
    enum lethe_err code = lethe_workbench_note(wb, line, err);
    memcpy(wb->settings.text[LETHE_SET_PASSES], text, sizeof text);
    memcpy(work->settings.text[LETHE_SET_PASSES], text, sizeof text);
    return code;
}

/* They are of a curvature that goes. */
static void drop_factors(struct lethe_workbench *wb)
{
    lethe_factor_unref(wb->factor);
    lethe_factor_unref(wb->leading);
    lethe_factor_unref(wb->estimate);
    wb->factor = wb->leading = wb->estimate = NULL;
}

static enum lethe_err adopt(struct lethe_workbench *wb, struct lethe_pipeline *work,
                            struct lethe_error *err)
{
    enum lethe_err code = adopt_stop(wb, work, err);
    const unsigned stale = lethe_settings_stale(&wb->settings, &work->settings);
    wb->version++;
    ADOPT_AS(warm, retrained);
    for (size_t i = 0; !code && i < work->cold_count; i++)
        if (work->colds[i])
            code = lethe_workbench_add_cold(wb, work->colds[i], err);
    if (!(stale & LETHE_PART_SELECTION))
        ADOPT(selected);
    if (stale & (LETHE_PART_SELECTION | LETHE_PART_CURVATURE))
        return code;
    if (work->curve && wb->curve != work->curve)
        drop_factors(wb);
    ADOPT_AS(curve, blanket_curvature);
    ADOPT_AS(whole, blanket_curvature);
    ADOPT_AS(against, whole);
    ADOPT(leverage);
    if (wb->curve == work->curve) {
        ADOPT(factor);
        ADOPT_AS(leading, factor);
        ADOPT_AS(estimate, factor);
    }
    if (!(stale & LETHE_PART_STEP))
        ADOPT(preview);
    return code;
}

enum lethe_err lethe_pipeline_adopt(struct lethe_workbench *wb, struct lethe_pipeline *work,
                                    struct lethe_error *err)
{
    if (wb->snapshot != work->snapshot)
        return LETHE_OK;
    const int retrained = !wb->warm && work->warm, there = wb->preview != NULL;
    enum lethe_err code = adopt(wb, work, err);
    if (!code && retrained && there && wb->preview) /* its distances are known now */
        code = lethe_trail_note(wb, err);
    return code;
}
