/* SPDX-License-Identifier: MIT
 * A head with the name and the hash of what follows, then the bytes of unlearn/ekfac_pack.h. */
#include "removal/ekfac_file.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/problem.h"
#include "unlearn/ekfac_pack.h"

static const char magic[8] = {'l', 'e', 't', 'h', 'e', 'e', 'f', '1'};

struct head {
    char magic[8];
    char name[LETHE_HASH_TEXT], check[LETHE_HASH_TEXT];
};

/* The shapes that parameters have, by their names. */
static void add_parameters(struct lethe_hash *hash, const struct lethe_graph *graph)
{
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++) {
        const struct lethe_param *param = lethe_graph_param(graph, p);
        const uint64_t numbers[] = {param->size, param->offset, (uint64_t)param->trainable};
        lethe_hash_add(hash, param->name, strlen(param->name) + 1);
        lethe_hash_add(hash, numbers, sizeof numbers);
    }
}

enum lethe_err lethe_ekfac_file_name(char name[LETHE_HASH_TEXT],
                                     const struct lethe_ekfac_spec *spec, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    struct lethe_problem *problem = spec->problem;
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    const size_t n = lethe_problem_count(problem), classes = lethe_graph_classes(graph);
    const size_t entries = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    const uint64_t numbers[] = {spec->seed,
                                spec->draws,
                                spec->widest,
                                spec->positions,
                                lethe_problem_batch(problem),
                                (uint64_t)lethe_problem_dtype(problem),
                                n,
                                classes,
                                entries};
    struct lethe_hash hash;
    double *z = lethe_alloc(n, classes * sizeof *z);
    if (!z)
        return lethe_fail_memory(err, "logits", n, classes * sizeof *z);
    const enum lethe_err code = lethe_problem_logits(problem, z, spec->w, watch, err);
    if (!code) {
        lethe_hash_init(&hash);
        lethe_hash_add(&hash, "lethe ekfac file 1", 18);
        lethe_hash_add(&hash, numbers, sizeof numbers);
        lethe_hash_add(&hash, spec->w, entries * sizeof *spec->w);
        lethe_hash_add(&hash, lethe_problem_ids(problem), n * sizeof(size_t));
        lethe_hash_add(&hash, lethe_problem_labels(problem), n * sizeof(int));
        lethe_hash_add(&hash, z, n * classes * sizeof *z);
        add_parameters(&hash, graph);
        lethe_hash_text(&hash, name);
    }
    lethe_free(z);
    return code;
}

struct lethe_ekfac *lethe_ekfac_file_read(const char *path, const char *name,
                                          const struct lethe_ekfac_spec *spec)
{
    struct lethe_ekfac *ekfac = NULL;
    struct lethe_bytes bytes = {0};
    struct head head;
    char check[LETHE_HASH_TEXT];
    if (!lethe_file_exists(path) ||
        lethe_file_read(&bytes, path, LETHE_EKFAC_FILE_MOST + sizeof head, NULL))
        return NULL;
    if (bytes.size > sizeof head) {
        const unsigned char *body = bytes.data + sizeof head;
        memcpy(&head, bytes.data, sizeof head);
        lethe_hash_of(check, body, bytes.size - sizeof head);
        if (!memcmp(head.magic, magic, sizeof magic) &&
            !memcmp(head.name, name, sizeof head.name) && !memcmp(head.check, check, sizeof check))
            (void)lethe_ekfac_unpack(&ekfac, spec, body, bytes.size - sizeof head, NULL);
    }
    lethe_free(bytes.data);
    return ekfac;
}

void lethe_ekfac_file_write(const struct lethe_ekfac *ekfac, const char *path, const char *name)
{
    struct lethe_ekfac_figures figures;
    struct head head = {0};
    unsigned char *body = NULL;
    size_t size = 0;
    lethe_ekfac_read(ekfac, &figures);
    if (figures.bytes > LETHE_EKFAC_FILE_MOST - (1 << 20) ||
        lethe_ekfac_pack(&body, &size, ekfac, NULL))
        return;
    char *folder = lethe_path_folder(path);
    unsigned char *data = lethe_alloc(sizeof head + size, 1);
    if (folder && data && !lethe_folder_make(folder, NULL)) {
        memcpy(head.magic, magic, sizeof magic);
        memcpy(head.name, name, sizeof head.name);
        lethe_hash_of(head.check, body, size);
        memcpy(data, &head, sizeof head);
        memcpy(data + sizeof head, body, size);
        (void)lethe_file_keep(path, data, sizeof head + size, NULL, NULL);
    }
    lethe_free(data);
    lethe_free(folder);
    lethe_free(body);
}
