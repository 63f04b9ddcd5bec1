/* SPDX-License-Identifier: MIT
 * Parts of a curvature that was made once. */
#include "removal/curvature_cache.h"

#include <string.h>

#include "base/clock.h"
#include "removal/stage_common.h"

int lethe_curvature_cache_possible(const struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings)
{
    const char *name = settings->text[LETHE_SET_CURVATURE];
    return lethe_graph_size(snapshot->graph) <= LETHE_CURVATURE_CACHE_MOST &&
           (!strcmp(name, "ggn") || !strcmp(name, "hessian") || !strcmp(name, "fisher"));
}

static enum lethe_err problem_over(struct lethe_problem **problem,
                                   const struct lethe_snapshot *snapshot,
                                   const struct lethe_ids *ids, struct lethe_error *err)
{
    const struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, ids, LETHE_F64);
    return lethe_problem_new(problem, &spec, err);
}

/* C: as many of S as the settings say. */
static enum lethe_err draw(struct lethe_curvature_cache *cache,
                           const struct lethe_snapshot *snapshot,
                           const struct lethe_settings *settings, struct lethe_error *err)
{
    struct lethe_ids all = {0};
    enum lethe_err code = lethe_snapshot_all(&all, snapshot, SIZE_MAX, err);
    if (code)
        return code;
    const size_t wanted = lethe_curvature_count(snapshot, settings, 1, 0);
    const size_t most = wanted < all.count ? wanted : all.count;
    cache->samples.at = lethe_alloc(most, sizeof *cache->samples.at);
    if (cache->samples.at)
        cache->samples.count = lethe_curvature_samples(cache->samples.at, all.at, all.count, most,
                                                       lethe_stage_seed(settings));
    else
        code = lethe_fail_memory(err, "curvature samples", most, sizeof *all.at);
    lethe_free(all.at);
    return code;
}

/* The upper triangle as the lower one, so that parts are cut from rows; in tiles that fit a cache.
 */
static void mirror(double *matrix, size_t size)
{
    enum { TILE = 64 };
    for (size_t top = 0; top < size; top += TILE)
        for (size_t left = 0; left <= top; left += TILE)
            for (size_t i = top; i < size && i < top + TILE; i++)
                for (size_t j = left; j < i && j < left + TILE; j++)
                    matrix[j * size + i] = matrix[i * size + j];
}

enum lethe_err lethe_curvature_cache_init(struct lethe_curvature_cache *cache,
                                          const struct lethe_snapshot *snapshot,
                                          const struct lethe_settings *settings,
                                          struct lethe_watch *watch, struct lethe_error *err)
{
    const double start = lethe_clock();
    const struct lethe_curvature_options options = {.seed = lethe_stage_seed(settings)};
    const struct lethe_curvature_method *method = NULL;
    struct lethe_curvature_cache made = {0};
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_curvature_find(&method, settings->text[LETHE_SET_CURVATURE], err);
    if (!code)
        code = lethe_blanket_all(&made.all, snapshot->graph, err);
    if (!code)
        code = draw(&made, snapshot, settings, err);
    if (!code)
        code = problem_over(&problem, snapshot, &made.samples, err);
    if (!code)
        code = lethe_curvature_make(&made.curvature, method, problem, snapshot->w, &made.all,
                                    &options, watch, err);
    const size_t size = lethe_graph_size(snapshot->graph);
    made.place = code ? NULL : lethe_alloc(size, sizeof *made.place);
    if (!code && !made.place)
        code = lethe_fail_memory(err, "a curvature", size, sizeof *made.place);
    for (size_t i = 0; !code && i < size; i++)
        made.place[made.all.index[i]] = i;
    if (!code)
        mirror(made.curvature.matrix, size);
    lethe_problem_free(problem);
    made.seconds = lethe_clock() - start;
    if (code)
        lethe_curvature_cache_release(&made);
    else
        *cache = made;
    return code;
}

void lethe_curvature_cache_release(struct lethe_curvature_cache *cache)
{
    lethe_blanket_release(&cache->all);
    lethe_curvature_release(&cache->curvature);
    lethe_free(cache->samples.at);
    lethe_free(cache->place);
    *cache = (struct lethe_curvature_cache){0};
}

/* Entries from `from` on that lie beside each other in the cache, at most up to `end`. */
static size_t run_of(const struct lethe_curvature_cache *cache, const struct lethe_blanket *blanket,
                     size_t from, size_t end)
{
    const size_t first = cache->place[blanket->index[from]];
    size_t n = 1;
    while (from + n < end && cache->place[blanket->index[from + n]] == first + n)
        n++;
    return n;
}

/* The blanket's entries: whole rows of each unit's block beside every other's. */
static void copy_part(struct lethe_curvature *part, const struct lethe_curvature_cache *cache,
                      const struct lethe_blanket *blanket)
{
    for (size_t left = 0, n; left < part->size; left += n) {
        const size_t column = cache->place[blanket->index[left]];
        n = run_of(cache, blanket, left, part->size);
        for (size_t i = left; i < part->size; i++) {
            const size_t row = cache->place[blanket->index[i]];
            memcpy(part->matrix + i * part->size + left,
                   cache->curvature.matrix + row * cache->curvature.size + column,
                   n * sizeof *part->matrix);
        }
    }
}

/* Takes the share of samples `gone`, which are in C, out of part. Both contain the decay. */
static enum lethe_err take_out(struct lethe_curvature *part, const struct lethe_snapshot *snapshot,
                               const struct lethe_blanket *blanket, const struct lethe_ids *gone,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_curvature_options options = {.seed = part->seed, .labels = part->drawn};
    struct lethe_problem *problem = NULL;
    struct lethe_curvature own = {0};
    enum lethe_err code = problem_over(&problem, snapshot, gone, err);
    if (!code)
        code = lethe_curvature_make(&own, part->method, problem, snapshot->w, blanket, &options,
                                    watch, err);
    const double all = (double)part->samples, out = (double)gone->count, left = all - out;
    for (size_t i = 0; !code && i < part->size; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t at = i * part->size + j;
            part->matrix[at] = (all * part->matrix[at] - out * own.matrix[at]) / left;
        }
    part->samples -= gone->count;
    lethe_curvature_release(&own);
    lethe_problem_free(problem);
    return code;
}

static int holds(const struct lethe_ids *ids, size_t id)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (ids->at[mid] == id)
            return 1;
        if (ids->at[mid] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return 0;
}

/* The curvature of the curve's blanket. */
static enum lethe_err cut(struct lethe_blanket_curvature *curve,
                          const struct lethe_curvature_cache *cache, struct lethe_watch *watch,
                          struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = curve->snapshot;
    const size_t size = curve->blanket.offset[curve->blanket.count];
    struct lethe_ids gone = {lethe_alloc(snapshot->forget.count, sizeof *gone.at), 0};
    curve->curvature = cache->curvature;
    curve->curvature.size = size;
    curve->curvature.matrix = lethe_alloc_zero(size * size, sizeof(double));
    if (!gone.at || !curve->curvature.matrix) {
        lethe_free(gone.at);
        return lethe_fail_memory(err, "a curvature", size * size, sizeof(double));
    }
    for (size_t i = 0; i < snapshot->forget.count; i++)
        if (holds(&cache->samples, snapshot->forget.at[i]))
            gone.at[gone.count++] = snapshot->forget.at[i];
    copy_part(&curve->curvature, cache, &curve->blanket);
    enum lethe_err code = LETHE_OK;
    if (gone.count == cache->samples.count)
        code = lethe_fail(err, LETHE_EARG, "no curvature samples are left");
    else if (gone.count)
        code = take_out(&curve->curvature, snapshot, &curve->blanket, &gone, watch, err);
    lethe_free(gone.at);
    return code;
}

enum lethe_err lethe_curvature_cache_blanket(struct lethe_blanket_curvature **curve,
                                             const struct lethe_curvature_cache *cache,
                                             struct lethe_snapshot *snapshot,
                                             const struct lethe_selected *selected,
                                             struct lethe_watch *watch, struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_blanket_curvature *made = NULL;
    enum lethe_err code = lethe_blanket_curvature_begin(&made, snapshot, selected, 1, watch, err);
    if (!code && made->blanket.count)
        code = cut(made, cache, watch, err);
    if (code) {
        lethe_blanket_curvature_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *curve = made;
    return LETHE_OK;
}
