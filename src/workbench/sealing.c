/* SPDX-License-Identifier: MIT
 * The order of a seal: receipt, then deletion; and what a receipt is held against. */
#include "workbench/sealing.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "removal/ekfac_store.h"
#include "workbench/derived_model.h"
#include "workbench/draft.h"
#include "workbench/workbench.h"
#include "workbench/yardstick.h"

static enum lethe_err prepare(struct lethe_seal **seal, struct lethe_workbench *wb,
                              const char *name, struct lethe_error *err)
{
    struct lethe_pairs settings = {0};
    enum lethe_err code = lethe_draft_settings(&settings, wb, err);
    if (!code)
        code = lethe_seal_new(seal, wb->session, name, &settings, lethe_clock_now(), err);
    lethe_pairs_release(&settings);
    return code;
}

/* Once its receipt is on the disk; *done as lethe_session_seal gives it. */
static enum lethe_err carry_out(struct lethe_workbench *wb, struct lethe_seal *seal, int *done,
                                struct lethe_error *err)
{
    *done = 0;
    enum lethe_err code = lethe_derived_model_sealing(&wb->project, wb->session, err);
    lethe_ekfac_store_home(wb->ekfacs, NULL); /* nothing of the past is written from now on */
    if (!code)
        code = lethe_session_seal(wb->session, seal, done, err);
    if (!*done)
        return code;
    lethe_workbench_drop(wb, LETHE_PART_ALL); /* the forget set goes, too: it names samples */
    lethe_trail_remove(wb);
    lethe_yardstick_remove(wb);
    lethe_free(wb->project.forget.at);
    wb->project.forget = (struct lethe_ids){0};
    return code;
}

enum lethe_err lethe_workbench_seal(struct lethe_workbench *wb, const char *name,
                                    const char *receipt, struct lethe_error *err)
{
    struct lethe_seal *seal = NULL;
    int done = 0;
    if (lethe_file_exists(receipt))
        return lethe_fail(err, LETHE_EARG, "'%s' exists already: a receipt is never overwritten",
                          receipt);
    enum lethe_err code = prepare(&seal, wb, name, err);
    const char *text = code ? "" : lethe_seal_receipt(seal);
    if (!code)
        code = lethe_file_create(receipt, text, strlen(text), err);
    if (!code) {
        code = carry_out(wb, seal, &done, err);
        if (!done)
            lethe_file_remove(receipt, NULL);
    }
    lethe_seal_free(seal);
    return code;
}

/* Everything the receipt promises, or the first thing that does not hold. */
static enum lethe_err judge(const struct lethe_seal_check *check, const char *path, int counted,
                            struct lethe_error *err)
{
    if (!check->weights)
        return lethe_fail(err, LETHE_EFORMAT,
                          "'%s' does not hold: the session begins with other weights than those "
                          "that were sealed",
                          path);
    if (counted && check->opened != check->promised)
        return lethe_fail(err, LETHE_EFORMAT,
                          "'%s' does not hold: it promises %zu samples and opens %zu", path,
                          check->promised, check->opened);
    if (check->leftovers)
        return lethe_fail(err, LETHE_EIO,
                          "'%s' does not hold: of the time before, %zu %s still there, the first "
                          "is '%s': remove %s",
                          path, check->leftovers, check->leftovers == 1 ? "file is" : "files are",
                          check->leftover, check->leftovers == 1 ? "it" : "them");
    return LETHE_OK;
}

enum lethe_err lethe_workbench_seal_verify(struct lethe_seal_check *check, size_t *samples,
                                           const struct lethe_workbench *wb, const char *receipt,
                                           struct lethe_error *err)
{
    enum { LONGEST = 1 << 20 };
    struct lethe_bytes text = {0};
    *samples = wb->project.train ? lethe_dataset_count(wb->project.train) : 0;
    enum lethe_err code = lethe_file_read(&text, receipt, LONGEST, err);
    if (!code)
        code = lethe_session_seal_check(check, wb->session, (const char *)text.data, *samples, err);
    lethe_free(text.data);
    return code ? code : judge(check, receipt, *samples > 0, err);
}
