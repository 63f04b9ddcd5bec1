/* SPDX-License-Identifier: MIT
 * Making the members of an ensemble: what is on disk is read, the others are shared among the
 * threads here and the other ranks, and each is kept as soon as it is done. */
#include "study/ensemble_run.h"

#include "base/alloc.h"
#include "base/parallel_for.h"
#include "study/mpi_pool.h"

struct making {
    const struct lethe_cohort *cohort;
    struct lethe_member *members;
    size_t *open; /* numbers of those that are to be made */
    char (*names)[LETHE_HASH_TEXT];
    struct lethe_crew *crew; /* NULL: this process is alone, or the others are busy */
};

static enum lethe_err keep(const struct making *m, size_t item, struct lethe_error *err)
{
    const struct lethe_member *member = &m->members[m->open[item]];
    if (!m->cohort->workshop->folder)
        return LETHE_OK;
    return lethe_vault_write(&member->kept, m->cohort->workshop->folder, m->names[item], err);
}

static enum lethe_err run_item(void *arg, size_t item, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const struct making *m = arg;
    enum lethe_err code = lethe_cohort_one(&m->members[m->open[item]], m->cohort, watch, err);
    return code ? code : keep(m, item, err);
}

static size_t run_elsewhere(void *arg, struct lethe_team_run *run, int cancelled)
{
    const struct making *m = arg;
    size_t item;
    struct lethe_error err = {0};
    enum lethe_err code;
    while (lethe_crew_free(m->crew) && lethe_team_take(run, &item))
        lethe_crew_give(m->crew, item, &m->members[m->open[item]]);
    if (cancelled)
        lethe_crew_cancel(m->crew);
    while (lethe_crew_collect(m->crew, &item, &code, &err)) {
        if (!code)
            code = keep(m, item, &err);
        lethe_team_done(run, item, code, &err);
    }
    return lethe_crew_busy(m->crew);
}

/* Reads what is there; the others are open. */
static enum lethe_err look_up(struct making *m, size_t *open, size_t count, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < count; i++) {
        struct lethe_member *member = &m->members[i];
        if (member->made)
            continue;
        code = lethe_member_name(m->names[*open], member, m->cohort, err);
        if (!code && m->cohort->workshop->folder)
            member->made =
                lethe_vault_read(&member->kept, m->cohort->workshop->folder, m->names[*open]);
        if (!member->made)
            m->open[(*open)++] = i;
    }
    return code;
}

enum lethe_err lethe_cohort_make(struct lethe_member *members, size_t count,
                                 const struct lethe_cohort *cohort, const char *stage,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct making m = {.cohort = cohort,
                       .members = members,
                       .open = lethe_alloc(count, sizeof *m.open),
                       .names = lethe_alloc(count + 1, sizeof *m.names)};
    size_t open = 0;
    enum lethe_err code = m.open && m.names
                              ? look_up(&m, &open, count, err)
                              : lethe_fail_memory(err, "models", count, sizeof *m.names);
    if (!code && open)
        code = lethe_crew_begin(&m.crew, cohort, err);
    const unsigned threads = cohort->workshop->threads;
    struct lethe_team team = {
        .count = open, .threads = threads, .stage = stage, .run = run_item, .arg = &m};
    if (m.crew) {
        team.elsewhere = run_elsewhere;
        team.threads = threads ? threads : 1; /* the other ranks have the processors */
    }
    if (!code && open)
        code = lethe_team_work(&team, watch, err);
    lethe_crew_end(m.crew);
    lethe_free(m.open);
    lethe_free(m.names);
    return code;
}
