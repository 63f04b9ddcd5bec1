/* SPDX-License-Identifier: MIT
 * Samples are (channels, height, width) or (height, width), normalised. A flip turns an image left
 * to right with probability one half; a crop moves it by up to `crop` pixels in each direction,
 * which is the same as padding and cutting. What comes in from outside is 0 in normalised values:
 * the mean colour, where some programs pad with black. Sample k of a step draws from stream (seed,
 * AUGMENT, step, k). */
#include "unlearn/batches.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/blanket.h"
#include "lethe/rng.h"
#include "nn/trainer.h"
#include "unlearn/inputs.h"

struct lethe_batches {
    struct lethe_problem *problem; /* borrowed */
    struct lethe_trainer *trainer;
    const struct lethe_train_options *options; /* borrowed */
    struct lethe_watch *watch;                 /* borrowed */
    size_t width, channels, rows, columns;     /* of a sample; rows 0: no image */
    double *x, *split, *image;                 /* (batch, width) twice, (width) */
    double *contrast;                          /* (batch) */
    struct lethe_unit_place *penalised;        /* (options->penalty.count) */
    const double **inputs;
    int *labels;
};

int lethe_batches_wanted(const struct lethe_problem *problem,
                         const struct lethe_train_options *options)
{
    return options->dropout > 0 || options->penalty.count || options->flip || options->crop ||
           lethe_trainer_wanted(lethe_problem_graph(problem));
}

static void find_shape(struct lethe_batches *b, const struct lethe_dataset *data)
{
    const size_t ndim = lethe_dataset_ndim(data);
    b->width = lethe_dataset_width(data);
    if (ndim != 2 && ndim != 3)
        return;
    b->channels = ndim == 3 ? lethe_dataset_dim(data, 0) : 1;
    b->rows = lethe_dataset_dim(data, ndim - 2);
    b->columns = lethe_dataset_dim(data, ndim - 1);
}

enum lethe_err lethe_batches_new(struct lethe_batches **batches, struct lethe_problem *problem,
                                 const struct lethe_train_options *options,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_graph *graph = lethe_problem_graph(problem);
    struct lethe_batches *b = lethe_alloc_zero(1, sizeof *b);
    if (!b)
        return lethe_fail_memory(err, "mini-batches", 1, sizeof *b);
    b->problem = problem;
    b->options = options;
    b->watch = watch;
    find_shape(b, lethe_problem_data(problem));
    const size_t n = options->batch, parts = lethe_graph_inputs(graph);
    enum lethe_err code = LETHE_OK;
    b->x = lethe_alloc(n, b->width * sizeof *b->x);
    b->split = lethe_alloc(n, b->width * sizeof *b->split);
    b->image = lethe_alloc(b->width, sizeof *b->image);
    b->inputs = lethe_alloc(parts, sizeof *b->inputs);
    b->labels = lethe_alloc(n, sizeof *b->labels);
    b->contrast = lethe_alloc(n, sizeof *b->contrast);
    b->penalised = lethe_alloc(options->penalty.count + 1, sizeof *b->penalised);
    for (size_t k = 0; b->penalised && k < options->penalty.count; k++) {
        const struct lethe_unit unit = lethe_unit_at(graph, options->penalty.units[k]);
        b->penalised[k] = (struct lethe_unit_place){unit.layer, unit.index};
    }
    if ((options->flip || options->crop) && !b->rows)
        code = lethe_fail(
            err, LETHE_EARG,
            "'flip' and 'crop' are for images: these samples have %zu values in a row", b->width);
    else if (!b->x || !b->split || !b->image || !b->inputs || !b->labels || !b->contrast ||
             !b->penalised)
        code = lethe_fail_memory(err, "mini-batches", n, b->width * sizeof *b->x);
    else
        b->trainer = lethe_trainer_new(graph, lethe_problem_dtype(problem), n, err);
    if (!code && !b->trainer)
        code = err && err->code ? err->code : LETHE_ENOMEM;
    if (code)
        lethe_batches_free(b);
    else
        *batches = b;
    return code;
}

void lethe_batches_free(struct lethe_batches *b)
{
    if (!b)
        return;
    lethe_trainer_free(b->trainer);
    lethe_free(b->x);
    lethe_free(b->split);
    lethe_free(b->image);
    lethe_free(b->inputs);
    lethe_free(b->labels);
    lethe_free(b->contrast);
    lethe_free(b->penalised);
    lethe_free(b);
}

/* One image, moved and perhaps turned. */
static void change(struct lethe_batches *b, double *x, size_t step, size_t k)
{
    const size_t crop = b->options->crop;
    struct lethe_rng rng;
    lethe_rng_init(&rng, b->options->seed, LETHE_RNG_AUGMENT, step, k);
    const int turned = b->options->flip && lethe_rng_below(&rng, 2);
    const long down = (long)lethe_rng_below(&rng, 2 * crop + 1) - (long)crop;
    const long right = (long)lethe_rng_below(&rng, 2 * crop + 1) - (long)crop;
    if (!turned && !down && !right)
        return;
    memcpy(b->image, x, b->width * sizeof *x);
    for (size_t c = 0; c < b->channels; c++)
        for (size_t i = 0; i < b->rows; i++)
            for (size_t j = 0; j < b->columns; j++) {
                const long from_i = (long)i + down, from_j = (long)j + right;
                const int inside = from_i >= 0 && from_i < (long)b->rows && from_j >= 0 &&
                                   from_j < (long)b->columns;
                const size_t column = turned ? b->columns - 1 - (size_t)from_j : (size_t)from_j;
                x[(c * b->rows + i) * b->columns + j] =
                    inside ? b->image[(c * b->rows + (size_t)from_i) * b->columns + column] : 0;
            }
}

enum lethe_err lethe_batches_step(struct lethe_batches *b, double *value, double *gradient,
                                  double *w, const size_t *rows, size_t count, size_t step,
                                  struct lethe_error *err)
{
    const size_t size = lethe_problem_size(b->problem);
    const double decay = lethe_problem_decay(b->problem);
    double square = 0, worst = 0;
    lethe_problem_gather(b->problem, b->x, b->labels, rows, count);
    for (size_t k = 0; k < count && (b->options->flip || b->options->crop); k++)
        change(b, b->x + k * b->width, step, k);
    lethe_inputs_split(b->inputs, b->split, lethe_problem_graph(b->problem), b->x, count);
    const struct lethe_train_penalty *wanted = &b->options->penalty;
    const struct lethe_trainer_penalty penalty = {.units = b->penalised,
                                                  .count = wanted->count,
                                                  .strength = wanted->strength,
                                                  .contrast = b->contrast};
    for (size_t k = 0; wanted->count && k < count; k++)
        b->contrast[k] = wanted->contrast[rows[k]];
    const struct lethe_trainer_batch batch = {.inputs = b->inputs,
                                              .labels = b->labels,
                                              .penalty = wanted->count ? &penalty : NULL,
                                              .n = count,
                                              .dropout = b->options->dropout,
                                              .seed = b->options->seed,
                                              .step = step,
                                              .watch = b->watch};
    memset(gradient, 0, size * sizeof *gradient);
    enum lethe_err code = lethe_trainer_step(b->trainer, value, gradient, w, &batch, err);
    if (code)
        return code;
    for (size_t i = 0; i < size; i++) {
        square += w[i] * w[i];
        gradient[i] += decay * w[i];
        worst += fabs(gradient[i]);
    }
    *value += decay / 2 * square;
    if (isfinite(*value) && isfinite(worst))
        return LETHE_OK;
    return lethe_fail(err, LETHE_ENUM,
                      "training ran away: the objective is not a finite number; "
                      "a smaller rate may help");
}
