/* SPDX-License-Identifier: MIT
 * Running convolutions by oneDNN: forward, along tangents, and backward, a few samples at a time,
 * into oneDNN's order and back. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/onednn_inside.h"

enum { ARGUMENTS = 5 };

struct argument {
    int name;
    const dnnl_memory_desc_t *desc;
    const void *at;
};

static int run(const struct lethe_onednn *made, dnnl_stream_t stream, dnnl_primitive_t primitive,
               const struct argument *list, size_t count)
{
    dnnl_exec_arg_t args[ARGUMENTS];
    size_t have = 0;
    int ok = 1;
    for (; have < count && ok; have += (size_t)ok)
        ok = !dnnl_memory_create(&args[have].memory, list[have].desc, made->engine,
                                 (void *)list[have].at);
    for (size_t k = 0; k < have; k++)
        args[k].arg = list[k].name;
    ok = ok && !dnnl_primitive_execute(primitive, stream, (int)count, args) &&
         !dnnl_stream_wait(stream);
    while (have)
        dnnl_memory_destroy(args[--have].memory);
    return ok;
}

static int move(const struct lethe_onednn *made, dnnl_stream_t stream, dnnl_primitive_t primitive,
                const dnnl_memory_desc_t *from, const void *source, const dnnl_memory_desc_t *to,
                void *target)
{
    const struct argument list[] = {{DNNL_ARG_FROM, from, source}, {DNNL_ARG_TO, to, target}};
    return run(made, stream, primitive, list, 2);
}

/* The operand in the order the primitive wants: where it is, or copied to room. */
static const float *bring_in(int *ok, const struct lethe_onednn *made, dnnl_stream_t stream,
                             const struct lethe_onednn_operand *o, const float *at, float *room)
{
    if (o->same)
        return at;
    *ok = *ok && move(made, stream, o->in, &o->plain, at, &o->inner, room);
    return room;
}

static void bring_out(int *ok, const struct lethe_onednn *made, dnnl_stream_t stream,
                      const struct lethe_onednn_operand *o, const float *room, float *at, int add)
{
    if (add || !o->same)
        *ok = *ok && move(made, stream, add ? o->add : o->out, &o->inner, room, &o->plain, at);
}

/* y comes first, so that both products of backward find it in the same place. */
struct rooms {
    float *y, *x, *w, *work;
};

static struct rooms rooms_of(const struct lethe_onednn_product *p, float *scratch)
{
    struct rooms r = {.y = scratch};
    r.x = r.y + lethe_onednn_floats(&p->y.inner);
    r.w = r.x + lethe_onednn_floats(&p->x.inner);
    r.work = r.w + lethe_onednn_floats(&p->w.inner);
    return r;
}

/* Numbers of one round in plain order. */
static size_t step_of(const dnnl_memory_desc_t *desc)
{
    return dnnl_memory_desc_get_size(desc) / sizeof(float);
}

static int fill(const struct lethe_onednn *made, dnnl_stream_t stream,
                const struct lethe_onednn_operand *o, float **packed, const float *w)
{
    int ok = 1;
    if (!o->same && !*packed)
        *packed = lethe_alloc_aligned(lethe_onednn_floats(&o->inner), sizeof(float));
    if (o->same)
        return 1;
    if (*packed)
        bring_in(&ok, made, stream, o, w, *packed);
    return ok && *packed;
}

void lethe_onednn_pack(struct lethe_onednn *made, const float *w)
{
    dnnl_stream_t stream = NULL;
    omp_set_num_threads(1);
    made->filled = 0;
    if (dnnl_stream_create(&stream, made->engine, dnnl_stream_default_flags))
        return;
    made->filled =
        fill(made, stream, &made->forward.w, &made->packed, w) &&
        (!made->has_backward || fill(made, stream, &made->by_x.w, &made->packed_back, w));
    dnnl_stream_destroy(stream);
}

void lethe_onednn_unpack(struct lethe_onednn *made)
{
    made->filled = 0;
    lethe_free(made->packed);
    lethe_free(made->packed_back);
    made->packed = made->packed_back = NULL;
}

size_t lethe_onednn_packed(const struct lethe_onednn *made)
{
    const size_t there = made->packed ? lethe_onednn_floats(&made->forward.w.inner) : 0;
    const size_t back = made->packed_back ? lethe_onednn_floats(&made->by_x.w.inner) : 0;
    return (there + back) * sizeof(float);
}

/* One convolution: y = x * w + bias, or y += x * w + bias. */
struct convolution {
    float *y;
    const float *x, *w, *bias;
    int packed, add;
};

static int convolve(const struct lethe_onednn *made, const struct convolution *c, float *scratch)
{
    const struct lethe_onednn_product *p = &made->forward;
    dnnl_stream_t stream = NULL;
    int ok = 1;
    omp_set_num_threads(1);
    if (dnnl_stream_create(&stream, made->engine, dnnl_stream_default_flags))
        return 0;
    const float *x = c->x;
    float *y = c->y, *none = scratch + lethe_onednn_product_scratch(p);
    struct rooms room = rooms_of(p, scratch);
    const float *w = c->packed && made->filled ? made->packed : NULL;
    const float *bias = c->bias ? c->bias : none;
    if (made->biased && !c->bias)
        memset(none, 0, lethe_onednn_floats(&made->bias) * sizeof *none);
    if (!w)
        w = bring_in(&ok, made, stream, &p->w, c->w, room.w);
    for (size_t r = 0; r < made->rounds && ok;
         r++, x += step_of(&made->x), y += step_of(&made->y)) {
        float *to = p->y.same && !c->add ? y : room.y;
        const struct argument list[] = {
            {DNNL_ARG_SRC, &p->x.inner, bring_in(&ok, made, stream, &p->x, x, room.x)},
            {DNNL_ARG_WEIGHTS, &p->w.inner, w},
            {DNNL_ARG_DST, &p->y.inner, to},
            {DNNL_ARG_SCRATCHPAD, &p->work, room.work},
            {DNNL_ARG_BIAS, &made->bias, bias}};
        ok = ok && run(made, stream, p->run, list, made->biased ? 5 : 4);
        bring_out(&ok, made, stream, &p->y, to, y, c->add);
    }
    dnnl_stream_destroy(stream);
    return ok;
}

int lethe_onednn_forward(const struct lethe_op_call *call, const struct lethe_data *data)
{
    const struct convolution c = {.y = data->y[0],
                                  .x = data->x[0],
                                  .w = data->x[1],
                                  .bias = call->node->in_count > 2 ? data->x[2] : NULL,
                                  .packed = data->packed};
    return data->onednn && convolve(data->onednn, &c, data->scratch);
}

/* ty = tx * w + x * tw + tbias, of which any may be missing. */
int lethe_onednn_jvp(const struct lethe_op_call *call, const struct lethe_data *data)
{
    const struct lethe_onednn *made = data->onednn;
    const float *bias = call->node->in_count > 2 ? data->tx[2] : NULL;
    const struct convolution by_x = {
        .y = data->ty[0], .x = data->tx[0], .w = data->x[1], .bias = bias, .packed = data->packed};
    const struct convolution by_w = {.y = data->ty[0],
                                     .x = data->x[0],
                                     .w = data->tx[1],
                                     .bias = data->tx[0] ? NULL : bias,
                                     .add = data->tx[0] != NULL};
    if (!made || (!by_x.x && !by_w.w) || (by_x.x && !convolve(made, &by_x, data->scratch)))
        return 0;
    return !by_w.w || convolve(made, &by_w, data->scratch);
}

/* dx (+)= y' w; g lies in the order of by_x.y. */
static int round_by_x(const struct lethe_onednn *made, dnnl_stream_t stream,
                      const struct lethe_data *data, const float *g, float *dx)
{
    const struct lethe_onednn_product *p = &made->by_x;
    const struct rooms room = rooms_of(p, data->scratch);
    int ok = 1, add = !(data->fresh & 1);
    const float *w = data->packed && made->filled ? made->packed_back : NULL;
    if (!w)
        w = bring_in(&ok, made, stream, &p->w, data->x[1], room.w);
    float *to = p->x.same && !add ? dx : room.x;
    const struct argument list[] = {{DNNL_ARG_DIFF_DST, &p->y.inner, g},
                                    {DNNL_ARG_WEIGHTS, &p->w.inner, w},
                                    {DNNL_ARG_DIFF_SRC, &p->x.inner, to},
                                    {DNNL_ARG_SCRATCHPAD, &p->work, room.work}};
    ok = ok && run(made, stream, p->run, list, 4);
    bring_out(&ok, made, stream, &p->x, to, dx, add);
    return ok;
}

/* dw += y' x; g lies in the order of by_w.y. */
static int round_by_w(const struct lethe_onednn *made, dnnl_stream_t stream,
                      const struct lethe_data *data, const float *g, const float *x)
{
    const struct lethe_onednn_product *p = &made->by_w;
    const struct rooms room = rooms_of(p, data->scratch);
    int ok = 1;
    x = bring_in(&ok, made, stream, &p->x, x, room.x);
    const struct argument list[] = {{DNNL_ARG_SRC, &p->x.inner, x},
                                    {DNNL_ARG_DIFF_DST, &p->y.inner, g},
                                    {DNNL_ARG_DIFF_WEIGHTS, &p->w.inner, room.w},
                                    {DNNL_ARG_SCRATCHPAD, &p->work, room.work}};
    ok = ok && run(made, stream, p->run, list, 4);
    bring_out(&ok, made, stream, &p->w, room.w, data->dx[1], 1);
    return ok;
}

static int backward_round(const struct lethe_onednn *made, dnnl_stream_t stream,
                          const struct lethe_data *data, size_t r)
{
    const struct lethe_onednn_operand *for_x = &made->by_x.y, *for_w = &made->by_w.y;
    const float *x = (const float *)data->x[0] + r * step_of(&made->x), *inner = NULL;
    const float *g = (const float *)data->dy[0] + r * step_of(&made->y);
    float *dx = data->dx[0], *room = data->scratch;
    int ok = 1;
    if (dx) {
        inner = bring_in(&ok, made, stream, for_x, g, room);
        ok = ok && round_by_x(made, stream, data, inner, dx + r * step_of(&made->x));
    }
    if (!ok || !data->dx[1])
        return ok;
    if (!inner || !dnnl_memory_desc_equal(&for_x->inner, &for_w->inner))
        inner = bring_in(&ok, made, stream, for_w, g, room);
    return ok && round_by_w(made, stream, data, inner, x);
}

int lethe_onednn_backward(const struct lethe_op_call *call, const struct lethe_data *data)
{
    const struct lethe_onednn *made = data->onednn;
    dnnl_stream_t stream = NULL;
    (void)call;
    omp_set_num_threads(1);
    if (!made || !made->has_backward ||
        dnnl_stream_create(&stream, made->engine, dnnl_stream_default_flags))
        return 0;
    int ok = 1;
    for (size_t r = 0; r < made->rounds && ok; r++)
        ok = backward_round(made, stream, data, r);
    dnnl_stream_destroy(stream);
    if (!ok) /* some rounds were added: a wrong number would go unseen, this does not */
        *(float *)(data->dx[0] ? data->dx[0] : data->dx[1]) = NAN;
    return 1;
}
