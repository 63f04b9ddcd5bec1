/* SPDX-License-Identifier: MIT
 * The last answer of each command, as JSON: what a lesson looks at beside the workbench itself.
 * See answers.h. */
#include "workbench/answers.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void lethe_answers_keep(struct lethe_answers *answers, const char *command,
                        const struct lethe_result *result)
{
    struct lethe_text json = {0};
    size_t k = 0;
    while (k < answers->count && strcmp(answers->at[k].command, command) != 0)
        k++;
    if (k == LETHE_ANSWERS)
        k = 0;
    lethe_render_json_value(&json, &result->root);
    char *copy = json.failed ? NULL : lethe_strdup(lethe_text_get(&json));
    lethe_text_release(&json);
    if (!copy)
        return;
    if (k == answers->count)
        answers->count++;
    lethe_free(answers->at[k].json);
    snprintf(answers->at[k].command, sizeof answers->at[k].command, "%s", command);
    answers->at[k].json = copy;
    answers->version++;
}

void lethe_answers_release(struct lethe_answers *answers)
{
    for (size_t k = 0; k < answers->count; k++)
        lethe_free(answers->at[k].json);
    memset(answers, 0, sizeof *answers);
}
