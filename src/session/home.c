/* SPDX-License-Identifier: MIT
 * The usual place of a session: readable by its name, unique by its hash. */
#include "lethe/session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

enum { NAME = 40 };

/* The last part of a path, with what is awkward in a file name replaced. */
static void short_name(char name[NAME + 1], const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash ? slash + 1 : path;
    size_t n = 0;
    for (; n < NAME && from[n]; n++)
        name[n] = isalnum((unsigned char)from[n]) || strchr("._", from[n]) ? from[n] : '-';
    name[n] = '\0';
}

enum lethe_err lethe_session_home(char **dir, const char *state_folder, const char *path,
                                  struct lethe_error *err)
{
    char hash[LETHE_HASH_TEXT], name[NAME + 1];
    char *absolute = realpath(path, NULL);
    const char *known = absolute ? absolute : path;
    size_t room = strlen(state_folder) + NAME + 40;
    char *made = lethe_alloc(room, 1);
    lethe_hash_of(hash, known, strlen(known));
    short_name(name, known);
    free(absolute);
    if (!made)
        return lethe_fail_memory(err, "a path", room, 1);
    snprintf(made, room, "%s/sessions/%s-%.12s", state_folder, name, hash);
    *dir = made;
    return LETHE_OK;
}
