/* SPDX-License-Identifier: MIT
 * Numbers between the caller's doubles and the precision an executor computes in. */
#include "nn/exec.h"

#include <string.h>

void lethe_exec_read(double *out, const char *from, size_t n, const struct lethe_exec *exec)
{
    if (exec->dtype == LETHE_F64) {
        memcpy(out, from, n * sizeof *out);
        return;
    }
    const float *f = (const float *)(const void *)from;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)f[i];
}

void lethe_exec_write(char *to, const double *in, size_t n, const struct lethe_exec *exec)
{
    if (exec->dtype == LETHE_F64) {
        memcpy(to, in, n * sizeof *in);
        return;
    }
    float *f = (float *)(void *)to;
    for (size_t i = 0; i < n; i++)
        f[i] = (float)in[i];
}
