/* SPDX-License-Identifier: MIT
 * A file is a head with the hash of everything behind it, then the weights as they are in memory:
 * it belongs to the kind of machine that wrote it, as the bits of the weights do. */
#include "study/weights_cache.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

struct head {
    char magic[8];               /* "lethere2" */
    char check[LETHE_HASH_TEXT]; /* of the bytes from here on */
    struct lethe_train_report report;
    uint64_t seed, size;
};

static const char magic[8] = {'l', 'e', 't', 'h', 'e', 'r', 'e', '2'};

enum { CHECKED = offsetof(struct head, check) + LETHE_HASH_TEXT }; /* padding, too */

int lethe_weights_cache_read(struct lethe_kept *kept, const char *folder, const char *name)
{
    const size_t bytes_of_w = kept->size * sizeof *kept->w;
    struct lethe_bytes bytes = {0};
    struct head head = {0};
    char check[LETHE_HASH_TEXT];
    int whole = 0;
    char *path = lethe_path_join(folder, name);
    if (path && lethe_file_exists(path) &&
        !lethe_file_read(&bytes, path, sizeof head + bytes_of_w, NULL) &&
        bytes.size == sizeof head + bytes_of_w) {
        memcpy(&head, bytes.data, sizeof head);
        lethe_hash_of(check, bytes.data + CHECKED, bytes.size - CHECKED);
        whole = !memcmp(head.magic, magic, sizeof magic) && head.seed == kept->seed &&
                head.size == kept->size && !memcmp(head.check, check, sizeof check);
    }
    if (whole) {
        memcpy(kept->w, bytes.data + sizeof head, bytes_of_w);
        kept->report = head.report;
    }
    lethe_free(bytes.data);
    lethe_free(path);
    return whole;
}

enum lethe_err lethe_weights_cache_write(const struct lethe_kept *kept, const char *folder,
                                         const char *name, struct lethe_error *err)
{
    const size_t bytes = kept->size * sizeof *kept->w;
    struct head head = {.report = kept->report, .seed = kept->seed, .size = kept->size};
    char *path = lethe_path_join(folder, name);
    unsigned char *data = lethe_alloc(sizeof head + bytes, 1);
    enum lethe_err code = path && data ? lethe_folder_make(folder, err)
                                       : lethe_fail_memory(err, "a kept model", bytes, 1);
    if (!code) {
        memcpy(head.magic, magic, sizeof magic);
        memcpy(data, &head, sizeof head);
        memcpy(data + sizeof head, kept->w, bytes);
        lethe_hash_of(head.check, data + CHECKED, sizeof head + bytes - CHECKED);
        memcpy(data + offsetof(struct head, check), head.check, sizeof head.check);
        code = lethe_file_keep(path, data, sizeof head + bytes, NULL, err);
    }
    lethe_free(data);
    lethe_free(path);
    return code;
}
