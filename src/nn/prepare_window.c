/* SPDX-License-Identifier: MIT
 * Convolutions and pools: kernel, stride, dilation and padding of up to three spatial axes. Axes
 * that a tensor does not have stand in front with length 1. */
#include <string.h>

#include "nn/prepare.h"

enum { AXES = 3 };

/* A list attribute, one entry per spatial axis; `otherwise` where it is absent. */
static enum lethe_err read_axes(struct lethe_prepare *p, size_t *to, const char *name,
                                size_t spatial, size_t otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(p->node, name);
    for (size_t a = 0; a < AXES; a++)
        to[a] = a + spatial < AXES ? 1 : otherwise;
    if (!attr)
        return LETHE_OK;
    if (attr->type != LETHE_ATTR_INTS || attr->count != spatial)
        return lethe_prepare_fail(p, "'%s' needs %zu numbers", name, spatial);
    for (size_t a = 0; a < spatial; a++) {
        if (attr->ints[a] < 1 || attr->ints[a] > 1 << 24)
            return lethe_prepare_fail(p, "'%s' holds %lld", name, attr->ints[a]);
        to[AXES - spatial + a] = (size_t)attr->ints[a];
    }
    return LETHE_OK;
}

static enum lethe_err read_pads(struct lethe_prepare *p, struct lethe_window *w, size_t spatial)
{
    const struct lethe_attr *attr = lethe_node_attr(p->node, "pads");
    if (!attr)
        return LETHE_OK;
    if (attr->type != LETHE_ATTR_INTS || attr->count != 2 * spatial)
        return lethe_prepare_fail(p, "'pads' needs %zu numbers", 2 * spatial);
    for (size_t a = 0; a < spatial; a++) {
        long long before = attr->ints[a], after = attr->ints[spatial + a];
        if (before < 0 || after < 0 || before > 1 << 24 || after > 1 << 24)
            return lethe_prepare_fail(p, "'pads' holds a negative or huge number");
        w->before[AXES - spatial + a] = (size_t)before;
        w->after[AXES - spatial + a] = (size_t)after;
    }
    return LETHE_OK;
}

/* Output length along one axis; for SAME paddings also the padding. */
static enum lethe_err output_length(struct lethe_prepare *p, struct lethe_window *w, size_t a,
                                    const char *mode, int ceiling)
{
    size_t extent = (w->kernel[a] - 1) * w->dilation[a] + 1;
    if (!strncmp(mode, "SAME", 4)) {
        w->out[a] = (w->in[a] + w->stride[a] - 1) / w->stride[a];
        size_t reach = w->out[a] ? (w->out[a] - 1) * w->stride[a] + extent : 0;
        size_t total = reach > w->in[a] ? reach - w->in[a] : 0;
        w->before[a] = !strcmp(mode, "SAME_LOWER") ? total - total / 2 : total / 2;
        w->after[a] = total - w->before[a];
        return LETHE_OK;
    }
    size_t room = w->in[a] + w->before[a] + w->after[a];
    if (room < extent)
        return lethe_prepare_fail(p, "a kernel of %zu does not fit into %zu", extent, room);
    w->out[a] = (room - extent + (ceiling ? w->stride[a] - 1 : 0)) / w->stride[a] + 1;
    if (ceiling && (w->out[a] - 1) * w->stride[a] >= w->in[a] + w->before[a])
        w->out[a]--; /* the last window must begin inside */
    return LETHE_OK;
}

static enum lethe_err read_window(struct lethe_prepare *p, struct lethe_window *w, size_t spatial)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    const char *mode = lethe_node_text(p->node, "auto_pad", "NOTSET");
    int ceiling = lethe_node_int(p->node, "ceil_mode", 0) != 0;
    w->channels = x->dims[1];
    for (size_t a = 0; a < AXES; a++)
        w->in[a] = a + spatial < AXES ? 1 : x->dims[2 + a - (AXES - spatial)];
    enum lethe_err code = read_axes(p, w->stride, "strides", spatial, 1);
    if (!code)
        code = read_axes(p, w->dilation, "dilations", spatial, 1);
    if (!code && !strcmp(mode, "NOTSET"))
        code = read_pads(p, w, spatial);
    for (size_t a = 0; a < AXES && !code; a++)
        code = output_length(p, w, a, mode, ceiling);
    return code;
}

static void output_shape(struct lethe_prepare *p, const struct lethe_window *w, size_t channels,
                         size_t spatial)
{
    struct lethe_shape *y = &p->out[0]->shape;
    y->ndim = 2 + spatial;
    y->dims[0] = p->in[0]->shape.dims[0];
    y->dims[1] = channels;
    for (size_t a = 0; a < spatial; a++)
        y->dims[2 + a] = w->out[AXES - spatial + a];
    p->out[0]->elem = p->in[0]->elem;
}

static enum lethe_err check_image(struct lethe_prepare *p)
{
    size_t ndim = p->in[0]->shape.ndim;
    if (ndim < 3 || ndim > 2 + AXES)
        return lethe_prepare_fail(p,
                                  "a tensor of %zu dimensions; samples, channels and one to "
                                  "three axes are supported",
                                  ndim);
    return LETHE_OK;
}

/* What both convolutions begin with: do filters, groups and image fit each other; the kernel. */
static enum lethe_err take_filters(struct lethe_prepare *p, int transposed)
{
    enum { LARGEST = 1 << 24 };
    struct lethe_conv_args *args = &p->call->args.conv;
    size_t *kernel = args->window.kernel;
    enum lethe_err code = check_image(p);
    if (code)
        return code;
    const struct lethe_shape *x = &p->in[0]->shape, *f = &p->in[1]->shape;
    const size_t spatial = x->ndim - 2;
    const long long groups = lethe_node_int(p->node, "group", 1);
    char a[128], b[128];
    const int whole = groups >= 1 && groups <= LARGEST && f->ndim == x->ndim && f->dims[0] > 0 &&
                      f->dims[0] % (size_t)groups == 0;
    const int fits =
        whole && (transposed ? f->dims[0] == x->dims[1] && f->dims[1] > 0 && f->dims[1] <= LARGEST
                             : f->dims[1] * (size_t)groups == x->dims[1]);
    if (!fits)
        return lethe_prepare_fail(p, "filters %s do not fit the input %s (group %lld)",
                                  lethe_shape_text(a, f), lethe_shape_text(b, x), groups);
    for (size_t k = 0; k < AXES; k++) {
        kernel[k] = k + spatial < AXES ? 1 : f->dims[2 + k - (AXES - spatial)];
        if (kernel[k] == 0)
            return lethe_prepare_fail(p, "an empty kernel");
        if (kernel[k] > LARGEST)
            return lethe_prepare_fail(p, "a kernel of %zu", kernel[k]);
    }
    args->batch = x->dims[0];
    args->groups = (size_t)groups;
    args->filters = f->dims[0];
    return LETHE_OK;
}

static enum lethe_err check_biases(struct lethe_prepare *p, size_t wanted, const char *what)
{
    if (p->node->in_count > 2 && p->in[2] && lethe_shape_size(&p->in[2]->shape) != wanted)
        return lethe_prepare_fail(p, "%zu biases for %zu %s", lethe_shape_size(&p->in[2]->shape),
                                  wanted, what);
    return LETHE_OK;
}

/* The column matrix of one group. */
static struct lethe_shape columns_of(const struct lethe_prepare *p, const struct lethe_window *w)
{
    return (struct lethe_shape){.ndim = 7,
                                .dims = {p->in[1]->shape.dims[1], w->kernel[0], w->kernel[1],
                                         w->kernel[2], w->out[0], w->out[1], w->out[2]}};
}

LETHE_PREPARE(conv)
{
    struct lethe_conv_args *args = &p->call->args.conv;
    struct lethe_window *w = &args->window;
    enum lethe_err code = take_filters(p, 0);
    if (code)
        return code;
    const size_t spatial = p->in[0]->shape.ndim - 2;
    if ((code = read_window(p, w, spatial)) || (code = check_biases(p, args->filters, "filters")))
        return code;
    args->pointwise = 1;
    for (size_t k = 0; k < AXES; k++)
        args->pointwise &= w->kernel[k] == 1 && w->stride[k] == 1 && w->out[k] == w->in[k];
    output_shape(p, w, args->filters, spatial);
    const struct lethe_shape columns = columns_of(p, w);
    if (!lethe_prepare_size_ok(&columns))
        return lethe_prepare_fail(p, "the image or its kernel is too large");
    p->call->scratch = args->pointwise ? 0 : lethe_shape_size(&columns);
    return LETHE_OK;
}

/* One axis of a transposed convolution, as the window of the convolution it transposes: that one's
 * image is our output. */
static enum lethe_err transposed_length(struct lethe_prepare *p, struct lethe_window *w, size_t a,
                                        const struct lethe_attr *shape, size_t more)
{
    const char *mode = lethe_node_text(p->node, "auto_pad", "NOTSET");
    size_t spatial = p->in[0]->shape.ndim - 2, extent = (w->kernel[a] - 1) * w->dilation[a] + 1;
    size_t reach = w->out[a] ? (w->out[a] - 1) * w->stride[a] + extent + more : 0, wanted = 0;
    int same = !strncmp(mode, "SAME", 4);
    if (shape && a + spatial >= AXES) {
        long long given = shape->ints[a + spatial - AXES];
        if (given < 1 || given > 1 << 24)
            return lethe_prepare_fail(p, "'output_shape' holds %lld", given);
        wanted = (size_t)given;
    } else if (same) {
        wanted = w->out[a] * w->stride[a];
    }
    if (wanted) {
        size_t total = reach > wanted ? reach - wanted : 0;
        w->before[a] = !strcmp(mode, "SAME_UPPER") ? total / 2 : total - total / 2;
        w->after[a] = total - w->before[a];
        w->in[a] = wanted;
        return LETHE_OK;
    }
    if (reach <= w->before[a] + w->after[a])
        return lethe_prepare_fail(p, "padding of %zu + %zu takes all of %zu", w->before[a],
                                  w->after[a], reach);
    w->in[a] = reach - w->before[a] - w->after[a];
    return LETHE_OK;
}

static enum lethe_err transposed_window(struct lethe_prepare *p, struct lethe_window *w,
                                        size_t spatial)
{
    const struct lethe_attr *more = lethe_node_attr(p->node, "output_padding");
    const struct lethe_attr *shape = lethe_node_attr(p->node, "output_shape");
    const struct lethe_attr *lists[2] = {more, shape};
    enum lethe_err code = read_axes(p, w->stride, "strides", spatial, 1);
    if (!code)
        code = read_axes(p, w->dilation, "dilations", spatial, 1);
    if (!code && !strcmp(lethe_node_text(p->node, "auto_pad", "NOTSET"), "NOTSET"))
        code = read_pads(p, w, spatial);
    for (size_t k = 0; k < 2 && !code; k++)
        if (lists[k] && (lists[k]->type != LETHE_ATTR_INTS || lists[k]->count != spatial))
            code = lethe_prepare_fail(p, "'%s' needs %zu numbers", lists[k]->name, spatial);
    for (size_t a = 0; a < AXES && !code; a++) {
        long long extra = more && a + spatial >= AXES ? more->ints[a + spatial - AXES] : 0;
        if (extra < 0 || extra > 1 << 24)
            return lethe_prepare_fail(p, "'output_padding' holds %lld", extra);
        w->out[a] = a + spatial < AXES ? 1 : p->in[0]->shape.dims[2 + a - (AXES - spatial)];
        code = transposed_length(p, w, a, shape, (size_t)extra);
    }
    return code;
}

static void transposed_shape(struct lethe_prepare *p, const struct lethe_window *w, size_t spatial)
{
    struct lethe_shape *y = &p->out[0]->shape;
    y->ndim = 2 + spatial;
    y->dims[0] = p->in[0]->shape.dims[0];
    y->dims[1] = w->channels;
    for (size_t a = 0; a < spatial; a++)
        y->dims[2 + a] = w->in[AXES - spatial + a];
    p->out[0]->elem = p->in[0]->elem;
}

/* Filters are (channels of x, channels of y of one group, kernel). */
LETHE_PREPARE(conv_transpose)
{
    struct lethe_conv_args *args = &p->call->args.conv;
    struct lethe_window *w = &args->window;
    enum lethe_err code = take_filters(p, 1);
    if (code)
        return code;
    const size_t spatial = p->in[0]->shape.ndim - 2;
    if ((code = transposed_window(p, w, spatial)))
        return code;
    w->channels = p->in[1]->shape.dims[1] * args->groups;
    if ((code = check_biases(p, w->channels, "channels")))
        return code;
    transposed_shape(p, w, spatial);
    const struct lethe_shape columns = columns_of(p, w);
    if (!lethe_prepare_size_ok(&columns) || !lethe_prepare_size_ok(&p->out[0]->shape))
        return lethe_prepare_fail(p, "the image or its kernel is too large");
    p->call->scratch = lethe_shape_size(&columns);
    return LETHE_OK;
}

LETHE_PREPARE(pool)
{
    struct lethe_pool_args *args = &p->call->args.pool;
    enum lethe_err code = check_image(p);
    if (code)
        return code;
    size_t spatial = p->in[0]->shape.ndim - 2;
    if (!lethe_node_attr(p->node, "kernel_shape"))
        return lethe_prepare_fail(p, "'kernel_shape' is missing");
    if ((code = read_axes(p, args->window.kernel, "kernel_shape", spatial, 1)) ||
        (code = read_window(p, &args->window, spatial)))
        return code;
    args->planes = p->in[0]->shape.dims[0] * p->in[0]->shape.dims[1];
    struct lethe_shape plane = {
        .ndim = AXES, .dims = {args->window.out[0], args->window.out[1], args->window.out[2]}};
    if (!lethe_prepare_size_ok(&plane))
        return lethe_prepare_fail(p, "the image is too large");
    p->call->scratch = lethe_shape_size(&plane);
    p->call->notes = p->call->kind == 1 ? args->planes * lethe_shape_size(&plane) : 0;
    args->count_padding = lethe_node_int(p->node, "count_include_pad", 0) != 0;
    output_shape(p, &args->window, args->window.channels, spatial);
    return LETHE_OK;
}

LETHE_PREPARE(global_pool)
{
    struct lethe_pool_args *args = &p->call->args.pool;
    struct lethe_window *w = &args->window;
    const struct lethe_shape *x = &p->in[0]->shape;
    enum lethe_err code = check_image(p);
    if (code)
        return code;
    size_t spatial = x->ndim - 2;
    w->channels = x->dims[1];
    for (size_t a = 0; a < AXES; a++) {
        w->in[a] = w->kernel[a] = a + spatial < AXES ? 1 : x->dims[2 + a - (AXES - spatial)];
        w->out[a] = w->stride[a] = w->dilation[a] = 1;
    }
    args->planes = x->dims[0] * x->dims[1];
    p->call->scratch = 1;
    p->call->notes = p->call->kind == 1 ? args->planes : 0;
    output_shape(p, w, x->dims[1], spatial);
    return LETHE_OK;
}
