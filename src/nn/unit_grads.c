/* SPDX-License-Identifier: MIT
 * Gradients of single samples by the parameters of single units. For a linear unit j and sample i
 * it is sum over positions of delta[i, p, j] * (input[i, p, :], 1): one small product per sample.
 * Sites of a shared layer add up. */
#include <string.h>

#include "base/alloc.h"
#include "nn/unit_grads.h"
#include "tensor/blas.h"

static double number(const struct lethe_exec *exec, const void *from, size_t i)
{
    return exec->dtype == LETHE_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

/* One sample's rows: delta(p, count) of the units asked for, and x(p, fan_in). */
static void gather_rows(const struct lethe_unit_job *job, const struct lethe_site *site, size_t i)
{
    const struct lethe_exec *exec = job->exec;
    size_t fan_in = job->layer->pub.fan_in, units = job->layer->pub.units, row = 0;
    size_t x = exec->graph->nodes[site->node].in[0];
    for (size_t o = 0; o < site->outer; o++)
        for (size_t p = 0; p < site->inner; p++, row++) {
            size_t at = (o * exec->n + i) * site->inner + p;
            for (size_t k = 0; k < job->count; k++)
                job->delta[row * job->count + k] =
                    number(exec, exec->dx[site->preact], at * units + job->units[k]);
            for (size_t f = 0; f < fan_in; f++)
                job->rows[row * fan_in + f] = number(exec, exec->x[x], at * fan_in + f);
        }
}

static void linear_site(const struct lethe_unit_job *job, const struct lethe_site *site, size_t i)
{
    size_t positions = site->outer * site->inner, fan_in = job->layer->pub.fan_in;
    size_t width = job->layer->pub.unit_params;
    double *out = job->out + i * job->count * width;
    gather_rows(job, site, i);
    lethe_dgemm(out, job->delta, job->rows,
                &(struct lethe_gemm){.m = job->count,
                                     .n = fan_in,
                                     .k = positions,
                                     .ta = 1,
                                     .alpha = 1,
                                     .beta = 1,
                                     .ldc = width});
    if (job->layer->bias != LETHE_NONE)
        for (size_t k = 0; k < job->count; k++)
            for (size_t p = 0; p < positions; p++)
                out[k * width + fan_in] += job->delta[p * job->count + k];
}

enum lethe_err lethe_exec_unit_grads(const struct lethe_exec *exec, double *out, size_t layer,
                                     const size_t *units, size_t count, struct lethe_error *err)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    if (!exec->has_adjoints)
        return lethe_fail(err, LETHE_EBUG, "gradients of units before a backward pass");
    enum lethe_err code = LETHE_OK;
    size_t positions = 1;
    for (size_t s = 0; s < info->site_count; s++)
        if (info->sites[s].outer * info->sites[s].inner > positions)
            positions = info->sites[s].outer * info->sites[s].inner;
    struct lethe_unit_job job = {
        .exec = exec, .layer = info, .out = out, .units = units, .count = count};
    job.delta = lethe_alloc(positions * count + 1, sizeof *job.delta);
    job.rows = lethe_alloc(positions * info->pub.fan_in + 1, sizeof *job.rows);
    if (!job.delta || !job.rows) {
        code = lethe_fail_memory(err, "gradients of units", positions * info->pub.fan_in,
                                 sizeof *job.rows);
        goto out;
    }
    memset(out, 0, exec->n * count * info->pub.unit_params * sizeof *out);
    for (size_t s = 0; s < info->site_count; s++)
        for (size_t i = 0; exec->dx[info->sites[s].preact] && i < exec->n; i++)
            linear_site(&job, &info->sites[s], i);
out:
    lethe_free(job.delta);
    lethe_free(job.rows);
    return code;
}
