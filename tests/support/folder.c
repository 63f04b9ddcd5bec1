/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "folder.h"

char folder[64];

int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/lethe-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

int remove_folder(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

char *put_file(const char *name, const void *bytes, size_t size)
{
    char *path = lethe_path_join(folder, name), *inside = lethe_path_folder(path);
    struct lethe_error err = {0};
    if (lethe_folder_make(inside, &err) || lethe_file_write(path, bytes, size, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    lethe_free(inside);
    return path;
}
