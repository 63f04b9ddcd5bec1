/* SPDX-License-Identifier: MIT
 * Independent items on several threads: whoever is free takes the next one. Results go where the
 * item says, so neither the number of threads nor the order of finishing changes any. The calling
 * thread does not work itself: it passes cancel, pause and progress on, and may give items to
 * others. */
#ifndef LETHE_BASE_PARALLEL_FOR_H
#define LETHE_BASE_PARALLEL_FOR_H

#include <stddef.h>
#include "lethe/cancel.h"

struct lethe_parallel_run;

struct lethe_parallel_for {
    size_t count;
    unsigned threads;  /* 0: one for each processor */
    const char *stage; /* static text: the progress that `watch` shows is items done of count */
    /* Stage of an item (static text) whose steps count as parts of it; NULL: only whole items. */
    const char *within;
    enum lethe_err (*run)(void *arg, size_t item, struct lethe_watch *watch,
                          struct lethe_error *err);
    /* Called every few milliseconds on the calling thread: takes items, gives them away, tells
     * which are done. Returns how many it still waits for. NULL: there is nobody else. */
    size_t (*elsewhere)(void *arg, struct lethe_parallel_run *run, int cancelled);
    void *arg;
};

/* Ends early when an item fails or watch is cancelled; the error is that of the first item, by
 * number, that failed. */
enum lethe_err lethe_parallel_for_run(const struct lethe_parallel_for *team,
                                      struct lethe_watch *watch, struct lethe_error *err);
/* For `elsewhere`: the next item, 0 when none is left; and what became of it. */
int lethe_parallel_take(struct lethe_parallel_run *run, size_t *item);
void lethe_parallel_done(struct lethe_parallel_run *run, size_t item, enum lethe_err code,
                         const struct lethe_error *err);
/* The number that 0 stands for. */
unsigned lethe_parallel_threads(unsigned threads);

#endif
