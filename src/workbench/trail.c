/* SPDX-License-Identifier: MIT
 * Keeping the trail, and writing it. */
#include "workbench/trail.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

void lethe_trail_release(struct lethe_trail *trail)
{
    lethe_free(trail->at);
    *trail = (struct lethe_trail){0};
}

enum lethe_err lethe_trail_keep(struct lethe_trail *trail, const struct lethe_trail_entry *entry,
                                struct lethe_error *err)
{
    for (size_t i = 0; i < trail->count; i++) {
        struct lethe_trail_entry *old = &trail->at[i];
        if (!strcmp(old->method, entry->method) && !strcmp(old->with, entry->with) &&
            !strcmp(old->of, entry->of)) {
            *old = *entry;
            return LETHE_OK;
        }
    }
    struct lethe_trail_entry *more = lethe_realloc(trail->at, trail->count + 1, sizeof *more);
    if (!more)
        return lethe_fail_memory(err, "the trail", trail->count + 1, sizeof *more);
    trail->at = more;
    trail->at[trail->count++] = *entry;
    return LETHE_OK;
}

static void add_number(struct lethe_text *text, double value)
{
    if (isfinite(value))
        lethe_text_addf(text, ",%.9g", value);
    else
        lethe_text_add(text, ",");
}

enum lethe_err lethe_trail_write(const struct lethe_trail *trail, const char *path,
                                 struct lethe_error *err)
{
    struct lethe_text text = {0};
    lethe_text_add(&text, "of,forget,method,with,parameters,kl_forget,kl_retain,kl_heldout,"
                          "forget_accuracy,retain_accuracy,heldout_accuracy,auc,recovery_probs,"
                          "average_gap,seconds\n");
    for (size_t i = 0; i < trail->count; i++) {
        const struct lethe_trail_entry *e = &trail->at[i];
        const double values[] = {e->kl_forget,
                                 e->kl_retain,
                                 e->kl_heldout,
                                 e->forget_accuracy,
                                 e->retain_accuracy,
                                 e->heldout_accuracy,
                                 e->auc,
                                 e->recovery,
                                 e->gap,
                                 e->seconds};
        lethe_text_addf(&text, "%s,%zu,%s,\"%s\",%zu", e->of, e->forget, e->method, e->with,
                        e->parameters);
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            add_number(&text, values[k]);
        lethe_text_add(&text, "\n");
    }
    enum lethe_err code = lethe_text_ok(&text, err);
    if (!code)
        code = lethe_file_write(path, lethe_text_get(&text), text.length, err);
    lethe_text_release(&text);
    return code;
}
