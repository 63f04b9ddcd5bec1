/* SPDX-License-Identifier: MIT
 * Prints random cases and what Lethe makes of them, one JSON object per line; tests/eval/check.py
 * computes the same with scikit-learn and SciPy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/interval.h"
#include "lethe/audit.h"
#include "lethe/equivalence.h"
#include "lethe/rng.h"

enum { MOST = 60, CLASSES = 4 };

static void print_array(const char *name, const double *x, size_t n)
{
    printf("\"%s\": [", name);
    for (size_t i = 0; i < n; i++)
        printf("%s%.17g", i ? ", " : "", x[i]);
    printf("], ");
}

static void print_labels(const int *y, size_t n)
{
    printf("\"labels\": [");
    for (size_t i = 0; i < n; i++)
        printf("%s%d", i ? ", " : "", y[i]);
    printf("], ");
}

static void auc_case(struct lethe_rng *rng, int tied)
{
    double s[MOST], t[MOST];
    struct lethe_pool p = {s, t, 1 + lethe_rng_below(rng, MOST), 1 + lethe_rng_below(rng, MOST)};
    for (size_t i = 0; i < MOST; i++) {
        s[i] = tied ? (double)lethe_rng_below(rng, 7) : 0.7 + lethe_rng_normal(rng);
        t[i] = tied ? (double)lethe_rng_below(rng, 6) : lethe_rng_normal(rng);
    }
    struct lethe_measure auc;
    struct lethe_roc_point points[2 * MOST + 1];
    size_t count;
    if (lethe_auc(&auc, &p, NULL) || lethe_roc(points, &count, &p, NULL))
        exit(1);
    double fpr[2 * MOST + 1], tpr[2 * MOST + 1];
    for (size_t i = 0; i < count; i++) {
        fpr[i] = points[i].fpr;
        tpr[i] = points[i].tpr;
    }
    printf("{\"case\": \"auc\", ");
    print_array("member", s, p.members);
    print_array("nonmember", t, p.nonmembers);
    print_array("fpr", fpr, count);
    print_array("tpr", tpr, count);
    printf("\"auc\": %.17g}\n", auc.value);
}

static void output_case(struct lethe_rng *rng)
{
    double z[MOST * CLASSES], other[MOST * CLASSES];
    int labels[MOST];
    size_t n = 2 + lethe_rng_below(rng, MOST - 2);
    for (size_t i = 0; i < n * CLASSES; i++) {
        z[i] = 3 * lethe_rng_normal(rng);
        other[i] = 3 * lethe_rng_normal(rng);
    }
    for (size_t i = 0; i < n; i++)
        labels[i] = (int)lethe_rng_below(rng, CLASSES);
    struct lethe_outputs out = {z, labels, n, CLASSES};
    struct lethe_set_figures set;
    struct lethe_distance distance;
    lethe_set_measure(&set, &out);
    lethe_distance_measure(&distance, z, other, n, CLASSES);
    printf("{\"case\": \"outputs\", ");
    print_array("now", z, n * CLASSES);
    print_array("retrain", other, n * CLASSES);
    print_labels(labels, n);
    printf("\"accuracy\": %.17g, \"loss\": %.17g, ", set.accuracy, set.loss);
    printf("\"kl\": %.17g, \"js\": %.17g, \"churn\": %.17g}\n", distance.kl, distance.js,
           distance.churn);
}

static void logistic_case(struct lethe_rng *rng, size_t d)
{
    double x[MOST * 3], w[4];
    unsigned char y[MOST];
    int labels[MOST];
    for (size_t i = 0; i < MOST; i++) {
        labels[i] = y[i] = i % 3 == 0;
        for (size_t j = 0; j < d; j++)
            x[i * d + j] = 2 * lethe_rng_normal(rng) + y[i];
    }
    struct lethe_logistic problem = {x, y, MOST, d, 0.3 + lethe_rng_uniform(rng)};
    if (lethe_logistic_fit(w, &problem, NULL))
        exit(1);
    printf("{\"case\": \"logistic\", ");
    print_array("x", x, MOST * d);
    print_labels(labels, MOST);
    print_array("w", w, d + 1);
    printf("\"d\": %zu, \"c\": %.17g}\n", d, problem.c);
}

static void interval_case(struct lethe_rng *rng)
{
    size_t n = 1 + lethe_rng_below(rng, 2000), hits = lethe_rng_below(rng, n + 1);
    double low, high;
    lethe_clopper_pearson(&low, &high, hits, n);
    printf("{\"case\": \"share\", \"hits\": %zu, \"n\": %zu, \"low\": %.17g, \"high\": %.17g}\n",
           hits, n, low, high);
}

static void welch_case(struct lethe_rng *rng)
{
    double a[MOST], b[MOST];
    const size_t n = 2 + lethe_rng_below(rng, 40), k = 3 + lethe_rng_below(rng, 40);
    const double spread = exp(2 * lethe_rng_normal(rng)), p = lethe_rng_uniform(rng);
    for (size_t i = 0; i < MOST; i++) {
        a[i] = lethe_rng_normal(rng) * spread + 1;
        b[i] = lethe_rng_normal(rng);
    }
    struct lethe_equivalence e;
    lethe_equivalence_means(&e, a, n, b, k, 0.75);
    printf("{\"case\": \"welch\", ");
    print_array("now", a, n);
    print_array("retrain", b, k);
    printf("\"z\": %.17g, \"p\": %.17g, \"low\": %.17g, \"high\": %.17g, ", e.z, e.p, e.low,
           e.high);
    const double freedom = 0.7 + 50 * lethe_rng_uniform(rng);
    printf("\"level\": %.17g, \"freedom\": %.17g, \"quantile\": %.17g}\n", p, freedom,
           lethe_t_quantile(p, freedom));
}

int main(void)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, 17, LETHE_RNG_TEST, 0, 0);
    for (int i = 0; i < 40; i++) {
        auc_case(&rng, i % 2);
        output_case(&rng);
        logistic_case(&rng, 1 + (size_t)i % 3);
        interval_case(&rng);
        welch_case(&rng);
    }
    return 0;
}
