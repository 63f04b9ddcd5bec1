/* SPDX-License-Identifier: MIT
 * The weight decay of a training, kept with its state. See decay.h. */
#include "workbench/decay.h"

#include <stdio.h>
#include <string.h>

static const char key[] = "weight_decay", key_before[] = "weight_decay.before";

enum lethe_err lethe_decay_put(struct lethe_pairs *settings, const struct lethe_workbench *wb,
                               double decay, struct lethe_error *err)
{
    char text[32];
    const char *before = wb->settings.text[LETHE_SET_WEIGHT_DECAY];
    if (lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY) == decay)
        return LETHE_OK;
    snprintf(text, sizeof text, "%.17g", decay);
    enum lethe_err code = lethe_pairs_set(settings, key, text, err);
    return code ? code : lethe_pairs_set(settings, key_before, before, err);
}

const char *lethe_decay_trained(const struct lethe_pairs *settings)
{
    return lethe_pairs_get(settings, key);
}

/* The last state, from `at` back, whose training changed the weight decay; NULL: none. Removals
 * note the setting by the same name, and do not change it. */
static struct lethe_state *changed(struct lethe_state *at)
{
    while (at && (strcmp(lethe_state_kind(at), "train") != 0 ||
                  !lethe_decay_trained(lethe_state_settings(at))))
        at = lethe_state_parent(at);
    return at;
}

const char *lethe_decay_towards(const struct lethe_workbench *wb, struct lethe_state *to)
{
    struct lethe_state *here = changed(lethe_session_head(wb->session)), *there = changed(to);
    if (here == there)
        return NULL;
    if (there)
        return lethe_decay_trained(lethe_state_settings(there));
    for (struct lethe_state *older; (older = changed(lethe_state_parent(here)));)
        here = older;
    return lethe_pairs_get(lethe_state_settings(here), key_before);
}
