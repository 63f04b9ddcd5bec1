/* SPDX-License-Identifier: MIT
 * Samples in a report: by number, or by hashes that nobody can turn back without the salt, which is
 * given to who wrote the report and stands nowhere in it. */
#include "session/report_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "session/seal.h"

_Static_assert((int)LETHE_REPORT_SALT == (int)LETHE_SEAL_SALT, "reports and seals hash alike");

void lethe_report_ids(struct lethe_text *out, const size_t *ids, size_t count, size_t most)
{
    size_t ranges = 0;
    if (!count)
        lethe_text_add(out, "none");
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i + 1; j < count && ids[j] == ids[j - 1] + 1;)
            j++;
        if (ranges++ == most) {
            lethe_text_addf(out, " and %zu more", count - i);
            return;
        }
        lethe_text_addf(out, "%s%zu", i ? ", " : "", ids[i]);
        if (j - i > 1)
            lethe_text_addf(out, "-%zu", ids[j - 1]);
    }
}

static int is_one_of(const size_t *ids, size_t count, unsigned long long number)
{
    size_t k = 0;
    while (k < count && ids[k] != number)
        k++;
    return k < count;
}

void lethe_report_message(struct lethe_text *out, const struct lethe_state *state,
                          const struct lethe_report_options *options, const size_t *ids,
                          size_t count)
{
    static const char digits[] = "0123456789";
    const char *at = lethe_state_message(state);
    lethe_text_add(out, "");
    while (*at) {
        const size_t words = strcspn(at, digits), length = strspn(at + words, digits);
        lethe_text_add_bytes(out, at, words);
        at += words;
        if (length && options->salt && length < 19 && is_one_of(ids, count, strtoull(at, NULL, 10)))
            lethe_text_add(out, "(number of a sample)");
        else
            lethe_text_add_bytes(out, at, length);
        at += length;
    }
}

enum lethe_err lethe_report_make_salt(unsigned char salt[LETHE_REPORT_SALT],
                                      char text[2 * LETHE_REPORT_SALT + 1], struct lethe_error *err)
{
    if (getrandom(salt, LETHE_REPORT_SALT, 0) != LETHE_REPORT_SALT)
        return lethe_fail(err, LETHE_EIO, "the system gives no random numbers for a salt");
    for (size_t i = 0; i < LETHE_REPORT_SALT; i++)
        snprintf(text + 2 * i, 3, "%02x", salt[i]);
    return LETHE_OK;
}

enum lethe_err lethe_report_hashes(char (**hashes)[LETHE_HASH_HEX], const unsigned char *salt,
                                   const size_t *ids, size_t count, struct lethe_error *err)
{
    char(*made)[LETHE_HASH_HEX] = lethe_alloc(count + !count, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "hashes of samples", count, sizeof *made);
    for (size_t i = 0; i < count; i++)
        lethe_seal_hash_id(made[i], salt, ids[i]);
    qsort(made, count, sizeof *made, lethe_seal_by_text);
    *hashes = made;
    return LETHE_OK;
}
