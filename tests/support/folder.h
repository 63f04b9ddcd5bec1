/* SPDX-License-Identifier: MIT
 * A folder of a test's own, made by its group setup and removed by its group teardown. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <stddef.h>

extern char folder[64];

int make_folder(void **state);
int remove_folder(void **state);
/* Writes a file there, with the folders its name asks for; its path (lethe_free). */
char *put_file(const char *name, const void *bytes, size_t size);

#endif
