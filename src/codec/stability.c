/* SPDX-License-Identifier: MIT
 * Stability: FOCI again and again on the distinct rows of bootstrap samples. */
#include <string.h>

#include "base/alloc.h"
#include "codec/foci.h"
#include "lethe/rng.h"

/* One sample: the rows drawn, in order, and their copies. */
struct sample {
    size_t count;
    size_t *rows; /* (n) */
    unsigned char *drawn;
    float *x32;
    double *x64, *y;
};

static enum lethe_err make_sample(struct sample *sample, const struct lethe_codec_input *input,
                                  struct lethe_error *err)
{
    size_t n = input->n, p = input->p;
    sample->rows = lethe_alloc(n, sizeof *sample->rows);
    sample->drawn = lethe_alloc(n, 1);
    sample->y = lethe_alloc(n, sizeof *sample->y);
    if (input->x32)
        sample->x32 = lethe_alloc(p, n * sizeof *sample->x32);
    else
        sample->x64 = lethe_alloc(p, n * sizeof *sample->x64);
    if (!sample->rows || !sample->drawn || !sample->y || (!sample->x32 && !sample->x64))
        return lethe_fail_memory(err, "a bootstrap sample", n, p * sizeof *sample->x64);
    return LETHE_OK;
}

static void release_sample(struct sample *sample)
{
    lethe_free(sample->rows);
    lethe_free(sample->drawn);
    lethe_free(sample->y);
    lethe_free(sample->x32);
    lethe_free(sample->x64);
}

/* n draws with replacement; one distinct row would have no neighbour, so then it is drawn again. */
static void draw_rows(struct sample *sample, size_t n, struct lethe_rng *rng)
{
    do {
        memset(sample->drawn, 0, n);
        sample->count = 0;
        for (size_t k = 0; k < n; k++)
            sample->drawn[lethe_rng_below(rng, n)] = 1;
        for (size_t r = 0; r < n; r++)
            if (sample->drawn[r])
                sample->rows[sample->count++] = r;
    } while (sample->count < 2);
}

static struct lethe_codec_input copy_rows(struct sample *sample,
                                          const struct lethe_codec_input *input)
{
    size_t p = input->p;
    for (size_t k = 0; k < sample->count; k++) {
        size_t r = sample->rows[k];
        sample->y[k] = input->y[r];
        if (input->x32)
            memcpy(sample->x32 + k * p, input->x32 + r * p, p * sizeof *sample->x32);
        else
            memcpy(sample->x64 + k * p, input->x64 + r * p, p * sizeof *sample->x64);
    }
    return (struct lethe_codec_input){.n = sample->count,
                                      .p = p,
                                      .x32 = sample->x32,
                                      .x64 = sample->x64,
                                      .y = sample->y,
                                      .dead = input->dead};
}

static enum lethe_err select_once(size_t *times, struct lethe_foci *foci,
                                  const struct lethe_codec_input *input,
                                  const struct lethe_foci_options *options,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err code = lethe_foci_start(foci, input, options, err);
    for (int more = 1; code == LETHE_OK && more;)
        code = lethe_foci_step(foci, &more, watch, err);
    if (code != LETHE_OK)
        return code;
    const struct lethe_foci_result *result = lethe_foci_peek(foci);
    for (size_t k = 0; k < result->selected; k++)
        times[result->steps[k].column]++;
    return LETHE_OK;
}

enum lethe_err lethe_foci_stability(size_t *times, const struct lethe_codec_input *input,
                                    size_t runs, const struct lethe_foci_options *options,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_foci *foci = NULL;
    struct sample sample = {0};
    struct lethe_foci_options above = *options;
    above.past_stop = 0;
    size_t *counted = NULL;
    enum lethe_err code = LETHE_OK;
    if (input->n < 2)
        return lethe_fail(err, LETHE_EARG, "%zu rows: codec needs at least 2", input->n);
    counted = lethe_alloc_zero(input->p, sizeof *counted);
    if (!counted)
        return lethe_fail_memory(err, "selection counts", input->p, sizeof *counted);
    code = make_sample(&sample, input, err);
    if (code == LETHE_OK)
        code = lethe_foci_new(&foci, err);
    for (size_t run = 0; run < runs && code == LETHE_OK; run++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, options->codec.seed, LETHE_RNG_STABILITY, run, 0);
        draw_rows(&sample, input->n, &rng);
        struct lethe_codec_input drawn = copy_rows(&sample, input);
        lethe_foci_report_as(foci, "resampling", (long)run, (long)runs);
        code = select_once(counted, foci, &drawn, &above, watch, err);
    }
    if (code == LETHE_OK)
        memcpy(times, counted, input->p * sizeof *times);
    lethe_foci_free(foci);
    release_sample(&sample);
    lethe_free(counted);
    return code;
}
