/* SPDX-License-Identifier: MIT
 * A receipt against a session: what it opens, and whether what it promises holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "session/seal.h"
#include "session/sweep.h"

size_t lethe_session_sealed(const struct lethe_session *session)
{
    return session->history.states[0]->sealed_count;
}

static int read_salt(unsigned char *salt, const struct lethe_json *receipt)
{
    const char *hex = lethe_json_as_string(lethe_json_get(receipt, "salt"));
    if (!hex || strlen(hex) != 2 * LETHE_SEAL_SALT ||
        strspn(hex, "0123456789abcdef") != 2 * LETHE_SEAL_SALT)
        return 0;
    for (size_t i = 0; i < LETHE_SEAL_SALT; i++) {
        const char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        salt[i] = (unsigned char)strtoul(byte, NULL, 16);
    }
    return 1;
}

/* Ids below `samples` whose hashes the session has; ids (sealed_count) or NULL to count only. */
static size_t open_ids(size_t *ids, const struct lethe_session *session, const unsigned char *salt,
                       size_t samples)
{
    const struct lethe_state *root = session->history.states[0];
    char hash[LETHE_HASH_HEX];
    size_t n = 0;
    for (size_t id = 0; id < samples && n < root->sealed_count; id++) {
        lethe_seal_hash_id(hash, salt, id);
        if (!bsearch(hash, root->sealed, root->sealed_count, sizeof *root->sealed,
                     lethe_seal_by_text))
            continue;
        if (ids)
            ids[n] = id;
        n++;
    }
    return n;
}

enum lethe_err lethe_session_sealed_ids(size_t **ids, size_t *count,
                                        const struct lethe_session *session, const char *receipt,
                                        size_t samples, struct lethe_error *err)
{
    unsigned char salt[LETHE_SEAL_SALT];
    struct lethe_json *json = NULL;
    const size_t sealed = lethe_session_sealed(session);
    enum lethe_err code = lethe_json_parse(&json, receipt, strlen(receipt), "the receipt", err);
    if (code)
        return code;
    const int salted = read_salt(salt, json);
    lethe_json_free(json);
    if (!salted)
        return lethe_fail(err, LETHE_EFORMAT, "the receipt has no salt");
    size_t *found = lethe_alloc(sealed, sizeof *found);
    if (!found)
        return lethe_fail_memory(err, "the sealed ids", sealed, sizeof *found);
    const size_t n = open_ids(found, session, salt, samples);
    if (sealed && !n) {
        lethe_free(found);
        return lethe_fail(err, LETHE_EARG,
                          "this receipt opens none of the %zu sealed ids: it belongs to another "
                          "session",
                          sealed);
    }
    *ids = found;
    *count = n;
    return LETHE_OK;
}

/* ---- does it hold? --------------------------------------------------------------------------- */

struct receipt {
    unsigned char salt[LETHE_SEAL_SALT];
    const char *sealed, *weights, *commitment; /* borrowed from the JSON */
};

static enum lethe_err read_receipt(struct receipt *receipt, struct lethe_seal_check *check,
                                   const struct lethe_json *json, struct lethe_error *err)
{
    char found[LETHE_HASH_HEX];
    double time = 0;
    const struct lethe_json_reader m = {json, "the receipt", err};
    const char *format = lethe_json_as_string(lethe_json_get(json, "format"));
    if (!format || strcmp(format, "lethe receipt") != 0 || !read_salt(receipt->salt, json))
        return lethe_fail(err, LETHE_EFORMAT, "this is no receipt of a seal");
    enum lethe_err code = lethe_json_read_string(&m, "sealed", &receipt->sealed, 1);
    if (!code)
        code = lethe_json_read_string(&m, "weights", &receipt->weights, 1);
    if (!code)
        code = lethe_json_read_string(&m, "commitment", &receipt->commitment, 1);
    if (!code)
        code = lethe_json_read_size(&m, "forgotten", &check->promised, 0, SIZE_MAX / 64, 1);
    if (!code)
        code = lethe_json_read_number(&m, "time", &time, -0x1p53, 0x1p53, 1);
    if (code)
        return code;
    check->time = (int64_t)time;
    lethe_hash_of(found, receipt->salt, LETHE_SEAL_SALT);
    return strcmp(found, receipt->commitment) == 0
               ? LETHE_OK
               : lethe_fail(err, LETHE_EFORMAT,
                            "the receipt was changed: its salt does not meet its commitment");
}

static enum lethe_err count_leftovers(struct lethe_seal_check *check,
                                      const struct lethe_session *session, struct lethe_error *err)
{
    struct lethe_strays strays;
    if (!session->dir)
        return LETHE_OK;
    enum lethe_err code =
        lethe_strays_find(&strays, session, session->dir, session->writing.base, check->time, err);
    if (code)
        return code;
    check->leftovers = strays.count;
    if (strays.count)
        snprintf(check->leftover, sizeof check->leftover, "%s", strays.paths[0]);
    lethe_strays_release(&strays);
    return LETHE_OK;
}

static enum lethe_err compare(struct lethe_seal_check *check, const struct lethe_session *session,
                              const struct receipt *receipt, size_t samples,
                              struct lethe_error *err)
{
    const struct lethe_state *root = session->history.states[0];
    const char *seal = lethe_pairs_get(&root->settings, "seal");
    check->sealed = root->sealed_count;
    if (!seal)
        return lethe_fail(err, LETHE_EARG,
                          "this session is not sealed: the seal of this receipt was not carried "
                          "out, or in another session");
    check->last = !strcmp(seal, receipt->commitment);
    check->weights = !check->last || (!strcmp(root->weights_hash, receipt->weights) &&
                                      !strcmp(root->id, receipt->sealed));
    check->opened = open_ids(NULL, session, receipt->salt, samples);
    if (!check->last && !check->opened)
        return lethe_fail(err, LETHE_EARG,
                          samples ? "this receipt opens none of the %zu sealed samples: it belongs "
                                    "to another session"
                                  : "this receipt is not of the last seal, and without data it "
                                    "cannot be told whether it opens any of the %zu sealed samples",
                          check->sealed);
    return count_leftovers(check, session, err);
}

enum lethe_err lethe_session_seal_check(struct lethe_seal_check *check,
                                        const struct lethe_session *session, const char *receipt,
                                        size_t samples, struct lethe_error *err)
{
    struct lethe_seal_check made = {0};
    struct receipt read = {0};
    struct lethe_json *json = NULL;
    enum lethe_err code = lethe_json_parse(&json, receipt, strlen(receipt), "the receipt", err);
    if (!code)
        code = read_receipt(&read, &made, json, err);
    if (!code)
        code = compare(&made, session, &read, samples, err);
    if (!code)
        *check = made;
    lethe_json_free(json);
    return code;
}
