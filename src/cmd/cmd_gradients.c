/* SPDX-License-Identifier: MIT
 * gradients: logits and the gradient of the mean cross-entropy on arrays from files, to check a
 * model against the framework it came from. Double precision, batch normalisation in inference
 * mode, parameters under the names they have in the file. */
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "unlearn/array_gradients.h"
#include "workbench/workbench.h"

_Static_assert((int)LETHE_ARG_REPEATS <= (int)LETHE_ARRAY_INPUTS,
               "more inputs than a batch can hold");

struct checking {
    struct lethe_graph *graph;
    double *w; /* (size + buffers) */
    struct lethe_array_batch batch;
    struct lethe_array_gradients result;
    char *logits_path, *grads_path; /* NULL: not written */
};

static void free_checking(void *arg)
{
    struct checking *checking = arg;
    lethe_array_batch_release(&checking->batch);
    lethe_array_gradients_release(&checking->result);
    lethe_graph_unref(checking->graph);
    lethe_free(checking->w);
    lethe_free(checking->logits_path);
    lethe_free(checking->grads_path);
    lethe_free(checking);
}

static enum lethe_err work_gradients(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct checking *checking = arg;
    return lethe_array_gradients(&checking->result, checking->graph, checking->w, &checking->batch,
                                 watch, err);
}

static enum lethe_err finish_gradients(struct lethe_workbench *wb, void *arg,
                                       struct lethe_value *out, struct lethe_error *err)
{
    (void)wb;
    struct checking *checking = arg;
    double square = 0;
    enum lethe_err code =
        checking->logits_path
            ? lethe_array_gradients_write_logits(&checking->result, checking->graph,
                                                 checking->batch.n, checking->logits_path, err)
            : LETHE_OK;
    if (!code && checking->grads_path)
        code = lethe_array_gradients_write(&checking->result, checking->graph, checking->grads_path,
                                           err);
    if (code)
        return code;
    for (size_t i = 0; i < lethe_graph_size(checking->graph); i++)
        square += checking->result.gradient[i] * checking->result.gradient[i];
    lethe_put_count(out, "samples", checking->batch.n);
    lethe_put_count(out, "parameters", lethe_graph_size(checking->graph));
    lethe_put_real(out, "loss", checking->batch.labels ? checking->result.loss : NAN);
    lethe_put_real(out, "gradient_norm", checking->batch.labels ? sqrt(square) : NAN);
    return LETHE_OK;
}

/* ---- the command ----------------------------------------------------------------------------- */

static enum lethe_err read_all(struct checking *checking, const struct lethe_args *args,
                               struct lethe_error *err)
{
    const struct lethe_arg *inputs = lethe_args_get(args, "input");
    size_t wanted = lethe_graph_inputs(checking->graph);
    enum lethe_err code = LETHE_OK;
    if (inputs->count != wanted)
        return lethe_fail(err, LETHE_EARG, "the model has %zu inputs, input= is given %zu times",
                          wanted, inputs->count);
    for (size_t i = 0; !code && i < inputs->count; i++)
        code = lethe_array_batch_input(&checking->batch, checking->graph, inputs->more[i], err);
    if (!code && lethe_args_given(args, "labels"))
        code = lethe_array_batch_labels(&checking->batch, checking->graph,
                                        lethe_args_text(args, "labels", ""), err);
    return code;
}

static enum lethe_err copy_path(char **path, const struct lethe_args *args, const char *name,
                                struct lethe_error *err)
{
    const char *text = lethe_args_text(args, name, NULL);
    if (text && !(*path = lethe_strdup(text)))
        return lethe_fail_memory(err, "path", strlen(text), 1);
    return LETHE_OK;
}

static enum lethe_err run_gradients(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    struct checking *checking = lethe_alloc_zero(1, sizeof *checking);
    if (!checking)
        return lethe_fail_memory(err, "gradients", 1, sizeof *checking);
    lethe_call_task(call, work_gradients, finish_gradients, free_checking, checking);
    checking->graph = lethe_graph_ref(project->graph);
    checking->w = lethe_alloc(size, sizeof *checking->w);
    if (!checking->w)
        return lethe_fail_memory(err, "weights", size, sizeof *checking->w);
    memcpy(checking->w, project->w, size * sizeof *checking->w);
    if (lethe_args_given(&call->args, "grads") && !lethe_args_given(&call->args, "labels"))
        return lethe_fail(err, LETHE_EARG, "'grads=' needs 'labels='");
    enum lethe_err code = copy_path(&checking->logits_path, &call->args, "logits", err);
    if (!code)
        code = copy_path(&checking->grads_path, &call->args, "grads", err);
    return code ? code : read_all(checking, &call->args, err);
}

static const struct lethe_arg_spec gradients_args[] = {
    {.name = "input",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_NEEDED | LETHE_ARG_MANY,
     .help = "npy, once for each input of the model, in its order"},
    {.name = "labels",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "npy of class numbers"},
    {.name = "logits", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_KEYED, .help = "npy to write"},
    {.name = "grads",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "npz to write: one array for each parameter, by name"},
};

const struct lethe_command lethe_command_gradients = {
    .name = "gradients",
    .group = LETHE_GROUP_TOOLS,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "Write logits and gradients of arrays, to check a model",
    .detail = "The gradient is that of the mean cross-entropy. Inputs are taken as they are, "
              "without normalisation; batch normalisation runs in inference mode.",
    .examples = "gradients input=x.npy labels=y.npy logits=out.npy grads=out.npz",
    LETHE_ARGS(gradients_args),
    .run = run_gradients,
};
