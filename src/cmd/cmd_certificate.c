/* SPDX-License-Identifier: MIT
 * certificate: the noise a removal needs to be certified, and whether it can be at all. Looks at
 * the previewed step and at everything removed before it. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "removal/certify.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

struct asking {
    struct lethe_pipeline *work; /* NULL: the preview is there */
    double eps, delta, excess;
};

/* Each condition that fails, and what to type. */
static void put_failing(struct lethe_value *out, const struct lethe_certificate *certificate)
{
    struct lethe_value *list = lethe_hint(lethe_put_list(out, "failing"), LETHE_HINT_QUIET);
    struct lethe_certificate_condition c;
    for (size_t k = 0; lethe_certificate_condition(&c, certificate, k); k++) {
        if (!(certificate->gaps & c.gap))
            continue;
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "condition", c.fails);
        lethe_put_text(row, "cure", *c.cure ? c.cure : NULL);
    }
}

static enum lethe_err put_certificate(struct lethe_value *out, const struct lethe_workbench *wb,
                                      const struct asking *asking, struct lethe_error *err)
{
    const struct lethe_certify_spec spec = {.snapshot = wb->snapshot,
                                            .curve = wb->curve,
                                            .preview = wb->preview,
                                            .settings = &wb->settings,
                                            .eps = asking->eps,
                                            .delta = asking->delta,
                                            .excess = asking->excess};
    struct lethe_certificate_input in;
    struct lethe_certificate certificate;
    char name[LETHE_CURVATURE_WORDS];
    char words[LETHE_CERTIFICATE_TEXT];
    enum lethe_err code = lethe_certify(&certificate, &in, &spec, err);
    if (code)
        return code;
    lethe_certificate_words(words, sizeof words, &certificate);
    lethe_put_text(out, "certificate", words);
    lethe_put_bool(out, "holds", certificate.gaps == 0);
    put_failing(out, &certificate);
    lethe_put_text(out, "curvature", lethe_workbench_curvature(name, wb));
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
    lethe_put_note(
        out,
        "sigma is the noise every one of the %zu parameters needs; 'noise eps=%g,delta=%g' "
        "adds it to the step",
        in.dim, in.eps, in.delta);
    return LETHE_OK;
}

static enum lethe_err run_work(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct asking *asking = arg;
    return lethe_pipeline_run(asking->work, watch, err);
}

static enum lethe_err finish_asking(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                    struct lethe_error *err)
{
    struct asking *asking = arg;
    enum lethe_err code = lethe_pipeline_adopt(wb, asking->work, err);
    if (!code && !wb->preview)
        code =
            lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'certificate' again");
    return code ? code : put_certificate(out, wb, asking, err);
}

static void free_asking(void *arg)
{
    struct asking *asking = arg;
    lethe_pipeline_release(asking->work);
    lethe_free(asking);
}

static enum lethe_err run_certificate(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const struct asking asked = {.eps = lethe_args_real(&call->args, "eps", 1),
                                 .delta = lethe_args_real(&call->args, "delta", 1e-5),
                                 .excess = lethe_args_real(&call->args, "excess", 0.01)};
    if (wb->preview && !wb->preview->partial && wb->snapshot)
        return put_certificate(call->out, wb, &asked, err);
    struct asking *asking = lethe_alloc(1, sizeof *asking);
    if (!asking)
        return lethe_fail_memory(err, "a certificate", 1, sizeof *asking);
    *asking = asked;
    lethe_call_task(call, run_work, finish_asking, free_asking, asking);
    return lethe_pipeline_preview(wb, &asking->work, 0, err);
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
              "every condition that fails is named, with what to type where that helps. No "
              "certificate stands on an estimate: labels drawn for ggn, differences, a part of the "
              "retained samples, a solve that ends at a residual. Samples of earlier commits "
              "count.",
    .examples = "blanket all; form influence; certificate\ncertificate eps=0.5 delta=1e-6",
    LETHE_ARGS(certificate_args),
    .run = run_certificate,
};
