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
#include "lethe/audit.h"
#include "lethe/certificate.h"

enum { N = LETHE_AUDIT_MODELS, SAMPLES = 40 };

/* Margins of both kinds; those of the unlearned models are shifted. */
static struct lethe_ensembles draw_ensembles(double *phi, size_t models, double shift,
                                             uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < 2 * models * SAMPLES; i++)
        phi[i] =
            3 * (double)(i % SAMPLES) + lethe_rng_normal(&rng) + (i < models * SAMPLES ? shift : 0);
    return (struct lethe_ensembles){{phi, models, SAMPLES},
                                    {phi + models * SAMPLES, models, SAMPLES}};
}

static void ulira_is_chance_for_equal_kinds(void **state)
{
    (void)state;
    double *phi = lethe_alloc(2 * N * SAMPLES, sizeof *phi);
    struct lethe_ensembles e = draw_ensembles(phi, N, 0, 1);
    struct lethe_ulira u;
    assert_int_equal(lethe_ulira_measure(&u, &e, NULL), LETHE_OK);
    assert_true(fabs(u.accuracy.value - 0.5) < 3 * 0.5 / sqrt(2.0 * N * SAMPLES));
    assert_true(fabs(u.auc.value - 0.5) < 0.05 && u.worst.value >= u.accuracy.value);
    e = draw_ensembles(phi, N, 2, 2); /* two sds apart: Phi(1) = 0.841 */
    assert_int_equal(lethe_ulira_measure(&u, &e, NULL), LETHE_OK);
    assert_true(fabs(u.accuracy.value - 0.841) < 0.03);
    e.unlearned.models = 5;
    assert_int_equal(lethe_ulira_measure(&u, &e, NULL), LETHE_OK);
    assert_true(isnan(u.accuracy.value) && isnan(u.auc.value));
    assert_string_equal(u.worst.note, "n/a (N = 5, needs 32)");
    lethe_free(phi);
}

static void klom_counts_bins(void **state)
{
    (void)state;
    double phi[2 * N];
    struct lethe_ensembles e = {{phi, N, 1}, {phi + N, N, 1}};
    struct lethe_klom k;
    double own;
    for (int i = 0; i < 2 * N; i++)
        phi[i] = i % 2;
    assert_int_equal(lethe_klom_measure(&k, &own, &e, NULL), LETHE_OK);
    assert_true(k.median.value == 0 && own == 0);
    for (int i = 0; i < 2 * N; i++)
        phi[i] = i < N ? 1e9 : 1; /* clipped to 100: the two ends of the range */
    lethe_klom_measure(&k, &own, &e, NULL);
    assert_true(fabs(own - log(1e5)) < 1e-12 && k.q95.value == own);
    for (int i = 0; i < 2 * N; i++)
        phi[i] = i < N ? i % 2 : i % 4 == 0; /* halves against quarters */
    lethe_klom_measure(&k, &own, &e, NULL);
    assert_true(fabs(own - (0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25))) < 1e-12);
    for (int i = 0; i < 2 * N; i++)
        phi[i] = 7;
    lethe_klom_measure(&k, &own, &e, NULL);
    assert_true(own == 0);
    e.retrained.models = 31;
    lethe_klom_measure(&k, &own, &e, NULL);
    assert_true(isnan(own));
    assert_string_equal(k.median.note, "n/a (N = 31, needs 32)");
}

/* Every single threshold and interval, straight from the definition. */
static double brute_epsilon(const double *u, const double *r, size_t n)
{
    double all[2 * N + 2], best = 0;
    size_t cuts = 0;
    for (size_t k = 0; k < n; k++) {
        all[cuts++] = u[k];
        all[cuts++] = r[k];
    }
    all[cuts++] = INFINITY;
    double su[N], sr[N];
    memcpy(su, u, sizeof su);
    memcpy(sr, r, sizeof sr);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            if (su[j] < su[i]) {
                double t = su[i];
                su[i] = su[j], su[j] = t;
            }
            if (sr[j] < sr[i]) {
                double t = sr[i];
                sr[i] = sr[j], sr[j] = t;
            }
        }
    int upper = su[n / 2] + su[n / 2 - 1] >= sr[n / 2] + sr[n / 2 - 1];
    int narrow = su[n - 1] - su[0] <= sr[n - 1] - sr[0];
    for (size_t a = 0; a < cuts; a++)
        for (size_t b = 0; b < cuts; b++)
            for (int rule = 0; rule < 2; rule++) {
                if (!(all[a] < all[b]) || (rule == 0 && !isinf(all[b])))
                    continue;
                int yes = rule == 0 ? upper : narrow, in[2] = {0, 0};
                for (size_t k = 0; k < n; k++) {
                    in[1] += u[k] >= all[a] && u[k] < all[b];
                    in[0] += r[k] >= all[a] && r[k] < all[b];
                }
                int fp = yes ? in[0] : (int)n - in[0], fn = yes ? (int)n - in[1] : in[1];
                if (fp == 0 && fn == 0)
                    return 50;
                if (fp == 0 || fn == 0)
                    continue;
                double fpr = fp / (double)n, fnr = fn / (double)n, d = 1e-5;
                if (1 - d - fpr > 0)
                    best = fmax(best, log((1 - d - fpr) / fnr));
                if (1 - d - fnr > 0)
                    best = fmax(best, log((1 - d - fnr) / fpr));
            }
    return best;
}

static void forgetting_meets_all_tests(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 21, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 40; round++) {
        double phi[2 * N], eps;
        struct lethe_ensembles e = {{phi, N, 1}, {phi + N, N, 1}};
        double shift = 3 * lethe_rng_uniform(&rng), scale = 1 + (double)(round % 3);
        for (int i = 0; i < 2 * N; i++)
            phi[i] = round % 2 ? lethe_rng_normal(&rng) * (i < N ? 1 : scale) + (i < N ? shift : 0)
                               : (double)lethe_rng_below(&rng, 5) + (i < N ? 1 : 0);
        struct lethe_forgetting f;
        assert_int_equal(lethe_forgetting_measure(&f, &eps, &e, NULL), LETHE_OK);
        assert_true(f.epsilon_limit == 4);
        double brute = brute_epsilon(phi, phi + N, N);
        assert_true(fabs(eps - brute) < 1e-12);
        double h = brute >= 4 ? 0 : pow(2, -floor(brute * 2));
        assert_true(fabs(f.quality.value - h) < 1e-15);
    }
    double phi[2 * N], eps;
    struct lethe_ensembles e = {{phi, N, 1}, {phi + N, N, 1}};
    struct lethe_forgetting f;
    for (int i = 0; i < 2 * N; i++)
        phi[i] = i < N ? 0.001 * (i % 2) : i; /* ranges 0.001 and 31 */
    lethe_forgetting_measure(&f, &eps, &e, NULL);
    assert_true(eps == 50 && f.quality.value == 0);
    e.unlearned.models = 5;
    lethe_forgetting_measure(&f, &eps, &e, NULL);
    assert_string_equal(f.quality.note, "n/a (N = 5, needs 32)");
}

static void lira_meets_its_check_value(void **state)
{
    (void)state;
    double phi[6] = {1.9, 2.0, 2.1, -0.1, 0, 0.1}, target = 2, score;
    unsigned char in[6] = {1, 1, 1, 0, 0, 0};
    struct lethe_lira lira = {{phi, 6, 1}, in, 0};
    assert_int_equal(lethe_lira_scores(&score, &target, &lira, NULL), LETHE_OK);
    assert_true(fabs(score - 2 * 2 / (2 * 0.02 / 3)) <
                1e-9); /* (2 - 0)^2 / (2 s^2), s^2 = 0.02/3 */
    lira.offline = 1;
    target = 0.1;
    lethe_lira_scores(&score, &target, &lira, NULL);
    assert_true(fabs(score - 0.5 * erfc(-0.1 / sqrt(0.02 / 3) / sqrt(2))) < 1e-12);
    in[3] = in[4] = 1; /* one model left that never saw it */
    lethe_lira_scores(&score, &target, &lira, NULL);
    assert_true(isnan(score));
}

static void lira_finds_members_and_leaves_out_the_unknown(void **state)
{
    (void)state;
    enum { K = 64 };
    struct lethe_rng rng;
    lethe_rng_init(&rng, 22, LETHE_RNG_TEST, 0, 0);
    double phi[K * SAMPLES], target[SAMPLES], score[SAMPLES];
    unsigned char in[K * SAMPLES], member[SAMPLES];
    for (int i = 0; i < K * SAMPLES; i++) {
        in[i] = (unsigned char)lethe_rng_below(&rng, 2);
        phi[i] = 5 * (i % SAMPLES) + 4 * in[i] + lethe_rng_normal(&rng);
    }
    for (int i = 0; i < SAMPLES; i++) {
        member[i] = (unsigned char)(i % 2);
        target[i] = 5 * i + 4 * member[i] + lethe_rng_normal(&rng);
    }
    struct lethe_lira lira = {{phi, K, SAMPLES}, in, 0};
    struct lethe_attack attack;
    assert_int_equal(lethe_lira_scores(score, target, &lira, NULL), LETHE_OK);
    assert_int_equal(lethe_attack_scores(&attack, score, member, SAMPLES, 1, NULL), LETHE_OK);
    assert_true(attack.auc.value > 0.95);
    score[3] = NAN;
    lethe_attack_scores(&attack, score, member, SAMPLES, 1, NULL);
    assert_int_equal(attack.members, SAMPLES / 2 - 1);
}

static void rmia_meets_its_check_value(void **state)
{
    (void)state;
    double target[2] = {-log(0.9), -log(0.5)}, refs[2] = {-log(0.5), -log(0.5)};
    double population[2] = {-log(0.4), -log(0.8)}, prefs[2] = {-log(0.4), -log(0.4)}, score[2];
    struct lethe_rmia rmia = {target, population, refs, prefs, 2, 2, 1, 1, 1};
    assert_int_equal(lethe_rmia_scores(score, &rmia, NULL), LETHE_OK);
    assert_true(score[0] == 0.5 && score[1] <= 0.5);
    rmia.offline_a = 1.5;
    struct lethe_error err;
    assert_int_equal(lethe_rmia_scores(score, &rmia, &err), LETHE_EARG);
    rmia.offline_a = 0.3, rmia.models = 0;
    assert_int_equal(lethe_rmia_scores(score, &rmia, &err), LETHE_EARG);
}

static void logistic_attack_learns_what_there_is(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 23, LETHE_RNG_TEST, 0, 0);
    double member[300], other[400];
    for (int i = 0; i < 300; i++)
        member[i] = lethe_rng_normal(&rng);
    for (int i = 0; i < 400; i++)
        other[i] = lethe_rng_normal(&rng);
    struct lethe_measure a, b;
    struct lethe_features f = {member, other, 300, 400, 1};
    assert_int_equal(lethe_logistic_attack(&a, &f, 1, NULL), LETHE_OK);
    assert_int_equal(lethe_logistic_attack(&b, &f, 1, NULL), LETHE_OK);
    assert_true(a.value == b.value && fabs(a.value - 0.5) < 0.12);
    for (int i = 0; i < 300; i++)
        member[i] -= 2;
    lethe_logistic_attack(&a, &f, 1, NULL);
    assert_true(fabs(a.value - 0.841) < 0.06);
    f = (struct lethe_features){member, other, 100, 133, 3};
    assert_int_equal(lethe_linear_probe(&a, &f, 1, NULL), LETHE_OK);
    assert_true(a.value > 0.9);
    f.members = 9;
    lethe_linear_probe(&a, &f, 1, NULL);
    assert_string_equal(a.note, "n/a (m = 9, needs 10)");
}

static void logistic_fit_ends_at_a_minimum(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 24, LETHE_RNG_TEST, 0, 0);
    double x[90], w[4];
    unsigned char y[30];
    for (int i = 0; i < 30; i++) {
        y[i] = i % 3 == 0;
        for (int j = 0; j < 3; j++)
            x[3 * i + j] = 10 * lethe_rng_normal(&rng) + y[i];
    }
    struct lethe_logistic p = {x, y, 30, 3, 2.385};
    assert_int_equal(lethe_logistic_fit(w, &p, NULL), LETHE_OK);
    double g[4] = {w[0], w[1], w[2], 0};
    for (int i = 0; i < 30; i++) {
        double t = w[3];
        for (int j = 0; j < 3; j++)
            t += w[j] * x[3 * i + j];
        double r = 2.385 * (1 / (1 + exp(-t)) - y[i]);
        for (int j = 0; j < 3; j++)
            g[j] += r * x[3 * i + j];
        g[3] += r;
    }
    for (int j = 0; j < 4; j++)
        assert_true(fabs(g[j]) < 1e-5);
}

static void small_scores_meet_their_check_values(void **state)
{
    (void)state;
    double losses[3] = {3, 2, 1};
    assert_int_equal(lethe_relearn_steps(losses, 3, 1.5), 2);
    assert_true(lethe_relearn_steps(losses, 3, 0.5) == SIZE_MAX);
    struct lethe_measure ratio;
    lethe_relearn_ratio(&ratio, 3, 12);
    assert_true(ratio.value == 0.25);
    lethe_relearn_ratio(&ratio, 3, 0);
    assert_string_equal(ratio.note, "n/a (the retrained model knows them already)");
    lethe_relearn_ratio(&ratio, SIZE_MAX, 4);
    assert_string_equal(ratio.note, "n/a (never relearnt)");
    lethe_relearn_ratio(&ratio, 4, SIZE_MAX);
    assert_true(isnan(ratio.value));
    double z[8] = {0, 1, 1, 0, 0, 1, 1, 0};
    int labels[4] = {0, 1, 1, 0};
    struct lethe_outputs out = {z, labels, 4, 2};
    assert_int_equal(lethe_interclass_confusion(&out, 0, 1), 2);
    double a[2] = {900, 0}, b[2] = {0, 900};
    assert_true(fabs(lethe_zrf(a, b, 1, 2)) < 1e-15 && lethe_zrf(a, a, 1, 2) == 1);
}

static void fqs_is_one_for_equal_models(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 25, LETHE_RNG_TEST, 0, 0);
    double now[150], other[150], score;
    for (int i = 0; i < 150; i++)
        now[i] = lethe_rng_normal(&rng);
    assert_int_equal(lethe_fqs(&score, now, now, 50, 3, NULL), LETHE_OK);
    assert_true(score > 0.999);
    for (int i = 0; i < 150; i++)
        other[i] = i % 3 ? 0 : 30; /* certain everywhere */
    lethe_fqs(&score, now, other, 50, 3, NULL);
    assert_true(score == 0);
    assert_int_equal(lethe_fqs(&score, now, now, 0, 3, NULL), LETHE_EARG);
}

static void harm_counts_what_was_lost(void **state)
{
    (void)state;
    double before[8] = {2, 0, 0, 3, 1, 0, 0, 1}, now[8] = {0, 2, 0, 3, 1, 0, 1, 0};
    double heldout[4] = {0, 1, 1, 0};
    int labels[4] = {0, 1, 0, 0}, outside[2] = {0, 0};
    struct lethe_harm_input in = {{before, labels, 4, 2},
                                  {now, labels, 4, 2},
                                  {heldout, outside, 2, 2},
                                  {heldout, outside, 2, 2}};
    struct lethe_harm harm;
    assert_int_equal(lethe_harm_measure(&harm, &in, NULL), LETHE_OK);
    assert_int_equal(harm.lost, 1);
    assert_int_equal(harm.gained, 1);
    assert_true(fabs(harm.worst_change - 2) < 1e-12);
    assert_true(fabs(harm.mean_change - 0.25) < 1e-12);
    assert_true(harm.auc_before > 0 && harm.auc_now < harm.auc_before + 1e-12);
    in.retain_before.n = 3;
    assert_int_equal(lethe_harm_measure(&harm, &in, NULL), LETHE_EARG);
}

static void certificates_meet_their_check_values(void **state)
{
    (void)state;
    struct lethe_certificate_input in = {.n = 1437,
                                         .m = 1,
                                         .dim = 650,
                                         .lambda = 1,
                                         .bound = 4.893,
                                         .step_norm = 1,
                                         .eps = 1,
                                         .delta = 1e-5,
                                         .excess = 0.01};
    struct lethe_certificate c;
    char words[400];
    assert_int_equal(lethe_certificate_measure(&c, &in, NULL), LETHE_OK);
    assert_true(fabs(c.sigma - 7.2e-3) < 1e-4);
    lethe_certificate_words(words, sizeof words, &c);
    assert_string_equal(words, "holds");
    in.lambda = 0.01;
    lethe_certificate_measure(&c, &in, NULL);
    assert_true(fabs(c.sigma - 7.2e3) < 100);
    lethe_certificate_words(words, sizeof words, &c);
    assert_string_equal(words, "holds, useless: the noise is larger than the step");
    in.gaps = LETHE_CERT_DAMPED, in.m = 1000;
    lethe_certificate_measure(&c, &in, NULL);
    lethe_certificate_words(words, sizeof words, &c);
    assert_string_equal(words, "void: more than half of the samples are removed; damping is not 0 "
                               "('damping 0')");
    in.m = 1, in.lambda = 1;
    lethe_certificate_measure(&c, &in, NULL);
    /* at m_max the noise costs just the excess: sigma grows with m squared */
    assert_true(fabs(c.lipschitz * c.sigma * sqrt(650) * c.m_max * c.m_max - 0.01) < 1e-12);
    in.eps = 0;
    assert_int_equal(lethe_certificate_measure(&c, &in, NULL), LETHE_EARG);
    in.eps = 1, in.lambda = -1;
    assert_int_equal(lethe_certificate_measure(&c, &in, NULL), LETHE_EARG);
    in.lambda = 0, in.gaps = LETHE_CERT_SAMPLES;
    assert_int_equal(lethe_certificate_measure(&c, &in, NULL), LETHE_OK);
    assert_true(isnan(c.sigma));
    lethe_certificate_words(words, sizeof words, &c);
    assert_string_equal(words, "void: the training had no weight decay; the curvature is not that "
                               "of all retained samples ('curvature samples=1436')");
    char all[LETHE_CERTIFICATE_TEXT];
    c.gaps = ~0u;
    lethe_certificate_words(all, sizeof all, &c);
    assert_true(strlen(all) + 1 < sizeof all && strstr(all, "('form influence')"));
    lethe_certificate_words(words, sizeof words, &c); /* cut off where there is no more room */
    assert_true(strlen(words) == sizeof words - 1);
    assert_true(fabs(lethe_analytic_gaussian(1, 1, 1e-5) - 3.730631634818432) < 1e-9);
    assert_true(fabs(lethe_analytic_gaussian(2, 4, 1e-6) / 2 - 1.193518587157984) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ulira_is_chance_for_equal_kinds),
        cmocka_unit_test(klom_counts_bins),
        cmocka_unit_test(forgetting_meets_all_tests),
        cmocka_unit_test(lira_meets_its_check_value),
        cmocka_unit_test(lira_finds_members_and_leaves_out_the_unknown),
        cmocka_unit_test(rmia_meets_its_check_value),
        cmocka_unit_test(logistic_attack_learns_what_there_is),
        cmocka_unit_test(logistic_fit_ends_at_a_minimum),
        cmocka_unit_test(small_scores_meet_their_check_values),
        cmocka_unit_test(fqs_is_one_for_equal_models),
        cmocka_unit_test(harm_counts_what_was_lost),
        cmocka_unit_test(certificates_meet_their_check_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
