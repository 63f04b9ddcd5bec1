/* SPDX-License-Identifier: MIT
 * Numbers of a trainer, which are floats or doubles, from and to doubles. */
#include <string.h>

#include "nn/trainer_inside.h"

void lethe_trainer_store(char *to, const double *from, size_t n, enum lethe_dtype dtype)
{
    float *f = (float *)(void *)to;
    double *d = (double *)(void *)to;
    for (size_t i = 0; i < n; i++)
        if (dtype == LETHE_F32)
            f[i] = (float)from[i];
        else
            d[i] = from[i];
}

void lethe_trainer_fetch(double *to, const void *from, size_t n, enum lethe_dtype dtype)
{
    for (size_t i = 0; i < n; i++)
        to[i] = dtype == LETHE_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

double lethe_trainer_entry(const struct lethe_trainer *t, const void *at, size_t i)
{
    double value;
    lethe_trainer_fetch(&value, (const char *)at + i * t->bytes, 1, t->dtype);
    return value;
}

size_t lethe_trainer_size_of(const struct lethe_trainer *t, size_t v)
{
    return lethe_shape_size(&t->plan->values[v].shape);
}

int lethe_trainer_is_norm(const struct lethe_node *node)
{
    return !strcmp(node->type, "BatchNormalization");
}
