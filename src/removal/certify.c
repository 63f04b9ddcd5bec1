/* SPDX-License-Identifier: MIT
 * Conditions of the certificate (Sekhari et al., NeurIPS 2021) as a preview meets them, and its
 * noise on every parameter. */
#include "removal/certify.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"

static const double at_minimum = 1e-6; /* largest entry of grad F_S that counts as 0 */

/* Logit c of a single linear layer, by hand. */
static double by_hand(const struct lethe_snapshot *snapshot, size_t c, const double *x,
                      size_t *indices)
{
    const size_t width = lethe_dataset_width(snapshot->train);
    lethe_graph_unit_params(snapshot->graph, 0, c, indices);
    double sum = snapshot->w[indices[width]];
    for (size_t k = 0; k < width; k++)
        sum += snapshot->w[indices[k]] * x[k];
    return sum;
}

/* One linear layer with a bias on the values as they are: nothing stands before or behind it when
 * its logits are what they are by hand. *convex is 0 or 1. */
static enum lethe_err softmax_regression(int *convex, const struct lethe_snapshot *snapshot,
                                         const struct lethe_evaluation *before,
                                         struct lethe_error *err)
{
    const struct lethe_graph *graph = snapshot->graph;
    const size_t width = lethe_dataset_width(snapshot->train), classes = lethe_graph_classes(graph);
    *convex = lethe_graph_layer_count(graph) == 1 &&
              lethe_graph_layer(graph, 0)->unit_params == width + 1 &&
              lethe_graph_layer(graph, 0)->has_bias &&
              lethe_graph_size(graph) == (width + 1) * classes;
    if (!*convex)
        return LETHE_OK;
    double *x = lethe_alloc(width, sizeof *x);
    size_t *indices = lethe_alloc(width + 1, sizeof *indices);
    if (x && indices)
        lethe_dataset_batch(snapshot->train, x, NULL, snapshot->forget.at, 1);
    for (size_t c = 0; x && indices && c < classes; c++) {
        const double z = before->logits[LETHE_SIDE_FORGET][c];
        *convex &= fabs(by_hand(snapshot, c, x, indices) - z) <= 1e-9 * (1 + fabs(z));
    }
    enum lethe_err code =
        x && indices ? LETHE_OK : lethe_fail_memory(err, "a sample", width, sizeof *x);
    lethe_free(x);
    lethe_free(indices);
    return code;
}

/* Largest |(x, 1)| over the training samples. */
static enum lethe_err bound(double *largest, const struct lethe_dataset *data,
                            struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(data);
    double *x = lethe_alloc(width, sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "a sample", width, sizeof *x);
    *largest = 1;
    for (size_t id = 0; id < lethe_dataset_count(data); id++) {
        double square = 1;
        lethe_dataset_batch(data, x, NULL, &id, 1);
        for (size_t k = 0; k < width; k++)
            square += x[k] * x[k];
        *largest = fmax(*largest, sqrt(square));
    }
    lethe_free(x);
    return LETHE_OK;
}

/* grad F_S = (n - m) / n (pull - residual), so both of them tell whether w is a minimum of F_S. */
static int is_minimiser(const struct lethe_removal *removal)
{
    const double share = (double)(removal->n - removal->m) / (double)removal->n;
    double largest = 0;
    for (size_t i = 0; removal->residual && i < removal->size; i++)
        largest = fmax(largest, share * fabs(removal->pull[i] - removal->residual[i]));
    return removal->residual && largest <= at_minimum;
}

static unsigned gaps(const struct lethe_certify_spec *spec, int convex)
{
    const struct lethe_preview *p = spec->preview;
    const struct lethe_snapshot *snapshot = spec->snapshot;
    const struct lethe_blanket_curvature *curve = spec->curve;
    const char *name = spec->settings->text[LETHE_SET_CURVATURE];
    const struct lethe_curvature *own = curve ? &curve->curvature : NULL;
    /* of softmax regression the Gauss-Newton matrix is the Hessian */
    const int exact = !strcmp(name, "hessian") || (convex && !strcmp(name, "ggn"));
    unsigned found = 0;
    if (!convex || snapshot->of) /* whose features come from a network that knows the samples */
        found |= LETHE_CERT_NOT_CONVEX;
    if (p->parameters != lethe_graph_size(snapshot->graph))
        found |= LETHE_CERT_BLANKET;
    if (!exact)
        found |= LETHE_CERT_CURVATURE;
    if (!snapshot->whole || !own || own->samples != snapshot->retain.count)
        found |= LETHE_CERT_SAMPLES;
    if (own && own->drawn)
        found |= LETHE_CERT_ESTIMATE;
    if (own && own->rough)
        found |= LETHE_CERT_DIFFERENCES;
    if (p->update.mu > 0)
        found |= LETHE_CERT_DAMPED;
    if (snapshot->removed.count)
        found |= LETHE_CERT_EARLIER;
    if (p->steps > 1)
        found |= LETHE_CERT_STEPS;
    if (p->units && p->update.form != LETHE_FORM_INFLUENCE)
        found |= LETHE_CERT_FORM;
    if (p->update.left > 0)
        found |= LETHE_CERT_SOLVE;
    if (!curve || !is_minimiser(&curve->removal))
        found |= LETHE_CERT_NOT_A_MINIMISER;
    return found;
}

enum lethe_err lethe_certify(struct lethe_certificate *certificate,
                             struct lethe_certificate_input *in,
                             const struct lethe_certify_spec *spec, struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = spec->snapshot;
    const struct lethe_preview *preview = spec->preview;
    *in = (struct lethe_certificate_input){.n = snapshot->trained_on + snapshot->removed.count,
                                           .m = snapshot->removed.count + snapshot->forget.count,
                                           .dim = lethe_graph_size(snapshot->graph),
                                           .lambda = snapshot->decay,
                                           .step_norm = preview->units ? preview->update.norm : 0,
                                           .eps = spec->eps,
                                           .delta = spec->delta,
                                           .excess = spec->excess};
    double square = 0;
    int convex = 0;
    enum lethe_err code = bound(&in->bound, snapshot->train, err);
    if (!code)
        code = softmax_regression(&convex, snapshot, &preview->before, err);
    in->gaps = gaps(spec, convex);
    for (size_t i = 0; i < in->dim; i++)
        square += snapshot->w[i] * snapshot->w[i];
    in->weight_norm = sqrt(square);
    return code ? code : lethe_certificate_measure(certificate, in, err);
}

void lethe_certify_noise(double *w, const struct lethe_snapshot *snapshot, double sigma)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, snapshot->seed, LETHE_RNG_NOISE,
                   snapshot->removed.count + snapshot->forget.count, 0);
    for (size_t i = 0; i < lethe_graph_size(snapshot->graph); i++)
        w[i] += sigma * lethe_rng_normal(&rng);
}
