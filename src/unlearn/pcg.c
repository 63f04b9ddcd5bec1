/* SPDX-License-Identifier: MIT
 * Preconditioned conjugate gradients for one damping (Golub and Van Loan, chapter 11). Check value:
 * the dense solve of the same system. */
#include "lethe/pcg.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"

static enum lethe_err product_times(void *self, double *out, const double *v,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    return lethe_product_apply(self, out, v, watch, err);
}

struct lethe_operator lethe_product_operator(struct lethe_product *product)
{
    return (struct lethe_operator){
        .size = lethe_product_size(product), .self = product, .times = product_times};
}

static enum lethe_err product_times_all(void *self, double *out, const double *v,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    return lethe_product_apply_all(self, out, v, watch, err);
}

struct lethe_operator lethe_product_operator_all(struct lethe_product *product)
{
    const int all = lethe_product_holds_all(product);
    return (struct lethe_operator){.size = lethe_product_size(product),
                                   .self = product,
                                   .times = all ? product_times_all : NULL};
}

/* Without decay and damping EKFAC may be singular: a millionth of its mean is added. */
static double shift_of(const struct lethe_pcg *pcg)
{
    struct lethe_ekfac_figures figures;
    if (!pcg->mask || pcg->decay + pcg->mu > 0)
        return pcg->decay + pcg->mu;
    lethe_ekfac_read(pcg->mask->ekfac, &figures);
    return 1e-6 * figures.mean + 1e-300;
}

/* Vectors of a solve; all (size), z and moved (logits). */
struct solve {
    struct lethe_pcg *pcg;
    size_t n;
    double shift, norm;
    double *r, *z, *p, *ap; /* z and ap are one */
    double *logits, *along; /* forecast of x, of p; NULL: none */
};

static enum lethe_err precondition(struct solve *s, struct lethe_error *err)
{
    if (s->pcg->mask)
        return lethe_mask_precondition(s->pcg->mask, s->z, s->r, s->shift, err);
    memcpy(s->z, s->r, s->n * sizeof *s->z);
    return LETHE_OK;
}

/* out = (H + mu I) v */
static enum lethe_err times(const struct solve *s, double *out, const double *v,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err rc = s->pcg->h.times(s->pcg->h.self, out, v, watch, err);
    if (!rc)
        lethe_daxpy(out, s->pcg->mu, v, s->n);
    return rc;
}

static enum lethe_err predict(const struct solve *s, double *z, const double *x,
                              struct lethe_error *err)
{
    return s->logits ? s->pcg->forecast.predict(s->pcg->forecast.self, z, x, err) : LETHE_OK;
}

/* The share by which the step along p moved the predicted logits. */
static void follow(struct solve *s, double step)
{
    struct lethe_pcg *pcg = s->pcg;
    if (!s->logits)
        return;
    lethe_daxpy(s->logits, step, s->along, pcg->forecast.count);
    const double whole = lethe_dnorm(s->logits, pcg->forecast.count);
    pcg->moved =
        whole > 0 ? fabs(step) * lethe_dnorm(s->along, pcg->forecast.count) / whole : HUGE_VAL;
}

static int enough(const struct solve *s)
{
    const struct lethe_pcg *pcg = s->pcg;
    return pcg->residual <= pcg->tolerance || pcg->moved < pcg->settled;
}

static int is_zero(const double *x, size_t n)
{
    size_t i = 0;
    while (i < n && x[i] == 0)
        i++;
    return i == n;
}

static enum lethe_err start(struct solve *s, double *x, const double *b, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    enum lethe_err rc = LETHE_OK;
    if (is_zero(x, s->n)) { /* then what it gives is known, and a product is dear */
        memcpy(s->r, b, s->n * sizeof *s->r);
        for (size_t i = 0; s->logits && i < s->pcg->forecast.count; i++)
            s->logits[i] = 0;
    } else {
        rc = times(s, s->r, x, watch, err);
        for (size_t i = 0; !rc && i < s->n; i++)
            s->r[i] = b[i] - s->r[i];
        if (!rc)
            rc = predict(s, s->logits, x, err);
        s->pcg->products += !rc;
    }
    if (!rc)
        rc = precondition(s, err);
    s->pcg->residual = lethe_dnorm(s->r, s->n) / s->norm;
    return rc;
}

/* One step along p; *rz is r'z before and after. */
static enum lethe_err advance(struct solve *s, double *x, double *rz, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_pcg *pcg = s->pcg;
    enum lethe_err rc = times(s, s->ap, s->p, watch, err);
    if (!rc)
        rc = predict(s, s->along, s->p, err);
    if (rc)
        return rc;
    const double along = lethe_ddot(s->p, s->ap, s->n), old = *rz;
    const double relative = along / lethe_ddot(s->p, s->p, s->n);
    pcg->curvature = fmin(pcg->curvature, relative);
    if (!(along > 0))
        return lethe_fail(err, LETHE_ENUM,
                          "negative curvature: p'(H + mu I)p is %.3g of |p|^2 in step %zu of "
                          "conjugate gradients, so more damping or the ggn curvature is needed",
                          relative, pcg->iterations + 1);
    lethe_daxpy(x, old / along, s->p, s->n);
    lethe_daxpy(s->r, -old / along, s->ap, s->n);
    follow(s, old / along);
    pcg->iterations++;
    pcg->products++;
    pcg->residual = lethe_dnorm(s->r, s->n) / s->norm;
    rc = precondition(s, err);
    *rz = lethe_ddot(s->r, s->z, s->n);
    for (size_t i = 0; !rc && i < s->n; i++)
        s->p[i] = s->z[i] + *rz / old * s->p[i];
    return rc;
}

/* Of the way to the end: logits that settle, or a residual that falls. */
static double share_done(const struct solve *s)
{
    const struct lethe_pcg *pcg = s->pcg;
    const double fall = lethe_watch_share_of_fall(1, pcg->residual, pcg->tolerance);
    const double steps = (double)pcg->iterations / (double)pcg->most;
    const double calm = pcg->moved > 0 ? lethe_watch_share_of_fall(1, pcg->moved, pcg->settled) : 0;
    return fmin(fmax(fmax(fall, calm), steps), 1);
}

enum lethe_err lethe_pcg(double *x, struct lethe_pcg *pcg, const double *b,
                         struct lethe_watch *watch, struct lethe_error *err)
{
    const double way = 1000;
    const size_t n = pcg->h.size, logits = pcg->forecast.count;
    struct solve s = {.pcg = pcg, .n = n, .norm = lethe_dnorm(b, n), .shift = shift_of(pcg)};
    pcg->iterations = pcg->products = 0;
    pcg->residual = 0;
    pcg->moved = NAN;
    pcg->curvature = HUGE_VAL;
    if (s.norm == 0) {
        memset(x, 0, n * sizeof *x);
        return LETHE_OK;
    }
    double *work = lethe_alloc(3 * n + 2 * logits, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "conjugate gradients", 3 * n, sizeof *work);
    s.r = work;
    s.p = s.r + n;
    s.z = s.ap = s.p + n; /* each is read before the other is made */
    s.logits = logits ? s.ap + n : NULL;
    s.along = logits ? s.logits + logits : NULL;
    enum lethe_err rc = start(&s, x, b, watch, err);
    double rz = rc ? 0 : lethe_ddot(s.r, s.z, n);
    if (!rc)
        memcpy(s.p, s.z, n * sizeof *s.p);
    while (!rc && !enough(&s) && pcg->iterations < pcg->most) {
        rc = lethe_watch_step(watch, "conjugate gradients", (long)(way * share_done(&s)), (long)way,
                              err);
        if (!rc)
            rc = advance(&s, x, &rz, watch, err);
    }
    lethe_free(work);
    return rc;
}
