/* SPDX-License-Identifier: MIT
 * A forget sample that `why`, `null` and `stability` look at: its probe (study/probe.h), and what
 * the workbench was like when they were asked. Each perturbs the sample anew, with the same stream
 * as `select`, so it looks at the same numbers. */
#ifndef LETHE_WORKBENCH_SAMPLE_PROBE_H
#define LETHE_WORKBENCH_SAMPLE_PROBE_H

#include "study/probe.h"
#include "text/args.h"
#include "text/result.h"

struct lethe_workbench;

struct lethe_sample_probe {
    struct lethe_snapshot *snapshot; /* the workbench's, when it was asked; NULL: it had none */
    struct lethe_settings settings;
    struct lethe_probe probe;
};

#define LETHE_ARG_OF_PROBE                                                                         \
    {                                                                                              \
        .name = "sample", .kind = LETHE_ARG_INT, .flags = LETHE_ARG_KEYED, .max = 1e15,            \
        .help = "forget sample looked at (the first)"                                              \
    }

/* Of the forget sample that `sample=` names. of is zeroed before, and released also after a
 * failure. LETHE_EARG: the sample is not in the forget set. */
enum lethe_err lethe_sample_probe_init(struct lethe_sample_probe *of, struct lethe_workbench *wb,
                                       const struct lethe_args *args, struct lethe_error *err);
void lethe_sample_probe_release(struct lethe_sample_probe *of); /* zeroed ok */
/* Are sample, weights and perturbation still those that were asked about? */
int lethe_sample_probe_holds(const struct lethe_sample_probe *of, const struct lethe_workbench *wb);
/* The sample's number and class. */
void lethe_sample_probe_put(struct lethe_value *out, const struct lethe_sample_probe *of);

#endif
