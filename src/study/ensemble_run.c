/* SPDX-License-Identifier: MIT
 * Making the members of an ensemble: what is on disk is read, the others are shared among the
 * threads here and the other ranks, and each is kept as soon as it is done. */
#include "study/ensemble_run.h"

#include <string.h>

#include "base/alloc.h"
#include "base/parallel_for.h"
#include "study/mpi_pool.h"

struct making {
    const struct lethe_ensemble *ensemble;
    struct lethe_member *members;
    size_t *open; /* numbers of those that are to be made */
    char (*names)[LETHE_HASH_TEXT];
    struct lethe_mpi_pool *pool; /* NULL: this process is alone, or the others are busy */
};

static enum lethe_err keep(const struct making *m, size_t item, struct lethe_error *err)
{
    const struct lethe_member *member = &m->members[m->open[item]];
    if (!m->ensemble->training->folder)
        return LETHE_OK;
    return lethe_weights_cache_write(&member->kept, m->ensemble->training->folder, m->names[item],
                                     err);
}

static enum lethe_err run_item(void *arg, size_t item, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const struct making *m = arg;
    enum lethe_err code = lethe_ensemble_one(&m->members[m->open[item]], m->ensemble, watch, err);
    return code ? code : keep(m, item, err);
}

static size_t run_elsewhere(void *arg, struct lethe_parallel_run *run, int cancelled)
{
    const struct making *m = arg;
    size_t item;
    struct lethe_error err = {0};
    enum lethe_err code;
    while (lethe_mpi_pool_free(m->pool) && lethe_parallel_take(run, &item))
        lethe_mpi_pool_give(m->pool, item, &m->members[m->open[item]]);
    if (cancelled)
        lethe_mpi_pool_cancel(m->pool);
    while (lethe_mpi_pool_collect(m->pool, &item, &code, &err)) {
        if (!code)
            code = keep(m, item, &err);
        lethe_parallel_done(run, item, code, &err);
    }
    return lethe_mpi_pool_busy(m->pool);
}

/* Reads what is there; the others are open. */
static enum lethe_err look_up(struct making *m, size_t *open, size_t count, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < count; i++) {
        struct lethe_member *member = &m->members[i];
        if (member->made)
            continue;
        code = lethe_member_name(m->names[*open], member, m->ensemble, err);
        if (!code && m->ensemble->training->folder)
            member->made = lethe_weights_cache_read(&member->kept, m->ensemble->training->folder,
                                                    m->names[*open]);
        if (!member->made)
            m->open[(*open)++] = i;
    }
    return code;
}

/* The stage in which nearly all of the time of a member goes; NULL: several share it. */
static const char *part_of(const char *stage)
{
    return !strcmp(stage, "removing") ? NULL : !strcmp(stage, "unlearning") ? stage : "training";
}

enum lethe_err lethe_ensemble_make(struct lethe_member *members, size_t count,
                                   const struct lethe_ensemble *ensemble, const char *stage,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct making m = {.ensemble = ensemble,
                       .members = members,
                       .open = lethe_alloc(count, sizeof *m.open),
                       .names = lethe_alloc(count + 1, sizeof *m.names)};
    size_t open = 0;
    enum lethe_err code = m.open && m.names
                              ? look_up(&m, &open, count, err)
                              : lethe_fail_memory(err, "models", count, sizeof *m.names);
    if (!code && open)
        code = lethe_mpi_pool_begin(&m.pool, ensemble, err);
    const unsigned threads = ensemble->training->threads;
    struct lethe_parallel_for team = {
        .count = open, .threads = threads, .stage = stage, .run = run_item, .arg = &m};
    team.within = part_of(stage);
    if (m.pool) {
        team.elsewhere = run_elsewhere;
        team.threads = threads ? threads : 1; /* the other ranks have the processors */
    }
    if (!code && open)
        code = lethe_parallel_for_run(&team, watch, err);
    lethe_mpi_pool_end(m.pool);
    lethe_free(m.open);
    lethe_free(m.names);
    return code;
}
