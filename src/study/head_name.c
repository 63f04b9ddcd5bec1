/* SPDX-License-Identifier: MIT
 * Fields one by one, for padding has no meaning. */
#include "study/head_name.h"

#include <string.h>

void lethe_head_name(char name[LETHE_HASH_TEXT], const struct lethe_snapshot *s,
                     const struct lethe_training_context *training)
{
    const size_t size = lethe_graph_size(s->graph) + lethe_graph_buffers(s->graph);
    const uint64_t wholes[] = {s->seed, s->trained_on, s->retain.count, s->tune.count,
                               (uint64_t)s->dtype};
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe head 1", 12);
    lethe_hash_add(&hash, training->model_hash, strlen(training->model_hash) + 1);
    lethe_hash_add(&hash, training->data_hash, strlen(training->data_hash) + 1);
    lethe_hash_add(&hash, &s->decay, sizeof s->decay);
    lethe_hash_add(&hash, wholes, sizeof wholes);
    lethe_hash_add(&hash, s->retain.at, s->retain.count * sizeof *s->retain.at);
    lethe_hash_add(&hash, s->tune.at, s->tune.count * sizeof *s->tune.at);
    lethe_hash_add(&hash, s->w, size * sizeof *s->w);
    lethe_hash_text(&hash, name);
}
