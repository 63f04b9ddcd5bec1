/* SPDX-License-Identifier: MIT
 * The table of methods, or of masks, beside retraining, and how far each lies from it. */
#include "workbench/method_table.h"

#include <math.h>
#include <string.h>

/* A row of the table of methods; v NULL: of given values. */
static void put_method_figures(struct lethe_value *row, const struct lethe_variant *v,
                               const double *values)
{
    for (int f = 0; f < LETHE_METHOD_FIGURES; f++) {
        const enum lethe_method_figure figure = (enum lethe_method_figure)f;
        const double given = values ? values[f] : NAN;
        const double value = v ? lethe_method_figure(v, figure) : given;
        const char *key = lethe_method_figure_name(figure);
        if (f <= LETHE_FIGURE_HELDOUT_ACCURACY)
            lethe_put_share(row, key, value);
        else
            lethe_hint(lethe_put_real(row, key, value),
                       f == LETHE_FIGURE_AUC || f == LETHE_FIGURE_GAP || f == LETHE_FIGURE_RECOVERY
                           ? LETHE_HINT_FIXED
                       : f == LETHE_FIGURE_FORGET_LOSS ? LETHE_HINT_QUIET
                                                       : 0u);
    }
}

static void put_method_row(struct lethe_value *list, const struct lethe_method_comparison *m,
                           const struct lethe_method_trial *trial, int masks)
{
    struct lethe_value *row = lethe_put_object(list, NULL);
    const struct lethe_variant *v = &trial->variant;
    const char *with = trial->settings.text[LETHE_SET_METHOD_WITH];
    lethe_put_text(row, masks ? "mask" : "method",
                   masks ? lethe_method_trial_mask(trial) : v->name);
    put_method_figures(row, v, NULL);
    lethe_put_count(row, "parameters", v->parameters);
    lethe_hint(lethe_put_real(row, "time", v->failed ? NAN : v->seconds), LETHE_HINT_SECONDS);
    lethe_hint(lethe_put_text(row, "with", with), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_bool(row, "tuned", trial->tuned), LETHE_HINT_QUIET);
    struct lethe_value *z = lethe_hint(lethe_put_object(row, "z"), LETHE_HINT_QUIET);
    for (int f = 0; f < LETHE_METHOD_FIGURES; f++)
        lethe_put_real(z, lethe_method_figure_name((enum lethe_method_figure)f),
                       lethe_method_z(m, v, (enum lethe_method_figure)f));
}

/* For people: how many sd of retraining each lies from its mean. */
static void put_method_z(struct lethe_value *out, const struct lethe_method_comparison *m,
                         int masks)
{
    static const enum lethe_method_figure shown[] = {
        LETHE_FIGURE_FORGET_ACCURACY, LETHE_FIGURE_FORGET_LOSS, LETHE_FIGURE_RETAIN_ACCURACY,
        LETHE_FIGURE_HELDOUT_ACCURACY, LETHE_FIGURE_AUC};
    if (m->retrains < 3)
        return;
    struct lethe_value *list = lethe_put_list(out, "z");
    for (size_t i = 0; i < m->count; i++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, masks ? "mask" : "method",
                       masks ? lethe_method_trial_mask(&m->row[i]) : m->row[i].variant.name);
        for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
            lethe_hint(lethe_put_real(row, lethe_method_figure_name(shown[k]),
                                      lethe_method_z(m, &m->row[i].variant, shown[k])),
                       LETHE_HINT_FIXED);
    }
}

/* Where parameters that nobody searched come from. */
static void put_origin(struct lethe_value *out, const struct lethe_method_comparison *m)
{
    const char *others = "";
    for (size_t i = 0; i < m->count; i++)
        if (!lethe_method_trial_published(&m->row[i])) {
            lethe_put_note(out, "%s as it is set: %s", m->row[i].variant.name,
                           m->row[i].settings.text[LETHE_SET_METHOD_WITH]);
            others = "the others ";
        }
    lethe_put_note(out,
                   "%swith published parameters, which are for larger networks: 'compare methods "
                   "tuned' searches them first",
                   others);
}

void lethe_method_table_put(struct lethe_value *out, const struct lethe_comparison *c)
{
    const struct lethe_method_comparison *m = c->methods;
    const int masks = c->what == LETHE_COMPARE_MASKS;
    struct lethe_value *list = lethe_put_list(out, masks ? "masks" : "methods");
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_text(row, masks ? "mask" : "method", "(nothing done)");
    put_method_figures(row, &m->before, NULL);
    for (size_t i = 0; i < m->count; i++)
        put_method_row(list, m, &m->row[i], masks);
    for (int sd = 0; m->retrains && sd < 2; sd++) {
        row = lethe_put_object(list, NULL);
        lethe_put_text(row, masks ? "mask" : "method",
                       sd ? "(retrained, sd)" : "(retrained, mean)");
        put_method_figures(row, NULL, sd ? m->sd : m->mean);
        if (!sd)
            lethe_hint(lethe_put_real(row, "time", m->seconds), LETHE_HINT_SECONDS);
    }
    put_method_z(out, m, masks);
    lethe_put_count(out, "retrains", m->retrains);
    lethe_put_text(out, "heldout_half", "tune");
    for (size_t i = 0; i < m->count; i++)
        if (m->row[i].variant.note[0])
            lethe_put_note(out, "%s", m->row[i].variant.note);
    if (!c->methods_options.tuned && !masks)
        put_origin(out, m);
    if (masks && m->count)
        lethe_put_note(
            out,
            "%s on every mask: the first %s of the weights in its order, as far as whole "
            "units and the order reach; full and none take all",
            m->row[0].variant.name,
            strcmp(m->row[0].variant.name, "salun") ? "half" : "share (threshold)");
    lethe_put_note(out,
                   "KL and recovery are to the warm retraining; z: how many sd of %zu cold "
                   "retrains from their mean; 'plot tradeoff' draws it",
                   m->retrains);
}
