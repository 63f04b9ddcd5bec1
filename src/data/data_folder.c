/* SPDX-License-Identifier: MIT
 * The folder of larger data sets: what a bundle's paths that begin with "$LETHE_DATA/" stand
 * for. See data_folder.h. */
#include "data/data_folder.h"

#include <string.h>

static const char *set_folder;

void lethe_data_folder_set(const char *folder)
{
    set_folder = folder && *folder ? folder : NULL;
}

const char *lethe_data_folder_of(const char *path, const char **rest)
{
    const size_t length = strlen(LETHE_DATA_VARIABLE);
    if (strncmp(path, LETHE_DATA_VARIABLE, length) != 0)
        return NULL;
    *rest = path + length;
    return set_folder ? set_folder : LETHE_DATA_FOLDER;
}
