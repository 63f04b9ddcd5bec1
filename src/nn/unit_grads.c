/* SPDX-License-Identifier: MIT
 * Gradients of single samples by the parameters of single units, in double. For a linear unit j and
 * sample i it is sum over positions of delta[i, p, j] * (input[i, p, :], 1); for a filter the same
 * with the column matrix of the image, for a channel of a transposed convolution with that of its
 * delta. One small product per sample and site; sites of a shared layer add up. A scale's entry is
 * the sum of adjoint times normalised value, a shift's the sum of adjoints. Layers with gates are
 * gated_grads.c's. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/gated_grads.h"
#include "nn/ops/columns.h"
#include "tensor/blas.h"

struct job {
    const struct lethe_exec *exec;
    const struct lethe_worker *worker; /* holds the part at work */
    const struct lethe_part *part;
    const struct lethe_layer_info *layer;
    double *out; /* (n, count * unit_params), of the part */
    const size_t *units;
    size_t count;
    double *delta; /* (count, positions) of one sample */
    double *image; /* one sample's input */
    double *rows;  /* conv (fan_in, positions), linear (positions, fan_in) of one sample */
};

static double number(const struct lethe_exec *exec, const void *from, size_t i)
{
    return exec->dtype == LETHE_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

static const struct lethe_op_call *call_of(const struct job *job, size_t node)
{
    const struct lethe_plan *plan = job->part->form->plan;
    for (size_t i = 0; i < plan->call_count; i++)
        if (plan->calls[i].node == &job->exec->graph->nodes[node])
            return &plan->calls[i];
    return NULL;
}

/* Index of position p of sample i and unit j in a value of a site. */
static size_t index_of(const struct job *job, const struct lethe_site *site, size_t i, size_t j,
                       size_t p)
{
    size_t units = job->layer->pub.units;
    if (site->conv)
        return (i * units + j) * site->inner + p;
    size_t o = p / site->inner, inside = p % site->inner;
    return ((o * job->part->n + i) * site->inner + inside) * units + j;
}

static void read_adjoint(const struct job *job, const struct lethe_site *site, size_t value,
                         size_t i)
{
    size_t positions = site->outer * site->inner;
    for (size_t k = 0; k < job->count; k++)
        for (size_t p = 0; p < positions; p++)
            job->delta[k * positions + p] =
                number(job->exec, job->worker->dx[value], index_of(job, site, i, job->units[k], p));
}

static void linear_site(const struct job *job, const struct lethe_site *site, size_t i)
{
    const struct lethe_exec *exec = job->exec;
    size_t fan_in = job->layer->pub.fan_in, positions = site->outer * site->inner;
    const char *x = job->worker->x[exec->graph->nodes[site->node].in[0]];
    for (size_t o = 0; o < site->outer; o++)
        lethe_exec_read(job->rows + o * site->inner * fan_in,
                        x + (o * job->part->n + i) * site->inner * fan_in * exec->bytes,
                        site->inner * fan_in, exec);
    lethe_dgemm(job->out, job->delta, job->rows,
                &(struct lethe_gemm){.m = job->count,
                                     .n = fan_in,
                                     .k = positions,
                                     .alpha = 1,
                                     .beta = 1,
                                     .ldc = job->layer->pub.unit_params});
}

/* Filters of the same group share a column matrix; units usually come sorted. */
static void conv_site(const struct job *job, const struct lethe_site *site, size_t i)
{
    const struct lethe_exec *exec = job->exec;
    const struct lethe_conv_args *args = &call_of(job, site->node)->args.conv;
    size_t channels = args->window.channels / args->groups, built = LETHE_NONE;
    size_t inputs = channels * lethe_window_inputs(&args->window), fan_in = job->layer->pub.fan_in;
    const char *x = job->worker->x[exec->graph->nodes[site->node].in[0]];
    for (size_t k = 0; k < job->count; k++) {
        size_t group = job->units[k] / (args->filters / args->groups), run = 1;
        while (k + run < job->count &&
               job->units[k + run] / (args->filters / args->groups) == group)
            run++;
        if (built != group) {
            lethe_exec_read(job->image, x + (i * args->groups + group) * inputs * exec->bytes,
                            inputs, exec);
            lethe_columns_f64(job->rows, job->image, &args->window, channels);
            built = group;
        }
        lethe_dgemm(job->out + k * job->layer->pub.unit_params, job->delta + k * site->inner,
                    job->rows,
                    &(struct lethe_gemm){.m = run,
                                         .n = fan_in,
                                         .k = site->inner,
                                         .tb = 1,
                                         .alpha = 1,
                                         .beta = 1,
                                         .ldc = job->layer->pub.unit_params});
        k += run - 1;
    }
}

/* One unit's weights (channels read, taps): the image (channels, pixels) times the columns of the
 * unit's delta (taps, pixels), as a window of the convolution that is transposed sees it. */
static void transposed_site(const struct job *job, const struct lethe_site *site, size_t i)
{
    const struct lethe_exec *exec = job->exec;
    const struct lethe_conv_args *args = &call_of(job, site->node)->args.conv;
    const size_t channels = args->filters / args->groups, taps = lethe_window_taps(&args->window);
    const size_t pixels = lethe_window_outputs(&args->window);
    const char *x = job->worker->x[exec->graph->nodes[site->node].in[0]];
    for (size_t k = 0; k < job->count; k++) {
        const size_t group = job->units[k] / (args->window.channels / args->groups);
        lethe_exec_read(job->image,
                        x + (i * args->groups + group) * channels * pixels * exec->bytes,
                        channels * pixels, exec);
        lethe_columns_f64(job->rows, job->delta + k * site->inner, &args->window, 1);
        lethe_dgemm(job->out + k * job->layer->pub.unit_params, job->image, job->rows,
                    &(struct lethe_gemm){
                        .m = channels, .n = taps, .k = pixels, .tb = 1, .alpha = 1, .beta = 1});
    }
}

/* Entry `at` of every unit += sum of its deltas. */
static void add_sums(const struct job *job, size_t positions, size_t at)
{
    for (size_t k = 0; k < job->count; k++)
        for (size_t p = 0; p < positions; p++)
            job->out[k * job->layer->pub.unit_params + at] += job->delta[k * positions + p];
}

struct moments {
    double mean, inverse;
};

static struct moments moments_of(const struct job *job, const struct lethe_site *site,
                                 const struct lethe_op_call *norm, size_t i, size_t j, size_t p)
{
    const struct lethe_exec *exec = job->exec;
    const size_t *in = exec->graph->nodes[site->norm].in;
    double epsilon = norm->args.axis.epsilon, sum = 0, square = 0;
    if (!strcmp(norm->op->name, "BatchNormalization")) {
        double variance = number(exec, job->worker->x[in[4]], j);
        return (struct moments){number(exec, job->worker->x[in[3]], j),
                                1 / sqrt(variance + epsilon)};
    }
    /* A row: all positions of the unit (InstanceNormalization) or all units at the position. */
    int by_unit = norm->kind == 0;
    size_t n = by_unit ? site->outer * site->inner : job->layer->pub.units;
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < n; k++) {
            double x = number(exec, job->worker->x[site->preact],
                              index_of(job, site, i, by_unit ? j : k, by_unit ? k : p));
            double off = x - sum / (double)n;
            sum += pass ? 0 : x;
            square += pass ? off * off : 0;
        }
    return (struct moments){sum / (double)n, 1 / sqrt(square / (double)n + epsilon)};
}

static void norm_entries(const struct job *job, const struct lethe_site *site, size_t i)
{
    const struct lethe_exec *exec = job->exec;
    size_t positions = site->outer * site->inner, width = job->layer->pub.unit_params;
    size_t at = job->layer->pub.fan_in + (job->layer->bias != LETHE_NONE);
    const struct lethe_op_call *norm = call_of(job, site->norm);
    size_t y = exec->graph->nodes[site->norm].out[0];
    read_adjoint(job, site, y, i);
    for (size_t k = 0; job->layer->scale != LETHE_NONE && k < job->count; k++) {
        struct moments m = {0};
        for (size_t p = 0; p < positions; p++) {
            if (p == 0 || norm->kind == 1)
                m = moments_of(job, site, norm, i, job->units[k], p);
            double x = number(exec, job->worker->x[site->preact],
                              index_of(job, site, i, job->units[k], p));
            job->out[k * width + at] += job->delta[k * positions + p] * (x - m.mean) * m.inverse;
        }
    }
    if (job->layer->shift != LETHE_NONE)
        add_sums(job, positions, at + (job->layer->scale != LETHE_NONE));
}

static void add_site(struct job *job, const struct lethe_site *site)
{
    double *all = job->out;
    size_t size = job->count * job->layer->pub.unit_params;
    for (size_t i = 0; i < job->part->n; i++, job->out += size) {
        read_adjoint(job, site, site->preact, i);
        if (site->transposed)
            transposed_site(job, site, i);
        else if (site->conv)
            conv_site(job, site, i);
        else
            linear_site(job, site, i);
        if (job->layer->bias != LETHE_NONE)
            add_sums(job, site->outer * site->inner, job->layer->pub.fan_in);
        if (site->norm != LETHE_NONE)
            norm_entries(job, site, i);
    }
    job->out = all;
}

/* Workspace for the largest site. */
static enum lethe_err make_room(struct job *job, struct lethe_error *err)
{
    const struct lethe_layer_info *layer = job->layer;
    size_t positions = 1, image = 1, rows = 1;
    for (size_t s = 0; s < layer->site_count; s++) {
        const struct lethe_site *site = &layer->sites[s];
        size_t x = job->exec->graph->nodes[site->node].in[0];
        size_t here = site->outer * site->inner;
        const struct lethe_batch_form *form = job->exec->parts[0].form;
        size_t pixels = lethe_shape_size(&form->plan->values[x].shape) / job->exec->parts[0].n;
        size_t wide = site->transposed ? pixels * layer->taps : here * layer->pub.fan_in;
        positions = here > positions ? here : positions;
        image = site->conv && pixels > image ? pixels : image;
        rows = wide > rows ? wide : rows;
    }
    job->delta = lethe_alloc(positions * job->count + 1, sizeof *job->delta);
    job->image = lethe_alloc(image, sizeof *job->image);
    job->rows = lethe_alloc(rows + 1, sizeof *job->rows);
    if (job->delta && job->image && job->rows)
        return LETHE_OK;
    return lethe_fail_memory(err, "gradients of units", rows, sizeof *job->rows);
}

enum lethe_err lethe_exec_unit_grads(const struct lethe_exec *exec, double *out, size_t layer,
                                     const size_t *units, size_t count, struct lethe_error *err)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    if (!exec->has_adjoints)
        return lethe_fail(err, LETHE_EBUG, "gradients of units before a backward pass");
    if (info->pub.gates)
        return lethe_gated_unit_grads(exec, out, layer, units, count, err);
    struct job job = {.exec = exec,
                      .worker = &exec->workers[0],
                      .layer = info,
                      .out = out,
                      .units = units,
                      .count = count};
    enum lethe_err code = make_room(&job, err);
    if (!code)
        memset(out, 0, exec->n * count * info->pub.unit_params * sizeof *out);
    for (size_t p = 0; p < exec->part_count && !code; p++) {
        job.part = &exec->parts[p];
        job.out = out + job.part->first * count * info->pub.unit_params;
        lethe_exec_bind_values(exec, &exec->workers[0], job.part, 0);
        lethe_exec_bind_adjoints(exec, &exec->workers[0], job.part,
                                 exec->workers[0].dx_key | LETHE_BIND_CAPTURED);
        for (size_t s = 0; s < info->site_count; s++)
            if (exec->workers[0].dx[info->sites[s].preact])
                add_site(&job, &info->sites[s]);
    }
    lethe_free(job.delta);
    lethe_free(job.image);
    lethe_free(job.rows);
    return code;
}
