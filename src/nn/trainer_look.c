/* SPDX-License-Identifier: MIT
 * A look at every value of a network for single samples, and at the derivative of its logits by
 * them: what the executor computes, with nothing thrown away. */
#include "nn/trainer_inside.h"

enum lethe_err lethe_trainer_look(struct lethe_trainer *t, double *logits, double *w,
                                  const double *const *inputs, const double *slope, size_t n,
                                  struct lethe_error *err)
{
    const struct lethe_trainer_batch batch = {.inputs = inputs, .n = n, .inference = 1};
    enum lethe_err code = lethe_trainer_forward(t, logits, w, &batch, err);
    return code ? code : lethe_trainer_backward(t, NULL, slope, &batch, err);
}

const struct lethe_shape *lethe_trainer_shape(const struct lethe_trainer *t, size_t value)
{
    return &t->plan->values[value].shape;
}

void lethe_trainer_value(const struct lethe_trainer *t, double *out, size_t value)
{
    lethe_trainer_fetch(out, t->x[value], lethe_trainer_size_of(t, value), t->dtype);
}

int lethe_trainer_adjoint(const struct lethe_trainer *t, double *out, size_t value)
{
    if (!t->dx[value])
        return 0;
    lethe_trainer_fetch(out, t->dx[value], lethe_trainer_size_of(t, value), t->dtype);
    return 1;
}
