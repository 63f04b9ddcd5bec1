/* SPDX-License-Identifier: MIT
 * The rows of `metrics`: which there are for each question, and every value against the figure it
 * stands for, before | now | retrained, with mean and sd over cold retrains from three on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "study/metric_rows.h"
#include "tests/support/cloud_world.h"

enum { COLDS = 4 };

struct fixture {
    struct cloud_world world;
    struct lethe_preview *preview;
    struct lethe_retrained *warm, *colds[COLDS];
    struct lethe_model_metrics of;
    struct lethe_metric_row *rows;
    size_t count;
};

static double *moved(const struct fixture *f, double by, uint64_t seed)
{
    const struct lethe_snapshot *s = f->world.snapshot;
    const size_t size = lethe_graph_size(s->graph);
    struct lethe_rng rng;
    double *w = lethe_alloc(size + lethe_graph_buffers(s->graph), sizeof *w);
    memcpy(w, s->w, (size + lethe_graph_buffers(s->graph)) * sizeof *w);
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < size; i++)
        w[i] += by * lethe_rng_normal(&rng);
    return w;
}

/* colds: how many of them; warm: whether there is one. */
static void open_fixture(struct fixture *f, size_t colds, int warm, enum lethe_metrics_asked asked)
{
    *f = (struct fixture){.count = 0};
    cloud_open(&f->world, NULL, 0);
    struct lethe_snapshot *snapshot = f->world.snapshot;
    const struct lethe_preview_weights now = {
        .w = moved(f, 0.4, 1), .units = 1, .parameters = 9, .with = ""};
    assert_int_equal(lethe_preview_of_weights(&f->preview, snapshot, &now, NULL, NULL), LETHE_OK);
    if (warm)
        assert_int_equal(lethe_retrained_warm(&f->warm, snapshot, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < colds; i++) {
        struct lethe_warm_weights one = {.w = moved(f, 0.3, 10 + i)},
                                  same = {.w = (double *)snapshot->w};
        assert_int_equal(lethe_retrained_of(&f->colds[i], snapshot, &one, &same, NULL, NULL),
                         LETHE_OK);
    }
    const struct lethe_model_metrics_models models = {snapshot, f->preview, f->warm, f->colds,
                                                      colds};
    assert_int_equal(lethe_model_metrics_init(&f->of, &models, NULL), LETHE_OK);
    assert_int_equal(lethe_metric_rows_measure(&f->of, asked, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_metric_rows_make(&f->rows, &f->count, &f->of, asked, NULL), LETHE_OK);
}

static void close_fixture(struct fixture *f)
{
    lethe_free(f->rows);
    lethe_model_metrics_release(&f->of);
    for (size_t i = 0; i < COLDS; i++)
        lethe_retrained_unref(f->colds[i]);
    lethe_retrained_unref(f->warm);
    lethe_preview_unref(f->preview);
    cloud_close(&f->world);
}

/* The row of that name, of which there is one at most. */
static const struct lethe_metric_row *row_of(const struct fixture *f, const char *name)
{
    const struct lethe_metric_row *found = NULL;
    for (size_t i = 0; i < f->count; i++)
        if (!strcmp(f->rows[i].name, name)) {
            assert_null(found);
            found = &f->rows[i];
        }
    return found;
}

static void same(double a, double b)
{
    if (!(isnan(a) && isnan(b)) && !(fabs(a - b) <= 1e-12 * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

static void check(const struct fixture *f, const char *name, double before, double now, double aim)
{
    const struct lethe_metric_row *row = row_of(f, name);
    assert_non_null(row);
    same(row->shown.before, before);
    same(row->shown.now, now);
    same(row->shown.retrain, aim);
}

static void distances_are_those_of_compared(void **state)
{
    (void)state;
    static const char *const sets[] = {"forget", "retain", "heldout"};
    struct fixture f;
    struct lethe_compared c;
    open_fixture(&f, 0, 1, LETHE_METRICS_DISTANCE);
    lethe_compared_make(&c, f.preview, f.warm);
    for (size_t s = 0; s < 3; s++) {
        const struct lethe_distance *b = &c.before[s], *n = &c.now[s];
        const struct {
            const char *name;
            double before, now;
        } all[] = {{"kl", b->kl, n->kl},
                   {"js", b->js, n->js},
                   {"activation", b->activation, n->activation},
                   {"churn", b->churn, n->churn}};
        for (size_t i = 0; i < 4; i++) {
            char name[48];
            assert_true(strlen(all[i].name) + strlen(sets[s]) + 2 < sizeof name);
            strcpy(name, all[i].name);
            strcat(name, ".");
            strcat(name, sets[s]);
            check(&f, name, all[i].before, all[i].now, 0);
        }
    }
    assert_true(c.now[0].kl > 0 && c.before[0].kl > 0);
    check(&f, "recovery", 0, c.recovery.value, 1);
    check(&f, "recovery_probs", 0, c.recovery.probs, 1);
    check(&f, "recovery_probs_train", 0, c.trained.probs, 1);
    check(&f, "kl_fold", 1, c.fold, NAN);
    check(&f, "average_gap", c.gap_before, c.gap_now, 0);
    check(&f, "tug_of_war", c.tow_before, c.tow, 1);
    assert_null(row_of(&f, "attack.auc"));
    assert_null(row_of(&f, "harm.auc"));
    assert_int_equal(f.count, 21);
    close_fixture(&f);
    open_fixture(&f, COLDS, 0, LETHE_METRICS_DISTANCE); /* to the warm retraining, or none */
    assert_int_equal(f.count, 0);
    close_fixture(&f);
}

static void harm_is_of_the_retained_samples(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 0, 0, LETHE_METRICS_HARM);
    const struct lethe_evaluation *b = &f.preview->before, *n = &f.preview->now;
    const size_t count = b->count[LETHE_SIDE_RETAIN];
    double sum = 0, worst = -HUGE_VAL;
    size_t lost = 0, gained = 0;
    for (size_t i = 0; i < count; i++) {
        double loss[2];
        int right[2];
        for (int k = 0; k < 2; k++) {
            const double *z = (k ? n : b)->logits[LETHE_SIDE_RETAIN] + i * CLOUD_CLASSES;
            const int y = b->labels[LETHE_SIDE_RETAIN][i];
            double all = 0;
            size_t best = 0;
            for (size_t c = 0; c < CLOUD_CLASSES; c++) {
                all += exp(z[c] - z[y]);
                best = z[c] > z[best] ? c : best;
            }
            loss[k] = log(all);
            right[k] = best == (size_t)y;
        }
        sum += loss[1] - loss[0];
        worst = fmax(worst, loss[1] - loss[0]);
        lost += right[0] && !right[1];
        gained += !right[0] && right[1];
    }
    assert_true(lost + gained > 0);
    assert_true(fabs(row_of(&f, "harm.mean_change")->shown.now - sum / (double)count) < 1e-10);
    assert_true(fabs(row_of(&f, "harm.worst_change")->shown.now - worst) < 1e-10);
    check(&f, "harm.lost", NAN, (double)lost, NAN);
    check(&f, "harm.gained", NAN, (double)gained, NAN);
    assert_int_equal(f.count, 6);
    close_fixture(&f);
}

/* Mean and sd of a figure over the cold retrains, as the definition has them. */
static void check_spread(const struct fixture *f, const char *name, const double *values)
{
    const struct lethe_shown *shown = &row_of(f, name)->shown;
    double sum = 0, square = 0;
    for (size_t i = 0; i < COLDS; i++)
        sum += values[i] / COLDS;
    for (size_t i = 0; i < COLDS; i++)
        square += (values[i] - sum) * (values[i] - sum) / (COLDS - 1);
    assert_int_equal(shown->k, COLDS);
    assert_true(fabs(shown->retrain - sum) < 1e-12 * (1 + fabs(sum)));
    assert_true(fabs(shown->sd - sqrt(square)) < 1e-12 * (1 + sqrt(square)));
    if (square > 0)
        assert_true(fabs(shown->z - (shown->now - sum) / sqrt(square)) < 1e-9);
}

static void attacks_stand_beside_their_spread(void **state)
{
    (void)state;
    struct fixture f;
    double auc[COLDS], logistic[COLDS], steps[COLDS];
    open_fixture(&f, COLDS, 1, LETHE_METRICS_ATTACK);
    const double target = lethe_attack_metrics_target(f.preview->before.figures.forget.loss);
    struct lethe_worker_problems *worker;
    assert_int_equal(lethe_snapshot_worker(&worker, f.world.snapshot, NULL), LETHE_OK);
    for (size_t i = 0; i < COLDS; i++) {
        struct lethe_attack_metrics own;
        assert_int_equal(lethe_attack_metrics_measure(&own, f.world.snapshot, worker, f.colds[i]->w,
                                                      &f.colds[i]->outcome, target, NULL, NULL),
                         LETHE_OK);
        auc[i] = f.colds[i]->outcome.figures.attack.auc.value;
        logistic[i] = own.logistic.value;
        steps[i] = lethe_attack_metrics_steps(&own);
        assert_true(steps[i] >= 0);
    }
    check_spread(&f, "attack.auc", auc);
    check_spread(&f, lethe_metric(LETHE_METRIC_LOGISTIC)->name, logistic);
    check_spread(&f, "relearn_steps", steps);
    same(row_of(&f, "attack.auc")->shown.before, f.preview->before.figures.attack.auc.value);
    same(row_of(&f, "attack.auc")->shown.now, f.preview->now.figures.attack.auc.value);
    same(row_of(&f, "attack.auc")->now.low, f.preview->now.figures.attack.auc.low);
    assert_true(row_of(&f, "attack.auc")->now.low < row_of(&f, "attack.auc")->now.high);
    assert_null(row_of(&f, "kl.forget"));
    assert_null(row_of(&f, "harm.lost"));
    close_fixture(&f);
}

/* Without cold retrains, or with two, the warm one is the yardstick; without it there is none. */
static void few_retrains_have_no_spread(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, 2, 1, LETHE_METRICS_ATTACK);
    same(row_of(&f, "attack.auc")->shown.retrain, f.warm->outcome.figures.attack.auc.value);
    assert_true(isnan(row_of(&f, "attack.auc")->shown.sd));
    assert_true(isnan(row_of(&f, "attack.auc")->shown.z));
    close_fixture(&f);
    open_fixture(&f, 2, 0, LETHE_METRICS_ATTACK);
    assert_true(isnan(row_of(&f, "attack.auc")->shown.retrain));
    assert_null(row_of(&f, lethe_metric(LETHE_METRIC_RELEARN)->name)); /* a ratio to a retrain */
    assert_non_null(row_of(&f, "relearn_steps"));
    close_fixture(&f);
}

static void all_is_all_of_it(void **state)
{
    (void)state;
    struct fixture all, part;
    open_fixture(&all, COLDS, 1, LETHE_METRICS_ALL);
    for (int asked = LETHE_METRICS_ATTACK; asked < LETHE_METRICS_ALL; asked++) {
        open_fixture(&part, COLDS, 1, (enum lethe_metrics_asked)asked);
        assert_true(part.count > 0);
        for (size_t i = 0; i < part.count; i++) {
            const struct lethe_metric_row *row = row_of(&all, part.rows[i].name);
            assert_non_null(row);
            assert_string_equal(row->label, part.rows[i].label);
            assert_int_equal(row->look, part.rows[i].look);
            same(row->shown.before, part.rows[i].shown.before);
            same(row->shown.now, part.rows[i].shown.now);
            same(row->shown.retrain, part.rows[i].shown.retrain);
        }
        close_fixture(&part);
    }
    for (size_t i = 0; i < lethe_metric_count(); i++) { /* and every figure of one model */
        const struct lethe_metric *m = lethe_metric(i);
        if (m->of_model && !(m->flags & LETHE_METRIC_NOT_IN_METRICS))
            assert_non_null(row_of(&all, m->name));
    }
    close_fixture(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_of_compared),
        cmocka_unit_test(harm_is_of_the_retained_samples),
        cmocka_unit_test(attacks_stand_beside_their_spread),
        cmocka_unit_test(few_retrains_have_no_spread),
        cmocka_unit_test(all_is_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
