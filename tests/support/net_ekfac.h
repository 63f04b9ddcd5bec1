/* SPDX-License-Identifier: MIT
 * EKFAC of the networks of nets.h, for tests. What fails ends the test. */
#ifndef LETHE_TESTS_NET_EKFAC_H
#define LETHE_TESTS_NET_EKFAC_H

#include "tests/support/nets.h"
#include "unlearn/ekfac.h"

/* Over ids (count; NULL: the first samples), in batches of 16; lethe_problem_free. */
struct lethe_problem *net_problem(const struct net *net, const size_t *ids, size_t count,
                                  enum lethe_dtype dtype);
/* From these samples in double; problem and w of the spec are filled in. lethe_ekfac_unref. */
struct lethe_ekfac *net_ekfac(const struct net *net, const size_t *ids, size_t count,
                              struct lethe_ekfac_spec spec);

#endif
