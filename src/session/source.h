/* SPDX-License-Identifier: MIT
 * What a session was begun with, without opening it. */
#ifndef LETHE_SESSION_SOURCE_H
#define LETHE_SESSION_SOURCE_H

#include "lethe/error.h"

/* *path (lethe_free) leads to the model or bundle of the session in dir, "" to none. What the
 * session says is believed as it stands: whoever goes on with it opens the session, which checks
 * everything. Of its path, its place, and the path from the folder that dir is in, the first that
 * is there is taken, the place before another file of that path. LETHE_EIO naming what was looked
 * for, LETHE_EFORMAT. */
enum lethe_err lethe_session_source_path(char **path, const char *dir, struct lethe_error *err);

#endif
