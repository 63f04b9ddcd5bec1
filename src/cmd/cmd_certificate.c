/* SPDX-License-Identifier: MIT
 * certificate: the noise a removal needs to be certified, and whether it can be at all. Looks at
 * the previewed step and at everything removed before it. */
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/work.h"
#include "cmd/workbench.h"
#include "lethe/certificate.h"

struct asking {
    struct lethe_work *work; /* NULL: the preview is there */
    double eps, delta, excess;
};

static const double at_minimum = 1e-6; /* largest entry of grad F_S that counts as 0 */

/* Logit c of a single linear layer, by hand. */
static double by_hand(const struct lethe_scene *scene, size_t c, const double *x, size_t *indices)
{
    const size_t width = lethe_dataset_width(scene->train);
    lethe_graph_unit_params(scene->graph, 0, c, indices);
    double sum = scene->w[indices[width]];
    for (size_t k = 0; k < width; k++)
        sum += scene->w[indices[k]] * x[k];
    return sum;
}

/* One linear layer with a bias on the values as they are: nothing stands before or behind it when
 * its logits are what they are by hand. *convex is 0 or 1. */
static enum lethe_err softmax_regression(int *convex, const struct lethe_scene *scene,
                                         const struct lethe_reading *before,
                                         struct lethe_error *err)
{
    const struct lethe_graph *graph = scene->graph;
    const size_t width = lethe_dataset_width(scene->train), classes = lethe_graph_classes(graph);
    *convex = lethe_graph_layer_count(graph) == 1 &&
              lethe_graph_layer(graph, 0)->unit_params == width + 1 &&
              lethe_graph_layer(graph, 0)->has_bias &&
              lethe_graph_size(graph) == (width + 1) * classes;
    if (!*convex)
        return LETHE_OK;
    double *x = lethe_alloc(width, sizeof *x);
    size_t *indices = lethe_alloc(width + 1, sizeof *indices);
    if (x && indices)
        lethe_dataset_batch(scene->train, x, NULL, scene->forget.at, 1);
    for (size_t c = 0; x && indices && c < classes; c++) {
        const double z = before->logits[LETHE_SIDE_FORGET][c];
        *convex &= fabs(by_hand(scene, c, x, indices) - z) <= 1e-9 * (1 + fabs(z));
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

static unsigned gaps(const struct lethe_workbench *wb, int convex)
{
    const struct lethe_preview *p = wb->preview;
    const struct lethe_scene *scene = wb->scene;
    const char *curvature = wb->settings.text[LETHE_SET_CURVATURE];
    /* of softmax regression the Gauss-Newton matrix is the Hessian */
    const int exact = !strcmp(curvature, "hessian") || (convex && !strcmp(curvature, "ggn"));
    unsigned found = 0;
    if (!convex)
        found |= LETHE_CERT_NOT_CONVEX;
    if (p->parameters != lethe_graph_size(scene->graph))
        found |= LETHE_CERT_BLANKET;
    if (!exact || !scene->whole || !wb->curve ||
        wb->curve->curvature.samples != scene->retain.count)
        found |= LETHE_CERT_CURVATURE;
    if (p->update.mu > 0)
        found |= LETHE_CERT_DAMPED;
    if (scene->removed.count || (p->units && p->update.form != LETHE_FORM_INFLUENCE))
        found |= LETHE_CERT_NOT_ONE_STEP;
    if (!wb->curve || !is_minimiser(&wb->curve->removal))
        found |= LETHE_CERT_NOT_A_MINIMISER;
    return found;
}

static enum lethe_err put_certificate(struct lethe_value *out, const struct lethe_workbench *wb,
                                      const struct asking *asking, struct lethe_error *err)
{
    const struct lethe_scene *scene = wb->scene;
    struct lethe_certificate_input in = {.n = scene->trained_on + scene->removed.count,
                                         .m = scene->removed.count + scene->forget.count,
                                         .dim = lethe_graph_size(scene->graph),
                                         .lambda = scene->decay,
                                         .step_norm =
                                             wb->preview->units ? wb->preview->update.norm : 0,
                                         .eps = asking->eps,
                                         .delta = asking->delta,
                                         .excess = asking->excess};
    struct lethe_certificate certificate;
    double square = 0;
    char words[480];
    int convex = 0;
    enum lethe_err code = bound(&in.bound, scene->train, err);
    if (!code)
        code = softmax_regression(&convex, scene, &wb->preview->before, err);
    in.gaps = gaps(wb, convex);
    for (size_t i = 0; i < in.dim; i++)
        square += scene->w[i] * scene->w[i];
    in.weight_norm = sqrt(square);
    if (!code)
        code = lethe_certificate_measure(&certificate, &in, err);
    if (code)
        return code;
    lethe_certificate_words(words, sizeof words, &certificate);
    lethe_put_text(out, "certificate", words);
    lethe_put_bool(out, "holds", certificate.gaps == 0);
    lethe_put_real(out, "eps", in.eps);
    lethe_put_real(out, "delta", in.delta);
    lethe_put_count(out, "trained_on", in.n);
    lethe_put_count(out, "removed_in_all", in.m);
    lethe_put_count(out, "parameters", in.dim);
    lethe_put_real(out, "weight_decay", in.lambda);
    lethe_put_real(out, "bound", in.bound);
    lethe_put_real(out, "lipschitz", certificate.lipschitz);
    lethe_put_real(out, "hessian_lipschitz", certificate.hessian_lipschitz);
    lethe_put_real(out, "gamma", certificate.gamma);
    lethe_put_real(out, "sigma", certificate.sigma);
    lethe_put_real(out, "step_norm", in.step_norm);
    lethe_put_real(out, "step_to_noise", certificate.step_to_noise);
    lethe_put_real(out, "capacity", certificate.m_max);
    lethe_put_note(out,
                   "sigma is the noise every one of the %zu parameters would need; no noise is "
                   "added here",
                   in.dim);
    return LETHE_OK;
}

static enum lethe_err run_work(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_work_run(asking->work, watch, err);
}

static enum lethe_err finish_asking(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                    struct lethe_error *err)
{
    struct asking *asking = arg;
    enum lethe_err code = lethe_work_adopt(wb, asking->work, err);
    if (!code && !wb->preview)
        code =
            lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'certificate' again");
    return code ? code : put_certificate(out, wb, asking, err);
}

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_work_release(asking->work);
    lethe_free(asking);
}

static enum lethe_err run_certificate(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const struct asking asked = {.eps = lethe_args_real(&call->args, "eps", 1),
                                 .delta = lethe_args_real(&call->args, "delta", 1e-5),
                                 .excess = lethe_args_real(&call->args, "excess", 0.01)};
    if (wb->preview && !wb->preview->partial && wb->scene)
        return put_certificate(call->out, wb, &asked, err);
    struct asking *asking = lethe_alloc(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "a certificate", 1, sizeof *asking);
    *asking = asked;
    call->task = (struct lethe_task){.run = run_work,
                                     .finish = finish_asking,
                                     .release = free_asking,
                                     .arg = asking,
                                     .lane = LETHE_LANE_INTERACTIVE};
    return lethe_work_preview(wb, &asking->work, 0, err);
}

static const struct lethe_arg_spec certificate_args[] = {
    {.name = "eps",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 100,
     .help = "privacy of the removal (1)"},
    {.name = "delta",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 0.5,
     .help = "chance that it does not hold (1e-5)"},
    {.name = "excess",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 1e6,
     .help = "loss the noise may cost, for the capacity (0.01)"},
};

const struct lethe_command lethe_command_certificate = {
    .name = "certificate",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Say whether the removal can be certified, and with what noise",
    .detail = "After Sekhari et al. (NeurIPS 2021). It holds only for softmax regression with "
              "weight decay, one influence step of all parameters from the minimiser for all "
              "samples removed so far, the exact Hessian over all retained samples and no damping; "
              "each condition that fails is named. Samples of earlier commits count.",
    .examples = "blanket all; form influence; certificate\ncertificate eps=0.5 delta=1e-6",
    LETHE_ARGS(certificate_args),
    .run = run_certificate,
};
