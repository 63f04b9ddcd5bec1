/* SPDX-License-Identifier: MIT
 * A lesson that is being taken: which step it is at and what it says. It waits until a task is done
 * by looking at the workbench, whoever did it in whatever way. */
#ifndef LETHE_WORKBENCH_TUTOR_H
#define LETHE_WORKBENCH_TUTOR_H

#include "base/hash.h"
#include "text/lesson.h"
#include "text/result.h"

struct lethe_workbench;

struct lethe_tutor {
    struct lethe_lesson *lesson;
    char name[64];                    /* "1", or the path of a file: progress is kept under it */
    size_t step;                      /* from 0; step_count: it has ended */
    char said[420];                   /* what it answers to the last turn; "" nothing */
    int said_bad;                     /* that turn was a wrong one */
    int already;                      /* what the step wants was so when it was reached */
    int replying;                     /* said is a reply to a wrong state, and goes with it */
    const char *replied;              /* that reply: told once, so that it does not speak over a
                                         hint; NULL: the state is no wrong one */
    size_t right, wrong;              /* answers to questions */
    unsigned long seen, seen_answers; /* versions of the workbench that were looked at */
    const struct lethe_lesson_reply *arrived; /* a reply to what was so when the step was reached:
                                         kept back until something is done */
    char found[LETHE_HASH_TEXT];              /* the state in which the step was reached */
    size_t gone, marked;                      /* samples when the step was reached */
    char marking[160];                        /* the line that marks those that were marked then */
    char lost[240];                           /* a wrong turn that no lesson has to foresee */
    int news; /* it says something that the prompt has not shown yet */
};

void lethe_tutor_free(struct lethe_tutor *tutor); /* NULL ok */
/* The step it is at; NULL behind the last. */
const struct lethe_lesson_step *lethe_tutor_step(const struct lethe_tutor *tutor);
/* "a", "b", ... of the choice of a letter; SIZE_MAX: no such choice here. */
size_t lethe_tutor_choice(const struct lethe_tutor *tutor, char letter);
/* All it says now, for the prompt: head, reply, text, task or question, and how to go on. */
void lethe_tutor_put(struct lethe_value *out, const struct lethe_tutor *tutor);

/* ---- turns (tutor_watch.c): each changes what is said --------------------------------------- */

/* Looks at the workbench when it has changed: goes on when the task is done, answers a wrong turn.
 * What was so before it was asked for waits for `next`, or for a command, so that no step is passed
 * unread.
 * 1 when it says something new. */
int lethe_tutor_watch(struct lethe_workbench *wb);
/* The step has just been reached: is what it wants so already? */
void lethe_tutor_arrive(struct lethe_workbench *wb);
/* The step was read. A task is passed only when what it wants is so already. */
void lethe_tutor_next(struct lethe_workbench *wb);
/* LETHE_EARG when there is no question, or no such choice. */
enum lethe_err lethe_tutor_answer(struct lethe_workbench *wb, char letter, struct lethe_error *err);
void lethe_tutor_hint(struct lethe_workbench *wb);

/* ---- beginning (tutor_run.c) ---------------------------------------------------------------- */

/* Begins a lesson, "1" or a file, where it was left when progress is kept. Its session stays in
 * memory, so that it begins alike each time and no kept session is touched. */
enum lethe_err lethe_tutor_start(struct lethe_workbench *wb, const char *name,
                                 struct lethe_error *err);
/* Ends the lesson; what is on the workbench stays. */
void lethe_tutor_stop(struct lethe_workbench *wb);
/* Takes a whole lesson by its own `do` lines and these answers ("b,a,c"; a wrong one is answered
 * and the next one taken), and puts the protocol. LETHE_EARG names the step whose condition is not
 * reached, and the question that has no right answer. */
enum lethe_err lethe_tutor_take(struct lethe_workbench *wb, const char *name, const char *answers,
                                struct lethe_value *out, struct lethe_error *err);
/* The lessons there are: number, title, what about, minutes, how far. */
enum lethe_err lethe_tutor_list(struct lethe_value *out, const struct lethe_workbench *wb,
                                struct lethe_error *err);
/* Everything that is wrong with a file. LETHE_EFORMAT when there is anything. */
enum lethe_err lethe_tutor_check(struct lethe_value *out, const struct lethe_workbench *wb,
                                 const char *path, struct lethe_error *err);
/* Forgets how far lessons were taken. LETHE_EIO. */
enum lethe_err lethe_tutor_reset(const struct lethe_workbench *wb, struct lethe_error *err);

#endif
