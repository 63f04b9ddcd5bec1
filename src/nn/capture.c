/* SPDX-License-Identifier: MIT
 * What a run left behind, layer by layer: pre-activations, their derivatives, inputs, and gradients
 * of single samples by single units. */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/gated_grads.h"

/* out[r] += the sum of row r of from (rows, n). Four rows at a time keep the adder busy; each is
 * summed from its first number to its last. */
#define SUM_ROWS(name, type)                                                                       \
    static void name(double *out, const type *from, size_t rows, size_t n)                         \
    {                                                                                              \
        size_t r = 0;                                                                              \
        for (; r + 4 <= rows; r += 4) {                                                            \
            const type *x = from + r * n;                                                          \
            double a = out[r], b = out[r + 1], c = out[r + 2], d = out[r + 3];                     \
            for (size_t i = 0; i < n; i++) {                                                       \
                a += (double)x[i];                                                                 \
                b += (double)x[n + i];                                                             \
                c += (double)x[2 * n + i];                                                         \
                d += (double)x[3 * n + i];                                                         \
            }                                                                                      \
            out[r] = a;                                                                            \
            out[r + 1] = b;                                                                        \
            out[r + 2] = c;                                                                        \
            out[r + 3] = d;                                                                        \
        }                                                                                          \
        for (; r < rows; r++)                                                                      \
            for (size_t i = 0; i < n; i++)                                                         \
                out[r] += (double)from[r * n + i];                                                 \
    }
/* out[j] += from[j] */
#define ADD_ROW(name, type)                                                                        \
    static void name(double *out, const type *from, size_t n)                                      \
    {                                                                                              \
        for (size_t j = 0; j < n; j++)                                                             \
            out[j] += (double)from[j];                                                             \
    }
SUM_ROWS(sum_floats, float)
SUM_ROWS(sum_doubles, double)
ADD_ROW(add_floats, float)
ADD_ROW(add_doubles, double)

void lethe_exec_add_site(double *out, const struct lethe_exec *exec,
                         const struct lethe_layer_info *layer, const struct lethe_site *site,
                         const void *from, size_t n)
{
    const size_t units = layer->pub.units, inner = site->inner;
    const int single = exec->dtype == LETHE_F32;
    if (site->conv) {
        if (single)
            sum_floats(out, from, n * units, inner);
        else
            sum_doubles(out, from, n * units, inner);
        return;
    }
    const size_t width = units / site->directions;
    for (size_t row = 0; row < site->outer * site->directions * n * inner; row++) {
        const size_t direction = row / (inner * n) % site->directions;
        double *to = out + row / inner % n * units + direction * width;
        if (single)
            add_floats(to, (const float *)from + row * width, width);
        else
            add_doubles(to, (const double *)from + row * width, width);
    }
}

struct job {
    const struct lethe_exec *exec;
    const struct lethe_layer_info *layer;
    double *out;
    int adjoints;
};

static void sum_part(void *arg, size_t item, unsigned worker)
{
    const struct job *job = arg;
    const struct lethe_part *part = &job->exec->parts[item];
    (void)worker;
    for (size_t s = 0; s < job->layer->site_count; s++) {
        const struct lethe_site *site = &job->layer->sites[s];
        const void *from = job->adjoints ? lethe_exec_kept_adjoint(job->exec, part, site->preact)
                                         : lethe_exec_kept_value(job->exec, part, site->preact);
        if (from)
            lethe_exec_add_site(job->out + part->first * job->layer->pub.units, job->exec,
                                job->layer, site, from, part->n);
    }
}

/* Of the pre-activations, or of their adjoints; parts are shared out. */
static void sum_positions(double *out, const struct lethe_exec *exec, size_t index, int adjoints)
{
    struct job job = {exec, &exec->graph->layers[index], out, adjoints};
    memset(out, 0, exec->n * job.layer->pub.units * sizeof *out);
    if (exec->pool && job.layer->pub.positions > 1)
        lethe_threads_run(exec->pool, sum_part, &job, exec->part_count, NULL);
    else
        for (size_t p = 0; p < exec->part_count; p++)
            sum_part(&job, p, 0);
}

void lethe_exec_preact(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer *pub = &exec->graph->layers[layer].pub;
    sum_positions(out, exec, layer, 0);
    for (size_t i = 0; i < exec->n * pub->units && pub->positions > 1; i++)
        out[i] /= (double)pub->positions;
}

void lethe_exec_delta(const struct lethe_exec *exec, size_t layer, double *out)
{
    assert(exec->has_adjoints);
    if (exec->graph->layers[layer].pub.gates)
        lethe_gated_delta(out, exec, layer);
    else
        sum_positions(out, exec, layer, 1);
}

void lethe_exec_input(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    assert(info->pub.single);
    size_t x = exec->graph->nodes[info->sites[0].node].in[0];
    for (size_t p = 0; p < exec->part_count; p++) {
        const struct lethe_part *part = &exec->parts[p];
        lethe_exec_bind_values(exec, &exec->workers[0], part, 0);
        lethe_exec_read(out + part->first * info->pub.fan_in, exec->workers[0].x[x],
                        part->n * info->pub.fan_in, exec);
    }
}
