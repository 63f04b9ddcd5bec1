/* SPDX-License-Identifier: MIT
 * Progress and cancellation through atomics only: no locks, no callbacks. */
#include "lethe/cancel.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

void lethe_watch_init(struct lethe_watch *watch)
{
    atomic_init(&watch->cancelled, 0);
    atomic_init(&watch->pause, 0);
    atomic_init(&watch->done, 0);
    atomic_init(&watch->total, 0);
    atomic_init(&watch->stage, "");
    atomic_init(&watch->begun, 0);
    atomic_init(&watch->last, 0);
    atomic_init(&watch->reports, 0);
    atomic_init(&watch->stoppable, 0);
    atomic_init(&watch->stopped, 0);
    watch->span = (struct lethe_watch_span){0};
}

void lethe_watch_cancel(struct lethe_watch *watch)
{
    atomic_store(&watch->cancelled, 1);
}

int lethe_watch_stop(struct lethe_watch *watch)
{
    return atomic_load(&watch->stoppable) == (LETHE_STOP_TAKEN | LETHE_STOP_GIVEN) &&
           !atomic_exchange(&watch->stopped, 1);
}

void lethe_watch_may_stop(struct lethe_watch *watch, int who, int may)
{
    if (watch && may)
        atomic_fetch_or(&watch->stoppable, who);
    else if (watch)
        atomic_fetch_and(&watch->stoppable, ~who);
}

int lethe_watch_stopped(const struct lethe_watch *watch)
{
    return watch && atomic_load(&watch->stopped);
}

/* A stage of the same name that starts anew has a beginning of its own. */
static void report(struct lethe_watch *watch, const char *stage, long done, long total)
{
    const char *before = atomic_load_explicit(&watch->stage, memory_order_relaxed);
    const long was = atomic_load_explicit(&watch->done, memory_order_relaxed);
    const int anew = (done == 0 && was > 0) || (before != stage && strcmp(before, stage) != 0);
    if (anew || done > was) {
        const long long now = (long long)(1e9 * lethe_clock());
        if (anew)
            atomic_store_explicit(&watch->begun, now, memory_order_relaxed);
        atomic_store_explicit(&watch->last, now, memory_order_relaxed);
        atomic_store_explicit(
            &watch->reports,
            anew ? 0 : atomic_load_explicit(&watch->reports, memory_order_relaxed) + 1,
            memory_order_relaxed);
    }
    atomic_store_explicit(&watch->stage, stage, memory_order_relaxed);
    atomic_store_explicit(&watch->done, done, memory_order_relaxed);
    atomic_store_explicit(&watch->total, total, memory_order_relaxed);
}

/* A span reports in thousandths of its stage. */
static void report_share(struct lethe_watch *watch, double share)
{
    enum { WHOLE = 1000 };
    share = share > 0 ? share < 1 ? share : 1 : 0; /* also what is no number */
    report(watch, watch->span.stage, (long)(WHOLE * share), WHOLE);
}

const char *lethe_watch_stage(const struct lethe_watch *watch, const char *otherwise)
{
    const char *stage = watch ? atomic_load_explicit(&watch->stage, memory_order_relaxed) : "";
    return *stage ? stage : otherwise;
}

enum lethe_err lethe_watch_check(struct lethe_watch *watch, const char *stage,
                                 struct lethe_error *err)
{
    const struct timespec nap = {0, 2000000};
    if (!watch)
        return LETHE_OK;
    while (atomic_load(&watch->pause) && !atomic_load(&watch->cancelled))
        nanosleep(&nap, NULL);
    if (atomic_load(&watch->cancelled))
        return lethe_fail(err, LETHE_ECANCEL, "cancelled while %s", stage);
    return LETHE_OK;
}

enum lethe_err lethe_watch_step(struct lethe_watch *watch, const char *stage, long done, long total,
                                struct lethe_error *err)
{
    if (!watch)
        return LETHE_OK;
    const struct lethe_watch_span *span = &watch->span;
    if (!span->stage)
        report(watch, stage, done, total);
    else if (total > 0)
        report_share(watch, span->from + (span->to - span->from) * (double)done / (double)total);
    return lethe_watch_check(watch, stage, err);
}

struct lethe_watch_span lethe_watch_enter(struct lethe_watch *watch, const char *stage, double from,
                                          double to)
{
    if (!watch)
        return (struct lethe_watch_span){0};
    const struct lethe_watch_span outside = watch->span;
    const double width = outside.to - outside.from;
    if (outside.stage)
        watch->span = (struct lethe_watch_span){outside.stage, outside.from + width * from,
                                                outside.from + width * to};
    else
        watch->span = (struct lethe_watch_span){stage, from, to};
    report_share(watch, watch->span.from);
    return outside;
}

void lethe_watch_leave(struct lethe_watch *watch, struct lethe_watch_span outside)
{
    if (watch)
        watch->span = outside;
}

double lethe_watch_share_of_fall(double first, double now, double end)
{
    if (!(first > end) || !(end > 0) || !(now > 0))
        return 0;
    const double share = log(first / now) / log(first / end);
    return share > 0 ? share < 1 ? share : 1 : 0;
}

double lethe_watch_left(const struct lethe_watch *watch)
{
    const double least_share = 0.02, least_seconds = 0.3, some_seconds = 3, some_reports = 3;
    const double done = (double)atomic_load(&watch->done),
                 total = (double)atomic_load(&watch->total);
    const double begun = 1e-9 * (double)atomic_load(&watch->begun), now = lethe_clock(),
                 reports = (double)atomic_load(&watch->reports);
    if (!(total > 0) || !(begun > 0) || !(done > 0) || done > total || now - begun < least_seconds)
        return NAN;
    const double share = done / total;
    if (share < least_share && (now - begun < some_seconds || reports < some_reports))
        return NAN;
    /* the next report is due after as long as those before took; what comes later is slow */
    const double last = 1e-9 * (double)atomic_load(&watch->last), since = now - last;
    const double due = (last - begun) / (reports > 0 ? reports : 1);
    const double waited = since < due ? since : due, late = since - waited;
    const double left = (last - begun + late) * (1 - share) / share - waited;
    return left > 0 ? left : 0;
}
