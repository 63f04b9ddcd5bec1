/* SPDX-License-Identifier: MIT
 * The surface over blanket size and damping. One Cholesky factor for each damping serves all sizes,
 * because the parameters of a smaller blanket come first; a cell is the step that a preview takes
 * there. Dampings are shared out over the processors; no cell depends on how. */
#include "study/surface.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/threads.h"
#include "removal/damping.h"
#include "study/damping_row.h"

enum { WORKERS = 4 };            /* at most: each holds a matrix of its own */
enum { SPECTRUM_AT_ONCE = 700 }; /* parameters up to which the rules cost no wait */

struct lethe_surface *lethe_surface_ref(struct lethe_surface *surface)
{
    __atomic_add_fetch(&surface->refs, 1, __ATOMIC_RELAXED);
    return surface;
}

void lethe_surface_unref(struct lethe_surface *surface)
{
    if (!surface || __atomic_sub_fetch(&surface->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_free(surface->value);
    lethe_free(surface->dampings);
    lethe_free(surface->sizes);
    lethe_free(surface->parameters);
    lethe_free(surface);
}

/* ---- axes ------------------------------------------------------------------------------------ */

/* Ascending sizes from 1 to most, closer together where they are small; `set` is among them. */
static size_t fill_sizes(size_t *sizes, size_t columns, size_t most, size_t set)
{
    size_t count = 0, near = 0;
    columns = columns < most ? columns : most;
    for (size_t i = 0; i < columns; i++) {
        const double at = columns > 1 ? (double)i / (double)(columns - 1) : 1;
        size_t size = (size_t)lround(exp(log((double)most) * at));
        const size_t least = count ? sizes[count - 1] + 1 : 1;
        const size_t limit = most - (columns - 1 - i);
        size = size < least ? least : size > limit ? limit : size;
        sizes[count++] = size;
    }
    for (size_t i = 1; i < count; i++)
        if (fabs((double)sizes[i] - (double)set) < fabs((double)sizes[near] - (double)set))
            near = i;
    if (set && set <= most)
        sizes[near] = set;
    return count;
}

/* 0, then 1e-8 to 1e2 at equal distances of the logarithm; `set` takes the place of the nearest. */
static size_t fill_dampings(double *dampings, size_t rows, double set)
{
    size_t near = 0;
    dampings[0] = 0;
    for (size_t i = 1; i < rows; i++)
        dampings[i] = pow(10, rows > 2 ? -8 + 10 * (double)(i - 1) / (double)(rows - 2) : -3);
    for (size_t i = 1; set > 0 && i < rows; i++)
        if (!near || fabs(log(dampings[i] / set)) < fabs(log(dampings[near] / set)))
            near = i;
    if (set > 0)
        dampings[near] = set;
    return near;
}

static enum lethe_err new_surface(struct lethe_surface **surface, const struct lethe_blanket *b,
                                  size_t units, double damping, const size_t shape[2],
                                  struct lethe_error *err)
{
    struct lethe_surface *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a surface", 1, sizeof *made);
    made->refs = 1;
    made->hints = (struct lethe_damping_hints){NAN, NAN, NAN, NAN};
    made->before = NAN;
    made->rows = shape[0];
    made->value = lethe_alloc(shape[0] * shape[1], sizeof *made->value);
    made->dampings = lethe_alloc(shape[0], sizeof *made->dampings);
    made->sizes = lethe_alloc(shape[1], sizeof *made->sizes);
    made->parameters = lethe_alloc(shape[1], sizeof *made->parameters);
    if (!made->value || !made->dampings || !made->sizes || !made->parameters) {
        lethe_surface_unref(made);
        return lethe_fail_memory(err, "a surface", shape[0] * shape[1], sizeof *made->value);
    }
    made->automatic = NAN;
    made->row = fill_dampings(made->dampings, shape[0], damping);
    made->columns = fill_sizes(made->sizes, shape[1], b->count, units);
    made->column = made->columns;
    for (size_t c = 0; c < made->columns; c++) {
        made->parameters[c] = b->offset[made->sizes[c]];
        if (made->sizes[c] == units)
            made->column = c;
    }
    *surface = made;
    return LETHE_OK;
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* What the cells of one surface are made from. */
struct ground {
    const struct lethe_comparison_base *base;
    struct lethe_blanket_curvature *curve;
    const struct lethe_surface_ruler *ruler; /* NULL: no warm retrain */
    struct lethe_problem *problem[3];        /* of the ruler's sides; NULL: no samples */
    int prepared;
    enum lethe_form form;
    double least;   /* dampings must be above it; below 0 where every one may be */
    double *w;      /* (size + buffers) scratch */
    double *logits; /* (the ruler's samples, classes) scratch */
};

/* Logits of g->w about the ruler's samples. */
static enum lethe_err predict(struct ground *g, struct lethe_error *err)
{
    double *to = g->logits;
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; !code && k < g->ruler->side_count; k++) {
        if (!g->problem[k])
            continue;
        code = lethe_problem_logits(g->problem[k], to, g->w, NULL, err);
        to += lethe_problem_count(g->problem[k]) * g->ruler->classes;
    }
    return code;
}

static enum lethe_err cell(double *value, struct ground *g, const struct lethe_damping_row *row,
                           size_t units, struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_blanket *blanket = &row->curve->blanket;
    struct lethe_update update;
    enum lethe_err code =
        lethe_damping_row_step(&update, row, units, &g->base->settings, watch, err);
    if (code)
        return code;
    *value = update.predicted_forget;
    if (g->ruler) {
        lethe_update_apply(g->w, &update, blanket);
        code = predict(g, err);
        for (size_t i = 0; i < update.size; i++)
            g->w[blanket->index[i]] = g->base->snapshot->w[blanket->index[i]];
        if (!code)
            *value = lethe_surface_ruler_measure(g->ruler, g->logits);
    }
    lethe_update_release(&update);
    return code;
}

static enum lethe_err fill_row(struct lethe_surface *s, struct ground *g, size_t at,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    const double mu = s->dampings[at];
    double *value = s->value + at * s->columns;
    struct lethe_damping_row row = {0};
    enum lethe_err code = lethe_watch_step(watch, "surface", (long)at, (long)s->rows, err);
    for (size_t c = 0; c < s->columns; c++)
        value[c] = NAN;
    if (code || mu <= g->least)
        return code;
    code = lethe_damping_row_init(&row, g->base, g->curve, mu, watch, err);
    if (code == LETHE_ENUM) /* as a preview there would say */
        return LETHE_OK;
    for (size_t c = 0; !code && c < s->columns; c++) {
        code = cell(&value[c], g, &row, s->sizes[c], watch, err);
        if (code == LETHE_ENUM)
            code = LETHE_OK;
        if (!code)
            code = lethe_watch_step(watch, "surface", (long)at, (long)s->rows, err);
    }
    lethe_damping_row_release(&row);
    return code;
}

/* The rules at the size that is set, and the least damping an indefinite curvature allows. */
static enum lethe_err survey(struct lethe_surface *s, struct ground *g, struct lethe_error *err)
{
    const struct lethe_curvature *c = &g->curve->curvature;
    const struct lethe_removal *removal = &g->curve->removal;
    const double *from =
        removal->residual && g->form != LETHE_FORM_INFLUENCE ? removal->residual : removal->pull;
    const size_t here = s->column < s->columns ? s->parameters[s->column] : 0;
    struct lethe_factor *factor = NULL;
    struct lethe_spectrum spectrum;
    double *rhs = NULL;
    enum lethe_err code = LETHE_OK;
    g->least = -1;
    if (lethe_blanket_curvature_by_products(g->curve))
        return LETHE_OK;
    if (!c->method->positive && !c->method->emulation) {
        code = lethe_factor_spectral(&factor, c, c->size, err);
        if (!code && lethe_factor_spectrum(factor, &spectrum))
            g->least = -spectrum.smallest;
        lethe_factor_unref(factor);
        factor = NULL;
    }
    if (code || !here || here > SPECTRUM_AT_ONCE)
        return code;
    rhs = lethe_alloc(here, sizeof *rhs);
    if (!rhs)
        return lethe_fail_memory(err, "damping hints", here, sizeof *rhs);
    for (size_t i = 0; i < here; i++)
        rhs[i] = from[g->curve->blanket.index[i]];
    code = lethe_factor_spectral(&factor, c, here, err);
    if (!code)
        code = lethe_factor_hints(factor, &s->hints, rhs, err);
    lethe_factor_unref(factor);
    lethe_free(rhs);
    return code;
}

/* Scratch of one worker; its problem is made on its own thread, at its first row. */
static enum lethe_err prepare(struct ground *g, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot = g->base->snapshot;
    struct lethe_worker_problems *worker;
    const size_t values = g->ruler ? g->ruler->samples * g->ruler->classes : 1;
    if (g->prepared)
        return LETHE_OK;
    g->w = lethe_comparison_base_weights(g->base, err);
    g->logits = lethe_alloc(values, sizeof *g->logits);
    if (!g->w || !g->logits)
        return lethe_fail_memory(err, "a surface", values, sizeof *g->logits);
    enum lethe_err code = lethe_snapshot_worker(&worker, snapshot, err);
    for (size_t k = 0; !code && g->ruler && k < g->ruler->side_count; k++)
        code = lethe_worker_problem(&g->problem[k], worker, snapshot, g->ruler->sides[k], err);
    g->prepared = !code;
    return code;
}

struct rows {
    struct lethe_surface *surface;
    struct ground worker[WORKERS];
    struct lethe_watch *watch;
    enum lethe_err codes[LETHE_SURFACE_MOST];
    struct lethe_error errs[LETHE_SURFACE_MOST];
};

static void one_row(void *job, size_t row, unsigned worker)
{
    struct rows *rows = job;
    struct ground *g = &rows->worker[worker];
    rows->codes[row] = prepare(g, &rows->errs[row]);
    if (!rows->codes[row])
        rows->codes[row] = fill_row(rows->surface, g, row, rows->watch, &rows->errs[row]);
}

/* As many as there are processors, and as the memory for what each of them holds: a factor and what
 * it is made from, the same of the whole network where single weights are ordered anew. */
static unsigned workers_for(const struct ground *g)
{
    enum { MATRICES = 4 };
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const double size = (double)g->curve->curvature.size;
    const double fit = (double)lethe_settings_memory(&g->base->settings) /
                       fmax(MATRICES * size * size * sizeof(double), 1);
    const double most = fmin(fmin((double)processors, WORKERS), fit);
    return most < 1 ? 1 : (unsigned)most;
}

static enum lethe_err run_rows(struct rows *rows, struct lethe_error *err)
{
    const size_t count = rows->surface->rows;
    struct lethe_threads *pool = NULL;
    enum lethe_err code = lethe_threads_new(&pool, workers_for(&rows->worker[0]), err);
    if (code)
        return code;
    for (size_t row = 0; row < count; row++) /* of rows that are never begun */
        rows->codes[row] = lethe_fail(&rows->errs[row], LETHE_ECANCEL, "cancelled");
    lethe_threads_run(pool, one_row, rows, count, rows->watch);
    lethe_threads_free(pool);
    for (size_t row = 0; !code && row < count; row++)
        if (rows->codes[row]) {
            code = rows->codes[row];
            if (err)
                *err = rows->errs[row];
        }
    return code;
}

static enum lethe_err fill(struct lethe_surface *s, struct ground *g, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    struct rows *rows = lethe_alloc_zero(1, sizeof *rows);
    if (!rows)
        return lethe_fail_memory(err, "a surface", 1, sizeof *rows);
    lethe_form_find(&g->form, g->base->settings.text[LETHE_SET_FORM], NULL);
    struct lethe_surface_ruler ruler = {0};
    enum lethe_err code = survey(s, g, err);
    s->predicted = !g->base->warm;
    if (!code && g->base->warm)
        code = lethe_surface_ruler_init(&ruler, g->base, s->figure, err);
    g->ruler = g->base->warm ? &ruler : NULL;
    s->before = code || s->predicted ? 0 : lethe_surface_ruler_measure(&ruler, ruler.old);
    rows->surface = s;
    rows->watch = watch;
    for (int k = 0; k < WORKERS; k++)
        rows->worker[k] = *g;
    if (!code)
        code = run_rows(rows, err);
    for (int k = 0; k < WORKERS; k++) {
        lethe_free(rows->worker[k].w);
        lethe_free(rows->worker[k].logits);
    }
    lethe_surface_ruler_release(&ruler);
    lethe_free(rows);
    return code;
}

enum lethe_err lethe_surface_make(struct lethe_surface **surface,
                                  struct lethe_comparison_base *base,
                                  const struct lethe_surface_spec *spec, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    const size_t shape[2] = {spec->rows, spec->columns};
    const double mu = lethe_damping_of(&base->settings, base->snapshot);
    struct lethe_surface *made = NULL;
    struct lethe_blanket_curvature *own = NULL;
    enum lethe_err code = LETHE_OK;
    if (!spec->curve)
        code = lethe_comparison_base_order(&own, base, watch, err);
    struct ground ground = {.base = base, .curve = spec->curve ? spec->curve : own};
    const double begin = lethe_clock();
    if (!code && !ground.curve->blanket.count)
        code = lethe_fail(err, LETHE_EARG,
                          "there is no unit to make a blanket of: try 'select method=gain'");
    if (!code)
        code = new_surface(&made, &ground.curve->blanket,
                           lethe_comparison_base_units(base, ground.curve), mu, shape, err);
    if (!code)
        made->figure = spec->figure;
    if (!code)
        code = fill(made, &ground, watch, err);
    if (!code)
        made->automatic = lethe_damping_auto(base->snapshot);
    lethe_blanket_curvature_unref(own);
    if (code) {
        lethe_surface_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - begin;
    *surface = made;
    return LETHE_OK;
}

/* ---- as text --------------------------------------------------------------------------------- */

/* Position of a value on the scale of the cells, 0 to 1: logarithmic for distances. */
static double position(const struct lethe_surface *s, double value, const double range[2])
{
    double low = range[0], high = range[1];
    if (!s->predicted) {
        const double floor = fmax(high * 1e-6, 1e-300);
        low = log(fmax(low, floor));
        high = log(fmax(high, floor));
        value = log(fmax(value, floor));
    }
    return high > low ? (value - low) / (high - low) : 0;
}

static void draw_rules(struct lethe_text *out, const struct lethe_surface *s, size_t row)
{
    const struct {
        double mu;
        const char *words;
    } rules[] = {{s->automatic, "auto, 1/T"},
                 {s->hints.lift, "|smallest|"},
                 {s->hints.tenth, "0.1 x mean"},
                 {s->hints.corner, "L-curve"}};
    const double from = s->dampings[row];
    const double to = row + 1 < s->rows ? s->dampings[row + 1] : INFINITY;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].mu > 0 && rules[i].mu >= from && rules[i].mu < to)
            lethe_text_addf(out, "  < %s %.2g", rules[i].words, rules[i].mu);
}

static void draw_row(struct lethe_text *out, const struct lethe_surface *s, size_t row,
                     const double range[2])
{
    static const char ramp[] = " .:-=+*#%@";
    lethe_text_addf(out, "%8.1e |", s->dampings[row]);
    for (size_t c = 0; c < s->columns; c++) {
        const double value = s->value[row * s->columns + c];
        const int set = row == s->row && c == s->column;
        char shade = '?';
        if (isfinite(value))
            shade = ramp[(size_t)(position(s, value, range) * 9 + 0.5)];
        lethe_text_addf(out, "%c%c%c", set ? '[' : ' ', shade, set ? ']' : ' ');
    }
    lethe_text_add(out, "|");
    draw_rules(out, s, row);
    lethe_text_add(out, "\n");
}

void lethe_surface_print(struct lethe_text *out, const struct lethe_surface *s)
{
    double range[2] = {INFINITY, -INFINITY};
    for (size_t i = 0; i < s->rows * s->columns; i++)
        if (isfinite(s->value[i])) {
            range[0] = fmin(range[0], s->value[i]);
            range[1] = fmax(range[1], s->value[i]);
        }
    lethe_text_add(out, " damping\n");
    for (size_t row = s->rows; row-- > 0;)
        draw_row(out, s, row, range);
    lethe_text_add(out, "   units  ");
    for (size_t c = 0; c < s->columns; c++)
        lethe_text_addf(out, "%3zu", s->sizes[c]);
    lethe_text_addf(out, "\n%s: ' ' %.3g ... '@' %.3g; [ ] is what is set\n",
                    s->predicted ? "predicted change of the forget loss"
                                 : lethe_surface_value_words(s->figure),
                    range[0], range[1]);
}
