/* SPDX-License-Identifier: MIT
 * blanket: how many units or weights of the order the step may change. */
#include <string.h>
#include "cmd/commands.h"
#include "workbench/answer_selection.h"
#include "workbench/blanket_setting.h"
#include "workbench/workbench.h"

static void put_weight_blanket(struct lethe_value *out, const struct lethe_workbench *wb)
{
    int known = 0;
    const size_t size = lethe_workbench_blanket_size(&known, wb);
    lethe_put_text(out, "blanket", wb->settings.text[LETHE_SET_BLANKET]);
    if (known)
        lethe_put_count(out, "weights", size);
    else
        lethe_put_null(out, "weights");
    lethe_put_count(out, "of", lethe_graph_size(wb->project.graph));
    if (wb->selected)
        lethe_selection_put_weights(out, &wb->selected->selection, wb->project.graph,
                                    lethe_workbench_units(wb));
}

static enum lethe_err run_blanket(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "SIZE", NULL);
    const int weights = lethe_args_text(&call->args, "WEIGHTS", NULL) != NULL;
    enum lethe_err code = LETHE_OK;
    char before[LETHE_SETTING_TEXT];
    memcpy(before, wb->settings.text[LETHE_SET_SELECT_METHOD], sizeof before);
    if (weights)
        code = lethe_workbench_set(wb, LETHE_SET_SELECT_METHOD, "weights", err);
    if (!code && text)
        code = lethe_workbench_set_blanket(wb, text, err);
    if (code) {
        (void)lethe_workbench_set(wb, LETHE_SET_SELECT_METHOD, before, NULL);
        return code;
    }
    if (lethe_workbench_weights(wb) && strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") != 0) {
        put_weight_blanket(call->out, wb);
        return LETHE_OK;
    }
    int known = 0;
    size_t size = lethe_workbench_blanket_size(&known, wb);
    lethe_put_text(call->out, "blanket", wb->settings.text[LETHE_SET_BLANKET]);
    if (known)
        lethe_put_count(call->out, "units", size);
    else
        lethe_put_null(call->out, "units");
    /* the whole network has parameters besides those of units that can be scored */
    const size_t scored = lethe_unit_count(wb->project.graph);
    lethe_put_count(call->out, "of", size > scored ? lethe_unit_total(wb->project.graph) : scored);
    if (strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0 || !wb->selected)
        return LETHE_OK;
    const struct lethe_selection *selection = &wb->selected->selection;
    struct lethe_value *list = lethe_put_list(call->out, "order");
    lethe_selection_put_picks(list, selection, wb->project.graph, 0,
                              size < selection->count ? size : selection->count);
    if (size > selection->count)
        lethe_put_note(call->out, "%zu units are ordered: 'select max=%zu' orders more",
                       selection->count, size);
    return LETHE_OK;
}

static const struct lethe_arg_spec blanket_args[] = {
    {.name = "SIZE",
     .kind = LETHE_ARG_SIZE,
     .help = "from the top of the order: K, +N, -N; P%: of all parameters; auto: those above "
             "the line; all"},
    {.name = "WEIGHTS",
     .kind = LETHE_ARG_CHOICE,
     .choices = "weights",
     .help = "single weights: chooses 'select method=weights', too"},
};

const struct lethe_command lethe_command_blanket = {
    .name = "blanket",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL | LETHE_NOTED,
    .summary = "Show or set how many units or weights the step may change",
    .detail = "P% takes as many from the top of the order as fit that share of all parameters. Of "
              "single weights 'auto' is 10 %. 'blanket 300 weights' and 'blanket 10% weights' also "
              "choose single weights.",
    .examples = "blanket 3\nblanket +1\nblanket all\nblanket 300 weights\nblanket 4%",
    LETHE_ARGS(blanket_args),
    .run = run_blanket,
};
