/* SPDX-License-Identifier: MIT
 * The workshop of a workbench: its files stand beside its session. */
#include "cmd/workshop.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "cmd/workbench.h"

enum lethe_err lethe_workshop_init(struct lethe_workshop *workshop,
                                   const struct lethe_workbench *wb, struct lethe_error *err)
{
    struct lethe_workshop made = {.threads = wb->threads};
    double unused;
    enum lethe_err code = lethe_subject_recipe(&made.recipe, &unused, &wb->subject, err);
    if (code)
        return code;
    memcpy(made.model_hash, wb->subject.model_hash, sizeof made.model_hash);
    memcpy(made.data_hash, wb->subject.data_hash, sizeof made.data_hash);
    if (wb->session && lethe_session_dir(wb->session)) {
        made.folder = lethe_path_join(lethe_session_dir(wb->session), "retrains");
        if (!made.folder)
            return lethe_fail_memory(err, "a path", 1, 1);
    }
    *workshop = made;
    return LETHE_OK;
}

void lethe_workshop_release(struct lethe_workshop *workshop)
{
    lethe_free(workshop->folder);
    *workshop = (struct lethe_workshop){0};
}
