/* SPDX-License-Identifier: MIT
 * The difference of two states: settings, forgotten samples, weights. */
#include "session/state.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

void lethe_state_diff_release(struct lethe_state_diff *diff)
{
    lethe_free(diff->settings);
    lethe_free(diff->only_a);
    lethe_free(diff->only_b);
    *diff = (struct lethe_state_diff){0};
}

static enum lethe_err diff_settings(struct lethe_state_diff *diff, const struct lethe_pairs *a,
                                    const struct lethe_pairs *b, struct lethe_error *err)
{
    diff->settings = lethe_alloc(a->count + b->count, sizeof *diff->settings);
    if (!diff->settings)
        return lethe_fail_memory(err, "a comparison", a->count + b->count, sizeof *diff->settings);
    for (size_t i = 0; i < a->count; i++) {
        const char *other = lethe_pairs_get(b, a->at[i].key);
        if (!other || strcmp(other, a->at[i].value) != 0)
            diff->settings[diff->setting_count++] =
                (struct lethe_setting_diff){a->at[i].key, a->at[i].value, other};
    }
    for (size_t i = 0; i < b->count; i++)
        if (!lethe_pairs_get(a, b->at[i].key))
            diff->settings[diff->setting_count++] =
                (struct lethe_setting_diff){b->at[i].key, NULL, b->at[i].value};
    return LETHE_OK;
}

/* Keeps in a what is not in b and the other way round; both increase. */
static void drop_common(size_t *a, size_t *a_count, size_t *b, size_t *b_count)
{
    size_t i = 0, j = 0, kept_a = 0, kept_b = 0;
    while (i < *a_count || j < *b_count) {
        if (j == *b_count || (i < *a_count && a[i] < b[j])) {
            a[kept_a++] = a[i++];
        } else if (i == *a_count || b[j] < a[i]) {
            b[kept_b++] = b[j++];
        } else {
            i++;
            j++;
        }
    }
    *a_count = kept_a;
    *b_count = kept_b;
}

static enum lethe_err diff_weights(struct lethe_state_diff *diff, const struct lethe_state *a,
                                   const struct lethe_state *b, struct lethe_error *err)
{
    size_t n = a->kept.size;
    double *w = lethe_alloc(n, 2 * sizeof *w), square = 0;
    if (!w)
        return lethe_fail_memory(err, "a comparison", n, 2 * sizeof *w);
    double *v = w + n;
    enum lethe_err code = lethe_state_weights(a, w, err);
    if (!code)
        code = lethe_state_weights(b, v, err);
    for (size_t i = 0; !code && i < n; i++) {
        double d = fabs(v[i] - w[i]);
        diff->changed += d > 0;
        diff->largest = d > diff->largest ? d : diff->largest;
        square += d * d;
    }
    diff->norm = sqrt(square);
    lethe_free(w);
    return code;
}

enum lethe_err lethe_state_diff(struct lethe_state_diff *diff, const struct lethe_state *a,
                                const struct lethe_state *b, struct lethe_error *err)
{
    struct lethe_state_diff made = {0};
    enum lethe_err code = LETHE_OK;
    if (a->kept.size != b->kept.size)
        return lethe_fail(err, LETHE_EARG, "the states have %zu and %zu weights", a->kept.size,
                          b->kept.size);
    if ((code = diff_settings(&made, &a->settings, &b->settings, err)) ||
        (code = lethe_state_forgotten(&made.only_a, &made.only_a_count, a, err)) ||
        (code = lethe_state_forgotten(&made.only_b, &made.only_b_count, b, err)) ||
        (code = diff_weights(&made, a, b, err))) {
        lethe_state_diff_release(&made);
        return code;
    }
    drop_common(made.only_a, &made.only_a_count, made.only_b, &made.only_b_count);
    *diff = made;
    return LETHE_OK;
}
