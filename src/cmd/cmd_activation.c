/* SPDX-License-Identifier: MIT
 * activation: where a network looks when it decides on one sample. */
#include "cmd/commands.h"
#include "workbench/activation_answer.h"

/* One sample under three models: quick enough to be done at once. */
static enum lethe_err run_activation(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_activation seen = {0};
    struct lethe_activation_spec spec;
    struct lethe_sheet *sheet = NULL;
    const char *class = lethe_args_text(&call->args, "class", NULL);
    const char *path = lethe_args_text(&call->args, "to", NULL);
    enum lethe_err code =
        lethe_activation_of(&spec, call->wb, lethe_args_count(&call->args, "SAMPLE", 0),
                            lethe_args_choice(&call->args, "from", 0) == 1, err);
    spec.layer = lethe_args_text(&call->args, "layer", NULL);
    if (!code && class)
        code = lethe_activation_class(&spec.class, spec.data, class, err);
    if (!code)
        code = lethe_activation_make(&seen, &spec, err);
    if (!code)
        code = lethe_activation_put(call->out, &seen, call->wb, err);
    if (!code && !seen.tokens)
        code = lethe_activation_sheet(&sheet, &seen, call->wb, err);
    if (!code && path && !sheet)
        code = lethe_fail(err, LETHE_EARG, "'to=' is for maps of images");
    if (!code && path)
        code = lethe_plot_save(lethe_sheet_plot(sheet), path, NULL, err);
    if (!code && path)
        lethe_put_text(call->out, "path", path);
    if (!code && !seen.map[1])
        lethe_put_note(call->out, "'preview' first, and what a removal and a retraining see stands "
                                  "beside");
    if (sheet)
        lethe_hint(lethe_put_text(call->out, "kind", "activation"), LETHE_HINT_QUIET);
    call->out->owner->sheet = sheet;
    lethe_activation_release(&seen);
    return code;
}

static const struct lethe_arg_spec activation_args[] = {
    {.name = "SAMPLE",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_NEEDED,
     .max = 1e9,
     .help = "number of a sample"},
    {.name = "from",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "train|heldout",
     .help = "whose numbers are meant (train)"},
    {.name = "layer",
     .kind = LETHE_ARG_LAYER,
     .flags = LETHE_ARG_KEYED,
     .help = "convolution that is looked at (the last)"},
    {.name = "class",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "whose logit: name or number (the sample's label)"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "PNG, SVG or PDF file"},
};

const struct lethe_command lethe_command_activation = {
    .name = "activation",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA,
    .summary = "Show where the network looks, before, now and retrained",
    .detail = "Of a network that ends in the means of its last features and a linear layer: the "
              "class activation map (Zhou et al. 2016), whose mean over the image is the logit but "
              "for the bias. Of others Grad-CAM (Selvaraju et al. 2017). Of texts: the derivative "
              "of the logit times the embedding, for each word; the weightiest are marked.",
    .examples = "activation 17\nactivation 3 from=heldout class=5 to=map.png",
    LETHE_ARGS(activation_args),
    .run = run_activation,
};
