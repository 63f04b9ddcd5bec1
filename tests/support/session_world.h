/* SPDX-License-Identifier: MIT
 * What the tests of sessions share: a small model's weights, commits of it, a folder to work in. */
#ifndef LETHE_SESSION_WORLD_H
#define LETHE_SESSION_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lethe/session.h"
#include "lethe/rng.h"

enum { SIZE = 200 };

static const struct lethe_source source = {
    .path = "digits.bundle", .model_hash = "modelhash", .data_hash = "datahash"};

static inline void weights(double *w, uint64_t seed)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < SIZE; i++)
        w[i] = lethe_rng_normal(&rng);
}

static inline void weights_of(double *w, const struct lethe_state *state)
{
    struct lethe_error err;
    if (lethe_state_weights(state, w, &err))
        fail_msg("%s", err.message);
}

/* Changes `count` weights of the head and forgets one id. */
static inline enum lethe_err forget_one(struct lethe_session *session, size_t id, size_t count,
                                        struct lethe_error *err)
{
    double w[SIZE];
    weights_of(w, lethe_session_head(session));
    for (size_t i = 0; i < count; i++)
        w[(7 * id + 3 * i) % SIZE] += 2.385 + (double)id;
    struct lethe_pairs settings = {0};
    assert_int_equal(lethe_pairs_set(&settings, "damping", "1e-3", err), LETHE_OK);
    assert_int_equal(lethe_pairs_set(&settings, "form", "residual", err), LETHE_OK);
    char message[32];
    snprintf(message, sizeof message, "forget %zu", id);
    struct lethe_commit commit = {.kind = "forget",
                                  .message = message,
                                  .forget = &id,
                                  .forget_count = 1,
                                  .settings = &settings,
                                  .seed = UINT64_MAX - 5,
                                  .w = w,
                                  .metrics = "{\"heldout\":0.9083}",
                                  .time = 1700000000};
    enum lethe_err code = lethe_session_commit(session, NULL, &commit, err);
    lethe_pairs_release(&settings);
    return code;
}

static inline struct lethe_session *begin(const char *dir)
{
    double w[SIZE];
    struct lethe_error err = {0};
    struct lethe_session *session = NULL;
    weights(w, 1);
    if (lethe_session_new(&session, dir, &source, w, SIZE, &err))
        fail_msg("%s", err.message);
    return session;
}

static inline void commit_ok(struct lethe_session *session, size_t id)
{
    struct lethe_error err = {0};
    if (forget_one(session, id, 5, &err))
        fail_msg("%s", err.message);
}

static inline const char *head_id(const struct lethe_session *session)
{
    return lethe_state_id(lethe_session_head(session));
}

/* A fresh folder as the test's state; removed afterwards. In memory where that is possible: these
 * tests sync thousands of times. */
static inline int folder_set_up(void **state)
{
    char *path = strdup(access("/dev/shm", W_OK) ? "/tmp/lethe-session-XXXXXX"
                                                 : "/dev/shm/lethe-session-XXXXXX");
    *state = path;
    return path && mkdtemp(path) ? 0 : -1;
}

static inline int folder_tear_down(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    int status = system(command);
    free(*state);
    return status;
}

#endif
