/* SPDX-License-Identifier: MIT
 * How well FOCI finds the Markov blanket of a target: graphs drawn from consecutive seeds, what is
 * selected against what is there. */
#include <time.h>

#include "lethe/cancel.h"
#include "lethe/codec.h"
#include "study/graph_data.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void count(struct lethe_graph_score *score, const struct lethe_graph_data *data,
                  const struct lethe_foci_result *result)
{
    size_t there[LETHE_ROLE_FAR + 1] = {0}, found[LETHE_ROLE_FAR + 1] = {0}, right = 0, blanket = 0;
    for (size_t c = 0; c < data->variables; c++)
        there[data->role[c]]++;
    for (size_t k = 0; k < result->selected; k++)
        found[data->role[result->steps[k].column]]++;
    for (size_t r = 0; r < LETHE_ROLE_FAR; r++) {
        score->found[r] += (double)found[r] / (double)there[r];
        right += found[r];
        blanket += there[r];
    }
    score->precision += result->selected ? (double)right / (double)result->selected : 1;
    score->recall += (double)right / (double)blanket;
    score->repeats++;
}

enum lethe_err lethe_graph_score_make(struct lethe_graph_score *score,
                                      const struct lethe_graph_spec *spec, size_t repeats,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_graph_score made = {0};
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; k < repeats && !code; k++) {
        struct lethe_graph_spec one = *spec;
        struct lethe_graph_data data = {0};
        struct lethe_foci_result result = {0};
        one.seed += k;
        code = lethe_graph_data_make(&data, &one, err);
        const struct lethe_codec_input input = {
            .n = data.n, .p = data.variables, .x64 = data.x, .y = data.y};
        const struct lethe_foci_options options = {.codec.seed = one.seed, .stop = 1};
        const double start = now();
        if (!code)
            code = lethe_foci_run(&result, &input, &options, watch, err);
        made.seconds += now() - start;
        if (!code)
            count(&made, &data, &result);
        lethe_foci_result_release(&result);
        lethe_graph_data_release(&data);
    }
    if (code)
        return code;
    const double n = (double)(made.repeats ? made.repeats : 1);
    made.precision /= n;
    made.recall /= n;
    made.seconds /= n;
    for (size_t r = 0; r < LETHE_ROLE_FAR; r++)
        made.found[r] /= n;
    *score = made;
    return LETHE_OK;
}
