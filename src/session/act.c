/* SPDX-License-Identifier: MIT
 * Acts: who said what, and when, on the way to a state. They belong to the way, not to the state:
 * the same state reached again has one more. */
#include "session/act.h"

#include "base/alloc.h"

enum lethe_err lethe_act_new(struct lethe_act **act, const char *message, const char *metrics,
                             int64_t time, struct lethe_error *err)
{
    struct lethe_act *made = lethe_alloc_zero(1, sizeof *made);
    if (made) {
        made->message = lethe_strdup(message ? message : "");
        made->metrics = lethe_strdup(metrics ? metrics : "");
        made->time = time;
    }
    if (!made || !made->message || !made->metrics) {
        lethe_acts_free(made);
        return lethe_fail_memory(err, "a state", 1, sizeof *made);
    }
    *act = made;
    return LETHE_OK;
}

void lethe_acts_free(struct lethe_act *acts)
{
    while (acts) {
        struct lethe_act *before = acts->before;
        lethe_free(acts->message);
        lethe_free(acts->metrics);
        lethe_free(acts);
        acts = before;
    }
}

void lethe_act_push(struct lethe_act **acts, struct lethe_act *act)
{
    act->before = *acts;
    *acts = act;
}

void lethe_act_drop(struct lethe_act **acts)
{
    struct lethe_act *last = *acts;
    *acts = last->before;
    last->before = NULL;
    lethe_acts_free(last);
}

enum lethe_err lethe_acts_copy(struct lethe_act **to, const struct lethe_act *from,
                               struct lethe_error *err)
{
    struct lethe_act *first = NULL, **end = &first;
    for (; from; from = from->before) {
        enum lethe_err code = lethe_act_new(end, from->message, from->metrics, from->time, err);
        if (code) {
            lethe_acts_free(first);
            return code;
        }
        end = &(*end)->before;
    }
    *to = first;
    return LETHE_OK;
}
