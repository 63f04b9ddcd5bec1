/* SPDX-License-Identifier: MIT
 * A cancellation flag and a progress figure, shared between the one who asks and the one who
 * works. Long algorithms take a struct lethe_watch (NULL is allowed), report progress at step
 * borders and return LETHE_ECANCEL soon after the flag is raised. Raising it is async-signal-safe.
 */
#ifndef LETHE_CANCEL_H
#define LETHE_CANCEL_H

#include <stdatomic.h>
#include "lethe/error.h"

/* A part of a stage, as shares of it from 0 to 1. */
struct lethe_watch_span {
    const char *stage; /* NULL: no part, steps speak for themselves */
    double from, to;
};

struct lethe_watch {
    atomic_int cancelled;
    atomic_int pause;             /* background work waits while this is not 0 */
    atomic_long done, total;      /* steps; total 0 = unknown */
    _Atomic(const char *) stage;  /* static text: "perturbing", "factoring" */
    atomic_llong begun;           /* nanoseconds on a steady clock when the stage began */
    atomic_llong last;            /* and when done last grew */
    atomic_long reports;          /* how often it grew */
    struct lethe_watch_span span; /* of the thread that works */
    atomic_int stoppable;         /* LETHE_STOP_...: who would go along with an early end */
    atomic_int stopped;           /* and was asked to */
};

/* Nothing is cancelled and nothing done yet. */
void lethe_watch_init(struct lethe_watch *watch);
/* Raises the flag; from any thread or a signal handler. */
void lethe_watch_cancel(struct lethe_watch *watch);
/* Asks the work to end soon with what it has so far, which it can while both who asked for it and
 * the stage it is in go along: 1. Otherwise, and when it was asked before, 0: then it can only be
 * cancelled. */
int lethe_watch_stop(struct lethe_watch *watch);
enum { LETHE_STOP_TAKEN = 1, LETHE_STOP_GIVEN = 2 }; /* by who asked; by the stage */
void lethe_watch_may_stop(struct lethe_watch *watch, int who, int may); /* watch NULL ok */
int lethe_watch_stopped(const struct lethe_watch *watch);               /* watch NULL ok */
/* Reports progress, waits while paused, and returns LETHE_ECANCEL (err filled) when cancelled. */
enum lethe_err lethe_watch_step(struct lethe_watch *watch, const char *stage, long done, long total,
                                struct lethe_error *err);
/* The same without progress: for small passes, which are one step of their caller. */
enum lethe_err lethe_watch_check(struct lethe_watch *watch, const char *stage,
                                 struct lethe_error *err);
/* The stage that steps were last reported of, borrowed static text; `otherwise` while there was
 * none. watch: NULL ok. */
const char *lethe_watch_stage(const struct lethe_watch *watch, const char *otherwise);

/* Until it is left, every step counts as progress from share `from` to share `to` of `stage`,
 * whatever it calls itself, so that the bar of work made of parts goes one way; from = to where the
 * parts say nothing about the whole. Spans nest. Returns the span outside, to leave to. */
struct lethe_watch_span lethe_watch_enter(struct lethe_watch *watch, const char *stage, double from,
                                          double to);
void lethe_watch_leave(struct lethe_watch *watch, struct lethe_watch_span outside);

/* Share of the way to an end at which a residual that falls by factors is small enough: where it
 * is on a log scale between where it began and that end. */
double lethe_watch_share_of_fall(double first, double now, double end);

/* Seconds that the stage will still take if it goes on as it went, counted down between reports;
 * what is overdue counts as slowness. NAN while that cannot be told. */
double lethe_watch_left(const struct lethe_watch *watch);

#endif
