/* SPDX-License-Identifier: MIT
 * The op table, made from the rows of LETHE_OPS. */
#include "nn/op.h"

#include <string.h>

#define ROW(op, kernel, min, max)                                                                  \
    {op,                                                                                           \
     min,                                                                                          \
     max,                                                                                          \
     lethe_shape_##kernel,                                                                         \
     {lethe_##kernel##_forward_f32, lethe_##kernel##_forward_f64},                                 \
     {lethe_##kernel##_backward_f32, lethe_##kernel##_backward_f64},                               \
     {lethe_##kernel##_jvp_f32, lethe_##kernel##_jvp_f64}},
static const struct lethe_op ops[] = {LETHE_OPS(ROW)};

size_t lethe_op_count(void)
{
    return sizeof ops / sizeof *ops;
}

const struct lethe_op *lethe_op_at(size_t index)
{
    return &ops[index];
}

const struct lethe_op *lethe_op_find(const char *name)
{
    for (size_t i = 0; i < lethe_op_count(); i++)
        if (!strcmp(ops[i].name, name))
            return &ops[i];
    return NULL;
}
