/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lethe/rng.h"
#include "base/alloc.h"
#include "lethe/eval.h"

enum { ROWS = 12, CLASSES = 5 };

static void draw(struct lethe_rng *rng, double *logits, int *labels, double scale)
{
    for (size_t i = 0; i < (size_t)ROWS * CLASSES; i++)
        logits[i] = scale * lethe_rng_normal(rng);
    for (size_t i = 0; labels && i < ROWS; i++)
        labels[i] = (int)lethe_rng_below(rng, CLASSES);
}

static void softmax(long double *p, const double *z)
{
    long double top = z[0], sum = 0;
    for (int c = 1; c < CLASSES; c++)
        top = z[c] > top ? z[c] : top;
    for (int c = 0; c < CLASSES; c++)
        sum += p[c] = expl(z[c] - top);
    for (int c = 0; c < CLASSES; c++)
        p[c] /= sum;
}

static void margins_and_losses_meet_the_definition(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 300; round++) {
        double z[ROWS * CLASSES], margins[ROWS], losses[ROWS];
        int labels[ROWS], predicted[ROWS];
        draw(&rng, z, labels, 2);
        struct lethe_outputs out = {z, labels, ROWS, CLASSES};
        lethe_rows_score(margins, losses, predicted, &out);
        size_t correct = 0;
        for (size_t i = 0; i < ROWS; i++) {
            long double p[CLASSES];
            softmax(p, z + i * CLASSES);
            long double py = p[labels[i]];
            assert_true(fabsl(losses[i] + logl(py)) < 1e-12L);
            assert_true(fabsl(margins[i] - (logl(py) - logl(1 - py))) < 1e-9L);
            for (int c = 0; c < CLASSES; c++)
                assert_true(p[c] <= p[predicted[i]]);
            correct += predicted[i] == labels[i];
        }
        struct lethe_set_figures set;
        lethe_set_measure(&set, &out);
        assert_int_equal(set.correct, correct);
    }
}

static void certain_predictions_keep_their_digits(void **state)
{
    (void)state;
    double z[3] = {0, 800, -5}, margin, loss;
    int label = 1;
    struct lethe_outputs out = {z, &label, 1, 3};
    lethe_rows_score(&margin, &loss, NULL, &out);
    assert_true(fabs(margin - (800 - log1p(exp(-5)))) < 1e-12);
    assert_true(loss >= 0 && loss < 1e-300);
    label = 2;
    lethe_rows_score(&margin, &loss, NULL, &out);
    assert_true(fabs(loss - 805) < 1e-12);
    z[1] = 40; /* here 1 - p rounds to 1e-17 of its value, the margin does not */
    label = 1;
    lethe_rows_score(&margin, &loss, NULL, &out);
    assert_true(fabs(loss / exp(-margin) - 1) < 1e-12);
    out.classes = 1;
    label = 0;
    lethe_rows_score(&margin, &loss, NULL, &out);
    assert_true(isinf(margin) && loss == 0);
}

static void classes_add_up_to_the_set(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 2, LETHE_RNG_TEST, 0, 0);
    double z[ROWS * CLASSES];
    int labels[ROWS];
    draw(&rng, z, labels, 1);
    struct lethe_outputs out = {z, labels, ROWS, CLASSES};
    struct lethe_set_figures set, per[CLASSES];
    lethe_set_measure(&set, &out);
    lethe_set_per_class(per, &out);
    double loss = 0;
    size_t n = 0, correct = 0;
    for (int c = 0; c < CLASSES; c++) {
        n += per[c].n;
        correct += per[c].correct;
        loss += per[c].n ? per[c].loss * (double)per[c].n : 0;
    }
    assert_int_equal(n, ROWS);
    assert_int_equal(correct, set.correct);
    assert_true(fabs(loss / ROWS - set.loss) < 1e-13);
}

static void bad_rows_are_named(void **state)
{
    (void)state;
    double z[4] = {0, 1, 2, NAN};
    int labels[2] = {1, 1};
    struct lethe_error err;
    struct lethe_outputs out = {z, labels, 2, 2};
    assert_int_equal(lethe_outputs_check(&out, "held-out", &err), LETHE_ENUM);
    assert_string_equal(err.message, "held-out sample 1 has a logit that is not finite (class 1)");
    labels[0] = 2;
    assert_int_equal(lethe_outputs_check(&out, "forget", &err), LETHE_EARG);
    assert_string_equal(err.message, "forget sample 0 has label 2, the model 2 classes");
}

static void figures_match_their_parts(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 8, LETHE_RNG_TEST, 0, 0);
    double z[3][ROWS * CLASSES];
    int labels[3][ROWS];
    for (int s = 0; s < 3; s++)
        draw(&rng, z[s], labels[s], 1.5);
    for (int i = 0; i < ROWS; i++)
        labels[0][i] = i % 2; /* classes 0 and 1 are forgotten */
    struct lethe_figures_input input = {{z[0], labels[0], ROWS, CLASSES},
                                        {z[1], labels[1], ROWS, CLASSES},
                                        {z[2], labels[2], ROWS, CLASSES},
                                        3};
    struct lethe_figures f;
    assert_int_equal(lethe_figures_measure(&f, &input, NULL), LETHE_OK);
    double losses[ROWS], outside[ROWS];
    size_t kept = 0;
    lethe_rows_score(NULL, losses, NULL, &input.forget);
    lethe_rows_score(NULL, outside, NULL, &input.heldout);
    for (int i = 0; i < ROWS; i++)
        if (labels[2][i] < 2)
            outside[kept++] = outside[i];
    struct lethe_attack attack;
    lethe_attack_losses(&attack, &(struct lethe_pool){losses, outside, ROWS, kept}, 3, NULL);
    assert_int_equal(f.attack.nonmembers, kept);
    assert_true(kept > 0 && f.attack.auc.value == attack.auc.value);
    for (size_t kind = 0; kind < lethe_metric_count(); kind++) {
        const struct lethe_metric *metric = lethe_metric(kind);
        assert_non_null(metric->name);
        assert_ptr_equal(lethe_metric_find(metric->name), metric);
        int held = kind <= LETHE_METRIC_PERCENTILE;
        assert_int_equal(held, metric->tier == 0);
    }
    assert_true(lethe_figures_get(&f, LETHE_METRIC_RETAIN_LOSS) == f.retain.loss);
    assert_true(isnan(lethe_figures_get(&f, LETHE_METRIC_KL)));
    assert_null(lethe_metric_find("accuracy of nothing"));

    input.forget = (struct lethe_outputs){NULL, NULL, 0, 0};
    assert_int_equal(lethe_figures_measure(&f, &input, NULL), LETHE_OK);
    assert_true(isnan(f.forget.accuracy) && isnan(f.attack.auc.value));
}

static void memory_failures_are_reported(void **state)
{
    (void)state;
    double z[4] = {0, 1, 2, 1};
    int labels[2] = {0, 1};
    struct lethe_outputs out = {z, labels, 2, 2};
    struct lethe_figures_input input = {out, out, out, 1};
    struct lethe_figures f;
    struct lethe_error err;
    long n = 0;
    for (;; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err code = lethe_figures_measure(&f, &input, &err);
        lethe_alloc_fail_after(-1);
        if (!code)
            break;
        assert_int_equal(code, LETHE_ENOMEM);
    }
    assert_true(n >= 4);
}

static void distances_meet_the_definition(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 12, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 300; round++) {
        double now[ROWS * CLASSES], retrain[ROWS * CLASSES];
        draw(&rng, now, NULL, 2);
        draw(&rng, retrain, NULL, 2);
        long double kl = 0, js = 0, activation = 0;
        for (int i = 0; i < ROWS; i++) {
            long double p[CLASSES], q[CLASSES], square = 0;
            softmax(p, now + i * CLASSES);
            softmax(q, retrain + i * CLASSES);
            for (int c = 0; c < CLASSES; c++) {
                long double middle = (p[c] + q[c]) / 2;
                kl += q[c] * logl(q[c] / p[c]);
                js += 0.5L * (p[c] * logl(p[c] / middle) + q[c] * logl(q[c] / middle));
                square += (p[c] - q[c]) * (p[c] - q[c]);
            }
            activation += sqrtl(square);
        }
        struct lethe_distance d;
        lethe_distance_measure(&d, now, retrain, ROWS, CLASSES);
        assert_true(fabsl(d.kl - kl / ROWS) < 1e-12L);
        assert_true(fabsl(d.js - js / ROWS) < 1e-13L);
        assert_true(fabsl(d.activation - activation / ROWS) < 1e-13L);
    }
    double far[2] = {0, 2000}, near[2] = {2000, 0};
    struct lethe_distance d;
    lethe_distance_measure(&d, far, near, 1, 2);
    assert_true(d.kl == 2000 && d.churn == 1);
    assert_true(fabs(d.js - log(2)) < 1e-15 && fabs(d.activation - sqrt(2)) < 1e-15);
    lethe_distance_measure(&d, far, far, 1, 2);
    assert_true(d.kl == 0 && d.js == 0 && d.churn == 0);
}

static void noise_floor_is_the_mean_over_ordered_pairs(void **state)
{
    (void)state;
    double a[2] = {0, 0.5}, b[2] = {1, 0.25}, c[2] = {2, -3};
    const double *models[3] = {a, b, c};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            struct lethe_distance d;
            lethe_distance_measure(&d, models[i], models[j], 1, 2);
            sum += d.kl; /* equal models add nothing */
        }
    assert_true(fabs(lethe_noise_floor(models, 3, 1, 2) - sum / 6) < 1e-14);
    assert_true(isnan(lethe_noise_floor(models, 1, 1, 2)));
    struct lethe_distance ab, ac;
    lethe_distance_measure(&ab, a, b, 1, 2);
    lethe_distance_measure(&ac, a, c, 1, 2);
    assert_true(fabs(lethe_kl_to_retrains(a, models + 1, 2, 1, 2) - (ab.kl + ac.kl) / 2) < 1e-14);
    assert_true(isnan(lethe_kl_to_retrains(a, models, 0, 1, 2)));
}

static void recovery_needs_its_control(void **state)
{
    (void)state;
    double s[4] = {1, 2, 3, 4}, re[4] = {1, 4, 3, 0}, now[4], old[4];
    struct lethe_recovery_input input = {s, now, re, s, 2, 2};
    struct lethe_recovery r;
    for (int i = 0; i < 4; i++)
        now[i] = 0.5 * (s[i] + re[i]) + (i < 2 ? 7 : -9); /* a shift per row does not count */
    lethe_recovery_measure(&r, &input);
    assert_true(fabs(r.value - 0.5) < 1e-12);
    assert_true(fabs(r.change - 0.5) < 1e-12);
    assert_int_equal(r.verdict, LETHE_RECOVERY_OK);
    for (int i = 0; i < 4; i++)
        old[i] = s[i] - 0.2 * (re[i] - s[i]);
    input.old = old;
    lethe_recovery_measure(&r, &input);
    assert_int_equal(r.verdict, LETHE_RECOVERY_UNCONVERGED);
    assert_string_equal(lethe_recovery_words(r.verdict), "model not converged");
    for (int i = 0; i < 4; i++) { /* what both retrains go on to do is no part of the change */
        old[i] = s[i] + 100 * (i % 3);
        now[i] = old[i] + 0.25 * (re[i] - s[i]);
    }
    lethe_recovery_measure(&r, &input);
    assert_true(r.value < -10 && fabs(r.change - 0.25) < 1e-12);
    input.retrain = s;
    lethe_recovery_measure(&r, &input);
    assert_true(isnan(r.value) && isnan(r.change));
    assert_string_equal(lethe_recovery_words(r.verdict), "nothing to unlearn");
}

/* Four models of random logits, by the definition in long double. */
static long double definition(const double *const m[4], size_t n, size_t classes, int probs,
                              int change)
{
    long double missed = 0, whole = 0;
    for (size_t i = 0; i < n; i++) {
        long double x[4][CLASSES];
        for (int k = 0; k < 4; k++) {
            long double sum = 0;
            for (size_t c = 0; c < classes; c++)
                sum +=
                    probs ? expl(m[k][i * classes + c]) : m[k][i * classes + c] / (double)classes;
            for (size_t c = 0; c < classes; c++)
                x[k][c] = probs ? expl(m[k][i * classes + c]) / sum : m[k][i * classes + c] - sum;
        }
        for (size_t c = 0; c < classes; c++) { /* old, now, retrain, control */
            const long double off =
                change ? x[1][c] - x[0][c] - (x[2][c] - x[3][c]) : x[1][c] - x[2][c];
            missed += off * off;
            whole += (x[2][c] - x[3][c]) * (x[2][c] - x[3][c]);
        }
    }
    return 1 - sqrtl(missed / whole);
}

static void recovery_meets_the_definition(void **state)
{
    (void)state;
    struct lethe_rng rng;
    double z[4][ROWS * CLASSES];
    lethe_rng_init(&rng, 31, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 500; round++) {
        for (int k = 0; k < 4; k++)
            for (int i = 0; i < ROWS * CLASSES; i++)
                z[k][i] = 4 * lethe_rng_normal(&rng);
        const struct lethe_recovery_input in = {z[0], z[1], z[2], z[3], ROWS, CLASSES};
        const double *const models[4] = {z[0], z[1], z[2], z[3]};
        struct lethe_recovery r;
        lethe_recovery_measure(&r, &in);
        const double found[4] = {r.value, r.change, r.probs, r.change_probs};
        for (int f = 0; f < 4; f++)
            assert_true(fabsl(found[f] - definition(models, ROWS, CLASSES, f / 2, f % 2)) < 1e-12L);
    }
    /* a valley: the logits of a certain sample move far, its probabilities do not */
    double s[4] = {0, 60, 1, 2}, re[4] = {0, 90, 2, 1}, now[4] = {0, 60, 2, 1};
    const struct lethe_recovery_input in = {s, now, re, s, 2, 2};
    struct lethe_recovery r;
    lethe_recovery_measure(&r, &in);
    assert_true(r.probs > 0.999999 && r.value < 0.1);
    assert_true(lethe_distance_nearer(4, 2) == 2 &&
                fabs(lethe_distance_nearer(4, 1e-19) - 4e15) < 10);
    assert_true(isnan(lethe_distance_nearer(0, 0)) && isnan(lethe_distance_nearer(NAN, NAN)));
}

static void gaps_leave_out_what_is_not_known(void **state)
{
    (void)state;
    struct lethe_figures now, re;
    memset(&now, 0, sizeof now);
    memset(&re, 0, sizeof re);
    now.forget.accuracy = 0.5, now.retain.accuracy = 0.9, now.heldout.accuracy = 0.8;
    re.forget.accuracy = 0.25, re.retain.accuracy = 1, re.heldout.accuracy = 0.8;
    now.attack.percentile.value = 40, re.attack.percentile.value = 45;
    assert_true(fabs(lethe_average_gap(&now, &re) - 0.1) < 1e-15);
    assert_true(fabs(lethe_tug_of_war(&now, &re) - 0.675) < 1e-15);
    re.attack.percentile.value = NAN;
    assert_true(fabs(lethe_average_gap(&now, &re) - 0.35 / 3) < 1e-15);
}

static void shown_figures_start_sd_at_three(void **state)
{
    (void)state;
    double re[4] = {1, 2, NAN, 3}, same[3] = {0.1, 0.1, 0.1};
    struct lethe_shown s;
    lethe_shown_fill(&s, 9, 5, NULL, 0);
    assert_true(isnan(s.retrain) && isnan(s.z) && s.k == 0);
    lethe_shown_fill(&s, 9, 5, re, 2);
    assert_true(s.retrain == 1.5 && isnan(s.sd) && isnan(s.z));
    lethe_shown_fill(&s, 9, 5, re, 4);
    assert_true(s.k == 3 && s.retrain == 2 && s.sd == 1 && s.z == 3);
    lethe_shown_fill(&s, 9, 5, same, 3);
    assert_true(s.sd == 0 && isnan(s.z));
    double stopped[3] = {0.4839014428, 0.4839014434, 0.4839014415}; /* one minimum, three ways */
    lethe_shown_fill(&s, 9, 5, stopped, 3);
    assert_true(s.sd == 0 && isnan(s.z));
    double rounding[3] = {1.2e-16, 3.1e-16, 0}; /* retrains to themselves: a KL of nothing */
    lethe_shown_fill(&s, 0.4, 1e-5, rounding, 3);
    assert_true(s.sd == 0 && isnan(s.z));
    lethe_shown_fill(&s, NAN, 4e-16, rounding, 3); /* nothing larger to measure them by */
    assert_true(s.sd > 0 && fabs(s.z) < 10);
}

static void over_unlearning_is_flagged(void **state)
{
    (void)state;
    double auc[5] = {0.5, 0.52, 0.48, 0.5, 0.51}, loss[5] = {1, 1.1, 0.9, 1, 1};
    struct lethe_shown a, l;
    lethe_shown_fill(&a, 0.9, 0.3, auc, 5);
    lethe_shown_fill(&l, 0.1, 1, loss, 5);
    assert_true(lethe_over_unlearned(&a, &l));
    lethe_shown_fill(&a, 0.9, 0.3, auc, 4);
    assert_false(lethe_over_unlearned(&a, &l));
    lethe_shown_fill(&l, 0.1, 2, loss, 5);
    assert_true(lethe_over_unlearned(&a, &l));
    lethe_shown_fill(&l, 0.1, 2, loss, 1);
    assert_false(lethe_over_unlearned(&a, &l));
    double same[5] = {0.5, 0.5, 0.5, 0.5, 0.5}; /* no spread: nothing to be two of below */
    lethe_shown_fill(&a, 0.9, 0.49, same, 5);
    lethe_shown_fill(&l, 0.1, 0.51, same, 5);
    assert_false(lethe_over_unlearned(&a, &l));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins_and_losses_meet_the_definition),
        cmocka_unit_test(certain_predictions_keep_their_digits),
        cmocka_unit_test(classes_add_up_to_the_set),
        cmocka_unit_test(bad_rows_are_named),
        cmocka_unit_test(figures_match_their_parts),
        cmocka_unit_test(memory_failures_are_reported),
        cmocka_unit_test(distances_meet_the_definition),
        cmocka_unit_test(noise_floor_is_the_mean_over_ordered_pairs),
        cmocka_unit_test(recovery_needs_its_control),
        cmocka_unit_test(recovery_meets_the_definition),
        cmocka_unit_test(gaps_leave_out_what_is_not_known),
        cmocka_unit_test(shown_figures_start_sd_at_three),
        cmocka_unit_test(over_unlearning_is_flagged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
