/* SPDX-License-Identifier: MIT
 * Probabilities on a grid over a plane, and the lines where the decision changes. A class wins
 * where its logit lies above every other; along the sides of a grid cell that difference is taken
 * as linear, and lines join the places where it is 0 (marching squares), side by side into whole
 * lines. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/rows.h"
#include "lethe/problem.h"
#include "study/plane.h"

enum { ROWS = 64, COLS = 96, LEAST_ROWS = 16 };
static const double blink = 6e7; /* multiply-adds: a few hundredths of a second */

void lethe_plane_grid(size_t *rows, size_t *cols, const struct lethe_graph *graph)
{
    const double work = lethe_graph_work(graph), whole = (double)ROWS * COLS;
    const double shrink = work > 0 ? sqrt(fmin(1, blink / (work * whole))) : 1;
    *rows = (size_t)fmax(LEAST_ROWS, floor(ROWS * shrink));
    *cols = *rows * COLS / ROWS;
}

static double between(double low, double high, size_t k, size_t count)
{
    return low + (high - low) * (double)k / (double)(count - 1);
}

static enum lethe_err make_grid(struct lethe_dataset **grid, const struct lethe_plane *plane,
                                size_t rows, size_t cols, struct lethe_error *err)
{
    const size_t n = rows * cols;
    double *x = lethe_alloc(n * plane->width, sizeof *x);
    int *labels = lethe_alloc_zero(n, sizeof *labels);
    enum lethe_err code = LETHE_OK;
    if (!x || !labels)
        code = lethe_fail_memory(err, "the grid of a plane", n * plane->width, sizeof *x);
    for (size_t k = 0; !code && k < n; k++) {
        const double at[2] = {between(plane->low[0], plane->high[0], k % cols, cols),
                              between(plane->low[1], plane->high[1], k / cols, rows)};
        lethe_plane_input(x + k * plane->width, plane, at);
    }
    if (!code)
        code = lethe_dataset_from(grid, x, labels, n, plane->width, err);
    lethe_free(x);
    lethe_free(labels);
    return code;
}

/* ---- boundary -------------------------------------------------------------------------------- */

enum { NONE = -1 };

/* Sides of the grid's cells have numbers: those that lead right from point k are k, those that lead
 * up N + k. A side that the boundary crosses has one or two neighbours along the line. */
struct tracing {
    struct lethe_plane_field *field;
    const struct lethe_plane *plane;
    const double *logits; /* (rows, cols, classes) */
    double *lead;         /* (N) by how much the class lies above the others */
    long *next;           /* (2 N, 2) */
    size_t points;        /* N */
    size_t room;
    int failed;
};

static void lead_of(struct tracing *t, size_t c)
{
    const size_t classes = t->field->classes;
    for (size_t k = 0; k < t->points; k++) {
        const double *z = t->logits + k * classes;
        double other = -INFINITY;
        for (size_t d = 0; d < classes; d++)
            if (d != c)
                other = fmax(other, z[d]);
        t->lead[k] = z[c] - other;
    }
}

static void join(struct tracing *t, long a, long b)
{
    for (int turn = 0; turn < 2; turn++) {
        const long from = turn ? b : a, to = turn ? a : b;
        t->next[2 * from + (t->next[2 * from] != NONE)] = to;
    }
}

/* Sides of the cell whose lower left corner is point k, going round: bottom, right, top, left. */
static void trace_cell(struct tracing *t, size_t k)
{
    const size_t cols = t->field->cols, corner[4] = {k, k + 1, k + cols + 1, k + cols};
    const long n = (long)t->points;
    const long side[4] = {(long)k, n + (long)k + 1, (long)(k + cols), n + (long)k};
    long crossed[4];
    size_t count = 0;
    for (size_t s = 0; s < 4; s++)
        if ((t->lead[corner[s]] > 0) != (t->lead[corner[(s + 1) % 4]] > 0))
            crossed[count++] = side[s];
    if (count == 2) {
        join(t, crossed[0], crossed[1]);
    } else if (count == 4) { /* a saddle: the mean of the corners says which two belong together */
        double sum = 0;
        for (size_t s = 0; s < 4; s++)
            sum += t->lead[corner[s]];
        const int joined = (sum > 0) == (t->lead[k] > 0);
        join(t, crossed[0], crossed[joined ? 1 : 3]);
        join(t, crossed[2], crossed[joined ? 3 : 1]);
    }
}

static void add_point(struct tracing *t, double x, double y)
{
    struct lethe_plane_field *field = t->field;
    if (field->line_count == t->room) {
        const size_t room = t->room ? 2 * t->room : 512;
        double *more = lethe_realloc(field->line, 2 * room, sizeof *more);
        t->failed |= !more;
        if (!more)
            return;
        field->line = more;
        t->room = room;
    }
    field->line[2 * field->line_count] = x;
    field->line[2 * field->line_count + 1] = y;
    field->line_count++;
}

/* Where the boundary crosses a side, the difference taken as linear along it. */
static void add_crossing(struct tracing *t, long side)
{
    const struct lethe_plane_field *f = t->field;
    const struct lethe_plane *p = t->plane;
    const size_t k = (size_t)side % t->points, up = (size_t)side >= t->points;
    const double a = t->lead[k], b = t->lead[k + (up ? f->cols : 1)], s = a / (a - b);
    const size_t row = k / f->cols, col = k % f->cols;
    const double x = (double)col + (up ? 0 : s), y = (double)row + (up ? s : 0);
    add_point(t, p->low[0] + (p->high[0] - p->low[0]) * x / (double)(f->cols - 1),
              p->low[1] + (p->high[1] - p->low[1]) * y / (double)(f->rows - 1));
}

/* Along the line from one side to its end, or round to itself; sides are taken out as it goes. */
static void walk(struct tracing *t, long side)
{
    if (t->field->line_count)
        add_point(t, NAN, NAN);
    const long first = side;
    long last = NONE;
    while (side != NONE) {
        long *ways = t->next + 2 * side;
        const long to = ways[0] != last && ways[0] != NONE ? ways[0] : ways[1];
        add_crossing(t, side);
        ways[0] = ways[1] = NONE;
        last = side;
        side = to != NONE && t->next[2 * to] == NONE && t->next[2 * to + 1] == NONE ? NONE : to;
        if (to == first)
            add_crossing(t, first); /* closed */
    }
}

static void trace_class(struct tracing *t, size_t c)
{
    const struct lethe_plane_field *f = t->field;
    lead_of(t, c);
    for (size_t k = 0; k < 4 * t->points; k++)
        t->next[k] = NONE;
    for (size_t row = 0; row + 1 < f->rows; row++)
        for (size_t col = 0; col + 1 < f->cols; col++)
            trace_cell(t, row * f->cols + col);
    for (int loops = 0; loops < 2; loops++) /* lines with ends first, then those without */
        for (long side = 0; side < 2 * (long)t->points; side++) {
            const long *ways = t->next + 2 * side;
            if (ways[0] != NONE && (loops || ways[1] == NONE))
                walk(t, side);
        }
}

/* With two classes one set of lines says it all; with more, a border is drawn for the classes on
 * both of its sides, twice on the same line. */
static enum lethe_err trace(struct lethe_plane_field *field, const struct lethe_plane *plane,
                            const double *logits, struct lethe_error *err)
{
    struct tracing t = {
        .field = field, .plane = plane, .logits = logits, .points = field->rows * field->cols};
    const size_t classes = field->classes == 2 ? 1 : field->classes;
    t.lead = lethe_alloc(t.points, sizeof *t.lead);
    t.next = lethe_alloc(4 * t.points, sizeof *t.next);
    for (size_t c = 0; t.lead && t.next && c < classes; c++)
        trace_class(&t, c);
    const int failed = t.failed || !t.lead || !t.next;
    lethe_free(t.lead);
    lethe_free(t.next);
    return failed ? lethe_fail_memory(err, "a boundary", t.points, sizeof(double)) : LETHE_OK;
}

/* ---- field ----------------------------------------------------------------------------------- */

static void decide(struct lethe_plane_field *field, const double *logits)
{
    const size_t classes = field->classes;
    for (size_t cell = 0; cell < field->rows * field->cols; cell++) {
        const double *z = logits + cell * classes;
        const size_t top = lethe_row_argmax(z, classes);
        double sum = 0;
        for (size_t c = 0; c < classes; c++)
            sum += exp(z[c] - z[top]);
        field->top[cell] = (int)top;
        field->sure[cell] = 1 / sum;
    }
}

static enum lethe_err ask(double *logits, const struct lethe_plane *plane,
                          struct lethe_graph *graph, const double *w, size_t rows, size_t cols,
                          struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_dataset *grid = NULL;
    struct lethe_problem *problem = NULL;
    enum lethe_err code = make_grid(&grid, plane, rows, cols, err);
    const struct lethe_problem_spec spec = {
        .graph = graph, .data = grid, .count = rows * cols, .dtype = lethe_graph_passes(graph)};
    if (!code)
        code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_problem_logits(problem, logits, w, watch, err);
    lethe_problem_free(problem);
    lethe_dataset_unref(grid);
    return code;
}

enum lethe_err lethe_plane_field_make(struct lethe_plane_field **field,
                                      const struct lethe_plane *plane, struct lethe_graph *graph,
                                      const double *w, struct lethe_watch *watch,
                                      struct lethe_error *err)
{
    struct lethe_plane_field *made = lethe_alloc_zero(1, sizeof *made);
    double *logits = NULL;
    enum lethe_err code = LETHE_OK;
    if (!made)
        return lethe_fail_memory(err, "the plane", 1, sizeof *made);
    made->refs = 1;
    made->classes = lethe_graph_classes(graph);
    lethe_plane_grid(&made->rows, &made->cols, graph);
    const size_t cells = made->rows * made->cols;
    made->top = lethe_alloc(cells, sizeof *made->top);
    made->sure = lethe_alloc(cells, sizeof *made->sure);
    logits = lethe_alloc(cells * made->classes, sizeof *logits);
    if (!made->top || !made->sure || !logits)
        code = lethe_fail_memory(err, "the plane", cells * made->classes, sizeof *logits);
    if (!code)
        code = ask(logits, plane, graph, w, made->rows, made->cols, watch, err);
    if (!code) {
        decide(made, logits);
        code = trace(made, plane, logits, err);
    }
    lethe_free(logits);
    if (code)
        lethe_plane_field_unref(made);
    else
        *field = made;
    return code;
}

struct lethe_plane_field *lethe_plane_field_ref(struct lethe_plane_field *field)
{
    __atomic_add_fetch(&field->refs, 1, __ATOMIC_RELAXED);
    return field;
}

void lethe_plane_field_unref(struct lethe_plane_field *field)
{
    if (!field || __atomic_sub_fetch(&field->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_free(field->top);
    lethe_free(field->sure);
    lethe_free(field->line);
    lethe_free(field);
}
