/* SPDX-License-Identifier: MIT
 * A snapshot of one of the small networks, with samples to be forgotten, for tests of stages. */
#ifndef TESTS_SUPPORT_STAND_H
#define TESTS_SUPPORT_STAND_H

#include "removal/snapshot.h"
#include "tests/support/nets.h"

/* gone (count) ascending; everything else of the first `samples` stays. Weight decay 1e-2. */
struct lethe_snapshot *stand_open(const struct net *net, size_t samples, const size_t *gone,
                                  size_t count);

#endif
