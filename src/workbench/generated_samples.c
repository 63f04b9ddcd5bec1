/* SPDX-License-Identifier: MIT
 * See generated_samples.h. */
#include "workbench/generated_samples.h"

static const struct {
    const char *name, *kinds;
    int confusion, mark, others; /* which kinds take it */
} own[] = {{"n", "all kinds but 'generate mark', of which 'share=' and 'elsewhere=' say how many",
            1, 0, 1},
           {"from", "'generate confusion'", 1, 0, 0},
           {"to", "'generate confusion' and 'generate mark'", 1, 1, 0},
           {"share", "'generate mark'", 0, 1, 0},
           {"elsewhere", "'generate mark'", 0, 1, 0},
           {"size", "'generate mark'", 0, 1, 0}};

enum lethe_err lethe_generate_args(struct lethe_generate_options *options,
                                   const struct lethe_args *args, enum lethe_generator kind,
                                   uint64_t seed, struct lethe_error *err)
{
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        const int takes = kind == LETHE_GENERATE_CONFUSION ? own[k].confusion
                          : kind == LETHE_GENERATE_MARK    ? own[k].mark
                                                           : own[k].others;
        if (!takes && lethe_args_given(args, own[k].name))
            return lethe_fail(err, LETHE_EARG, "'%s=' is for %s", own[k].name, own[k].kinds);
    }
    *options =
        (struct lethe_generate_options){.kind = kind,
                                        .n = lethe_args_count(args, "n", 20),
                                        .from = (int)lethe_args_count(args, "from", 0),
                                        .to = (int)lethe_args_count(args, "to", 1),
                                        .seed = seed,
                                        .share = lethe_args_real(args, "share", 0.9),
                                        .elsewhere = lethe_args_real(args, "elsewhere", 0.05),
                                        .size = lethe_args_count(args, "size", 2)};
    return LETHE_OK;
}

static enum lethe_err keep(struct lethe_project *project, const struct lethe_generated *generated,
                           struct lethe_error *err)
{
    if (!project->bundle)
        project->bundle = lethe_bundle_new(err);
    if (!project->bundle)
        return LETHE_ENOMEM;
    project->bundle->generated = *generated;
    return LETHE_OK;
}

enum lethe_err lethe_generate_samples(size_t *count, struct lethe_workbench *wb,
                                      const struct lethe_generate_options *options,
                                      struct lethe_error *err)
{
    struct lethe_project *project = &wb->project;
    struct lethe_generated made = {0};
    struct lethe_dataset *data = NULL, *heldout = NULL;
    if (!lethe_workbench_has_data(wb))
        return lethe_fail(err, LETHE_EARG,
                          "'generate' needs training data: 'data PATH' first (graph needs none)");
    if (project->bundle && project->bundle->generated.count)
        return lethe_fail(err, LETHE_EARG,
                          "these data are generated already: 'load' them again to begin anew");
    enum lethe_err code = lethe_generate(&made, project->train, options, err);
    if (!code)
        code = lethe_generate_apply(&data, project->train, &made, err);
    if (!code && project->heldout)
        code = lethe_generate_heldout(&heldout, project->heldout, &made, err);
    if (!code)
        code = lethe_workbench_data(wb, data, heldout, err);
    lethe_dataset_unref(data);
    lethe_dataset_unref(heldout);
    if (!code)
        code = keep(project, &made, err);
    if (code)
        lethe_generated_release(&made);
    else
        *count = made.count;
    return code;
}
