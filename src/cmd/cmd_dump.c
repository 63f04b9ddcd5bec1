/* SPDX-License-Identifier: MIT
 * dump: writes what the workbench works with (activations, losses, scores, weights, views) as
 * arrays into an NPZ file. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/result_arrays.h"
#include "workbench/workbench.h"

enum { DUMP_ACTIVATIONS, DUMP_LOSSES, DUMP_SCORES, DUMP_DELTA, DUMP_VIEWS };

struct dump {
    struct lethe_snapshot *snapshot; /* of activations; NULL */
    struct lethe_settings settings;
    struct lethe_result_arrays arrays;
    char *path;
};

static void free_dump(void *arg)
{
    struct dump *dump = arg;
    lethe_result_arrays_release(&dump->arrays);
    lethe_snapshot_unref(dump->snapshot);
    lethe_free(dump->path);
    lethe_free(dump);
}

static enum lethe_err work_dump(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct dump *dump = arg;
    struct lethe_error own = {0};
    enum lethe_err code = dump->snapshot ? lethe_arrays_activations(&dump->arrays, dump->snapshot,
                                                                    &dump->settings, watch, &own)
                                         : LETHE_OK;
    if (!code)
        code = lethe_npz_write(dump->path, dump->arrays.members, dump->arrays.count, &own);
    if (code && err)
        *err = own;
    return code;
}

/* ---- command --------------------------------------------------------------------------------- */

static enum lethe_err finish_dump(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    const struct dump *dump = arg;
    (void)wb;
    (void)err;
    lethe_put_text(out, "path", dump->path);
    struct lethe_value *list = lethe_put_list(out, "arrays");
    for (size_t i = 0; i < dump->arrays.count; i++) {
        const struct lethe_array *array = &dump->arrays.members[i].array;
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "array", dump->arrays.names[i]);
        lethe_put_count(item, "rows", array->dims[0]);
        lethe_put_count(item, "columns", array->ndim > 1 ? array->dims[1] : 1);
    }
    return LETHE_OK;
}

static enum lethe_err run_dump(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_snapshot *snapshot;
    struct lethe_error own = {0};
    const char *path = lethe_args_text(&call->args, "to", "");
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct dump *dump = lethe_alloc_zero(1, sizeof *dump);
    if (!dump)
        return lethe_fail_memory(err, "arrays", 1, sizeof *dump);
    lethe_call_task(call, work_dump, finish_dump, free_dump, dump);
    dump->path = lethe_strdup(path);
    dump->settings = wb->settings;
    if (!dump->path)
        return lethe_fail_memory(err, "a path", strlen(path), 1);
    switch (lethe_args_choice(&call->args, "WHAT", 0)) {
    case DUMP_ACTIVATIONS:
        dump->snapshot = lethe_snapshot_ref(snapshot);
        break;
    case DUMP_LOSSES:
        code = lethe_arrays_losses(&dump->arrays, wb, &own);
        break;
    case DUMP_SCORES:
        code = lethe_arrays_scores(&dump->arrays, wb, &own);
        break;
    case DUMP_VIEWS:
        code = lethe_arrays_views(&dump->arrays, wb, &own);
        break;
    default:
        code = lethe_arrays_delta(&dump->arrays, wb, &own);
    }
    if (code && err)
        *err = own;
    return code;
}

static const struct lethe_arg_spec dump_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "activations|losses|scores|delta|views",
     .help = "which arrays, see below"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED | LETHE_ARG_KEYED,
     .help = "NPZ file"},
};

const struct lethe_command lethe_command_dump = {
    .name = "dump",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Write arrays to an NPZ file",
    .detail =
        "activations: of each forget sample its perturbed copies' pre-activations (copies, "
        "units) and losses, what 'select' ranks. losses: labels, logits, losses and margins of the "
        "forget, retained and held-out (tune half) samples before, now, retrained and in the "
        "control, the same retraining with nothing removed. "
        "scores: the selection in its order, the layer's number and the unit's within it, "
        "and the marginal T of every unit. delta: all weights before and now, and the "
        "difference. views: the numbers of every view of the preview that was looked at - "
        "classes_MODEL (class, accuracy loss AUC), confusion_MODEL, layers_cka and layers_share, "
        "embedding_MODEL with embedding_sample, _class and _set (0 forget, 1 retained, 2 "
        "held-out), sample_ID_MODEL - and of the trail, row by row KL to retraining and accuracy "
        "on forget, retained and held-out samples. All in double.",
    .examples = "preview; dump losses to=losses.npz\nforget add 17; dump activations to=a.npz",
    LETHE_ARGS(dump_args),
    .run = run_dump,
};
