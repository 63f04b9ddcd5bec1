/* SPDX-License-Identifier: MIT
 * The second stage of a removal: the curvature of the blanket's parameters, as a matrix up to the
 * size that is made in a second, beyond it known by its products. Solves nothing. */
#include "removal/stage_common.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "removal/ekfac_store.h"
#include "removal/path.h"
#include "removal/target.h"

static void release_blanket_curvature(struct lethe_blanket_curvature *curve)
{
    lethe_blanket_release(&curve->blanket);
    lethe_curvature_release(&curve->curvature);
    lethe_target_unref(curve->target);
    lethe_snapshot_unref(curve->snapshot);
}
LETHE_SHARED(blanket_curvature)

static void release_target(struct lethe_target *target)
{
    lethe_blanket_curvature_unref(target->whole);
    lethe_projection_unref(target->projection);
    lethe_curvature_release(&target->metric);
    lethe_path_unref(target->path);
    lethe_free(target->ids.at);
    lethe_free(target->rhs);
}
LETHE_SHARED(target)

static enum lethe_err order_blanket(struct lethe_blanket *blanket,
                                    const struct lethe_snapshot *snapshot,
                                    const struct lethe_selection *selection,
                                    struct lethe_error *err)
{
    size_t *units = lethe_alloc(selection->count, sizeof *units);
    if (!units)
        return lethe_fail_memory(err, "a blanket", selection->count, sizeof *units);
    for (size_t k = 0; k < selection->count; k++)
        units[k] = selection->picks[k].unit;
    enum lethe_err code =
        lethe_blanket_init(blanket, snapshot->graph, units, selection->count, err);
    lethe_free(units);
    return code;
}

size_t lethe_blanket_curvature_dense_units(const struct lethe_snapshot *snapshot,
                                           const struct lethe_selection *selection)
{
    size_t count = 0, params = 0;
    for (; count < selection->count; count++) {
        params += lethe_unit_at(snapshot->graph, selection->picks[count].unit).params;
        if (count && params > LETHE_CURVATURE_DENSE)
            break;
    }
    return count;
}

/* Rows that one sample gives a Gauss-Newton matrix. */
static double rows_of(const struct lethe_snapshot *snapshot)
{
    const size_t classes = lethe_graph_classes(snapshot->graph);
    return classes > 2 ? (double)classes - 1 : 1;
}

/* Samples of a small plain network that a matrix of all its parameters takes within about a second,
 * and whose labels need no draw: then a softmax regression has the curvature of all of them. */
static double samples_at_once(const struct lethe_snapshot *snapshot)
{
    const double operations = 4e9, classes = (double)lethe_graph_classes(snapshot->graph);
    const double size = (double)lethe_graph_size(snapshot->graph);
    if (!lethe_stage_plain(snapshot->graph) || size > LETHE_CURVATURE_DENSE)
        return 0;
    double count = floor(operations / (size * size + classes * size));
    while (count >= 1 && lethe_curvature_labels((size_t)classes, (size_t)count, 1))
        count = floor(count / 2);
    return count;
}

/* Samples that a product takes within about a third of a second. */
static double samples_of_product(const struct lethe_snapshot *snapshot)
{
    const double multiplications = 2e9;
    return floor(multiplications / fmax(lethe_graph_work(snapshot->graph), 1));
}

size_t lethe_curvature_count(const struct lethe_snapshot *snapshot,
                             const struct lethe_settings *settings, size_t parameters,
                             int by_products)
{
    enum { USUAL = LETHE_CURVATURE_USUAL, WANTED = 20 }; /* samples; rows for each parameter */
    const double operations = 1e11;
    const double present = (double)(snapshot->retain.count + snapshot->forget.count);
    const double p = (double)parameters, wanted = WANTED * p / rows_of(snapshot);
    const char *text = settings->text[LETHE_SET_CURVATURE_SAMPLES];
    double count = USUAL;
    if (!strcmp(text, "all"))
        count = present;
    else if (strcmp(text, "auto"))
        count = (double)lethe_settings_count(settings, LETHE_SET_CURVATURE_SAMPLES);
    else if (by_products)
        count = fmax(samples_of_product(snapshot),
                     lethe_stage_plain(snapshot->graph)
                         ? USUAL
                         : (double)lethe_ekfac_samples(snapshot->graph, SIZE_MAX));
    else if (wanted > 2 * USUAL)
        count = fmax(USUAL, fmin(wanted, operations / (p * p)));
    if (!strcmp(text, "auto"))
        count = fmax(count, samples_at_once(snapshot));
    return (size_t)fmax(fmin(count, present), 1);
}

double lethe_curvature_shrink(const struct lethe_snapshot *snapshot,
                              const struct lethe_settings *settings, size_t parameters,
                              size_t samples)
{
    enum { ENOUGH = 15 };
    const double p = (double)parameters, rows = (double)samples * rows_of(snapshot);
    if (strcmp(settings->text[LETHE_SET_CURVATURE], "ggn") != 0 ||
        !strcmp(settings->text[LETHE_SET_CURVATURE_SHRINK], "off") ||
        samples >= snapshot->retain.count || rows >= ENOUGH * p)
        return 0;
    return p / (p + rows);
}

/* Elsewhere a matrix takes the outer products of as many rows as samples and directions: about half
 * a second's worth is enough. */
size_t lethe_dense_parameters(const struct lethe_snapshot *snapshot,
                              const struct lethe_settings *settings)
{
    enum { LEAST = 256 };
    const double operations = 4e9;
    const struct lethe_curvature_method *method;
    const size_t classes = lethe_graph_classes(snapshot->graph);
    const size_t samples = lethe_curvature_count(snapshot, settings, LEAST, 0);
    if (lethe_curvature_find(&method, settings->text[LETHE_SET_CURVATURE], NULL) ||
        !method->times || lethe_stage_plain(snapshot->graph))
        return LETHE_CURVATURE_DENSE;
    const size_t labels = lethe_curvature_labels(classes, samples, 0);
    const double rows = (double)samples * (double)(labels ? labels : classes);
    const double most = sqrt(operations / fmax(rows, 1));
    return most < LEAST                   ? LEAST
           : most < LETHE_CURVATURE_DENSE ? (size_t)most
                                          : LETHE_CURVATURE_DENSE;
}

/* Rows of outer products come from passes in float, and are summed in double; plain linear layers,
 * where certificates and minima are, and whatever is made of differences have passes in double. */
static enum lethe_dtype precision(const struct lethe_snapshot *snapshot,
                                  const struct lethe_curvature_method *method)
{
    const int rows = !strcmp(method->name, "ggn") || !strcmp(method->name, "fisher") ||
                     !strcmp(method->name, "diag");
    return rows && !lethe_stage_plain(snapshot->graph) ? LETHE_F32 : LETHE_F64;
}

/* EKFAC's matrix, from the samples that a factor of the whole network takes: what so few as those
 * at hand do not show at all it would not know of either. */
static enum lethe_err
make_likeness(struct lethe_curvature *likeness, const struct lethe_blanket_curvature *made,
              const struct lethe_settings *settings, const struct lethe_curvature_options *options,
              enum lethe_dtype dtype, struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = made->snapshot;
    const struct lethe_curvature_method *ekfac = NULL;
    struct lethe_problem *samples = NULL;
    enum lethe_err code = lethe_curvature_find(&ekfac, "ekfac", err);
    if (!code)
        code = lethe_stage_samples(&samples, snapshot, settings,
                                   lethe_ekfac_samples(snapshot->graph, snapshot->retain.count),
                                   dtype, err);
    if (!code)
        code = lethe_curvature_make(likeness, ekfac, samples, snapshot->w, &made->blanket, options,
                                    watch, err);
    lethe_problem_free(samples);
    return code;
}

/* A matrix of plain layers from few samples, mixed with EKFAC's. */
static enum lethe_err shrink(struct lethe_blanket_curvature *made, struct lethe_problem *samples,
                             const struct lethe_settings *settings,
                             const struct lethe_curvature_options *options,
                             struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_curvature *c = &made->curvature, likeness = {0};
    const double share = c->matrix && !c->outer && lethe_stage_plain(made->snapshot->graph)
                             ? lethe_curvature_shrink(made->snapshot, settings, c->size,
                                                      lethe_problem_count(samples))
                             : 0;
    if (!(share > 0))
        return LETHE_OK;
    enum lethe_err code =
        make_likeness(&likeness, made, settings, options, lethe_problem_dtype(samples), watch, err);
    for (size_t i = 0; !code && i < c->size * c->size; i++)
        c->matrix[i] = (1 - share) * c->matrix[i] + share * likeness.matrix[i];
    lethe_curvature_release(&likeness);
    made->shrunk = code ? 0 : share;
    return code;
}

/* The curvature itself: a matrix, or beyond `dense` parameters a frame. */
static enum lethe_err measure(struct lethe_blanket_curvature *made,
                              const struct lethe_settings *settings, size_t dense,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_curvature_options options = {.seed = lethe_stage_seed(settings),
                                                    .pull = made->removal.pull,
                                                    .n = made->removal.n,
                                                    .m = made->removal.m};
    const struct lethe_curvature_method *method;
    struct lethe_problem *samples = NULL;
    const size_t size = made->blanket.offset[made->blanket.count];
    enum lethe_err code = lethe_curvature_find(&method, settings->text[LETHE_SET_CURVATURE], err);
    if (!code)
        code =
            lethe_stage_samples(&samples, made->snapshot, settings,
                                lethe_curvature_count(made->snapshot, settings, size, size > dense),
                                precision(made->snapshot, method), err);
    if (!code)
        code = (size > dense ? lethe_curvature_frame : lethe_curvature_make)(
            &made->curvature, method, samples, made->snapshot->w, &made->blanket, &options, watch,
            err);
    if (!code)
        code = shrink(made, samples, settings, &options, watch, err);
    lethe_problem_free(samples);
    return code;
}

/* The part of the target's curvature that belongs to a blanket of single weights. */
static enum lethe_err gather(struct lethe_blanket_curvature *made,
                             const struct lethe_blanket_curvature *whole, struct lethe_error *err)
{
    const size_t size = made->blanket.offset[made->blanket.count], n = whole->curvature.size;
    size_t *place = lethe_alloc(n, sizeof *place);
    made->curvature = whole->curvature;
    made->curvature.size = size;
    made->curvature.matrix = lethe_alloc_aligned(size, size * sizeof(double));
    if (!place || !made->curvature.matrix) {
        lethe_free(place);
        return lethe_fail_memory(err, "a curvature", size, size * sizeof(double));
    }
    for (size_t i = 0; i < n; i++)
        place[whole->blanket.index[i]] = i;
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = place[made->blanket.index[i]], b = place[made->blanket.index[j]];
            made->curvature.matrix[i * size + j] =
                whole->curvature.matrix[(a > b ? a : b) * n + (a > b ? b : a)];
        }
    lethe_free(place);
    return LETHE_OK;
}

/* The curvature that single weights are part of; NULL: there is none of these weights and samples.
 */
static const struct lethe_blanket_curvature *whole_of(const struct lethe_blanket_curvature *curve,
                                                      const struct lethe_selected *selected,
                                                      const struct lethe_settings *settings)
{
    const struct lethe_target *target = curve->target ? curve->target
                                        : selected    ? selected->target
                                                      : NULL;
    if (!selected || !selected->selection.weights || !target ||
        !lethe_target_fits(target, curve->snapshot, settings))
        return NULL;
    const struct lethe_curvature *c = &target->whole->curvature;
    return c->matrix && !c->outer ? target->whole : NULL;
}

enum lethe_err lethe_blanket_curvature_measure(struct lethe_blanket_curvature *curve,
                                               const struct lethe_selected *selected,
                                               const struct lethe_settings *settings, size_t dense,
                                               struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_blanket_curvature *whole = whole_of(curve, selected, settings);
    if (!curve->blanket.count)
        return LETHE_OK;
    return whole ? gather(curve, whole, err) : measure(curve, settings, dense, watch, err);
}

enum lethe_err lethe_blanket_curvature_begin(struct lethe_blanket_curvature **curve,
                                             struct lethe_snapshot *snapshot,
                                             const struct lethe_selected *selected,
                                             int with_residual, struct lethe_watch *watch,
                                             struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_blanket_curvature *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a curvature", 1, sizeof *made);
    made->refs = 1;
    made->snapshot = lethe_snapshot_ref(snapshot);
    made->all = !selected;
    made->extent = selected ? selected->selection.count : 0;
    enum lethe_err code = selected
                              ? order_blanket(&made->blanket, snapshot, &selected->selection, err)
                              : lethe_blanket_all(&made->blanket, snapshot->graph, err);
    const struct lethe_removal *removal = NULL;
    if (!code)
        code = lethe_snapshot_removal(&removal, snapshot, with_residual, watch, err);
    if (!code)
        made->removal = *removal; /* the snapshot's own */
    if (code) {
        lethe_blanket_curvature_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *curve = made;
    return LETHE_OK;
}

/* Parameters of a selection's units, all parameters without one. */
static size_t parameters_of(const struct lethe_snapshot *snapshot,
                            const struct lethe_selected *selected)
{
    size_t params = selected ? 0 : lethe_graph_size(snapshot->graph);
    for (size_t k = 0; selected && k < selected->selection.count; k++)
        params += lethe_unit_at(snapshot->graph, selected->selection.picks[k].unit).params;
    return params;
}

/* A network that follows a recipe ends at no minimum, so the form is the influence form, and where
 * samples and network are large a pass over all that is retained can wait. */
int lethe_stage_wants_residual(const struct lethe_snapshot *snapshot,
                               const struct lethe_selected *selected,
                               const struct lethe_settings *settings, size_t dense)
{
    const int by_products = parameters_of(snapshot, selected) > dense;
    const int recipe = snapshot->warm.method != LETHE_TRAIN_LBFGS;
    return !(recipe && (by_products || snapshot->sparing)) ||
           !strcmp(settings->text[LETHE_SET_FORM], "residual") ||
           lethe_settings_count(settings, LETHE_SET_STEPS) > 1;
}

enum lethe_err lethe_plain_curvature(struct lethe_blanket_curvature **curve,
                                     struct lethe_snapshot *snapshot,
                                     const struct lethe_settings *settings, size_t dense,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_blanket_curvature *made = NULL;
    enum lethe_err code = lethe_blanket_curvature_begin(
        &made, snapshot, NULL, lethe_stage_wants_residual(snapshot, NULL, settings, dense), watch,
        err);
    if (!code)
        code = lethe_blanket_curvature_measure(made, NULL, settings, dense, watch, err);
    if (code) {
        lethe_blanket_curvature_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *curve = made;
    return LETHE_OK;
}
