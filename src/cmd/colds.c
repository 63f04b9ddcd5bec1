/* SPDX-License-Identifier: MIT
 * Threads take the next seed that is left; files are written whole or not at all. What cannot be
 * read back is made again. */
#include "cmd/colds.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"

/* ---- files ------------------------------------------------------------------------------------
 */

/* Everything that decides the weights; fields one by one, for padding has no meaning. */
static void name_of(char name[LETHE_HASH_TEXT], const struct lethe_colds *c, uint64_t seed)
{
    const struct lethe_train_options *r = &c->recipe;
    const struct lethe_ids *retain = &c->scene->retain;
    const double reals[] = {c->scene->decay, r->tolerance, r->rate, r->momentum, r->drop};
    const uint64_t wholes[] = {(uint64_t)c->scene->dtype,
                               (uint64_t)r->method,
                               r->iterations,
                               r->memory,
                               r->batch,
                               (uint64_t)r->schedule,
                               r->drop_every,
                               seed,
                               lethe_graph_size(c->scene->graph),
                               retain->count};
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe retrain 1", 15);
    lethe_hash_add(&hash, c->model_hash, strlen(c->model_hash) + 1);
    lethe_hash_add(&hash, c->data_hash, strlen(c->data_hash) + 1);
    lethe_hash_add(&hash, reals, sizeof reals);
    lethe_hash_add(&hash, wholes, sizeof wholes);
    lethe_hash_add(&hash, retain->at, retain->count * sizeof *retain->at);
    lethe_hash_text(&hash, name);
}

/* What stands before the weights in a file. */
struct head {
    char magic[8];               /* "lethere1" */
    char check[LETHE_HASH_TEXT]; /* of the weights' bytes */
    struct lethe_train_report report;
    uint64_t seed, size;
};

static size_t weights_of(const struct lethe_scene *scene)
{
    return lethe_graph_size(scene->graph) + lethe_graph_buffers(scene->graph);
}

static char *path_of(const struct lethe_colds *c, uint64_t seed)
{
    char name[LETHE_HASH_TEXT];
    name_of(name, c, seed);
    return lethe_path_join(c->folder, name);
}

/* 1 when the file is there and whole. */
static int read_back(double *w, struct lethe_train_report *report, const struct lethe_colds *c,
                     uint64_t seed)
{
    const size_t size = weights_of(c->scene);
    struct lethe_bytes bytes = {0};
    struct head head = {0};
    char check[LETHE_HASH_TEXT];
    int whole = 0;
    char *path = path_of(c, seed);
    if (path && lethe_file_exists(path) &&
        !lethe_file_read(&bytes, path, sizeof head + size * sizeof *w, NULL) &&
        bytes.size == sizeof head + size * sizeof *w) {
        memcpy(&head, bytes.data, sizeof head);
        lethe_hash_of(check, bytes.data + sizeof head, size * sizeof *w);
        whole = !memcmp(head.magic, "lethere1", sizeof head.magic) && head.seed == seed &&
                head.size == size && !memcmp(head.check, check, sizeof check);
    }
    if (whole) {
        memcpy(w, bytes.data + sizeof head, size * sizeof *w);
        *report = head.report;
    }
    lethe_free(bytes.data);
    lethe_free(path);
    return whole;
}

static enum lethe_err keep(const struct lethe_truth *truth, const struct lethe_colds *c,
                           struct lethe_error *err)
{
    const size_t size = weights_of(c->scene), bytes = size * sizeof *truth->w;
    struct head head = {.report = truth->report, .seed = truth->seed, .size = size};
    char *path = path_of(c, truth->seed);
    unsigned char *data = lethe_alloc(sizeof head + bytes, 1);
    enum lethe_err code = path && data ? lethe_folder_make(c->folder, err)
                                       : lethe_fail_memory(err, "a retrained model", bytes, 1);
    if (!code) {
        memcpy(head.magic, "lethere1", sizeof head.magic);
        lethe_hash_of(head.check, truth->w, bytes);
        memcpy(data, &head, sizeof head);
        memcpy(data + sizeof head, truth->w, bytes);
        code = lethe_file_write(path, data, sizeof head + bytes, err);
    }
    lethe_free(data);
    lethe_free(path);
    return code;
}

/* A truth from a file: its figures are measured anew, for they depend on more than the weights. */
static enum lethe_err from_file(struct lethe_truth **truth, const struct lethe_colds *c,
                                uint64_t seed, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit kit = {0};
    struct lethe_truth *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *made);
    *made = (struct lethe_truth){.refs = 1, .cold = 1, .seed = seed};
    made->w = lethe_alloc(weights_of(c->scene), sizeof *made->w);
    enum lethe_err code = LETHE_OK;
    const int there = made->w && read_back(made->w, &made->report, c, seed);
    if (there)
        code = lethe_reading_measure(&made->outcome, c->scene, &kit, made->w, LETHE_SIDE_TUNE,
                                     watch, err);
    lethe_kit_release(&kit);
    if (there && !code)
        *truth = made;
    else
        lethe_truth_unref(made);
    return code;
}

/* ---- threads ----------------------------------------------------------------------------------
 */

struct team {
    const struct lethe_colds *colds;
    struct lethe_truth **made;
    const uint64_t *seeds;
    size_t count;
    struct lethe_watch *watch;
    atomic_size_t next;
    atomic_int failed;
    enum lethe_err *codes;    /* (count) */
    struct lethe_error *errs; /* (count) */
};

static enum lethe_err make_one(struct team *team, size_t i)
{
    const struct lethe_colds *c = team->colds;
    struct lethe_error *err = &team->errs[i];
    enum lethe_err code = LETHE_OK;
    if (c->folder)
        code = from_file(&team->made[i], c, team->seeds[i], team->watch, err);
    if (code || team->made[i])
        return code;
    /* a scene is shared here: cold retraining makes problems of its own and changes nothing */
    code = lethe_truth_cold(&team->made[i], (struct lethe_scene *)c->scene, &c->recipe,
                            team->seeds[i], team->watch, err);
    return code || !c->folder ? code : keep(team->made[i], c, err);
}

static void *work(void *arg)
{
    struct team *team = arg;
    for (;;) {
        const size_t i = atomic_fetch_add(&team->next, 1);
        if (i >= team->count || atomic_load(&team->failed))
            return NULL;
        if (!team->made[i])
            team->codes[i] = make_one(team, i);
        if (team->codes[i])
            atomic_store(&team->failed, 1);
    }
}

static void run_team(struct team *team, unsigned threads)
{
    enum { MOST = 256 };
    pthread_t other[MOST];
    size_t started = 0;
    threads = threads > MOST ? MOST : threads;
    while (started + 1 < threads && started + 1 < team->count &&
           !pthread_create(&other[started], NULL, work, team))
        started++;
    work(team);
    while (started)
        pthread_join(other[--started], NULL);
}

enum lethe_err lethe_colds_make(struct lethe_truth **made, const uint64_t *seeds, size_t count,
                                const struct lethe_colds *colds, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned threads = colds->threads   ? colds->threads
                             : processors > 0 ? (unsigned)processors
                                              : 1;
    struct team team = {.colds = colds,
                        .made = made,
                        .seeds = seeds,
                        .count = count,
                        .watch = watch,
                        .codes = lethe_alloc_zero(count, sizeof *team.codes),
                        .errs = lethe_alloc_zero(count, sizeof *team.errs)};
    enum lethe_err code = LETHE_OK;
    if (!team.codes || !team.errs)
        code = lethe_fail_memory(err, "retrained models", count, sizeof *team.errs);
    else
        run_team(&team, threads);
    for (size_t i = 0; !code && i < count; i++)
        if (team.codes[i]) {
            code = team.codes[i];
            if (err)
                *err = team.errs[i];
        }
    lethe_free(team.codes);
    lethe_free(team.errs);
    return code;
}
