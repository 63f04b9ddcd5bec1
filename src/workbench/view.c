/* SPDX-License-Identifier: MIT
 * A view as a shared object, and what its models are called. */
#include "removal/stage_common.h"
#include "workbench/views.h"

static void release_model_view(struct lethe_model_view *view)
{
    for (size_t m = 0; m < LETHE_VIEW_MODELS; m++)
        lethe_free(view->value[m]);
    lethe_free(view->ids);
    lethe_free(view->labels);
    lethe_free(view->sides);
    lethe_free(view->count);
    lethe_preview_unref(view->preview);
    lethe_retrained_unref(view->warm);
    lethe_snapshot_unref(view->snapshot);
}
LETHE_SHARED(model_view)

const char *lethe_model_view_model(size_t m)
{
    static const char *const names[] = {"before", "now", "retrain"};
    return names[m];
}
