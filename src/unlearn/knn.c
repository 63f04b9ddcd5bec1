/* SPDX-License-Identifier: MIT
 * All distances, block by block: what is remembered is normalised once for a block of queries.
 * Squares are summed in the order of the values, in double. Two lists of the k nearest are kept for
 * each query, with and without the forgotten ones. Of texts a row becomes the set of its words. */
#include "lethe/knn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { QUERIES = 256, ROWS = 64 };

/* The nearest so far, nearest first. */
struct list {
    double distance[LETHE_KNN_MOST];
    int label[LETHE_KNN_MOST];
    size_t count;
};

/* Rows come in increasing id: an equally near one stands behind those there. */
static void offer(struct list *list, double distance, int label, size_t k)
{
    if (list->count == k && !(distance < list->distance[k - 1]))
        return;
    size_t at = list->count < k ? list->count++ : k - 1;
    for (; at && distance < list->distance[at - 1]; at--) {
        list->distance[at] = list->distance[at - 1];
        list->label[at] = list->label[at - 1];
    }
    list->distance[at] = distance;
    list->label[at] = label;
}

static double squared(const double *a, const double *b, size_t width)
{
    double sum = 0;
    for (size_t i = 0; i < width; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static int by_number(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The words of a row of tokens, each once, increasing; 0 (padding) fills what is left. */
static void keep_words(double *row, size_t width)
{
    size_t kept = 0;
    qsort(row, width, sizeof *row, by_number);
    for (size_t i = 0; i < width; i++)
        if (row[i] > 0 && (!kept || row[i] > row[kept - 1]))
            row[kept++] = row[i];
    memset(row + kept, 0, (width - kept) * sizeof *row);
}

/* 1 - the cosine of two sets of words; of an empty one 1. */
static double words_apart(const double *a, const double *b, size_t width)
{
    size_t i = 0, j = 0, both = 0;
    while (i < width && j < width && a[i] > 0 && b[j] > 0) {
        const double x = a[i], y = b[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    while (i < width && a[i] > 0)
        i++;
    while (j < width && b[j] > 0)
        j++;
    return both ? 1 - (double)both / sqrt((double)i * (double)j) : 1;
}

static void vote(double *logits, const struct list *list, const struct lethe_knn *knn)
{
    const double share = 1 / (double)knn->classes;
    for (size_t c = 0; c < knn->classes; c++) {
        size_t votes = 0;
        for (size_t i = 0; i < list->count; i++)
            votes += (size_t)list->label[i] == c;
        logits[c] = log(((double)votes + share) / ((double)knn->k + 1));
    }
}

static enum lethe_err check(const struct lethe_knn *knn, struct lethe_error *err)
{
    size_t left = 0;
    for (size_t i = 0; i < knn->count; i++)
        left += !knn->deleted[i];
    if (knn->k < 1 || knn->k > LETHE_KNN_MOST || knn->k > left)
        return lethe_fail(err, LETHE_EARG, "%zu neighbours: 1 to %zu", knn->k,
                          left < LETHE_KNN_MOST ? left : (size_t)LETHE_KNN_MOST);
    return LETHE_OK;
}

struct block {
    double *queries, *rows;      /* (QUERIES, width), (ROWS, width) */
    int labels[ROWS];            /* of rows */
    struct list *before, *after; /* (QUERIES) */
    int texts;                   /* rows are sets of words */
};

/* Rows of samples as they are compared. */
static void read_rows(const struct block *b, double *to, int *labels,
                      const struct lethe_dataset *from, const size_t *ids, size_t n, size_t width)
{
    lethe_dataset_batch(from, to, labels, ids, n);
    for (size_t i = 0; b->texts && i < n; i++)
        keep_words(to + i * width, width);
}

static void compare(struct block *b, const struct lethe_knn *knn, size_t n, size_t first,
                    size_t rows, size_t width)
{
    for (size_t q = 0; q < n; q++)
        for (size_t r = 0; r < rows; r++) {
            const double *query = b->queries + q * width, *row = b->rows + r * width;
            const double d = b->texts ? words_apart(query, row, width) : squared(query, row, width);
            offer(&b->before[q], d, b->labels[r], knn->k);
            if (!knn->deleted[first + r])
                offer(&b->after[q], d, b->labels[r], knn->k);
        }
}

enum lethe_err lethe_knn_logits(double *before, double *after, const struct lethe_knn *knn,
                                const struct lethe_dataset *from, const size_t *queries, size_t n,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(knn->data);
    enum lethe_err code = check(knn, err);
    if (code)
        return code;
    struct block b = {.queries = lethe_alloc(QUERIES, width * sizeof(double)),
                      .rows = lethe_alloc(ROWS, width * sizeof(double)),
                      .before = lethe_alloc(QUERIES, sizeof *b.before),
                      .after = lethe_alloc(QUERIES, sizeof *b.after),
                      .texts = lethe_dataset_tokens(knn->data) > 0};
    if (!b.queries || !b.rows || !b.before || !b.after)
        code = lethe_fail_memory(err, "neighbours", QUERIES + ROWS, width * sizeof(double));
    for (size_t at = 0; !code && at < n; at += QUERIES) {
        const size_t some = n - at < QUERIES ? n - at : QUERIES;
        read_rows(&b, b.queries, NULL, from, queries + at, some, width);
        for (size_t q = 0; q < some; q++)
            b.before[q].count = b.after[q].count = 0;
        for (size_t r = 0; !code && r < knn->count; r += ROWS) {
            const size_t rows = knn->count - r < ROWS ? knn->count - r : ROWS;
            code = lethe_watch_step(watch, "comparing", (long)at, (long)n, err);
            read_rows(&b, b.rows, b.labels, knn->data, knn->ids + r, rows, width);
            if (!code)
                compare(&b, knn, some, r, rows, width);
        }
        for (size_t q = 0; !code && q < some; q++) {
            vote(before + (at + q) * knn->classes, &b.before[q], knn);
            vote(after + (at + q) * knn->classes, &b.after[q], knn);
        }
    }
    lethe_free(b.queries);
    lethe_free(b.rows);
    lethe_free(b.before);
    lethe_free(b.after);
    return code;
}
