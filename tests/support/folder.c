/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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
    assert_int_equal(lethe_folder_make(inside, NULL), LETHE_OK);
    assert_int_equal(lethe_file_write(path, bytes, size, NULL), LETHE_OK);
    lethe_free(inside);
    return path;
}
