/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lethe/rng.h"
#include "eval/interval.h"
#include "lethe/eval.h"

/* Scores on a coarse grid, so that ties are the rule. */
static void draw_scores(struct lethe_rng *rng, double *x, size_t n, uint64_t levels)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (double)lethe_rng_below(rng, levels) - 2.385;
}

static size_t cases(void)
{
    const char *share = getenv("LETHE_TEST_SHARE");
    return share ? 4000 / (size_t)atoi(share) : 4000;
}

static double brute_auc(const struct lethe_pool *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->members; i++)
        for (size_t j = 0; j < p->nonmembers; j++)
            sum += p->member[i] > p->nonmember[j] ? 1 : p->member[i] == p->nonmember[j] ? 0.5 : 0;
    return sum / (double)(p->members * p->nonmembers);
}

/* DeLong's variance as the paper writes it: sums over all pairs. */
static double brute_variance(const struct lethe_pool *p, double auc)
{
    double sum = 0, total = 0;
    for (int side = 0; side < 2; side++) {
        size_t outer = side ? p->nonmembers : p->members;
        size_t inner = side ? p->members : p->nonmembers;
        sum = 0;
        for (size_t i = 0; i < outer; i++) {
            double mean = 0;
            for (size_t j = 0; j < inner; j++) {
                double s = p->member[side ? j : i], t = p->nonmember[side ? i : j];
                mean += s > t ? 1 : s == t ? 0.5 : 0;
            }
            mean /= (double)inner;
            sum += (mean - auc) * (mean - auc);
        }
        total += sum / (double)(outer - 1) / (double)outer;
    }
    return total;
}

static void auc_and_interval_meet_all_pairs(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 3, LETHE_RNG_TEST, 0, 0);
    size_t delong = 0;
    for (size_t round = 0; round < cases(); round++) {
        double s[32], t[32];
        struct lethe_pool p = {s, t, 1 + lethe_rng_below(&rng, 24), 1 + lethe_rng_below(&rng, 24)};
        uint64_t levels = 1 + lethe_rng_below(&rng, 12);
        draw_scores(&rng, s, p.members, levels);
        draw_scores(&rng, t, p.nonmembers, levels);
        struct lethe_measure auc;
        assert_int_equal(lethe_auc(&auc, &p, NULL), LETHE_OK);
        assert_true(fabs(auc.value - brute_auc(&p)) < 1e-14);
        assert_true(auc.low >= 0 && auc.low <= auc.value);
        assert_true(auc.high <= 1 && auc.high >= auc.value);
        assert_true(auc.high - auc.low > 0); /* never certain */
        if (p.members < 10 || p.nonmembers < 10)
            continue;
        double variance = brute_variance(&p, auc.value);
        if (variance < 1e-12)
            continue;
        delong++;
        assert_true(fabs(auc.low - fmax(0, auc.value - 1.959963984540054 * sqrt(variance))) <
                    1e-12);
    }
    assert_true(delong > 50);
}

/* True AUC of N(shift, 1) over N(0, 1) is Phi(shift / sqrt 2): the interval should hold it in about
 * 95 of 100 draws, for few samples (score interval) as for many (DeLong). */
static void intervals_cover_the_truth(void **state)
{
    (void)state;
    const struct {
        size_t members, nonmembers;
        double shift;
    } designs[] = {{5, 60, 0.5}, {9, 9, 2}, {3, 36, 3}, {20, 40, 1}, {60, 60, 0}};
    const size_t rounds = cases() / 4;
    for (size_t d = 0; d < sizeof designs / sizeof *designs; d++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, 31, LETHE_RNG_TEST, d, 0);
        double truth = lethe_normal_cdf(designs[d].shift / sqrt(2)), s[60], t[60];
        size_t covered = 0;
        for (size_t round = 0; round < rounds; round++) {
            for (size_t i = 0; i < designs[d].members; i++)
                s[i] = lethe_rng_normal(&rng) + designs[d].shift;
            for (size_t i = 0; i < designs[d].nonmembers; i++)
                t[i] = lethe_rng_normal(&rng);
            struct lethe_pool p = {s, t, designs[d].members, designs[d].nonmembers};
            struct lethe_measure auc;
            assert_int_equal(lethe_auc(&auc, &p, NULL), LETHE_OK);
            covered += auc.low <= truth && truth <= auc.high;
        }
        double share = (double)covered / (double)rounds;
        assert_true(share > 0.91 && share <= 1);
        printf("coverage %zu, %zu, shift %g: %.3f\n", designs[d].members, designs[d].nonmembers,
               designs[d].shift, share);
    }
}

static void one_class_and_empty_groups_have_no_auc(void **state)
{
    (void)state;
    double s[3] = {1, 2, 3};
    struct lethe_measure auc, tpr, accuracy;
    assert_int_equal(lethe_auc(&auc, &(struct lethe_pool){s, s, 0, 3}, NULL), LETHE_OK);
    assert_true(isnan(auc.value) && isnan(auc.low));
    assert_string_equal(auc.note, "n/a (no members)");
    assert_int_equal(lethe_auc(&auc, &(struct lethe_pool){s, s, 3, 0}, NULL), LETHE_OK);
    assert_string_equal(auc.note, "n/a (no non-members)");
    struct lethe_pool p = {s, s, 1, 3};
    assert_int_equal(lethe_tpr_at(&tpr, &p, 100, NULL), LETHE_OK);
    assert_string_equal(tpr.note, "n/a (N = 3, needs 100)");
    assert_int_equal(lethe_balanced_accuracy(&accuracy, &p, 1, NULL), LETHE_OK);
    assert_string_equal(accuracy.note, "n/a (m = 1, needs 2)");
}

static void roc_curve_integrates_to_the_auc(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 4, LETHE_RNG_TEST, 0, 0);
    for (size_t round = 0; round < cases() / 4; round++) {
        double s[40], t[40], area = 0;
        struct lethe_roc_point points[81];
        struct lethe_pool p = {s, t, 1 + lethe_rng_below(&rng, 40), 1 + lethe_rng_below(&rng, 40)};
        draw_scores(&rng, s, p.members, 9);
        draw_scores(&rng, t, p.nonmembers, 9);
        size_t count;
        assert_int_equal(lethe_roc(points, &count, &p, NULL), LETHE_OK);
        assert_true(points[0].fpr == 0 && points[0].tpr == 0);
        assert_true(points[count - 1].fpr == 1 && points[count - 1].tpr == 1);
        for (size_t i = 1; i < count; i++)
            area += 0.5 * (points[i].fpr - points[i - 1].fpr) * (points[i].tpr + points[i - 1].tpr);
        assert_true(fabs(area - brute_auc(&p)) < 1e-13);
    }
    double s = 0;
    size_t count;
    struct lethe_roc_point point;
    assert_int_equal(lethe_roc(&point, &count, &(struct lethe_pool){&s, &s, 1, 0}, NULL),
                     LETHE_EARG);
}

static void tpr_takes_the_order_statistic(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 0, 0);
    for (size_t round = 0; round < cases() / 20; round++) {
        double s[30], t[400];
        struct lethe_pool p = {s, t, 30, 100 + lethe_rng_below(&rng, 300)};
        for (size_t i = 0; i < p.members; i++)
            s[i] = lethe_rng_normal(&rng) + 2;
        for (size_t i = 0; i < p.nonmembers; i++)
            t[i] = lethe_rng_normal(&rng);
        struct lethe_measure tpr;
        assert_int_equal(lethe_tpr_at(&tpr, &p, 100, NULL), LETHE_OK);
        /* the k-th smallest, k = ceil(0.99 (N + 1)): N - k others lie above it */
        size_t above = p.nonmembers - (size_t)ceil(0.99 * (double)(p.nonmembers + 1) - 1e-9);
        size_t hits = 0;
        for (size_t i = 0; i < p.members; i++) {
            size_t larger = 0; /* non-members not below the member */
            for (size_t j = 0; j < p.nonmembers; j++)
                larger += t[j] >= s[i];
            hits += larger <= above;
        }
        assert_true(fabs(tpr.value - (double)hits / 30) < 1e-15);
        assert_true(tpr.low <= tpr.value && tpr.value <= tpr.high && tpr.high > tpr.low);
    }
}

static void balanced_accuracy_is_honest(void **state)
{
    (void)state;
    struct lethe_rng rng;
    double sum = 0;
    const int rounds = 300;
    for (int round = 0; round < rounds; round++) {
        double s[20], t[20];
        lethe_rng_init(&rng, 6, LETHE_RNG_TEST, (uint64_t)round, 0);
        for (int i = 0; i < 20; i++) {
            s[i] = lethe_rng_normal(&rng);
            t[i] = lethe_rng_normal(&rng);
        }
        struct lethe_measure accuracy, again;
        struct lethe_pool p = {s, t, 20, 20};
        assert_int_equal(lethe_balanced_accuracy(&accuracy, &p, 11, NULL), LETHE_OK);
        assert_int_equal(lethe_balanced_accuracy(&again, &p, 11, NULL), LETHE_OK);
        assert_true(accuracy.value == again.value);
        sum += accuracy.value;
    }
    assert_true(fabs(sum / rounds - 0.5) < 0.02); /* fitted and counted on the same: about 0.63 */
    double s[4] = {5, 6, 7, 8}, t[4] = {1, 2, 3, 4};
    struct lethe_measure accuracy;
    lethe_balanced_accuracy(&accuracy, &(struct lethe_pool){s, t, 4, 4}, 1, NULL);
    assert_true(accuracy.value > 0.7);
    /* members on the other side are found as surely: here all non-members lie above */
    double far[20], near[20];
    for (int i = 0; i < 20; i++) {
        far[i] = -i - 1.0;
        near[i] = i + 1.0;
    }
    lethe_balanced_accuracy(&accuracy, &(struct lethe_pool){far, near, 20, 20}, 1, NULL);
    assert_true(accuracy.value == 1);
}

static void percentiles_count_ties_half(void **state)
{
    (void)state;
    double losses[3] = {0.5, 2, 9}, out[4] = {1, 2, 2, 3}, percent[3];
    struct lethe_pool p = {losses, out, 3, 4};
    assert_int_equal(lethe_percentiles(percent, &p, NULL), LETHE_OK);
    assert_true(percent[0] == 0 && percent[1] == 50 && percent[2] == 100);
}

static void attack_of_one_sample_is_a_percentile(void **state)
{
    (void)state;
    double loss = 0.4, out[4] = {0.1, 0.3, 0.4, 0.9};
    struct lethe_attack attack;
    assert_int_equal(lethe_attack_losses(&attack, &(struct lethe_pool){&loss, out, 1, 4}, 1, NULL),
                     LETHE_OK);
    assert_true(isnan(attack.auc.value));
    assert_string_equal(attack.auc.note, "n/a (one sample: see percentile)");
    assert_true(attack.percentile.value == 62.5);
    double two[2] = {0.1, 0.4}, other[2] = {0.3, 0.9};
    lethe_attack_losses(&attack, &(struct lethe_pool){two, other, 2, 2}, 1, NULL);
    assert_true(attack.auc.value == 0.75 && attack.percentile.value == 25);
    assert_true(fabs(attack.percentile.low - 100 * (1 - attack.auc.high)) < 1e-12);
}

static void intervals_meet_published_values(void **state)
{
    (void)state;
    double low, high;
    lethe_clopper_pearson(&low, &high, 3, 10);
    assert_true(fabs(low - 0.06673951117773447) < 1e-12);
    assert_true(fabs(high - 0.6524528500599973) < 1e-12);
    lethe_clopper_pearson(&low, &high, 0, 10);
    assert_true(low == 0 && fabs(high - 0.3084971078187608) < 1e-12);
    lethe_clopper_pearson(&low, &high, 10, 10);
    assert_true(high == 1 && fabs(low - 0.6915028921812392) < 1e-12);
    assert_true(fabs(lethe_beta_cdf(0.17, 2.385, 17.3) - 0.7783956145644492) < 1e-12);
    assert_true(fabs(lethe_beta_cdf(0.99, 1500, 20) - 0.8654815434703895) < 1e-10);
    assert_true(fabs(lethe_normal_quantile(0.3) + 0.5244005127080409) < 1e-13);
    assert_true(fabs(lethe_normal_quantile(0.975) - 1.959963984540054) < 1e-13);
    lethe_auc_score_interval(&low, &high, 1, 20, 20);
    assert_true(high == 1 && low > 0.8 && low < 0.95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auc_and_interval_meet_all_pairs),
        cmocka_unit_test(intervals_cover_the_truth),
        cmocka_unit_test(one_class_and_empty_groups_have_no_auc),
        cmocka_unit_test(roc_curve_integrates_to_the_auc),
        cmocka_unit_test(tpr_takes_the_order_statistic),
        cmocka_unit_test(balanced_accuracy_is_honest),
        cmocka_unit_test(percentiles_count_ties_half),
        cmocka_unit_test(attack_of_one_sample_is_a_percentile),
        cmocka_unit_test(intervals_meet_published_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
