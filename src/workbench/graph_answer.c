/* SPDX-License-Identifier: MIT
 * `generate graph`: samples of bullseye graphs as files, and how well FOCI finds the blanket in
 * them, as a table over numbers of variables and samples. See graph_answer.h. */
#include "workbench/graph_answer.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "study/graph_data.h"

enum { LIST = 6, ROWS = 2 * LIST * LIST };
static const char *const forms[] = {"linear", "nonlinear"};

struct job {
    struct lethe_graph_spec spec[ROWS];
    struct lethe_graph_score score[ROWS];
    size_t rows, graphs;
    char *folder; /* where the first graph's samples go; NULL: nowhere */
};

static void free_job(void *arg)
{
    struct job *job = arg;
    lethe_free(job->folder);
    lethe_free(job);
}

static enum lethe_err write_first(const struct job *job, struct lethe_error *err)
{
    struct lethe_graph_data data = {0};
    enum lethe_err code = lethe_graph_data_make(&data, &job->spec[0], err);
    if (!code)
        code = lethe_graph_data_write(&data, job->folder, err);
    lethe_graph_data_release(&data);
    return code;
}

static enum lethe_err run_job(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct job *job = arg;
    enum lethe_err code = job->folder ? write_first(job, err) : LETHE_OK;
    for (size_t r = 0; r < job->rows && !code; r++) {
        code = lethe_watch_step(watch, "graphs", (long)r, (long)job->rows, err);
        if (!code)
            code = lethe_graph_score_make(&job->score[r], &job->spec[r], job->graphs, watch, err);
    }
    return code;
}

static enum lethe_err finish_job(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                 struct lethe_error *err)
{
    static const char *const found[] = {"parents", "children", "spouses"};
    const struct job *job = arg;
    struct lethe_value *list = lethe_put_list(out, "blankets");
    (void)wb;
    (void)err;
    for (size_t r = 0; r < job->rows; r++) {
        const struct lethe_graph_score *score = &job->score[r];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "form", forms[job->spec[r].nonlinear]);
        lethe_put_count(row, "variables", job->spec[r].variables);
        lethe_put_count(row, "samples", job->spec[r].samples);
        lethe_hint(lethe_put_real(row, "precision", score->precision), LETHE_HINT_FIXED);
        lethe_hint(lethe_put_real(row, "recall", score->recall), LETHE_HINT_FIXED);
        for (size_t k = 0; k < sizeof found / sizeof *found; k++)
            lethe_hint(lethe_put_real(row, found[k], score->found[k]), LETHE_HINT_FIXED);
        lethe_hint(lethe_put_real(row, "time", score->seconds), LETHE_HINT_SECONDS);
    }
    lethe_put_count(out, "graphs", job->graphs);
    if (job->folder)
        lethe_put_text(out, "path", job->folder);
    if (job->rows) {
        const struct lethe_graph_spec *spec = &job->spec[job->rows - 1];
        const struct lethe_graph_score *score = &job->score[job->rows - 1];
        lethe_put_note(out,
                       "the blanket of a target are its parents, its children and their other "
                       "parents: of %zu %s variables and %zu samples FOCI names %.0f %% of it, and "
                       "%.0f %% of what it names is in it",
                       spec->variables, forms[spec->nonlinear], spec->samples, 100 * score->recall,
                       100 * score->precision);
    }
    return LETHE_OK;
}

/* "3,10,30" */
static enum lethe_err read_list(size_t list[LIST], size_t *count, const char *name,
                                const char *text, struct lethe_error *err)
{
    for (*count = 0; *count < LIST;) {
        char *end;
        const unsigned long number = strtoul(text, &end, 10);
        if (end == text || *text == '-' || number < 1 || number > 1000000)
            break;
        list[(*count)++] = number;
        if (!*end)
            return LETHE_OK;
        if (*end != ',')
            break;
        text = end + 1;
    }
    return lethe_fail(err, LETHE_EARG, "'%s' takes one to %d whole numbers with commas between",
                      name, (int)LIST);
}

static enum lethe_err read_job(struct job *job, const struct lethe_args *args, uint64_t seed,
                               struct lethe_error *err)
{
    size_t variables[LIST], samples[LIST], widths = 0, sizes = 0;
    const size_t first = lethe_args_choice(args, "form", 0);
    const size_t last = lethe_args_given(args, "form") ? first : 1;
    enum lethe_err code = read_list(variables, &widths, "variables",
                                    lethe_args_text(args, "variables", "3,10,30"), err);
    if (!code)
        code = read_list(samples, &sizes, "samples",
                         lethe_args_text(args, "samples", "200,1000,5000"), err);
    for (size_t f = first; f <= last && !code; f++)
        for (size_t v = 0; v < widths; v++)
            for (size_t s = 0; s < sizes; s++)
                job->spec[job->rows++] =
                    (struct lethe_graph_spec){variables[v], samples[s], (int)f, seed};
    job->graphs = lethe_args_count(args, "graphs", 10);
    const char *folder = lethe_args_text(args, "folder", NULL);
    job->folder = folder ? lethe_strdup(folder) : NULL;
    if (!code && folder && !job->folder)
        code = lethe_fail_memory(err, "a path", 1, 1);
    return code;
}

enum lethe_err lethe_graph_answer(struct lethe_call *call, uint64_t seed, struct lethe_error *err)
{
    struct job *job = lethe_alloc_zero(1, sizeof *job);
    if (!job)
        return lethe_fail_memory(err, "graphs", 1, sizeof *job);
    call->task = (struct lethe_task){.run = run_job,
                                     .finish = finish_job,
                                     .release = free_job,
                                     .arg = job,
                                     .lane = LETHE_LANE_INTERACTIVE};
    call->unnoted = 1;
    return read_job(job, &call->args, seed, err);
}
