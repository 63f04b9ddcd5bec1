/* SPDX-License-Identifier: MIT
 * See net_ekfac.h. */
#include "tests/support/net_ekfac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct lethe_problem *net_problem(const struct net *net, const size_t *ids, size_t count,
                                  enum lethe_dtype dtype)
{
    struct lethe_problem *problem = NULL;
    const struct lethe_problem_spec spec = {.graph = net->graph,
                                            .data = net->data,
                                            .ids = ids,
                                            .count = count,
                                            .dtype = dtype,
                                            .batch = 16};
    assert_int_equal(lethe_problem_new(&problem, &spec, NULL), LETHE_OK);
    return problem;
}

struct lethe_ekfac *net_ekfac(const struct net *net, const size_t *ids, size_t count,
                              struct lethe_ekfac_spec spec)
{
    struct lethe_ekfac *ekfac = NULL;
    struct lethe_error err = {0};
    spec.problem = net_problem(net, ids, count, LETHE_F64);
    spec.w = net->w;
    if (lethe_ekfac_new(&ekfac, &spec, NULL, &err))
        fail_msg("%s", err.message);
    lethe_problem_free(spec.problem);
    return ekfac;
}
