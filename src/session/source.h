/* SPDX-License-Identifier: MIT
 * What a session was begun with, without opening it. */
#ifndef LETHE_SESSION_SOURCE_H
#define LETHE_SESSION_SOURCE_H

#include "lethe/error.h"

/* *path (lethe_free) is the model or bundle of the session in dir. It is believed as it stands:
 * whoever goes on with it opens the session, which checks everything. LETHE_EFORMAT, LETHE_EIO. */
enum lethe_err lethe_session_source_path(char **path, const char *dir, struct lethe_error *err);

#endif
