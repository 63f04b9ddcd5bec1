/* SPDX-License-Identifier: MIT
 * Work beside the thread that owns the terminal, on two lanes.
 *
 * Interactive: one thread; a new request replaces the one that waits, so a slider that moves
 * faster than the work never builds a queue. Background (retrains, shadow models): several threads,
 * first come first served, pausing at their next step while the interactive lane works.
 *
 * A job works on what its argument owns or holds by reference; its result goes into the argument
 * too. Finished jobs wait in a queue; lethe_jobs_fd becomes readable, and lethe_jobs_deliver calls
 * their `done` on the thread that owns the struct lethe_jobs. All functions here are for that one
 * thread; only `run` is called elsewhere. */
#ifndef LETHE_JOB_H
#define LETHE_JOB_H

#include <stddef.h>
#include "lethe/cancel.h"

struct lethe_jobs;

enum lethe_lane { LETHE_LANE_INTERACTIVE, LETHE_LANE_BACKGROUND };

enum lethe_job_state {
    LETHE_JOB_WAITING,
    LETHE_JOB_RUNNING,
    LETHE_JOB_DONE,
    LETHE_JOB_FAILED,
    LETHE_JOB_CANCELLED, /* by the user, or because its generation is over */
    LETHE_JOB_REPLACED,  /* a newer request on the interactive lane took its place */
    LETHE_JOB_STATE_COUNT
};

struct lethe_job {
    const char *name; /* for `jobs`; copied, cut to 47 bytes */
    enum lethe_lane lane;
    int supersedes;  /* interactive: also cancels the request that runs, not only the waiting one */
    int independent; /* of everything that is loaded or chosen: nothing but a cancel by its number
                      * or by the user ends it */
    int lasting;     /* survives lethe_jobs_invalidate: its result depends on no draft state */
    /* On a worker thread, signals blocked. Calls lethe_watch_step at its step borders. */
    enum lethe_err (*run)(void *arg, struct lethe_watch *watch, struct lethe_error *err);
    /* On the owner's thread, from lethe_jobs_deliver or _wait: once for every job that ran or was
     * cancelled, with LETHE_OK only when the result may be used. Not called for replaced jobs (also
     * those that ran when they were) and those of an older generation. May submit further jobs.
     * NULL ok. */
    void (*done)(void *arg, enum lethe_err code, const struct lethe_error *err);
    void (*release)(void *arg); /* on the owner's thread, always, last; NULL ok */
    void *arg;
};

struct lethe_job_info {
    int independent; /* as the job said */
    unsigned long id;
    char name[48];
    enum lethe_lane lane;
    enum lethe_job_state state;
    const char *stage; /* static text, "" before the first step */
    long step, steps;  /* steps 0: unknown */
    double seconds;    /* running time so far, or in all */
    double left;       /* seconds its stage will still take, estimated; NAN: not known */
    char message[160]; /* why it failed; "" otherwise */
};

/* *jobs is new (free). threads for the background lane; 0 = processors - 1, at least one. */
enum lethe_err lethe_jobs_new(struct lethe_jobs **jobs, unsigned threads, struct lethe_error *err);
/* Cancels everything, waits for the threads, releases every argument. NULL ok. */
void lethe_jobs_free(struct lethe_jobs *jobs);

/* *id (may be NULL) names the job, from 1 upwards. On failure the argument stays the caller's. */
enum lethe_err lethe_jobs_submit(struct lethe_jobs *jobs, unsigned long *id,
                                 const struct lethe_job *job, struct lethe_error *err);

/* Readable when there is something to deliver; for poll(). */
int lethe_jobs_fd(const struct lethe_jobs *jobs);
/* Hands over finished jobs in the order they finished; returns how many. Not from inside `done`. */
size_t lethe_jobs_deliver(struct lethe_jobs *jobs);
/* Delivers until job `id` (0: every job) is over: 1; or until the time (-1: none) is up or a signal
 * came: 0. */
int lethe_jobs_wait(struct lethe_jobs *jobs, unsigned long id, int milliseconds);

/* Cancels a job (0: all). One that runs ends at its next step; what cannot be interrupted goes on
 * to its end and its result is abandoned. Returns how many were cancelled. */
size_t lethe_jobs_cancel(struct lethe_jobs *jobs, unsigned long id);
/* The same as a person means it: work that can end early with what it has so far does, and is
 * cancelled when it is asked again. */
size_t lethe_jobs_stop(struct lethe_jobs *jobs, unsigned long id);
/* The state that requests were made for is over (another model, a commit): cancels all but lasting
 * jobs and drops their results unseen. */
void lethe_jobs_invalidate(struct lethe_jobs *jobs);

/* Waiting, running and lately finished jobs, oldest first: fills at most `max`, returns the number
 * filled. */
size_t lethe_jobs_list(struct lethe_jobs *jobs, struct lethe_job_info *out, size_t max);
/* Jobs of a lane that wait, run or are to be delivered. */
size_t lethe_jobs_active(struct lethe_jobs *jobs, enum lethe_lane lane);
const char *lethe_job_state_name(enum lethe_job_state state); /* "running", ...; static text */

#endif
