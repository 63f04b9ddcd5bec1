/* SPDX-License-Identifier: MIT
 * generate: changes the training samples before a training, so that there is something to forget
 * whose right answer is known. */
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/generated_samples.h"
#include "workbench/graph_answer.h"
#include "workbench/workbench.h"

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

/* LETHE_EARG where an argument is given that the kind does not take. */
static enum lethe_err read_options(struct lethe_generate_options *options,
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

static enum lethe_err run_generate(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    struct lethe_workbench *wb = call->wb;
    struct lethe_generate_options options;
    const size_t kind = lethe_args_choice(&call->args, "KIND", 0);
    const uint64_t seed = lethe_settings_count(&wb->settings, LETHE_SET_SEED);
    size_t count = 0;
    if (kind == LETHE_GENERATOR_COUNT)
        return lethe_graph_answer(call, seed, err);
    enum lethe_err code =
        read_options(&options, &call->args, (enum lethe_generator)kind, seed, err);
    if (!code)
        code = lethe_generate_samples(&count, wb, &options, err);
    if (code)
        return code;
    lethe_put_text(call->out, "kind", lethe_generator_name(options.kind));
    lethe_put_count(call->out, "count", count);
    lethe_put_count(call->out, "train", lethe_dataset_count(wb->project.train));
    lethe_put_note(call->out, options.kind == LETHE_GENERATE_MARK
                                  ? "now 'train', then 'spurious'"
                                  : "now 'train', then 'forget add generated'");
    return LETHE_OK;
}

static const char *generator_name(size_t n)
{
    if (n == LETHE_GENERATOR_COUNT)
        return "graph";
    return n < LETHE_GENERATOR_COUNT ? lethe_generator_name((enum lethe_generator)n) : NULL;
}

static const struct lethe_arg_spec generate_args[] = {
    {.name = "KIND",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choice = generator_name,
     .help = "what is done to the samples"},
    {.name = "n",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e9,
     .help = "samples (20)"},
    {.name = "from",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 1e6,
     .help = "confusion: one class (0)"},
    {.name = "to",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 1e6,
     .help = "confusion: the other class; mark: the class it goes with (1)"},
    {.name = "share",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1,
     .help = "mark: share of that class that has it (0.9)"},
    {.name = "elsewhere",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1,
     .help = "mark: share of all others that have it (0.05)"},
    {.name = "size",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e6,
     .help = "mark: pixels along a side (2)"},
    LETHE_ARGS_OF_GRAPHS,
};

const struct lethe_command lethe_command_generate = {
    .name = "generate",
    .group = LETHE_GROUP_FORGET,
    .flags = LETHE_NOTED,
    .summary = "Change training data so that there is something to forget",
    .detail = "mislabelled: another class, each equally likely. confusion: samples of two classes "
              "get each other's label. duplicate: copies, appended. canary: Gaussian noise with "
              "any label, appended. random: samples as they are. mark: a bright square (red in "
              "colour images) in the upper left corner of most images of a class and few others, "
              "and of held-out images by a coin; groups 'marked' and 'unmarked' say which, and "
              "'spurious' what the network makes of it. The draw depends on the seed "
              "alone, and the samples are remembered as 'generated'. Do it before 'train'.\n"
              "graph needs no data: a target among other variables, its parents, its children and "
              "their other parents around it, further ones outside, as on a bullseye; FOCI is to "
              "find the inner ring. Precision and recall over several graphs; folder= keeps the "
              "samples of the first for 'foci'.",
    .examples = "generate mislabelled n=144; train; forget add generated[:20]\n"
                "generate mark to=3; train; spurious\n"
                "generate graph\n"
                "generate graph variables=10 samples=1000 form=nonlinear folder=rings",
    LETHE_ARGS(generate_args),
    .run = run_generate,
};
