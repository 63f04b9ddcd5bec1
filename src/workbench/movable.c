/* SPDX-License-Identifier: MIT
 * What of the network a removal and its retraining may move: all of it, or the last layer alone
 * where what lies below was not made from these samples. See movable.h. */
#include "workbench/movable.h"

#include <string.h>

#include "unlearn/preconditioner.h"
#include "unlearn/train_head.h"

static const char key[] = "features";
static const char *const words[] = {[LETHE_FEATURES_OWN] = "own",
                                    [LETHE_FEATURES_UNKNOWN] = "unknown",
                                    [LETHE_FEATURES_GIVEN] = "given"};

enum lethe_err lethe_features_put(struct lethe_pairs *settings, enum lethe_feature_origin features,
                                  struct lethe_error *err)
{
    return features == LETHE_FEATURES_OWN ? LETHE_OK
                                          : lethe_pairs_set(settings, key, words[features], err);
}

enum lethe_feature_origin lethe_workbench_features(const struct lethe_workbench *wb)
{
    const struct lethe_state *state = wb->session ? lethe_session_head(wb->session) : NULL;
    while (state && strcmp(lethe_state_kind(state), "train") != 0)
        state = lethe_state_parent(state);
    if (!state)
        return wb->project.features;
    const char *word = lethe_pairs_get(lethe_state_settings(state), key);
    enum lethe_feature_origin features = LETHE_FEATURES_OWN;
    for (size_t k = 0; word && k < sizeof words / sizeof *words; k++)
        if (!strcmp(word, words[k]))
            features = (enum lethe_feature_origin)k;
    return features;
}

/* A network whose layers below the last are worth telling from it. */
static int has_head(const struct lethe_graph *graph)
{
    return graph && lethe_graph_layer_count(graph) > 1 && lethe_head_possible(graph);
}

static int is_auto(const struct lethe_workbench *wb)
{
    return !strcmp(wb->settings.text[LETHE_SET_RETRAIN_BY], "auto");
}

static int last_layer_chosen(const struct lethe_workbench *wb)
{
    return !strcmp(wb->settings.text[LETHE_SET_SELECT_METHOD], "lastlayer");
}

int lethe_workbench_head_only(const struct lethe_workbench *wb)
{
    const struct lethe_graph *graph = wb->project.graph;
    if (!is_auto(wb))
        return !strcmp(wb->settings.text[LETHE_SET_RETRAIN_BY], "head");
    if (!has_head(graph))
        return 0;
    switch (lethe_workbench_features(wb)) {
    case LETHE_FEATURES_GIVEN:
        return 1;
    case LETHE_FEATURES_UNKNOWN: /* no recipe to retrain the rest by, and no minimum in reach */
        return last_layer_chosen(wb) && !lethe_preconditioner_possible(graph);
    case LETHE_FEATURES_OWN:
        break;
    }
    return 0;
}

void lethe_movable_note(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const enum lethe_feature_origin features = lethe_workbench_features(wb);
    const struct lethe_graph *graph = wb->project.graph;
    if (!lethe_workbench_head_only(wb)) {
        if (is_auto(wb) && last_layer_chosen(wb) && has_head(graph) &&
            !lethe_preconditioner_possible(graph))
            lethe_put_note(out, "the layers below the last were trained on these samples, so a "
                                "retraining changes them too: 'set retrain.by head' takes them as "
                                "they are");
    } else if (features == LETHE_FEATURES_GIVEN) {
        lethe_put_note(out, "only the last layer was trained on these samples, so it alone is "
                            "removed from and retrained ('set retrain.by', 'explain features')");
    } else if (is_auto(wb)) {
        lethe_put_note(out, "how the layers below the last were trained is not known, so the last "
                            "alone is removed from and retrained ('set retrain.by', 'explain "
                            "features')");
    } else {
        lethe_put_note(out, "retrained in the last layer alone, which is all that the removal "
                            "moves ('set retrain.by'): what the layers below know of the forget "
                            "samples stays");
    }
}
