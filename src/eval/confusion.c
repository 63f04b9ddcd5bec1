/* SPDX-License-Identifier: MIT
 * Two small scores of predictions: interclass confusion (Goel et al., 2022), for forget sets made
 * by swapping the labels of two classes, and zero retrain forgetting (Chundawat et al., AAAI 2023),
 *   ZRF = 1 - mean JS(p_now, p_untrained), JS in bits, so ZRF lies in [0, 1].
 * ZRF near 1 says "like untrained", which a retrained model need not be.
 * Check: opposite certain predictions give ZRF 0, equal ones 1. */
#include "lethe/audit.h"

#include "eval/rows.h"

size_t lethe_interclass_confusion(const struct lethe_outputs *out, int a, int b)
{
    size_t count = 0;
    for (size_t i = 0; i < out->n; i++) {
        int predicted = (int)lethe_row_argmax(out->logits + i * out->classes, out->classes);
        count += (out->labels[i] == a && predicted == b) || (out->labels[i] == b && predicted == a);
    }
    return count;
}

double lethe_zrf(const double *logits_now, const double *logits_untrained, size_t n, size_t classes)
{
    struct lethe_distance distance;
    lethe_distance_measure(&distance, logits_now, logits_untrained, n, classes);
    return 1 - distance.js / 0.69314718055994530942;
}
