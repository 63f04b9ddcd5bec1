/* SPDX-License-Identifier: MIT
 * Taking references to the models, and measuring them one after the other. */
#include "study/model_metrics.h"

#include "base/alloc.h"

static struct lethe_outputs outputs(const struct lethe_evaluation *evaluation, enum lethe_side side)
{
    return (struct lethe_outputs){evaluation->logits[side], evaluation->labels[side],
                                  evaluation->count[side], evaluation->classes};
}

enum lethe_err lethe_model_metrics_init(struct lethe_model_metrics *m,
                                        const struct lethe_model_metrics_models *models,
                                        struct lethe_error *err)
{
    const int cold = models->cold_count >= LETHE_ENOUGH_RETRAINS;
    const size_t most = cold ? models->cold_count : 1;
    *m = (struct lethe_model_metrics){.snapshot = lethe_snapshot_ref(models->snapshot),
                                      .preview = lethe_preview_ref(models->preview),
                                      .warm =
                                          models->warm ? lethe_retrained_ref(models->warm) : NULL,
                                      .retrains = lethe_alloc_zero(most, sizeof *m->retrains),
                                      .attacks = lethe_alloc_zero(most, sizeof *m->attacks)};
    if (!m->retrains || !m->attacks)
        return lethe_fail_memory(err, "metrics", most, sizeof *m->attacks);
    for (size_t i = 0; cold && i < models->cold_count; i++)
        m->retrains[m->count++] = lethe_retrained_ref(models->colds[i]);
    if (!cold && models->warm)
        m->retrains[m->count++] = lethe_retrained_ref(models->warm);
    return LETHE_OK;
}

void lethe_model_metrics_release(struct lethe_model_metrics *m)
{
    for (size_t i = 0; m->retrains && i < m->count; i++)
        lethe_retrained_unref(m->retrains[i]);
    lethe_free(m->retrains);
    lethe_free(m->attacks);
    lethe_retrained_unref(m->warm);
    lethe_preview_unref(m->preview);
    lethe_snapshot_unref(m->snapshot);
    *m = (struct lethe_model_metrics){0};
}

enum lethe_err lethe_model_metrics_attack(struct lethe_model_metrics *m, struct lethe_watch *watch,
                                          struct lethe_error *err)
{
    const struct lethe_preview *p = m->preview;
    const double target = lethe_attack_metrics_target(p->before.figures.forget.loss);
    struct lethe_worker_problems worker = {0};
    enum lethe_err code = lethe_attack_metrics_measure(
        &m->before, m->snapshot, &worker, m->snapshot->w, &p->before, target, watch, err);
    if (!code)
        code = lethe_attack_metrics_measure(&m->now, m->snapshot, &worker, p->w, &p->now, target,
                                            watch, err);
    for (size_t i = 0; !code && i < m->count; i++)
        code = lethe_attack_metrics_measure(&m->attacks[i], m->snapshot, &worker, m->retrains[i]->w,
                                            &m->retrains[i]->outcome, target, watch, err);
    lethe_worker_problems_release(&worker);
    return code;
}

enum lethe_err lethe_model_metrics_harm(struct lethe_model_metrics *m, struct lethe_error *err)
{
    const struct lethe_evaluation *before = &m->preview->before, *now = &m->preview->now;
    const struct lethe_harm_input input = {
        outputs(before, LETHE_SIDE_RETAIN), outputs(now, LETHE_SIDE_RETAIN),
        outputs(before, before->heldout), outputs(now, now->heldout)};
    return lethe_harm_measure(&m->harm, &input, err);
}
