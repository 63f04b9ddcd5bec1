/* SPDX-License-Identifier: MIT
 * Lines of a journal, one after the other. */
#include "workbench/session_script.h"

#include <string.h>

#include "base/file.h"

int lethe_is_script(const char *path)
{
    const size_t length = path ? strlen(path) : 0;
    return length > 6 && strcmp(path + length - 6, ".lethe") == 0;
}

static void add_lines(struct lethe_text *script, const struct lethe_session *session)
{
    for (size_t i = 0; i < lethe_session_note_count(session); i++) {
        lethe_text_add(script, lethe_session_note_line(session, i, NULL));
        lethe_text_add(script, "\n");
    }
}

enum lethe_err lethe_session_script_save(const struct lethe_session *session, const char *path,
                                         struct lethe_error *err)
{
    struct lethe_text script = {0};
    if (lethe_session_sealed(session))
        return lethe_fail(err, LETHE_EARG, "this session has no journal any more: it was sealed");
    add_lines(&script, session);
    enum lethe_err code = lethe_text_ok(&script, err);
    if (!code)
        code = lethe_file_write(path, lethe_text_get(&script), script.length, err);
    lethe_text_release(&script);
    return code;
}

enum lethe_err lethe_session_script_read(struct lethe_text *script, char id[LETHE_HASH_HEX],
                                         const char *path, struct lethe_error *err)
{
    struct lethe_session *session = NULL;
    enum lethe_err code = lethe_session_open(&session, path, err);
    if (code)
        return code;
    add_lines(script, session);
    memcpy(id, lethe_state_id(lethe_session_head(session)), LETHE_HASH_HEX);
    const size_t sealed = lethe_session_sealed(session);
    lethe_session_close(session);
    if (sealed || !script->length)
        return lethe_fail(err, LETHE_EARG, "'%s' has no journal: it was sealed", path);
    return lethe_text_ok(script, err);
}
