/* SPDX-License-Identifier: MIT
 * Points of the plane by name, for networks one can see through: rings, moons, blobs. A sample is a
 * function of (name, seed, half, number) alone, so that asking for more of them changes none. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/loading.h"
#include "lethe/rng.h"

enum { TRAIN = 300, HELDOUT = 200, MOST = 1000000 };
static const double pi = 3.14159265358979323846;

/* One ring of radius .5 and another around it; noise goes along the radius and across. */
static void ring(double x[2], int label, double turn)
{
    const double radius = label ? 1.25 : 0.5;
    x[0] = radius * cos(2 * pi * turn);
    x[1] = radius * sin(2 * pi * turn);
}

/* Two half circles that reach into each other. */
static void moon(double x[2], int label, double turn)
{
    const double angle = pi * turn;
    x[0] = (label ? 0.5 - cos(angle) : cos(angle) - 0.5);
    x[1] = (label ? 0.25 - sin(angle) : sin(angle) - 0.25);
}

/* Three heaps at the corners of a triangle. */
static void blob(double x[2], int label, double turn)
{
    const double angle = 2 * pi * label / 3 + pi / 2;
    (void)turn;
    x[0] = cos(angle);
    x[1] = sin(angle);
}

static const struct shape {
    const char *name;
    void (*place)(double x[2], int label, double turn); /* turn in [0, 1) */
    double noise;                                       /* sd in both directions */
    size_t classes;
    const char *class_names[3];
} shapes[] = {
    {"rings", ring, 0.17, 2, {"inner", "outer"}},
    {"moons", moon, 0.22, 2, {"upper", "lower"}},
    {"blobs", blob, 0.45, 3, {"top", "left", "right"}},
};

/* "rings" or "rings:SEED"; NULL when the path is something else. */
static const struct shape *shape_of(const char *path, uint64_t *seed)
{
    const size_t length = strcspn(path, ":");
    char *end = NULL;
    *seed = 0;
    if (path[length]) {
        *seed = strtoull(path + length + 1, &end, 10);
        if (path[length + 1] < '0' || path[length + 1] > '9' || *end)
            return NULL;
    }
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        if (strlen(shapes[k].name) == length && !strncmp(shapes[k].name, path, length))
            return &shapes[k];
    return NULL;
}

int lethe_points_named(const char *path)
{
    uint64_t seed;
    return shape_of(path, &seed) && !lethe_file_exists(path) && !lethe_folder_exists(path);
}

static void draw(double x[2], int *label, const struct shape *shape, uint64_t seed, int heldout,
                 size_t number)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_GENERATE,
                   heldout ? LETHE_STREAM_HELDOUT_POINTS : LETHE_STREAM_POINTS, number);
    *label = (int)(number % shape->classes);
    shape->place(x, *label, lethe_rng_uniform(&rng));
    for (int axis = 0; axis < 2; axis++)
        x[axis] += shape->noise * lethe_rng_normal(&rng);
}

enum lethe_err lethe_load_points(struct lethe_loading *loading, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    struct lethe_array *xs = &loading->parts.x, *ys = &loading->parts.labels;
    const int heldout = source->like != NULL;
    const size_t n = source->last ? source->last : heldout ? HELDOUT : TRAIN;
    uint64_t seed;
    const struct shape *shape = shape_of(source->path, &seed);
    if (!shape)
        return lethe_fail(err, LETHE_EARG,
                          "'%s' names no points: rings, moons or blobs, with a "
                          "seed behind a colon if another draw is wanted (rings:7)",
                          source->path);
    if (n > MOST)
        return lethe_fail(err, LETHE_EARG, "'%s' has up to %d points, not %zu", source->path,
                          (int)MOST, n);
    *xs = (struct lethe_array){.type = LETHE_DOUBLE, .ndim = 2, .dims = {n, 2}, .count = 2 * n};
    *ys = (struct lethe_array){.type = LETHE_I32, .ndim = 1, .dims = {n}, .count = n};
    xs->data = lethe_alloc(2 * n, sizeof(double));
    ys->data = lethe_alloc(n, sizeof(int32_t));
    if (!xs->data || !ys->data)
        return lethe_fail_memory(err, source->path, 2 * n, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        int label;
        draw((double *)xs->data + 2 * i, &label, shape, seed, heldout, i);
        ((int32_t *)ys->data)[i] = label;
    }
    enum lethe_err code = LETHE_OK;
    long number;
    for (size_t c = 0; !code && c < shape->classes; c++)
        code = lethe_words_add(&number, &loading->classes, shape->class_names[c],
                               strlen(shape->class_names[c]), err);
    return code;
}
