/* SPDX-License-Identifier: MIT
 * Who is taken for whom by their features: retrieval (rank-1, mean average precision) and
 * verification (equal error rate), by the cosine of the angle between features. See retrieval.h.
 * Check value (tests/unit/eval/retrieval_test.c): a gallery right, wrong, right has average
 * precision (1 + 2/3) / 2. */
#include "eval/retrieval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct scored {
    double cosine;
    size_t at; /* number of a sample, or 1 for a pair of one label */
};

/* Largest cosine first, then the lower number. */
static int by_cosine(const void *a, const void *b)
{
    const struct scored *one = a, *two = b;
    if (one->cosine != two->cosine)
        return one->cosine > two->cosine ? -1 : 1;
    return (one->at > two->at) - (one->at < two->at);
}

static int is_apart(const struct lethe_feature_rows *f, size_t i, size_t j)
{
    return i != j && !(f->group && f->group[i] >= 0 && f->group[i] == f->group[j]);
}

/* Rows of length 1; a row of zeros stays. */
static double *normalised(const struct lethe_feature_rows *f)
{
    double *unit = lethe_alloc(f->n, f->width * sizeof *unit);
    for (size_t i = 0; unit && i < f->n; i++) {
        const double *x = f->x + i * f->width;
        double square = 0;
        for (size_t d = 0; d < f->width; d++)
            square += x[d] * x[d];
        for (size_t d = 0; d < f->width; d++)
            unit[i * f->width + d] = square > 0 ? x[d] / sqrt(square) : 0;
    }
    return unit;
}

static double cosine(const double *unit, size_t width, size_t i, size_t j)
{
    double sum = 0;
    for (size_t d = 0; d < width; d++)
        sum += unit[i * width + d] * unit[j * width + d];
    return sum;
}

/* One query: adds to the sums when anybody of its label is there. */
static void ask(struct lethe_retrieval *out, struct scored *gallery, const double *unit,
                const struct lethe_feature_rows *f, size_t query)
{
    size_t count = 0, right = 0;
    double precision = 0;
    for (size_t j = 0; j < f->n; j++)
        if (is_apart(f, query, j))
            gallery[count++] = (struct scored){cosine(unit, f->width, query, j), j};
    qsort(gallery, count, sizeof *gallery, by_cosine);
    for (size_t k = 0; k < count; k++)
        if (f->label[gallery[k].at] == f->label[query])
            precision += (double)++right / (double)(k + 1);
    if (!right)
        return;
    out->queries++;
    out->rank1 += f->label[gallery[0].at] == f->label[query];
    out->average_precision += precision / (double)right;
}

/* pairs, largest cosine first: a threshold at each lets it and all before it pass. */
static double equal_errors(const struct scored *pairs, size_t count, size_t same, size_t other)
{
    double least = INFINITY, rate = NAN;
    size_t right = 0, wrong = 0;
    if (!same || !other)
        return NAN;
    for (size_t k = 0; k < count; k++) {
        right += pairs[k].at;
        wrong += !pairs[k].at;
        if (k + 1 < count && pairs[k + 1].cosine == pairs[k].cosine)
            continue;
        const double passed = (double)wrong / (double)other,
                     failed = 1 - (double)right / (double)same;
        if (fabs(passed - failed) < least) {
            least = fabs(passed - failed);
            rate = (passed + failed) / 2;
        }
    }
    return rate;
}

static enum lethe_err verify(struct lethe_retrieval *out, const double *unit,
                             const struct lethe_feature_rows *f, const unsigned char *asks,
                             const unsigned char *pairs, struct lethe_error *err)
{
    size_t members = 0, count = 0;
    for (size_t i = 0; i < f->n; i++)
        members += pairs[i] != 0;
    const size_t room = members * (members + 1) / 2 + 1;
    struct scored *list = lethe_alloc(room, sizeof *list);
    if (!list)
        return lethe_fail_memory(err, "pairs", room, sizeof *list);
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = i + 1; j < f->n && pairs[i]; j++) {
            const size_t same = f->label[i] == f->label[j];
            if (!pairs[j] || !(asks[i] || asks[j]) || !is_apart(f, i, j))
                continue;
            list[count++] = (struct scored){cosine(unit, f->width, i, j), same};
            out->same += same;
            out->other += !same;
        }
    qsort(list, count, sizeof *list, by_cosine);
    out->eer = equal_errors(list, count, out->same, out->other);
    lethe_free(list);
    return LETHE_OK;
}

enum lethe_err lethe_retrieval_measure(struct lethe_retrieval *retrieval,
                                       const struct lethe_feature_rows *features,
                                       const unsigned char *asks, const unsigned char *pairs,
                                       struct lethe_error *err)
{
    struct lethe_retrieval out = {0};
    double *unit = normalised(features);
    struct scored *gallery = lethe_alloc(features->n + 1, sizeof *gallery);
    enum lethe_err code = LETHE_OK;
    if (!unit || !gallery)
        code = lethe_fail_memory(err, "features", features->n, features->width * sizeof *unit);
    for (size_t i = 0; i < features->n && !code; i++)
        if (asks[i])
            ask(&out, gallery, unit, features, i);
    if (!code)
        code = verify(&out, unit, features, asks, pairs, err);
    out.rank1 = out.queries ? out.rank1 / (double)out.queries : NAN;
    out.average_precision = out.queries ? out.average_precision / (double)out.queries : NAN;
    lethe_free(unit);
    lethe_free(gallery);
    if (!code)
        *retrieval = out;
    return code;
}
