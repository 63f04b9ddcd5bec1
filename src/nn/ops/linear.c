/* SPDX-License-Identifier: MIT
 * Gemm: Y (m, n) = alpha op(A) op(B) + beta C, and MatMul with numpy's batch rules: A (..., m, k),
 * B (..., k, n), where leading dimensions broadcast. */
#include "nn/op.h"
#include "tensor/blas.h"
#include "nn/ops/broadcast.h"

#if LETHE_REAL_BITS == 32
#define GEMM lethe_sgemm
#else
#define GEMM lethe_dgemm
#endif

struct product {
    size_t m, n, k;
    int ta, tb;
    real alpha;
};

/* y = alpha op(a) op(b) + beta y */
static void multiply(const struct product *p, const real *a, const real *b, double beta, real *y)
{
    const struct lethe_gemm g = {.ta = p->ta,
                                 .tb = p->tb,
                                 .m = p->m,
                                 .n = p->n,
                                 .k = p->k,
                                 .lda = p->ta ? p->m : p->k,
                                 .ldb = p->tb ? p->k : p->n,
                                 .ldc = p->n,
                                 .alpha = (double)p->alpha,
                                 .beta = beta};
    GEMM(y, a, b, &g);
}

/* da += alpha op'(dy, b); as stored, so a transposed operand gets the transposed product. */
static void multiply_left(const struct product *p, real *da, const real *dy, const real *b)
{
    struct lethe_gemm g = {.alpha = (double)p->alpha, .beta = 1};
    if (!p->ta) { /* da (m, k) += dy (m, n) op(b)' (n, k) */
        g.m = p->m, g.n = p->k, g.k = p->n;
        g.lda = p->n, g.tb = !p->tb, g.ldb = p->tb ? p->k : p->n, g.ldc = p->k;
        GEMM(da, dy, b, &g);
    } else { /* da (k, m) += op(b) (k, n) dy' (n, m) */
        g.m = p->k, g.n = p->m, g.k = p->n;
        g.ta = p->tb, g.lda = p->tb ? p->k : p->n, g.tb = 1, g.ldb = p->n, g.ldc = p->m;
        GEMM(da, b, dy, &g);
    }
}

static void multiply_right(const struct product *p, real *db, const real *a, const real *dy)
{
    struct lethe_gemm g = {.alpha = (double)p->alpha, .beta = 1};
    if (!p->tb) { /* db (k, n) += op(a)' (k, m) dy (m, n) */
        g.m = p->k, g.n = p->n, g.k = p->m;
        g.ta = !p->ta, g.lda = p->ta ? p->m : p->k, g.ldb = p->n, g.ldc = p->n;
        GEMM(db, a, dy, &g);
    } else { /* db (n, k) += dy' (n, m) op(a) (m, k) */
        g.m = p->n, g.n = p->k, g.k = p->m;
        g.ta = 1, g.lda = p->n, g.tb = p->ta, g.ldb = p->ta ? p->m : p->k, g.ldc = p->k;
        GEMM(db, dy, a, &g);
    }
}

static struct product gemm_product(const struct lethe_call *call)
{
    const struct lethe_node *node = call->node;
    struct product p = {.ta = (int)lethe_node_int(node, "transA", 0),
                        .tb = (int)lethe_node_int(node, "transB", 0),
                        .alpha = (real)lethe_node_float(node, "alpha", 1)};
    p.m = call->out[0]->dims[0];
    p.n = call->out[0]->dims[1];
    p.k = call->in[0]->dims[p.ta ? 0 : 1];
    return p;
}

/* How the addend C walks over Y: strides of 0 or its own. */
static void addend_steps(const struct lethe_call *call, size_t *row, size_t *column)
{
    const struct lethe_tensor *c = call->in[2];
    *column = broadcast_dim(c, 2, 1) == 1 ? 0 : 1;
    *row = broadcast_dim(c, 2, 0) == 1 ? 0 : broadcast_dim(c, 2, 1);
}

static void addend_set(const struct lethe_call *call, const struct product *p, real *y,
                       const real *c)
{
    const real beta = (real)lethe_node_float(call->node, "beta", 1);
    size_t row, column;
    addend_steps(call, &row, &column);
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++)
            y[i * p->n + j] = beta * c[i * row + j * column];
}

void R(lethe_gemm_forward)(struct lethe_call *call)
{
    const struct product p = gemm_product(call);
    real *y = call->out[0]->data;
    if (call->in[2])
        addend_set(call, &p, y, call->in[2]->data);
    multiply(&p, call->in[0]->data, call->in[1]->data, call->in[2] ? 1 : 0, y);
}

void R(lethe_gemm_backward)(struct lethe_call *call)
{
    const struct product p = gemm_product(call);
    const real *dy = call->dout[0];
    if (call->din[0])
        multiply_left(&p, call->din[0], dy, call->in[1]->data);
    if (call->din[1])
        multiply_right(&p, call->din[1], call->in[0]->data, dy);
    if (!call->in[2] || !call->din[2])
        return;
    const real beta = (real)lethe_node_float(call->node, "beta", 1);
    real *dc = call->din[2];
    size_t row, column;
    addend_steps(call, &row, &column);
    for (size_t i = 0; i < p.m; i++)
        for (size_t j = 0; j < p.n; j++)
            dc[i * row + j * column] += beta * dy[i * p.n + j];
}

void R(lethe_gemm_jvp)(struct lethe_call *call)
{
    const struct product p = gemm_product(call);
    real *ty = call->tout[0];
    double beta = 0;
    if (call->in[2] && call->tin[2]) {
        addend_set(call, &p, ty, call->tin[2]);
        beta = 1;
    }
    if (call->tin[0]) {
        multiply(&p, call->tin[0], call->in[1]->data, beta, ty);
        beta = 1;
    }
    if (call->tin[1]) {
        multiply(&p, call->in[0]->data, call->tin[1], beta, ty);
        beta = 1;
    }
    if (beta == 0)
        for (size_t i = 0; i < call->out[0]->size; i++)
            ty[i] = 0;
}

/* MatMul as a sequence of plain products. One operand without batch dimensions and contiguous rows
 * on the left folds into a single product. */
struct batches {
    struct product p;
    size_t count;
    struct broadcast walk;
    size_t step_a, step_b;
};

static struct lethe_tensor leading(const struct lethe_tensor *t)
{
    struct lethe_tensor lead = {.ndim = t->ndim > 2 ? t->ndim - 2 : 0, .size = 1};
    for (size_t d = 0; d < lead.ndim; d++)
        lead.size *= lead.dims[d] = t->dims[d];
    return lead;
}

static struct batches matmul_batches(const struct lethe_call *call)
{
    const struct lethe_tensor *a = call->in[0], *b = call->in[1], *y = call->out[0];
    struct batches s = {.p = {.alpha = 1}, .count = 1};
    s.p.m = a->ndim > 1 ? a->dims[a->ndim - 2] : 1;
    s.p.k = a->dims[a->ndim - 1];
    s.p.n = b->ndim > 1 ? b->dims[b->ndim - 1] : 1;
    if (b->ndim <= 2) { /* every row of every batch meets the same matrix */
        s.p.m = s.p.n ? y->size / s.p.n : 0;
        return s;
    }
    const struct lethe_tensor la = leading(a), lb = leading(b);
    struct lethe_tensor ly = {.ndim = la.ndim > lb.ndim ? la.ndim : lb.ndim, .size = 1};
    for (size_t d = 0; d < ly.ndim; d++) {
        size_t da = broadcast_dim(&la, ly.ndim, d), db = broadcast_dim(&lb, ly.ndim, d);
        ly.size *= ly.dims[d] = da > db ? da : db;
    }
    s.count = ly.size;
    s.step_a = s.p.m * s.p.k;
    s.step_b = s.p.k * s.p.n;
    broadcast_plan(&s.walk, &la, &lb, &ly);
    return s;
}

static void batch_at(const struct batches *s, size_t index, size_t *a, size_t *b)
{
    *a = *b = 0;
    if (s->count == 1)
        return;
    broadcast_at(&s->walk, index / s->walk.inner, a, b);
    size_t within = index % s->walk.inner;
    *a = (*a + within * s->walk.run_a) * s->step_a;
    *b = (*b + within * s->walk.run_b) * s->step_b;
}

void R(lethe_matmul_forward)(struct lethe_call *call)
{
    const struct batches s = matmul_batches(call);
    const real *a = call->in[0]->data, *b = call->in[1]->data;
    real *y = call->out[0]->data;
    for (size_t i = 0; i < s.count; i++) {
        size_t at_a, at_b;
        batch_at(&s, i, &at_a, &at_b);
        multiply(&s.p, a + at_a, b + at_b, 0, y + i * s.p.m * s.p.n);
    }
}

void R(lethe_matmul_backward)(struct lethe_call *call)
{
    const struct batches s = matmul_batches(call);
    const real *a = call->in[0]->data, *b = call->in[1]->data, *dy = call->dout[0];
    real *da = call->din[0], *db = call->din[1];
    for (size_t i = 0; i < s.count; i++) {
        size_t at_a, at_b;
        batch_at(&s, i, &at_a, &at_b);
        if (da)
            multiply_left(&s.p, da + at_a, dy + i * s.p.m * s.p.n, b + at_b);
        if (db)
            multiply_right(&s.p, db + at_b, a + at_a, dy + i * s.p.m * s.p.n);
    }
}

void R(lethe_matmul_jvp)(struct lethe_call *call)
{
    const struct batches s = matmul_batches(call);
    const real *ta = call->tin[0], *tb = call->tin[1];
    real *ty = call->tout[0];
    for (size_t i = 0; i < s.count; i++) {
        size_t at_a, at_b;
        batch_at(&s, i, &at_a, &at_b);
        real *y = ty + i * s.p.m * s.p.n;
        if (ta)
            multiply(&s.p, ta + at_a, (const real *)call->in[1]->data + at_b, 0, y);
        if (tb)
            multiply(&s.p, (const real *)call->in[0]->data + at_a, tb + at_b, ta ? 1 : 0, y);
    }
}
