/* SPDX-License-Identifier: MIT
 * The sentences follow from what is on the workbench: what is missing comes first. */
#include "workbench/closing.h"

#include "workbench/figure_rows.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void put_moved(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    const size_t forget = wb->project.forget.count;
    lethe_text_addf(out, "To forget %zu sample%s, %zu of %zu parameters moved", forget,
                    plural(forget), preview->parameters, lethe_graph_size(wb->project.graph));
    lethe_text_add(out, wb->committing ? "." : "; nothing is kept yet.");
}

void lethe_closing_preview(struct lethe_text *out, const struct lethe_workbench *wb,
                           const struct lethe_verdict *verdict)
{
    put_moved(out, wb);
    if (verdict->kind == LETHE_VERDICT_WORSE) {
        lethe_text_add(out, " It does harm, as said above the figures");
        lethe_verdict_put_next(out, verdict, 0);
        lethe_text_add(out, ".");
    }
}

/* A model whose samples have no name yet for what is to go. */
static void put_nothing_chosen(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    const size_t known = project->bundle ? project->bundle->generated.count : 0;
    lethe_text_addf(out, "'%s' was trained on %zu samples, and nothing is marked to be forgotten.",
                    project->name, lethe_dataset_count(project->train));
    if (known && !project->removed.count)
        lethe_text_addf(out,
                        " %zu of them were changed on purpose and are known: 'forget add "
                        "generated' marks those.",
                        known);
    else
        lethe_text_add(out, " 'forget add SPEC' marks what is to go: ids, class:NAME, "
                            "misclassified, top-loss:20.");
}

/* How many were forgotten so far; 1 when there is something to say. */
static int put_gone(struct lethe_text *out, const struct lethe_standing *standing)
{
    if (!standing->gone)
        return 0;
    lethe_text_addf(out, "%zu sample%s forgotten in %zu commit%s; 'audit' asks whether it shows.",
                    standing->gone, standing->gone == 1 ? " was" : "s were", standing->commits,
                    plural(standing->commits));
    return 1;
}

static void put_previewed(struct lethe_text *out, const struct lethe_workbench *wb)
{
    struct lethe_figure_rows rows;
    struct lethe_verdict verdict;
    lethe_workbench_figure_rows(wb, &rows);
    lethe_workbench_verdict(wb, &rows, &verdict);
    put_moved(out, wb);
    lethe_text_add(out, " The verdict: ");
    lethe_verdict_put(out, &verdict, 0);
    lethe_text_add(out, ".");
}

void lethe_closing_info(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    const size_t forget = project->forget.count;
    struct lethe_standing standing = {0};
    if (wb->session)
        lethe_session_standing(&standing, wb->session);
    if (!project->graph && !project->train) {
        lethe_text_add(out, "Nothing is loaded. 'load PATH' takes a bundle or an ONNX file, "
                            "'lesson' teaches by doing.");
        return;
    }
    if (!project->graph) {
        lethe_text_add(out, "There is data and no model. 'train' makes one, 'load' takes one.");
        return;
    }
    if (!project->train) {
        lethe_text_addf(out,
                        "'%s' is a model without data, so nothing can be forgotten. 'data "
                        "PATH' gives it the samples it was trained on.",
                        project->name);
        return;
    }
    if (put_gone(out, &standing))
        lethe_text_add(out, " ");
    if (wb->preview && forget)
        put_previewed(out, wb);
    else if (forget)
        lethe_text_addf(out,
                        "%zu of %zu samples %s marked to be forgotten, and nothing has changed "
                        "for them yet. 'preview' shows what their removal would do.",
                        forget, lethe_dataset_count(project->train), forget == 1 ? "is" : "are");
    else if (standing.gone)
        lethe_text_add(out, "'export PATH' writes the model as it stands.");
    else
        put_nothing_chosen(out, wb);
    if (standing.unsaved && !(standing.gone && forget))
        lethe_text_addf(out, " %s with the program: 'save FOLDER' keeps %s.",
                        standing.unsaved == 1 ? "The commit ends" : "The commits end",
                        standing.unsaved == 1 ? "it" : "them");
}
