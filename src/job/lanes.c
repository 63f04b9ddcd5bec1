/* SPDX-License-Identifier: MIT
 * The two lanes: one list of jobs under one lock, scanned by the workers (there are at most a few
 * hundred jobs, each worth milliseconds at least). The lock is never held while a job runs or is
 * delivered. */
#include "lethe/job.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum { RECENT = 16 };

struct entry {
    struct entry *next; /* by id */
    struct lethe_job job;
    struct lethe_job_info info; /* id, name, lane, state, seconds, message: under the lock */
    struct lethe_watch watch;
    struct lethe_error err;
    enum lethe_err code;
    unsigned long finished; /* 0: not yet; else its place in the order of finishing */
    int outdated;           /* its generation is over */
    int superseded;         /* it ran when a newer request took its place */
    double started;
};

struct lethe_jobs {
    pthread_mutex_t lock;
    pthread_cond_t work[2]; /* by lane */
    struct entry *entries;  /* waiting, running, to be delivered; oldest first */
    struct lethe_job_info recent[RECENT];
    size_t recent_count; /* ever; the newest is at (recent_count - 1) % RECENT */
    unsigned long last_id, last_finished;
    int busy; /* interactive jobs that run: background pauses */
    int closing;
    int wake[2];
    unsigned thread_count, started;
    pthread_t threads[]; /* the first one is the interactive lane */
};

const char *lethe_job_state_name(enum lethe_job_state state)
{
    static const char *const names[] = {
        [LETHE_JOB_WAITING] = "waiting",     [LETHE_JOB_RUNNING] = "running",
        [LETHE_JOB_DONE] = "done",           [LETHE_JOB_FAILED] = "failed",
        [LETHE_JOB_CANCELLED] = "cancelled", [LETHE_JOB_REPLACED] = "replaced",
    };
    _Static_assert(sizeof names / sizeof *names == LETHE_JOB_STATE_COUNT, "a state without a name");
    return names[state];
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void cut(char *out, size_t room, const char *text)
{
    size_t n = strnlen(text, room - 1);
    memcpy(out, text, n);
    out[n] = '\0';
}

/* ---- under the lock -------------------------------------------------------------------------- */

static struct entry *next_waiting(const struct lethe_jobs *jobs, enum lethe_lane lane)
{
    struct entry *e = jobs->entries;
    while (e && (e->info.lane != lane || e->info.state != LETHE_JOB_WAITING))
        e = e->next;
    return e;
}

static struct entry *find(const struct lethe_jobs *jobs, unsigned long id)
{
    struct entry *e = jobs->entries;
    while (e && e->info.id != id)
        e = e->next;
    return e;
}

static void set_pause(const struct lethe_jobs *jobs)
{
    for (struct entry *e = jobs->entries; e; e = e->next)
        if (e->info.lane == LETHE_LANE_BACKGROUND)
            atomic_store(&e->watch.pause, jobs->busy > 0);
}

static void finish(struct lethe_jobs *jobs, struct entry *e, enum lethe_job_state state)
{
    e->info.state = state;
    e->finished = ++jobs->last_finished;
    if (e->started > 0)
        e->info.seconds = now() - e->started;
    /* A full pipe is as good: it is readable already. */
    ssize_t written = write(jobs->wake[1], "", 1);
    (void)written;
}

static void cancel_entry(struct lethe_jobs *jobs, struct entry *e)
{
    lethe_watch_cancel(&e->watch);
    if (e->info.state == LETHE_JOB_WAITING) {
        e->code = lethe_fail(&e->err, LETHE_ECANCEL, "cancelled before it began");
        finish(jobs, e, LETHE_JOB_CANCELLED);
    }
}

/* ---- worker threads -------------------------------------------------------------------------- */

static void run_entry(struct lethe_jobs *jobs, struct entry *e)
{
    int interactive = e->info.lane == LETHE_LANE_INTERACTIVE;
    e->info.state = LETHE_JOB_RUNNING;
    e->started = now();
    jobs->busy += interactive;
    set_pause(jobs);
    pthread_mutex_unlock(&jobs->lock);

    e->code = e->job.run(e->job.arg, &e->watch, &e->err);

    pthread_mutex_lock(&jobs->lock);
    jobs->busy -= interactive;
    set_pause(jobs);
    if (atomic_load(&e->watch.cancelled) && e->code != LETHE_ECANCEL)
        e->code = lethe_fail(&e->err, LETHE_ECANCEL, "cancelled: its result was abandoned");
    if (e->code == LETHE_ECANCEL)
        finish(jobs, e, e->superseded ? LETHE_JOB_REPLACED : LETHE_JOB_CANCELLED);
    else
        finish(jobs, e, e->code ? LETHE_JOB_FAILED : LETHE_JOB_DONE);
}

static void serve(struct lethe_jobs *jobs, enum lethe_lane lane)
{
    pthread_mutex_lock(&jobs->lock);
    while (!jobs->closing) {
        struct entry *e = next_waiting(jobs, lane);
        if (e)
            run_entry(jobs, e);
        else
            pthread_cond_wait(&jobs->work[lane], &jobs->lock);
    }
    pthread_mutex_unlock(&jobs->lock);
}

static void *serve_interactive(void *jobs)
{
    serve(jobs, LETHE_LANE_INTERACTIVE);
    return NULL;
}

static void *serve_background(void *jobs)
{
    serve(jobs, LETHE_LANE_BACKGROUND);
    return NULL;
}

/* ---- life cycle ------------------------------------------------------------------------------ */

static int start_threads(struct lethe_jobs *jobs)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int bad = 0;
    while (!bad && jobs->started < jobs->thread_count) {
        bad = pthread_create(&jobs->threads[jobs->started], NULL,
                             jobs->started ? serve_background : serve_interactive, jobs);
        jobs->started += !bad;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return bad;
}

enum lethe_err lethe_jobs_new(struct lethe_jobs **jobs, unsigned threads, struct lethe_error *err)
{
    if (!threads) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        threads = cores > 2 ? (unsigned)cores - 1 : 1;
    }
    size_t size = sizeof(struct lethe_jobs) + (threads + 1) * sizeof(pthread_t);
    struct lethe_jobs *made = lethe_alloc_zero(1, size);
    if (!made)
        return lethe_fail_memory(err, "the job lanes", 1, size);
    if (pipe2(made->wake, O_NONBLOCK | O_CLOEXEC)) {
        lethe_fail(err, LETHE_EIO, "cannot make a pipe for the job lanes: %s", strerror(errno));
        lethe_free(made);
        return LETHE_EIO;
    }
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->work[0], NULL);
    pthread_cond_init(&made->work[1], NULL);
    made->thread_count = threads + 1;
    int bad = start_threads(made);
    if (bad) {
        lethe_jobs_free(made);
        return lethe_fail(err, LETHE_EIO, "cannot start a worker thread: %s", strerror(bad));
    }
    *jobs = made;
    return LETHE_OK;
}

static void release_entry(struct entry *e)
{
    if (e->job.release)
        e->job.release(e->job.arg);
    lethe_free(e);
}

void lethe_jobs_free(struct lethe_jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->closing = 1;
    for (struct entry *e = jobs->entries; e; e = e->next)
        cancel_entry(jobs, e);
    pthread_cond_broadcast(&jobs->work[0]);
    pthread_cond_broadcast(&jobs->work[1]);
    pthread_mutex_unlock(&jobs->lock);
    for (unsigned i = 0; i < jobs->started; i++)
        pthread_join(jobs->threads[i], NULL);
    while (jobs->entries) {
        struct entry *e = jobs->entries;
        jobs->entries = e->next;
        release_entry(e);
    }
    pthread_cond_destroy(&jobs->work[0]);
    pthread_cond_destroy(&jobs->work[1]);
    pthread_mutex_destroy(&jobs->lock);
    close(jobs->wake[0]);
    close(jobs->wake[1]);
    lethe_free(jobs);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void clear_the_way(struct lethe_jobs *jobs, int supersedes)
{
    for (struct entry *e = jobs->entries; e; e = e->next) {
        if (e->info.lane != LETHE_LANE_INTERACTIVE)
            continue;
        if (e->info.state == LETHE_JOB_WAITING) {
            finish(jobs, e, LETHE_JOB_REPLACED);
        } else if (supersedes && e->info.state == LETHE_JOB_RUNNING) {
            e->superseded = !atomic_load(&e->watch.cancelled); /* else it was cancelled before */
            lethe_watch_cancel(&e->watch);
        }
    }
}

enum lethe_err lethe_jobs_submit(struct lethe_jobs *jobs, unsigned long *id,
                                 const struct lethe_job *job, struct lethe_error *err)
{
    struct entry *e = lethe_alloc_zero(1, sizeof *e);
    if (!e)
        return lethe_fail_memory(err, "a job", 1, sizeof *e);
    e->job = *job;
    e->info.lane = job->lane;
    e->info.independent = job->independent;
    cut(e->info.name, sizeof e->info.name, job->name);
    lethe_watch_init(&e->watch);

    pthread_mutex_lock(&jobs->lock);
    if (job->lane == LETHE_LANE_INTERACTIVE)
        clear_the_way(jobs, job->supersedes);
    else
        atomic_store(&e->watch.pause, jobs->busy > 0);
    e->info.id = ++jobs->last_id;
    if (id)
        *id = e->info.id;
    struct entry **tail = &jobs->entries;
    while (*tail)
        tail = &(*tail)->next;
    *tail = e;
    pthread_cond_signal(&jobs->work[job->lane]);
    pthread_mutex_unlock(&jobs->lock);
    return LETHE_OK;
}

/* gently: what can end early with what it has does. */
static size_t cancel(struct lethe_jobs *jobs, unsigned long id, int gently)
{
    size_t count = 0;
    pthread_mutex_lock(&jobs->lock);
    for (struct entry *e = jobs->entries; e; e = e->next) {
        if ((id && e->info.id != id) || e->finished || atomic_load(&e->watch.cancelled))
            continue;
        if (!gently || e->info.state != LETHE_JOB_RUNNING || !lethe_watch_stop(&e->watch))
            cancel_entry(jobs, e);
        count++;
    }
    pthread_mutex_unlock(&jobs->lock);
    return count;
}

size_t lethe_jobs_cancel(struct lethe_jobs *jobs, unsigned long id)
{
    return cancel(jobs, id, 0);
}

size_t lethe_jobs_stop(struct lethe_jobs *jobs, unsigned long id)
{
    return cancel(jobs, id, 1);
}

void lethe_jobs_invalidate(struct lethe_jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    for (struct entry *e = jobs->entries; e; e = e->next) {
        if (e->job.lasting)
            continue;
        e->outdated = 1;
        if (!e->finished)
            cancel_entry(jobs, e);
    }
    pthread_mutex_unlock(&jobs->lock);
}

/* ---- delivery -------------------------------------------------------------------------------- */

int lethe_jobs_fd(const struct lethe_jobs *jobs)
{
    return jobs->wake[0];
}

/* Takes the job that finished first out of the list, into the record of recent ones. */
static struct entry *take_finished(struct lethe_jobs *jobs)
{
    struct entry **first = NULL;
    for (struct entry **at = &jobs->entries; *at; at = &(*at)->next)
        if ((*at)->finished && (!first || (*at)->finished < (*first)->finished))
            first = at;
    if (!first)
        return NULL;
    struct entry *e = *first;
    *first = e->next;
    if (e->outdated)
        e->info.state = LETHE_JOB_CANCELLED;
    e->info.stage = atomic_load(&e->watch.stage);
    e->info.step = atomic_load(&e->watch.done);
    e->info.steps = atomic_load(&e->watch.total);
    e->info.left = NAN;
    if (e->code)
        cut(e->info.message, sizeof e->info.message, e->err.message);
    jobs->recent[jobs->recent_count++ % RECENT] = e->info;
    return e;
}

size_t lethe_jobs_deliver(struct lethe_jobs *jobs)
{
    char drained[64];
    while (read(jobs->wake[0], drained, sizeof drained) > 0)
        ;
    size_t count = 0;
    for (;; count++) {
        pthread_mutex_lock(&jobs->lock);
        struct entry *e = take_finished(jobs);
        pthread_mutex_unlock(&jobs->lock);
        if (!e)
            return count;
        if (e->job.done && !e->outdated && e->info.state != LETHE_JOB_REPLACED)
            e->job.done(e->job.arg, e->code, &e->err);
        release_entry(e);
    }
}

static int is_over(struct lethe_jobs *jobs, unsigned long id)
{
    pthread_mutex_lock(&jobs->lock);
    int over = id ? !find(jobs, id) : !jobs->entries;
    pthread_mutex_unlock(&jobs->lock);
    return over;
}

int lethe_jobs_wait(struct lethe_jobs *jobs, unsigned long id, int milliseconds)
{
    double end = now() + 1e-3 * milliseconds;
    for (;;) {
        lethe_jobs_deliver(jobs);
        if (is_over(jobs, id))
            return 1;
        double left = 1e3 * (end - now());
        if (milliseconds >= 0 && left <= 0)
            return 0;
        struct pollfd wake = {.fd = jobs->wake[0], .events = POLLIN};
        if (poll(&wake, 1, milliseconds < 0 ? -1 : (int)left + 1) < 0)
            return 0;
    }
}

/* ---- looking --------------------------------------------------------------------------------- */

static struct lethe_job_info look(const struct entry *e)
{
    struct lethe_job_info info = e->info;
    info.stage = atomic_load(&e->watch.stage);
    info.step = atomic_load(&e->watch.done);
    info.steps = atomic_load(&e->watch.total);
    info.left = NAN;
    if (!e->finished && e->started > 0) {
        info.seconds = now() - e->started;
        info.left = lethe_watch_left(&e->watch);
    }
    return info;
}

size_t lethe_jobs_list(struct lethe_jobs *jobs, struct lethe_job_info *out, size_t max)
{
    size_t filled = 0;
    pthread_mutex_lock(&jobs->lock);
    size_t kept = jobs->recent_count < RECENT ? jobs->recent_count : RECENT;
    for (size_t i = jobs->recent_count - kept; i < jobs->recent_count && filled < max; i++)
        out[filled++] = jobs->recent[i % RECENT];
    for (const struct entry *e = jobs->entries; e && filled < max; e = e->next)
        out[filled++] = look(e);
    pthread_mutex_unlock(&jobs->lock);
    return filled;
}

size_t lethe_jobs_active(struct lethe_jobs *jobs, enum lethe_lane lane)
{
    size_t count = 0;
    pthread_mutex_lock(&jobs->lock);
    for (const struct entry *e = jobs->entries; e; e = e->next)
        count += e->info.lane == lane;
    pthread_mutex_unlock(&jobs->lock);
    return count;
}
