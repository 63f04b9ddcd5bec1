/* SPDX-License-Identifier: MIT
 * FOCI: the greedy loop over columns. A step asks for sums[c] = sum of min(R_i, R_M(i)) with column
 * c added; conditional and cumulative T follow from sums by integer arithmetic, so the winner is
 * simply the column of the largest sum, the lowest such column first.
 * Check values: shared reference cases of the FOCI package for R, tests/unit/codec/foci_test.c. */
#include "codec/foci.h"

#include <string.h>

#include "base/alloc.h"

struct lethe_foci {
    struct lethe_threads *pool;
    struct codec_table table;
    struct codec_fast fast; /* work space for float columns */
    struct lethe_foci_options options;
    struct lethe_foci_result result;
    size_t limit, live; /* steps at most; usable columns */
    int finished;
    double *given;       /* (count, n) selected columns */
    unsigned char *skip; /* (p) selected or not usable */
    int64_t *sums;       /* (p) */
    int64_t reached;     /* sum of the selection so far */
    size_t step_room;
    struct {
        const char *stage; /* NULL: steps report themselves */
        long done, total;
    } as;
};

static const char *const stop_names[] = {
    [LETHE_FOCI_RUNNING] = "running",     [LETHE_FOCI_NO_GAIN] = "no gain",
    [LETHE_FOCI_FUNCTION] = "function",   [LETHE_FOCI_MAX] = "max",
    [LETHE_FOCI_ALL] = "all columns",     [LETHE_FOCI_CONSTANT_Y] = "constant y",
    [LETHE_FOCI_NO_COLUMN] = "no column",
};
_Static_assert(sizeof stop_names / sizeof *stop_names == LETHE_FOCI_STOP_COUNT,
               "a reason without a name");

const char *lethe_foci_stop_name(enum lethe_foci_stop stopped)
{
    return stop_names[stopped];
}

enum lethe_err lethe_foci_new(struct lethe_foci **out, struct lethe_error *err)
{
    struct lethe_foci *foci = lethe_alloc_zero(1, sizeof *foci);
    if (!foci) {
        lethe_fail_memory(err, "foci", 1, sizeof *foci);
        return LETHE_ENOMEM;
    }
    *out = foci;
    return LETHE_OK;
}

void lethe_foci_result_release(struct lethe_foci_result *result)
{
    lethe_free(result->steps);
    lethe_free(result->marginal);
    lethe_free(result->usable);
    *result = (struct lethe_foci_result){0};
}

static void clear(struct lethe_foci *foci)
{
    lethe_foci_result_release(&foci->result);
    lethe_free(foci->given);
    lethe_free(foci->skip);
    lethe_free(foci->sums);
    foci->given = NULL;
    foci->skip = NULL;
    foci->sums = NULL;
    foci->step_room = 0;
    foci->reached = 0;
    foci->finished = 1;
}

void lethe_foci_free(struct lethe_foci *foci)
{
    if (!foci)
        return;
    clear(foci);
    lethe_codec_table_release(&foci->table);
    lethe_codec_fast_release(&foci->fast);
    lethe_threads_free(foci->pool);
    lethe_free(foci);
}

static enum lethe_err ensure_pool(struct lethe_foci *foci, unsigned threads,
                                  struct lethe_error *err)
{
    unsigned workers = threads ? threads : 1;
    if (foci->pool && lethe_threads_count(foci->pool) == workers)
        return LETHE_OK;
    lethe_threads_free(foci->pool);
    foci->pool = NULL;
    return lethe_threads_new(&foci->pool, workers, err);
}

static void finish(struct lethe_foci *foci, enum lethe_foci_stop why)
{
    foci->finished = 1;
    if (foci->result.stopped != LETHE_FOCI_RUNNING)
        return; /* the line was drawn earlier, this is the end of what lies below it */
    foci->result.stopped = why;
    foci->result.selected = foci->result.count;
}

static enum lethe_err make_result(struct lethe_foci *foci, struct lethe_error *err)
{
    struct lethe_foci_result *result = &foci->result;
    size_t p = foci->table.p;
    result->n = foci->table.n;
    result->p = p;
    result->scaling = foci->options.codec.scaling;
    result->marginal = lethe_alloc_zero(p, sizeof *result->marginal);
    result->usable = lethe_alloc(p, sizeof *result->usable);
    foci->skip = lethe_alloc(p, sizeof *foci->skip);
    foci->sums = lethe_alloc_zero(p, sizeof *foci->sums);
    if (!result->marginal || !result->usable || !foci->skip || !foci->sums)
        return lethe_fail_memory(err, "scores", p, sizeof *foci->sums);
    memcpy(result->usable, foci->table.usable, p);
    foci->live = 0;
    for (size_t c = 0; c < p; c++) {
        foci->skip[c] = !result->usable[c];
        foci->live += result->usable[c];
    }
    return LETHE_OK;
}

enum lethe_err lethe_foci_start(struct lethe_foci *foci, const struct lethe_codec_input *input,
                                const struct lethe_foci_options *options, struct lethe_error *err)
{
    clear(foci);
    foci->options = *options;
    enum lethe_err code = ensure_pool(foci, options->codec.threads, err);
    if (code == LETHE_OK)
        code = lethe_codec_table_fill(&foci->table, input, &options->codec, foci->pool, err);
    if (code == LETHE_OK && input->x64)
        code = lethe_codec_table_narrow(&foci->table, foci->pool, err);
    if (code == LETHE_OK)
        code = make_result(foci, err);
    if (code != LETHE_OK) {
        clear(foci);
        return code;
    }
    foci->limit = options->max && options->max < foci->live ? options->max : foci->live;
    foci->finished = 0;
    if (foci->table.spread == 0)
        finish(foci, LETHE_FOCI_CONSTANT_Y);
    else if (foci->live == 0)
        finish(foci, LETHE_FOCI_NO_COLUMN);
    return LETHE_OK;
}

/* Room for one more step and one more selected column; both grow by half. */
static enum lethe_err make_room(struct lethe_foci *foci, struct lethe_error *err)
{
    size_t count = foci->result.count, n = foci->table.n;
    if (count < foci->step_room)
        return LETHE_OK;
    size_t room = count + count / 2 + 8;
    struct lethe_foci_step *steps = lethe_realloc(foci->result.steps, room, sizeof *steps);
    if (steps)
        foci->result.steps = steps;
    double *given = steps ? lethe_realloc(foci->given, room, n * sizeof *given) : NULL;
    if (!given)
        return lethe_fail_memory(err, "selected columns", room, n * sizeof *given);
    foci->given = given;
    foci->step_room = room;
    return LETHE_OK;
}

static double cumulative(const struct codec_table *table, int64_t sum)
{
    return (double)((int64_t)table->n * sum - table->sum_least2) / (double)table->spread;
}

/* T(y, column | selection) of a column with this sum. */
static double conditional(const struct lethe_foci *foci, int64_t sum)
{
    if (foci->result.count == 0)
        return cumulative(&foci->table, sum);
    int64_t open = foci->table.sum_rank - foci->reached;
    return open ? (double)(sum - foci->reached) / (double)open : 0;
}

/* Puts the best columns, largest sum first, into best; returns how many there are. */
static size_t best_columns(const struct lethe_foci *foci, size_t best[LETHE_FOCI_RUNNERS + 1])
{
    size_t count = 0;
    for (size_t c = 0; c < foci->table.p; c++) {
        if (foci->skip[c])
            continue;
        size_t at = count;
        while (at > 0 && foci->sums[best[at - 1]] < foci->sums[c])
            at--;
        if (at > LETHE_FOCI_RUNNERS)
            continue;
        count += count <= LETHE_FOCI_RUNNERS;
        memmove(best + at + 1, best + at, (count - at - 1) * sizeof *best);
        best[at] = c;
    }
    return count;
}

static void record(struct lethe_foci *foci, const size_t *best, size_t count)
{
    struct lethe_foci_step *step = &foci->result.steps[foci->result.count];
    *step = (struct lethe_foci_step){
        .column = best[0],
        .conditional = conditional(foci, foci->sums[best[0]]),
        .cumulative = cumulative(&foci->table, foci->sums[best[0]]),
        .runner_count = count - 1,
    };
    for (size_t r = 1; r < count; r++)
        step->runners[r - 1] =
            (struct lethe_foci_runner){best[r], conditional(foci, foci->sums[best[r]])};
}

/* Whether the loop ends before the column with this conditional T is taken. */
static int draws_line(struct lethe_foci *foci, double best)
{
    if (!foci->options.stop || foci->result.stopped != LETHE_FOCI_RUNNING || best > 0)
        return 0;
    int function = foci->result.count && foci->reached == foci->table.sum_rank;
    finish(foci, function ? LETHE_FOCI_FUNCTION : LETHE_FOCI_NO_GAIN);
    foci->finished = !foci->options.past_stop;
    return foci->finished;
}

static void take(struct lethe_foci *foci, const size_t *best, size_t count)
{
    size_t n = foci->table.n;
    record(foci, best, count);
    lethe_codec_table_column(foci->given + foci->result.count * n, &foci->table, best[0]);
    foci->reached = foci->sums[best[0]];
    foci->skip[best[0]] = 1;
    foci->result.count++;
}

void lethe_foci_report_as(struct lethe_foci *foci, const char *stage, long done, long total)
{
    foci->as.stage = stage;
    foci->as.done = done;
    foci->as.total = total;
}

static enum lethe_err report(const struct lethe_foci *foci, struct lethe_watch *watch,
                             struct lethe_error *err)
{
    if (foci->as.stage)
        return lethe_watch_step(watch, foci->as.stage, foci->as.done, foci->as.total, err);
    int open_end = foci->options.stop && !foci->options.past_stop;
    return lethe_watch_step(watch, "selecting", (long)foci->result.count,
                            open_end ? 0 : (long)foci->limit, err);
}

enum lethe_err lethe_foci_step(struct lethe_foci *foci, int *more, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    struct lethe_foci_result *result = &foci->result;
    *more = 0;
    if (foci->finished)
        return LETHE_OK;
    enum lethe_err code = report(foci, watch, err);
    if (code == LETHE_OK)
        code = make_room(foci, err);
    struct codec_question question = {
        .table = &foci->table,
        .given = foci->given,
        .count = result->count,
        .skip = foci->skip,
        .pool = foci->pool,
        .watch = watch,
    };
    if (code == LETHE_OK)
        code = lethe_codec_sums_fast(foci->sums, &question, &foci->fast, err);
    if (code == LETHE_OK)
        code = report(foci, watch, err);
    if (code != LETHE_OK)
        return code;
    if (result->count == 0)
        for (size_t c = 0; c < result->p; c++)
            if (!foci->skip[c])
                result->marginal[c] = cumulative(&foci->table, foci->sums[c]);
    size_t best[LETHE_FOCI_RUNNERS + 1] = {0};
    size_t count = best_columns(foci, best);
    if (draws_line(foci, conditional(foci, foci->sums[best[0]])))
        return LETHE_OK;
    take(foci, best, count);
    if (result->count == foci->limit)
        finish(foci, foci->limit == foci->live ? LETHE_FOCI_ALL : LETHE_FOCI_MAX);
    *more = !foci->finished;
    return LETHE_OK;
}

const struct codec_fast *lethe_foci_fast(const struct lethe_foci *foci)
{
    return &foci->fast;
}

void lethe_foci_use(struct lethe_foci *foci, const struct codec_kernels *kernels)
{
    foci->table.kernels = kernels;
}

const struct lethe_foci_result *lethe_foci_peek(const struct lethe_foci *foci)
{
    return &foci->result;
}

enum lethe_err lethe_foci_run(struct lethe_foci_result *result,
                              const struct lethe_codec_input *input,
                              const struct lethe_foci_options *options, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_foci *foci = NULL;
    enum lethe_err code = lethe_foci_new(&foci, err);
    if (code == LETHE_OK)
        code = lethe_foci_start(foci, input, options, err);
    for (int more = 1; code == LETHE_OK && more;)
        code = lethe_foci_step(foci, &more, watch, err);
    if (code == LETHE_OK) {
        *result = foci->result;
        foci->result = (struct lethe_foci_result){0};
    }
    lethe_foci_free(foci);
    return code;
}
