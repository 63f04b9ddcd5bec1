/* SPDX-License-Identifier: MIT
 * Contrasts of samples between marked and unmarked ones of the same label. */
#include "base/alloc.h"
#include "lethe/train.h"

enum lethe_err lethe_train_contrast(double *contrast, const unsigned char *marks, const int *labels,
                                    size_t n, size_t classes, struct lethe_error *err)
{
    double *share = lethe_alloc_zero(2 * classes + 1, sizeof *share);
    double square = 0;
    if (!share)
        return lethe_fail_memory(err, "classes", 2 * classes + 1, sizeof *share);
    double *count = share + classes;
    for (size_t i = 0; i < n; i++) {
        share[labels[i]] += marks[i];
        count[labels[i]]++;
    }
    for (size_t i = 0; i < n; i++) {
        contrast[i] = marks[i] - share[labels[i]] / count[labels[i]];
        square += contrast[i] * contrast[i] / (double)n;
    }
    lethe_free(share);
    if (!(square > 0))
        return lethe_fail(err, LETHE_EARG,
                          "no class has both marked and unmarked samples: given the label there is "
                          "nothing to compare");
    for (size_t i = 0; i < n; i++)
        contrast[i] /= square;
    return LETHE_OK;
}
