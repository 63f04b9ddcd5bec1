/* SPDX-License-Identifier: MIT
 * What a factor knows about the eigenvalues of its curvature: degrees of freedom and the usual
 * rules for damping. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"

int lethe_factor_spectrum(const struct lethe_factor *factor, struct lethe_spectrum *spectrum)
{
    const double *values = factor->kind == LETHE_FACTOR_OUTER ? factor->values : factor->t.values;
    if (!values)
        return 0;
    double sum = 0;
    for (size_t i = 0; i < factor->size; i++)
        sum += values[i];
    *spectrum = (struct lethe_spectrum){.size = factor->size,
                                        .values = values,
                                        .smallest = values[0],
                                        .mean = sum / (double)factor->size,
                                        .largest = values[factor->size - 1],
                                        .decay = factor->decay};
    return 1;
}

double lethe_spectrum_freedom(const struct lethe_spectrum *spectrum, double mu)
{
    double sum = 0;
    for (size_t i = 0; i < spectrum->size; i++) {
        double s = fmax(spectrum->values[i] - spectrum->decay, 0);
        if (s > 0)
            sum += s / (s + spectrum->decay + mu);
    }
    return sum;
}

/* log |d| and log |H d - rhs| = log (mu |d|) at one mu, in the factor's own basis. */
static enum lethe_err curve_point(const struct lethe_factor *f, const double *rhs, double mu,
                                  double *x, double *work, double *point, struct lethe_error *err)
{
    const size_t size = f->space.count ? f->space.count : f->size;
    enum lethe_err rc;
    if (f->space.count) {
        rc = lethe_subspace_inside(x, &f->space, 0, mu, err);
    } else {
        memcpy(x, rhs, size * sizeof *x);
        rc = lethe_factor_solve_inside(f, x, size, mu, work, err);
    }
    if (rc)
        return rc;
    double norm = lethe_dnorm(x, size);
    point[0] = log(mu * norm);
    point[1] = log(norm);
    return LETHE_OK;
}

/* Menger curvature of three points, positive at the corner of an L. */
static double bend(const double *a, const double *b, const double *c)
{
    double ab = hypot(b[0] - a[0], b[1] - a[1]), bc = hypot(c[0] - b[0], c[1] - b[1]);
    double ca = hypot(c[0] - a[0], c[1] - a[1]);
    double area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    return ab * bc * ca > 0 ? 2 * area / (ab * bc * ca) : 0;
}

/* Smallest eigenvalue and their mean, of a subspace as far as it knows them. */
static int extremes(const struct lethe_factor *f, double *smallest, double *mean)
{
    struct lethe_spectrum spectrum;
    if (lethe_factor_spectrum(f, &spectrum)) {
        *smallest = spectrum.smallest;
        *mean = spectrum.mean;
        return 1;
    }
    if (f->kind != LETHE_FACTOR_SUBSPACE || !(f->mean > 0))
        return 0;
    *smallest = f->space.values[0];
    *mean = f->mean;
    return 1;
}

enum lethe_err lethe_factor_hints(const struct lethe_factor *factor,
                                  struct lethe_damping_hints *hints, const double *rhs,
                                  struct lethe_error *err)
{
    double smallest, mean;
    if (!extremes(factor, &smallest, &mean))
        return lethe_fail(err, LETHE_EARG,
                          "damping hints need the spectrum: it is still being made");
    size_t n = factor->size;
    double *turned = lethe_alloc(3 * n, sizeof *turned);
    if (!turned)
        return lethe_fail_memory(err, "damping hints", 3 * n, sizeof *turned);
    double best = 0, points[3][2], *x = turned + n, *work = turned + 2 * n;
    const double factor_of_grid = pow(10, 0.25);
    struct lethe_damping_hints h = {
        .smallest = smallest, .lift = fmax(-smallest, 0), .tenth = 0.1 * mean};
    enum lethe_err rc = LETHE_OK;
    if (factor->kind != LETHE_FACTOR_SUBSPACE) {
        memcpy(turned, rhs, n * sizeof *turned);
        lethe_factor_into(factor, turned);
    }
    double mu = h.lift * 1.01 + 1e-8;
    for (size_t k = 0; !rc && mu <= 1e2; k++, mu *= factor_of_grid) {
        memmove(points[0], points[1], 2 * sizeof points[0]);
        rc = curve_point(factor, turned, mu, x, work, points[2], err);
        double corner = k >= 2 ? bend(points[0], points[1], points[2]) : 0;
        if (corner > best) {
            best = corner;
            h.corner = mu / factor_of_grid;
        }
    }
    if (!rc)
        *hints = h;
    lethe_free(turned);
    return rc;
}

/* Damping mu shortens the step along a direction of curvature s by t = s / (s + mu). Where the
 * model misses by the third power of the step's length, the missed share is |1 - rho| t^2 / (2 -
 * t); the first damping is that which leaves a quarter of it missed, where more damping is not
 * asked for. */
static double first_damping(double rho, double curvature)
{
    const double miss = fabs(1 - rho), most = 0.25;
    const double share = most / miss;
    const double t = 0.5 * (sqrt(share * share + 8 * share) - share);
    return curvature > 0 ? curvature * (1 / t - 1) : NAN;
}

double lethe_damping_next(double mu, double rho, double curvature)
{
    if (!(rho >= 0.25) || rho > 1.75)
        return mu > 0 ? mu * 1.5 : first_damping(rho, curvature);
    return rho > 0.75 ? mu * 2 / 3 : mu;
}

double lethe_step_curvature(double predicted, double norm)
{
    return norm > 0 ? 2 * fabs(predicted) / (norm * norm) : NAN;
}
