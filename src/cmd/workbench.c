/* SPDX-License-Identifier: MIT
 * The workbench's life, and what a change makes invalid. */
#include "cmd/workbench.h"

#include <string.h>
#include "base/alloc.h"

enum lethe_err lethe_workbench_new(struct lethe_workbench **wb, struct lethe_error *err)
{
    struct lethe_workbench *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "workbench", 1, sizeof *made);
    lethe_settings_init(&made->settings);
    *wb = made;
    return LETHE_OK;
}

void lethe_workbench_free(struct lethe_workbench *wb)
{
    if (!wb)
        return;
    lethe_jobs_free(wb->jobs);
    lethe_free(wb);
}

void lethe_workbench_drop(struct lethe_workbench *wb, unsigned parts)
{
    if (parts && wb->jobs)
        lethe_jobs_invalidate(wb->jobs);
}

enum lethe_err lethe_workbench_set(struct lethe_workbench *wb, enum lethe_setting key,
                                   const char *value, struct lethe_error *err)
{
    if (strcmp(wb->settings.text[key], value) == 0)
        return LETHE_OK;
    enum lethe_err code = lethe_settings_put(&wb->settings, key, value, err);
    if (!code)
        lethe_workbench_drop(wb, lethe_setting_row(key)->parts);
    return code;
}

enum lethe_err lethe_workbench_note(struct lethe_workbench *wb, const char *line,
                                    struct lethe_error *err)
{
    (void)wb;
    (void)line;
    (void)err;
    return LETHE_OK;
}

int lethe_workbench_has_model(const struct lethe_workbench *wb)
{
    (void)wb;
    return 0;
}

int lethe_workbench_has_data(const struct lethe_workbench *wb)
{
    (void)wb;
    return 0;
}

int lethe_workbench_has_forget(const struct lethe_workbench *wb)
{
    (void)wb;
    return 0;
}

void lethe_workbench_names(const struct lethe_workbench *wb, enum lethe_arg_kind kind,
                           void (*offer)(void *user, const char *name, const char *tail),
                           void *user)
{
    (void)wb;
    (void)kind;
    (void)offer;
    (void)user;
}
