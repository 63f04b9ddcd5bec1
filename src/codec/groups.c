/* SPDX-License-Identifier: MIT
 * Rows that are equal in all selected columns. Rectified units make large groups of them, which
 * lists would have to walk from end to end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/fast.h"
#include "lethe/rng.h"

struct marked {
    uint64_t mark; /* equal rows have equal marks */
    uint32_t row;
};

static int by_mark(const void *a, const void *b)
{
    const struct marked *s = a, *t = b;
    if (s->mark != t->mark)
        return s->mark < t->mark ? -1 : 1;
    return s->row < t->row ? -1 : 1;
}

static void mark_rows(struct marked *marks, const struct codec_question *question, size_t n)
{
    for (size_t i = 0; i < n; i++)
        marks[i] = (struct marked){0, (uint32_t)i};
    for (size_t k = 0; k < question->count; k++)
        for (size_t i = 0; i < n; i++) {
            double value = question->given[k * n + i] + 0.0; /* no -0 */
            uint64_t bits;
            memcpy(&bits, &value, sizeof bits);
            marks[i].mark = lethe_hash3(marks[i].mark, bits, k);
        }
}

static int equal_rows(const struct codec_question *question, size_t n, size_t i, size_t j)
{
    for (size_t k = 0; k < question->count; k++)
        if (question->given[k * n + i] != question->given[k * n + j])
            return 0;
    return 1;
}

struct grouping {
    struct codec_fast *fast;
    const struct codec_question *question;
};

static int by_distance(const void *a, const void *b)
{
    const struct codec_point *s = a, *t = b;
    if (s->x != t->x)
        return s->x < t->x ? -1 : 1;
    return s->at < t->at ? -1 : 1;
}

/* Lists the nearest rows outside one group. */
static void look_outside(void *argument, size_t item, unsigned worker)
{
    struct grouping *job = argument;
    struct codec_group *group = &job->fast->group[item];
    struct codec_bench *bench = &job->fast->bench[worker];
    size_t n = job->fast->n, count = 0;
    double *d = bench->column;
    lethe_codec_distances(d, job->question->given, job->question->count, n, group->rows[0]);
    for (size_t k = 0; k < group->count; k++)
        d[group->rows[k]] = NAN;
    for (size_t j = 0; j < n; j++)
        if (!isnan(d[j]))
            bench->points[count++] = (struct codec_point){d[j], (uint32_t)j};
    qsort(bench->points, count, sizeof *bench->points, by_distance);
    group->bound = count ? bench->points[0].x : INFINITY;
    group->beyond = count > CODEC_OUTSIDE ? bench->points[CODEC_OUTSIDE].x : INFINITY;
    group->outside_count = count > CODEC_OUTSIDE ? CODEC_OUTSIDE : count;
    group->outside = job->fast->outside + item * CODEC_OUTSIDE;
    memcpy(group->outside, bench->points, group->outside_count * sizeof *group->outside);
    group->reach = (float)group->beyond;
    group->near = job->fast->near + item * CODEC_OUTSIDE;
    for (size_t k = 0; k < group->outside_count; k++)
        group->near[k] = (struct codec_near){(float)group->outside[k].x, group->outside[k].at};
}

/* The tie orders within the groups. */
static enum lethe_err order_groups(struct codec_fast *fast, const struct codec_question *question,
                                   struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (fast->group_count && !fast->first)
        fast->first = lethe_alloc(fast->room[0], CODEC_FIRST * sizeof *fast->first);
    if (fast->group_count && !fast->first)
        return lethe_fail_memory(err, "tie orders", fast->n, CODEC_FIRST * sizeof *fast->first);
    for (size_t g = 0; g < fast->group_count && code == LETHE_OK; g++) {
        struct codec_group *group = &fast->group[g];
        group->first = fast->first;
        code = lethe_codec_firsts(fast->first, question->table, group->rows, group->count,
                                  question->pool, err);
    }
    return code;
}

/* Splits the sorted marks: large runs of equal rows go to the end of `lone`, others to its front.
 */
static void split(struct codec_fast *fast, const struct codec_question *question,
                  const struct marked *marks)
{
    size_t n = fast->n, lone = 0, grouped = n;
    for (size_t first = 0, end; first < n; first = end) {
        size_t size = 0;
        for (end = first; end < n && marks[end].mark == marks[first].mark; end++)
            size += (size_t)equal_rows(question, n, marks[first].row, marks[end].row);
        int large = size == end - first && size >= CODEC_GROUP;
        grouped -= large ? size : 0;
        for (size_t k = first; k < end; k++)
            fast->lone[large ? grouped + k - first : lone++] = marks[k].row;
        if (large)
            fast->group[fast->group_count++] =
                (struct codec_group){.rows = fast->lone + grouped, .count = size};
    }
    fast->lone_count = lone;
}

static int rising(const void *a, const void *b)
{
    uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;
    return (s > t) - (s < t);
}

enum lethe_err lethe_codec_groups(struct codec_fast *fast, const struct codec_question *question,
                                  struct lethe_error *err)
{
    size_t n = fast->n;
    struct grouping job = {fast, question};
    struct marked *marks = NULL;
    fast->group_count = 0;
    if (question->table->repeats <= n / 16) { /* hardly a row is like another */
        for (size_t i = 0; i < n; i++)
            fast->lone[i] = (uint32_t)i;
        fast->lone_count = n;
        return LETHE_OK;
    }
    marks = lethe_alloc(n, sizeof *marks);
    if (!marks)
        return lethe_fail_memory(err, "groups of equal rows", n, sizeof *marks);
    mark_rows(marks, question, n);
    qsort(marks, n, sizeof *marks, by_mark);
    split(fast, question, marks);
    lethe_free(marks);
    qsort(fast->lone, fast->lone_count, sizeof *fast->lone, rising);
    lethe_threads_run(question->pool, look_outside, &job, fast->group_count, question->watch);
    return order_groups(fast, question, err);
}
