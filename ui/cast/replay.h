/* SPDX-License-Identifier: MIT
 * What a terminal shows at a moment of a recording, as a canvas: for pictures of it. */
#ifndef LETHE_CAST_REPLAY_H
#define LETHE_CAST_REPLAY_H

#include "ui/cast/cast.h"
#include "ui/cast/scan.h"
#include "ui/term/canvas.h"

struct lethe_replay {
    struct lethe_canvas canvas;
    struct lethe_scan scan;
    int y, x;                 /* of the cursor; x may be one beyond the last column */
    struct lethe_paint paint; /* of what is written next */
    struct lethe_paint last;  /* paint that ink and paper stand for */
    uint16_t ink, paper;
    size_t next; /* event that comes next */
};

enum lethe_err lethe_replay_init(struct lethe_replay *replay, const struct lethe_cast *cast,
                                 struct lethe_error *err);
void lethe_replay_release(struct lethe_replay *replay); /* zeroed ok */
/* Goes on to this moment, which is not before the last one. */
enum lethe_err lethe_replay_to(struct lethe_replay *replay, const struct lethe_cast *cast,
                               double seconds, struct lethe_error *err);

#endif
