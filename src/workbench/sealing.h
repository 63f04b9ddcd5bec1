/* SPDX-License-Identifier: MIT
 * Sealing: dropping the history before a commit for good, against a receipt. */
#ifndef LETHE_WORKBENCH_SEALING_H
#define LETHE_WORKBENCH_SEALING_H

#include "lethe/session.h"

struct lethe_workbench;

/* Up to the state called `name`, with the forget set dropped. The receipt is on the disk before
 * anything is deleted: it cannot be made a second time. When nothing was sealed it is worth
 * nothing, and goes. LETHE_EARG: there is a file of that name. */
enum lethe_err lethe_workbench_seal(struct lethe_workbench *wb, const char *name,
                                    const char *receipt, struct lethe_error *err);
/* Everything the receipt promises holds, or LETHE_EFORMAT and LETHE_EIO with the first thing that
 * does not; *samples of the data its ids were opened with, 0: there is none. */
enum lethe_err lethe_workbench_seal_verify(struct lethe_seal_check *check, size_t *samples,
                                           const struct lethe_workbench *wb, const char *receipt,
                                           struct lethe_error *err);

#endif
