/* SPDX-License-Identifier: MIT
 * Samples of a target inside a graph of causes, for looking how well its Markov blanket is
 * found: parents, children and the children's other parents (spouses) form the inner ring,
 * variables that are further away the outer ones, as on a bullseye. See graph_data.h. Variables
 * are made in an order in which causes come first: outer causes from the outside in, parents,
 * target, spouses, children, outer effects from the inside out. */
#include "study/graph_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "lethe/rng.h"

enum { CAUSES = 8, TARGET = LETHE_GRAPH_MOST };

struct node {
    enum lethe_graph_role role;
    size_t cause[CAUSES], causes; /* numbers of nodes, TARGET for the target */
    int made;
};

struct graph {
    struct node node[LETHE_GRAPH_MOST + 1]; /* the target stands last */
    size_t variables;
    struct lethe_rng rng;
    double *values[LETHE_GRAPH_MOST + 1]; /* (samples) each */
    size_t samples;
    int nonlinear;
};

static void add_cause(struct node *node, size_t cause)
{
    if (node->causes < CAUSES)
        node->cause[node->causes++] = cause;
}

static void draw_graph(struct graph *g)
{
    const size_t each = g->variables < 12 ? 1 : g->variables / 9, inner = 3 * each;
    struct node *target = &g->node[TARGET];
    target->role = LETHE_ROLE_FAR;
    for (size_t i = 0; i < inner; i++) {
        g->node[i].role = (enum lethe_graph_role)(i / each);
        if (g->node[i].role == LETHE_ROLE_PARENT)
            add_cause(target, i);
        if (g->node[i].role == LETHE_ROLE_CHILD) {
            add_cause(&g->node[i], TARGET);
            add_cause(&g->node[i], i + each); /* its spouse */
        }
    }
    for (size_t i = inner; i < g->variables; i++) {
        const size_t near = lethe_rng_below(&g->rng, i);
        const int below = g->node[near].role == LETHE_ROLE_CHILD;
        g->node[i].role = LETHE_ROLE_FAR;
        if (!below && lethe_rng_below(&g->rng, 2) && g->node[near].causes < CAUSES)
            add_cause(&g->node[near], i);
        else
            add_cause(&g->node[i], near);
    }
}

static double bend(double x, unsigned kind)
{
    switch (kind) {
    case 0:
        return x * x - 1;
    case 1:
        return 1.5 * sin(2 * x);
    case 2:
        return 2 * fabs(x) - 1.6;
    default:
        return 1.5 * tanh(2 * x);
    }
}

/* Mean 0, variance 1. */
static void standardise(double *v, size_t n)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        mean += v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (v[i] - mean) * (v[i] - mean) / (double)n;
    for (size_t i = 0; i < n; i++)
        v[i] = (v[i] - mean) / (square > 0 ? sqrt(square) : 1);
}

/* Causes are made before; a tree, but for the inner ring, has no circles. */
static void make_values(struct graph *g, size_t at)
{
    struct node *node = &g->node[at];
    const double noise = node->causes ? 0.4 : 1;
    node->made = 1;
    for (size_t k = 0; k < node->causes; k++)
        if (!g->node[node->cause[k]].made)
            make_values(g, node->cause[k]);
    for (size_t i = 0; i < g->samples; i++)
        g->values[at][i] = noise * lethe_rng_normal(&g->rng);
    for (size_t k = 0; k < node->causes; k++) {
        const double *from = g->values[node->cause[k]];
        const double sign = lethe_rng_below(&g->rng, 2) ? 1 : -1;
        const double weight = sign * (0.6 + 0.4 * lethe_rng_uniform(&g->rng));
        const unsigned kind = (unsigned)lethe_rng_below(&g->rng, 4);
        for (size_t i = 0; i < g->samples; i++)
            g->values[at][i] += weight * (g->nonlinear ? bend(from[i], kind) : from[i]);
    }
    standardise(g->values[at], g->samples);
}

void lethe_graph_data_release(struct lethe_graph_data *data)
{
    lethe_free(data->x);
    lethe_free(data->y);
    lethe_free(data->role);
    *data = (struct lethe_graph_data){0};
}

const char *lethe_graph_role_name(enum lethe_graph_role role)
{
    static const char *const names[] = {"parent", "child", "spouse", "far"};
    return names[role];
}

static enum lethe_err give(struct lethe_graph_data *data, struct graph *g, struct lethe_error *err)
{
    const size_t n = g->samples, p = g->variables;
    size_t order[LETHE_GRAPH_MOST];
    struct lethe_graph_data made = {.n = n, .variables = p};
    made.x = lethe_alloc(n, p * sizeof *made.x);
    made.y = lethe_alloc(n, sizeof *made.y);
    made.role = lethe_alloc(p, sizeof *made.role);
    if (!made.x || !made.y || !made.role) {
        lethe_graph_data_release(&made);
        return lethe_fail_memory(err, "samples of a graph", n, p * sizeof(double));
    }
    for (size_t c = 0; c < p; c++)
        order[c] = c;
    lethe_rng_shuffle(&g->rng, order, p);
    for (size_t c = 0; c < p; c++) {
        made.role[c] = g->node[order[c]].role;
        for (size_t i = 0; i < n; i++)
            made.x[i * p + c] = g->values[order[c]][i];
    }
    memcpy(made.y, g->values[TARGET], n * sizeof *made.y);
    *data = made;
    return LETHE_OK;
}

enum lethe_err lethe_graph_data_make(struct lethe_graph_data *data,
                                     const struct lethe_graph_spec *spec, struct lethe_error *err)
{
    if (spec->variables < LETHE_GRAPH_LEAST || spec->variables > LETHE_GRAPH_MOST ||
        spec->samples < 10 || spec->samples > 1000000)
        return lethe_fail(err, LETHE_EARG,
                          "a graph of %zu variables with %zu samples: %d to %d variables, 10 to "
                          "1000000 samples",
                          spec->variables, spec->samples, LETHE_GRAPH_LEAST, LETHE_GRAPH_MOST);
    struct graph *g = lethe_alloc_zero(1, sizeof *g);
    double *block = lethe_alloc(spec->variables + 1, spec->samples * sizeof *block);
    enum lethe_err code = LETHE_OK;
    if (!g || !block) {
        code = lethe_fail_memory(err, "samples of a graph", spec->variables + 1,
                                 spec->samples * sizeof *block);
        goto out;
    }
    g->variables = spec->variables;
    g->samples = spec->samples;
    g->nonlinear = spec->nonlinear;
    lethe_rng_init(&g->rng, spec->seed, LETHE_RNG_GENERATE, spec->variables, spec->samples);
    for (size_t v = 0; v <= spec->variables; v++)
        g->values[v == spec->variables ? TARGET : v] = block + v * spec->samples;
    draw_graph(g);
    make_values(g, TARGET);
    for (size_t v = 0; v < spec->variables; v++)
        if (!g->node[v].made)
            make_values(g, v);
    code = give(data, g, err);
out:
    lethe_free(block);
    lethe_free(g);
    return code;
}

static enum lethe_err write_table(const struct lethe_text *table, const char *folder,
                                  const char *name, struct lethe_error *err)
{
    char *path = lethe_path_join(folder, name);
    enum lethe_err code =
        path ? lethe_text_ok(table, err) : lethe_fail_memory(err, "a path", strlen(folder), 1);
    const char *text = lethe_text_get(table);
    if (!code)
        code = lethe_file_write(path, text, strlen(text), err);
    lethe_free(path);
    return code;
}

enum lethe_err lethe_graph_data_write(const struct lethe_graph_data *data, const char *folder,
                                      struct lethe_error *err)
{
    struct lethe_text x = {0}, y = {0};
    size_t seen[LETHE_ROLE_FAR + 1] = {0};
    for (size_t c = 0; c < data->variables; c++)
        lethe_text_addf(&x, "%s%s%zu", c ? "," : "", lethe_graph_role_name(data->role[c]),
                        ++seen[data->role[c]]);
    lethe_text_add(&x, "\n");
    lethe_text_add(&y, "target\n");
    for (size_t i = 0; i < data->n; i++) {
        for (size_t c = 0; c < data->variables; c++)
            lethe_text_addf(&x, "%s%.9g", c ? "," : "", data->x[i * data->variables + c]);
        lethe_text_add(&x, "\n");
        lethe_text_addf(&y, "%.9g\n", data->y[i]);
    }
    enum lethe_err code = lethe_folder_exists(folder) ? LETHE_OK : lethe_folder_make(folder, err);
    if (!code)
        code = write_table(&x, folder, "x.csv", err);
    if (!code)
        code = write_table(&y, folder, "y.csv", err);
    lethe_text_release(&x);
    lethe_text_release(&y);
    return code;
}
