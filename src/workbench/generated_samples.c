/* SPDX-License-Identifier: MIT
 * What `generate` does to the project's samples, which are as it left them from then on. See
 * generated_samples.h. */
#include "workbench/generated_samples.h"

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
