/* SPDX-License-Identifier: MIT
 * Add with broadcasting: out = a + b. The gradient of a broadcast input is summed over the places
 * it was used in. */
#include "nn/ops/broadcast.h"

static void add_into(real *into, size_t step, const real *from, size_t n)
{
    if (step) {
        for (size_t i = 0; i < n; i++)
            into[i] += from[i];
        return;
    }
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)from[i];
    *into += (real)sum;
}

static void spread(real *out, const real *from, size_t step, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] += from[i * step];
}

void R(lethe_add_forward)(struct lethe_call *call)
{
    struct broadcast w;
    broadcast_plan(&w, call->in[0], call->in[1], call->out[0]);
    const real *a = call->in[0]->data, *b = call->in[1]->data;
    real *out = call->out[0]->data;
    for (size_t run = 0; run < w.outer; run++, out += w.inner) {
        size_t at_a, at_b;
        broadcast_at(&w, run, &at_a, &at_b);
        for (size_t i = 0; i < w.inner; i++)
            out[i] = a[at_a + i * w.run_a] + b[at_b + i * w.run_b];
    }
}

void R(lethe_add_backward)(struct lethe_call *call)
{
    struct broadcast w;
    broadcast_plan(&w, call->in[0], call->in[1], call->out[0]);
    real *da = call->din[0], *db = call->din[1];
    const real *dout = call->dout[0];
    for (size_t run = 0; run < w.outer; run++, dout += w.inner) {
        size_t at_a, at_b;
        broadcast_at(&w, run, &at_a, &at_b);
        if (da)
            add_into(da + at_a, w.run_a, dout, w.inner);
        if (db)
            add_into(db + at_b, w.run_b, dout, w.inner);
    }
}

void R(lethe_add_jvp)(struct lethe_call *call)
{
    struct broadcast w;
    broadcast_plan(&w, call->in[0], call->in[1], call->out[0]);
    const real *ta = call->tin[0], *tb = call->tin[1];
    real *tout = call->tout[0];
    for (size_t run = 0; run < w.outer; run++, tout += w.inner) {
        size_t at_a, at_b;
        broadcast_at(&w, run, &at_a, &at_b);
        for (size_t i = 0; i < w.inner; i++)
            tout[i] = 0;
        if (ta)
            spread(tout, ta + at_a, w.run_a, w.inner);
        if (tb)
            spread(tout, tb + at_b, w.run_b, w.inner);
    }
}
