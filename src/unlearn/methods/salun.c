/* SPDX-License-Identifier: MIT
 * SalUn: random labels on the salient weights only; all others stay, bit for bit.
 *     salient: the share `threshold` of all weights with the largest |grad CE(U)| at the trained w
 *     loss     as random labels have it
 * With mask=SELECTOR the weights are those of the selector's blanket in the place of the salient
 * ones (the caller gives them), and the threshold is not looked at.
 * Source: Fan et al., ICLR 2024: threshold 0.5 (0.1 to 0.9), 10 epochs, rate 5e-4 to 5e-2, momentum
 * 0.9, batches of 256. The published program lets weight decay act on all weights; the paper's
 * formula, followed here, moves only those of the mask. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "unlearn/methods/rows.h"

enum { THRESHOLD, EPOCHS, RATE, MOMENTUM, BATCH };

static const struct lethe_unlearn_param params[] = {
    {"threshold", "share of the weights that are salient", 0.5, 0.1, 0.9, 0.0001, 1, 0},
    LETHE_PARAM_EPOCHS(10),
    LETHE_PARAM_RATE(0.013, 5e-4, 5e-2),
    LETHE_PARAM_MOMENTUM,
    LETHE_PARAM_BATCH(256)};

struct weight {
    double size;
    size_t at;
};

static int larger_first(const void *a, const void *b)
{
    const struct weight *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* may (size) is 1 for the salient weights. The gradient is of the mean over U, without decay. */
static enum lethe_err salient(unsigned char *may, struct lethe_student *student, const double *w,
                              double share, struct lethe_error *err)
{
    const size_t size = student->size;
    struct weight *order = lethe_alloc(size, sizeof *order);
    size_t *rows = lethe_alloc(student->forget, sizeof *rows);
    double value, *gradient = lethe_alloc(size, sizeof *gradient);
    enum lethe_err code = LETHE_OK;
    if (!order || !rows || !gradient)
        code = lethe_fail_memory(err, "saliencies", size, sizeof *order);
    for (size_t i = 0; !code && i < student->forget; i++)
        rows[i] = i;
    if (!code)
        code = lethe_problem_value_at(student->problem, &value, gradient, w, rows, student->forget,
                                      student->watch, err);
    for (size_t i = 0; !code && i < size; i++)
        order[i] = (struct weight){fabs(gradient[i]), i};
    if (!code)
        qsort(order, size, sizeof *order, larger_first);
    const size_t kept = (size_t)(share * (double)size + 0.5);
    for (size_t i = 0; !code && i < size && i < (kept ? kept : 1); i++)
        may[order[i].at] = 1;
    lethe_free(order);
    lethe_free(rows);
    lethe_free(gradient);
    return code;
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    unsigned char *own = in->may ? NULL : lethe_alloc_zero(student->size, 1);
    enum lethe_err code = LETHE_OK;
    if (!in->may) {
        code = own ? salient(own, student, w, in->values.at[THRESHOLD], err)
                   : lethe_fail_memory(err, "a mask", student->size, 1);
        student->may = own;
    }
    if (!code)
        code = lethe_unlearn_relabelled(student, w, lethe_unlearn_whole(in, EPOCHS),
                                        lethe_unlearn_whole(in, BATCH), in->values.at[RATE], err);
    student->may = in->may;
    lethe_free(own);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_salun = {
    .name = "salun",
    .summary = "random labels on the salient weights only (SalUn)",
    .formula = "w <- w - rate m * grad mean CE, y' != y on U; m: largest |grad CE(U)|",
    .source = "Fan et al., ICLR 2024",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .masked = LETHE_MASK_OWN,
    .run = run,
};
