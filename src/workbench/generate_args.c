/* SPDX-License-Identifier: MIT
 * See generate_args.h. */
#include "workbench/generate_args.h"

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
