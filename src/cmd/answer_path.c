/* SPDX-License-Identifier: MIT
 * The path of passes as a table: its start, then after 1, 2, 4 ... iterations, and its end. */
#include "cmd/answer_path.h"

#include "workbench/path_figures.h"

static void put_pass(struct lethe_value *list, const struct lethe_path *path, size_t k,
                     const struct lethe_workbench *wb)
{
    const struct lethe_path_point *pass = &path->at[k];
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_count(row, "pass", k);
    lethe_put_real(row, "kl_forget", lethe_path_kl(path, k, wb->warm));
    lethe_put_share(row, "forget_accuracy", pass->forget_accuracy);
    lethe_put_real(row, "forget_loss", pass->forget_loss);
    lethe_put_share(row, "heldout_accuracy", pass->heldout_accuracy);
    lethe_put_real(row, "objective", pass->objective);
    lethe_put_real(row, "gradient", pass->gradient);
}

void lethe_path_put(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_path *path = wb->preview ? wb->preview->path : NULL;
    if (!path)
        return;
    struct lethe_value *list = lethe_put_list(out, "path");
    for (size_t k = 0; k < path->count; k = k ? 2 * k : 1) {
        put_pass(list, path, k, wb);
        if (k + 1 < path->count && 2 * k >= path->count && k)
            put_pass(list, path, path->count - 1, wb);
    }
    lethe_put_count(out, "passes_over_the_data", path->evaluations);
    lethe_put_note(
        out,
        "%zu iterations of L-BFGS on what is retained followed the step of the whole "
        "network, with %zu passes over the data; held-out accuracy along the path is of a "
        "part of the tune half; with enough of them this is warm retraining",
        path->count - 1, path->evaluations);
}
