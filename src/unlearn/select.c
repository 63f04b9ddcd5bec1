/* SPDX-License-Identifier: MIT
 * The table of selectors and the one call that runs a row of it. */
#include "lethe/select.h"

#include "base/alloc.h"
#include "unlearn/method.h"
#include "unlearn/selectors.h"

static const struct lethe_select_method methods[] = {
    {"lfoci", "L-FOCI on perturbed copies of the forget samples", lethe_select_lfoci},
    {"gain", "greedily the largest decrease of the damped model per parameter", lethe_select_gain},
    {"weights", "single weights, by what the step of the whole network does with them",
     lethe_select_weights},
    {"gradnorm", "norm of the forget gradient", lethe_select_gradnorm},
    {"fisher", "squared forget gradient over the diagonal curvature", lethe_select_fisher},
    {"updatenorm", "norm of the whole model's step", lethe_select_updatenorm},
    {"lastlayer", "units of the last layer by the norm of the forget gradient",
     lethe_select_lastlayer},
    {"random", "an order drawn from the seed: the band every other selector has to leave",
     lethe_select_random},
    {"full", "every unit, in the model's order", lethe_select_full},
};

const struct lethe_select_method *lethe_select_methods(size_t *count)
{
    *count = sizeof methods / sizeof *methods;
    return methods;
}

enum lethe_err lethe_select_find(const struct lethe_select_method **method, const char *name,
                                 struct lethe_error *err)
{
    size_t at;
    enum lethe_err rc = lethe_method_find(&at, name, "selector", methods, sizeof *methods,
                                          sizeof methods / sizeof *methods, err);
    if (!rc)
        *method = &methods[at];
    return rc;
}

struct lethe_select_options lethe_select_defaults(void)
{
    return (struct lethe_select_options){.max = 64,
                                         .stop = 1,
                                         .scaling = LETHE_SCALING_SD,
                                         .threads = 1,
                                         .mu = 1e-4,
                                         .perturb = lethe_perturb_defaults()};
}

enum lethe_err lethe_select(struct lethe_selection *out, const struct lethe_select_method *method,
                            const struct lethe_select_input *input,
                            const struct lethe_select_options *options, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    struct lethe_selection made = {.method = method,
                                   .units = lethe_unit_count(input->graph),
                                   .samples = input->m,
                                   .stopped = ""};
    enum lethe_err rc = LETHE_OK;
    if (input->m == 0)
        rc = lethe_fail(err, LETHE_EARG, "nothing to forget yet: 'forget add 17'");
    else if (options->max == 0)
        rc = lethe_fail(err, LETHE_EARG, "max 0: at least 1 unit");
    else if (made.units == 0)
        rc = lethe_fail(err, LETHE_EARG, "the model has no units to choose from");
    else
        rc = method->run(&made, input, options, watch, err);
    if (rc)
        lethe_selection_release(&made);
    else
        *out = made;
    return rc;
}
