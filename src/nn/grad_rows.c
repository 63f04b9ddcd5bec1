/* SPDX-License-Identifier: MIT
 * Rows of layers: patches of images, tokens, plain inputs. */
#include "nn/grad_rows.h"

#include "base/alloc.h"
#include "nn/grad_rows_inside.h"
#include "nn/ops/columns.h"

/* ---- where a position is --------------------------------------------------------------------- */

/* The place of use that holds position p of a layer, and the position within it. */
static const struct lethe_site *site_at(const struct lethe_layer_info *layer, size_t *p)
{
    const struct lethe_site *site = layer->sites;
    for (; *p >= site->outer * site->inner; site++)
        *p -= site->outer * site->inner;
    return site;
}

const struct lethe_part *lethe_grad_rows_part(const struct lethe_grad_rows *rows, size_t *sample)
{
    const struct lethe_part *part = rows->exec->parts;
    while (*sample >= part->first + part->n)
        part++;
    *sample -= part->first;
    return part;
}

size_t lethe_grad_rows_positions(const struct lethe_grad_rows *rows, size_t layer)
{
    return rows->exec->graph->layers[layer].pub.positions;
}

static const struct lethe_conv_args *conv_of(const struct lethe_grad_rows *rows, size_t node)
{
    return &rows->call[node]->args.conv;
}

size_t lethe_grad_rows_groups(const struct lethe_grad_rows *rows, size_t layer)
{
    const struct lethe_site *site = &rows->exec->graph->layers[layer].sites[0];
    return site->conv ? conv_of(rows, site->node)->groups : 1;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* x (channels * taps) = what the window at output `at` sees of image (channels, inputs). */
static void patch(double *x, const double *image, const struct lethe_window *w, size_t channels,
                  size_t at)
{
    const size_t inputs = lethe_window_inputs(w), taps = lethe_window_taps(w);
    const size_t place[3] = {at / (w->out[1] * w->out[2]), at / w->out[2] % w->out[1],
                             at % w->out[2]};
    for (size_t t = 0; t < taps; t++) {
        const size_t k[3] = {t / (w->kernel[1] * w->kernel[2]), t / w->kernel[2] % w->kernel[1],
                             t % w->kernel[2]};
        size_t from = 0, inside = 1;
        for (int a = 0; a < 3; a++) {
            const size_t along = place[a] * w->stride[a] + k[a] * w->dilation[a];
            inside &= along >= w->before[a] && along - w->before[a] < w->in[a];
            from = from * w->in[a] + (inside ? along - w->before[a] : 0);
        }
        for (size_t c = 0; c < channels; c++)
            x[c * taps + t] = inside ? image[c * inputs + from] : 0;
    }
}

/* The same for a transposed convolution: what reaches pixel `at` of its output, through each tap
 * one pixel of image (channels, pixels) or none. The window is that of the convolution it
 * transposes, whose image is the output. */
static void spread_patch(double *x, const double *image, const struct lethe_window *w,
                         size_t channels, size_t at)
{
    const size_t pixels = lethe_window_outputs(w), taps = lethe_window_taps(w);
    const size_t place[3] = {at / (w->in[1] * w->in[2]), at / w->in[2] % w->in[1], at % w->in[2]};
    for (size_t t = 0; t < taps; t++) {
        const size_t k[3] = {t / (w->kernel[1] * w->kernel[2]), t / w->kernel[2] % w->kernel[1],
                             t % w->kernel[2]};
        size_t from = 0, inside = 1;
        for (int a = 0; a < 3; a++) {
            const size_t along = place[a] + w->before[a], tap = k[a] * w->dilation[a];
            inside &= along >= tap && (along - tap) % w->stride[a] == 0 &&
                      (along - tap) / w->stride[a] < w->out[a];
            from = from * w->out[a] + (inside ? (along - tap) / w->stride[a] : 0);
        }
        for (size_t c = 0; c < channels; c++)
            x[c * taps + t] = inside ? image[c * pixels + from] : 0;
    }
}

/* Channels that a group reads. */
static size_t channels_read(const struct lethe_conv_args *args, const struct lethe_site *site)
{
    return (site->transposed ? args->filters : args->window.channels) / args->groups;
}

/* The channels of a group of one sample's image, in double. */
static const double *read_image(struct lethe_grad_rows *rows, const struct lethe_part *part,
                                const struct lethe_site *site, size_t group, size_t sample)
{
    const struct lethe_exec *exec = rows->exec;
    const struct lethe_conv_args *args = conv_of(rows, site->node);
    const struct lethe_window *w = &args->window;
    const size_t size = channels_read(args, site) *
                        (site->transposed ? lethe_window_outputs(w) : lethe_window_inputs(w));
    const char *x = lethe_exec_kept_value(exec, part, exec->graph->nodes[site->node].in[0]);
    lethe_exec_read(rows->image, x + (sample * args->groups + group) * size * exec->bytes, size,
                    exec);
    return rows->image;
}

void lethe_grad_rows_inputs(struct lethe_grad_rows *rows, double *x, size_t stride, size_t layer,
                            size_t group, size_t sample, size_t first, size_t step, size_t count)
{
    const struct lethe_exec *exec = rows->exec;
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    const struct lethe_part *part = lethe_grad_rows_part(rows, &sample);
    const struct lethe_site *read = NULL;
    const double *image = NULL;
    for (size_t k = 0; k < count; k++) {
        size_t p = first + k * step;
        const struct lethe_site *site = site_at(info, &p);
        if (site->conv) {
            const struct lethe_conv_args *args = conv_of(rows, site->node);
            image = read == site ? image : read_image(rows, part, site, group, sample);
            (site->transposed ? spread_patch : patch)(x + k * stride, image, &args->window,
                                                      channels_read(args, site), p);
            read = site;
            continue;
        }
        const char *from = lethe_exec_kept_value(exec, part, exec->graph->nodes[site->node].in[0]);
        const size_t row = (p / site->inner * part->n + sample) * site->inner + p % site->inner;
        lethe_exec_read(x + k * stride, from + row * info->pub.fan_in * exec->bytes,
                        info->pub.fan_in, exec);
    }
}

/* ---- derivatives ----------------------------------------------------------------------------- */

static double number(const struct lethe_exec *exec, const void *from, size_t i)
{
    return exec->dtype == LETHE_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

void lethe_grad_rows_deltas(struct lethe_grad_rows *rows, double *delta, size_t layer, size_t group,
                            size_t sample, size_t first, size_t step, size_t count)
{
    const struct lethe_exec *exec = rows->exec;
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    const struct lethe_part *part = lethe_grad_rows_part(rows, &sample);
    const size_t all = info->pub.units, units = all / lethe_grad_rows_groups(rows, layer);
    for (size_t k = 0; k < count; k++) {
        size_t p = first + k * step;
        const struct lethe_site *site = site_at(info, &p);
        const char *from = lethe_exec_kept_adjoint(exec, part, site->preact);
        double *to = delta + k * units;
        if (site->conv) {
            const size_t at = (sample * all + group * units) * site->inner + p;
            for (size_t j = 0; j < units; j++)
                to[j] = from ? number(exec, from, at + j * site->inner) : 0;
            continue;
        }
        const size_t row = (p / site->inner * part->n + sample) * site->inner + p % site->inner;
        for (size_t j = 0; j < units; j++)
            to[j] = from ? number(exec, from, row * all + j) : 0;
    }
}
