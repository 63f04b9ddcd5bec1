/* SPDX-License-Identifier: MIT
 * Reading of sample specifications. What needs the model (misclassified, top-loss) runs it over the
 * training set in double, in fixed batches. */
#include "workbench/sample_spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "base/file.h"
#include "base/visible.h"
#include "lethe/eval.h"
#include "lethe/rng.h"
#include "text/nearest.h"

enum { FILE_LIMIT = 256 << 20 };

/* A set of samples being gathered: which, and how many. */
struct gathering {
    struct lethe_workbench *wb;
    const char *spec;
    size_t n;            /* training samples */
    unsigned char *mark; /* (n) */
    size_t count;
};

/* Samples that can be forgotten still, for words that name a kind. */
static int present(const struct gathering *g, size_t id)
{
    return !lethe_ids_has(&g->wb->project.removed, id);
}

static enum lethe_err take_number(struct gathering *g, size_t id, struct lethe_error *err)
{
    if (id >= g->n)
        return lethe_fail(err, LETHE_EARG, "sample %zu is outside the training set: 0 to %zu", id,
                          g->n - 1);
    if (g->mark[id])
        return lethe_fail(err, LETHE_EARG, "sample %zu is given twice", id);
    if (!present(g, id))
        return lethe_fail(err, LETHE_EARG, "sample %zu was forgotten already", id);
    g->mark[id] = 1;
    g->count++;
    return LETHE_OK;
}

static void take(struct gathering *g, size_t id)
{
    if (present(g, id) && !g->mark[id]) {
        g->mark[id] = 1;
        g->count++;
    }
}

/* A whole number at *at; *at moves behind it. */
static int read_number(size_t *number, const char **at)
{
    char *end;
    if (!isdigit((unsigned char)**at))
        return 0;
    errno = 0;
    unsigned long long value = strtoull(*at, &end, 10);
    *number = (size_t)value;
    *at = end;
    return !errno;
}

/* 3,9,12-40; in files also blanks and line ends between. */
static enum lethe_err take_list(struct gathering *g, const char *at, const char *between,
                                struct lethe_error *err)
{
    for (at += strspn(at, between); *at; at += strspn(at, between)) {
        size_t first = 0, last = 0;
        int good = read_number(&first, &at);
        last = first;
        if (good && *at == '-') {
            at++;
            good = read_number(&last, &at);
        }
        if (!good || (*at && !strchr(between, *at)))
            return lethe_fail(err, LETHE_EARG,
                              "'%s' does not name samples: write 17, 3,9,12-40, class:7, "
                              "misclassified, top-loss:20, random:20, generated or file:ids.txt",
                              g->spec);
        if (last < first)
            return lethe_fail(err, LETHE_EARG, "'%zu-%zu' runs backwards", first, last);
        if (last >= g->n)
            return lethe_fail(err, LETHE_EARG, "sample %zu is outside the training set: 0 to %zu",
                              last, g->n - 1);
        for (size_t id = first; id <= last; id++) {
            enum lethe_err code = take_number(g, id, err);
            if (code)
                return code;
        }
    }
    return LETHE_OK;
}

/* "[:20]" at the end of a word: the first 20. *most stays SIZE_MAX without it. */
static int read_limit(size_t *most, const char *at)
{
    if (!*at)
        return 1;
    if (strncmp(at, "[:", 2) != 0)
        return 0;
    at += 2;
    return read_number(most, &at) && *most && strcmp(at, "]") == 0;
}

static enum lethe_err wrong_limit(const struct gathering *g, struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EARG, "'%s': a limit is written [:20], with at least 1", g->spec);
}

/* Classes or groups: what they are called, and which one a sample belongs to. */
struct kind {
    const char *word, *plural;
    size_t count;
    const char *(*name)(const struct lethe_dataset *data, size_t number);
    int (*of)(const struct lethe_dataset *data, size_t id);
};

/* The number of a class or group by its name, or written as a number; kind->count: none. */
static size_t number_of(const struct kind *kind, const struct lethe_dataset *data, const char *text,
                        size_t length)
{
    const char *at = text;
    size_t number = 0;
    for (size_t i = 0; i < kind->count; i++) {
        const char *known = kind->name(data, i);
        if (known && lethe_visible_means(known, text, length))
            return i;
    }
    if (read_number(&number, &at) && at == text + length && number < kind->count)
        return number;
    return kind->count;
}

static enum lethe_err unknown_name(const struct kind *kind, const struct lethe_dataset *data,
                                   const char *text, struct lethe_error *err)
{
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, text);
    for (size_t i = 0; i < kind->count; i++)
        if (kind->name(data, i))
            lethe_nearest_offer(&guess, kind->name(data, i));
    if (guess.best)
        return lethe_fail(err, LETHE_EARG, "there is no %s '%s': did you mean '%s'?", kind->word,
                          text, guess.best);
    return lethe_fail(err, LETHE_EARG, "there is no %s %s: 0 to %zu%s", kind->word, text,
                      kind->count - 1, kind->name(data, 0) ? ", or a name" : "");
}

/* Marks the kinds that a text names, with commas between; a name may hold commas itself: the
 * longest that fits is meant. */
static enum lethe_err wanted_of(unsigned char *wanted, const struct kind *kind,
                                const struct lethe_dataset *data, char *text,
                                struct lethe_error *err)
{
    for (char *at = text;;) {
        size_t length = strlen(at), number = number_of(kind, data, at, length);
        while (number == kind->count) {
            size_t comma = length;
            while (comma && at[comma - 1] != ',')
                comma--;
            if (!comma) { /* not even up to the first comma */
                at[strcspn(at, ",")] = '\0';
                return unknown_name(kind, data, at, err);
            }
            length = comma - 1;
            number = number_of(kind, data, at, length);
        }
        wanted[number] = 1;
        if (!at[length])
            return LETHE_OK;
        at += length + 1;
    }
}

/* class:7, class:>50K[:20], group:Sales,Marketing */
static enum lethe_err take_kind(struct gathering *g, const struct kind *kind, const char *given,
                                struct lethe_error *err)
{
    const struct lethe_dataset *data = g->wb->project.train;
    size_t most = (size_t)-1;
    if (!kind->count)
        return lethe_fail(err, LETHE_EARG, "'%s': the data have no %s", g->spec, kind->plural);
    if (!*given)
        return lethe_fail(err, LETHE_EARG, "'%s': write %s:7, or a name", g->spec, kind->word);
    char *text = lethe_strdup(given), *limit = text ? strrchr(text, '[') : NULL;
    unsigned char *wanted = lethe_alloc_zero(kind->count, 1);
    enum lethe_err code =
        text && wanted ? LETHE_OK : lethe_fail_memory(err, "names", kind->count, 1);
    if (!code && limit && limit[1] == ':' && !read_limit(&most, limit))
        code = wrong_limit(g, err);
    if (!code && limit && limit[1] == ':')
        *limit = '\0';
    if (!code)
        code = wanted_of(wanted, kind, data, text, err);
    for (size_t id = 0; id < g->n && !code && g->count < most; id++) {
        int number = kind->of(data, id);
        if (number >= 0 && (size_t)number < kind->count && wanted[number])
            take(g, id);
    }
    if (!code && !g->count)
        code = lethe_fail(err, LETHE_EARG, "%s %s has no training samples left", kind->word, text);
    lethe_free(text);
    lethe_free(wanted);
    return code;
}

static enum lethe_err take_class(struct gathering *g, const char *given, struct lethe_error *err)
{
    const struct kind kind = {"class", "classes", lethe_dataset_classes(g->wb->project.train),
                              lethe_dataset_class_name, lethe_dataset_label};
    return take_kind(g, &kind, given, err);
}

static enum lethe_err take_group(struct gathering *g, const char *given, struct lethe_error *err)
{
    const struct kind kind = {"group", "groups", lethe_dataset_groups(g->wb->project.train),
                              lethe_dataset_group_name, lethe_dataset_group};
    return take_kind(g, &kind, given, err);
}

/* N samples drawn from those that are neither forgotten nor to be forgotten, by the seed. */
static enum lethe_err take_random(struct gathering *g, const char *at, struct lethe_error *err)
{
    struct lethe_workbench *wb = g->wb;
    size_t wanted = 0, left = 0;
    struct lethe_rng rng;
    if (!read_number(&wanted, &at) || *at || !wanted)
        return lethe_fail(err, LETHE_EARG, "'%s': write random:20", g->spec);
    for (size_t id = 0; id < g->n; id++)
        left += present(g, id) && !lethe_ids_has(&wb->project.forget, id);
    if (wanted > left)
        return lethe_fail(err, LETHE_EARG, "'%s': there are %zu samples to draw from", g->spec,
                          left);
    lethe_rng_init(&rng, strtoull(wb->settings.text[LETHE_SET_SEED], NULL, 10), LETHE_RNG_SUBSET,
                   g->n, wb->project.forget.count);
    for (size_t id = 0; id < g->n && wanted; id++) {
        if (!present(g, id) || lethe_ids_has(&wb->project.forget, id))
            continue;
        if (lethe_rng_below(&rng, left--) < wanted) {
            take(g, id);
            wanted--;
        }
    }
    return LETHE_OK;
}

static enum lethe_err take_generated(struct gathering *g, const char *at, struct lethe_error *err)
{
    const struct lethe_bundle *bundle = g->wb->project.bundle;
    size_t most = (size_t)-1;
    if (!read_limit(&most, at))
        return wrong_limit(g, err);
    if (!bundle || !bundle->generated.count)
        return lethe_fail(err, LETHE_EARG,
                          "no generated samples are recorded: 'generate' before 'train'");
    for (size_t i = 0; i < bundle->generated.count && g->count < most; i++)
        take(g, bundle->generated.ids[i]);
    if (!g->count)
        return lethe_fail(err, LETHE_EARG, "all generated samples are forgotten already");
    return LETHE_OK;
}

static enum lethe_err take_file(struct gathering *g, const char *path, struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    enum lethe_err code = lethe_file_read(&bytes, path, FILE_LIMIT, err);
    if (code)
        return code;
    if (memchr(bytes.data, '\0', bytes.size))
        code = lethe_fail(err, LETHE_EFORMAT, "'%s' is not a text file", path);
    else
        code = take_list(g, (const char *)bytes.data, ", \t\r\n", err);
    lethe_free(bytes.data);
    if (code)
        lethe_error_at(err, "%s", path);
    else if (!g->count)
        code = lethe_fail(err, LETHE_EFORMAT, "'%s' holds no sample numbers", path);
    return code;
}

/* ---- what needs the model -------------------------------------------------------------------- */

/* losses and predicted are (n), over the whole training set at the head's weights. */
static enum lethe_err score(const struct gathering *g, double *losses, int *predicted, int *labels,
                            struct lethe_error *err)
{
    const struct lethe_project *project = &g->wb->project;
    const struct lethe_problem_spec spec = {
        .graph = project->graph, .data = project->train, .count = g->n, .dtype = LETHE_F64};
    struct lethe_problem *problem = NULL;
    size_t classes = lethe_graph_classes(project->graph);
    double *logits = lethe_alloc(g->n, classes * sizeof *logits);
    enum lethe_err code = LETHE_OK;
    if (!logits)
        code = lethe_fail_memory(err, "logits", g->n * classes, sizeof *logits);
    if (!code)
        code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_problem_logits(problem, logits, project->w, NULL, err);
    for (size_t i = 0; i < g->n; i++)
        labels[i] = lethe_dataset_label(project->train, i);
    const struct lethe_outputs out = {logits, labels, g->n, classes};
    if (!code)
        code = lethe_outputs_check(&out, "training", err);
    if (!code)
        lethe_rows_score(NULL, losses, predicted, &out);
    lethe_problem_free(problem);
    lethe_free(logits);
    return code;
}

struct loss_of {
    double loss;
    size_t id;
};

/* Largest loss first; equal ones by number. */
static int by_loss(const void *a, const void *b)
{
    const struct loss_of *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

static enum lethe_err take_largest(struct gathering *g, const double *losses, size_t most,
                                   struct lethe_error *err)
{
    struct loss_of *order = lethe_alloc(g->n, sizeof *order);
    if (!order)
        return lethe_fail_memory(err, "losses", g->n, sizeof *order);
    for (size_t i = 0; i < g->n; i++)
        order[i] = (struct loss_of){losses[i], i};
    qsort(order, g->n, sizeof *order, by_loss);
    for (size_t i = 0; i < g->n && g->count < most; i++)
        take(g, order[i].id);
    lethe_free(order);
    return LETHE_OK;
}

/* most 0: all that are classified wrongly; else those with the largest losses. */
static enum lethe_err take_scored(struct gathering *g, size_t most, struct lethe_error *err)
{
    if (!g->wb->project.graph)
        return lethe_fail(err, LETHE_EARG, "'%s' needs a model: 'load PATH' or 'train' first",
                          g->spec);
    double *losses = lethe_alloc(g->n, sizeof *losses);
    int *predicted = lethe_alloc(g->n, 2 * sizeof *predicted);
    enum lethe_err code = LETHE_OK;
    if (!losses || !predicted)
        code = lethe_fail_memory(err, "scores", g->n, sizeof *losses);
    if (!code)
        code = score(g, losses, predicted, predicted + g->n, err);
    if (!code && most)
        code = take_largest(g, losses, most, err);
    for (size_t i = 0; i < g->n && !code && !most; i++)
        if (predicted[i] != predicted[g->n + i])
            take(g, i);
    lethe_free(losses);
    lethe_free(predicted);
    if (!code && !g->count)
        code = lethe_fail(err, LETHE_EARG, "no training sample is misclassified");
    return code;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum lethe_err gather(struct gathering *g, struct lethe_error *err)
{
    const char *spec = g->spec, *number = spec + 9;
    size_t most = 0;
    if (strncmp(spec, "class:", 6) == 0)
        return take_class(g, spec + 6, err);
    if (strncmp(spec, "group:", 6) == 0)
        return take_group(g, spec + 6, err);
    if (strncmp(spec, "random:", 7) == 0)
        return take_random(g, spec + 7, err);
    if (strncmp(spec, "file:", 5) == 0)
        return take_file(g, spec + 5, err);
    if (strncmp(spec, "generated", 9) == 0)
        return take_generated(g, spec + 9, err);
    if (strcmp(spec, "misclassified") == 0)
        return take_scored(g, 0, err);
    if (strncmp(spec, "top-loss:", 9) != 0)
        return take_list(g, spec, ",", err);
    if (!read_number(&most, &number) || *number || !most || most > g->n)
        return lethe_fail(err, LETHE_EARG, "'%s': write top-loss:20, from 1 to %zu", spec, g->n);
    return take_scored(g, most, err);
}

enum lethe_err lethe_sample_spec_read(struct lethe_ids *ids, struct lethe_workbench *wb,
                                      const char *spec, struct lethe_error *err)
{
    struct gathering g = {.wb = wb, .spec = spec, .n = lethe_dataset_count(wb->project.train)};
    g.mark = lethe_alloc_zero(g.n, 1);
    if (!g.mark)
        return lethe_fail_memory(err, "samples", g.n, 1);
    enum lethe_err code = gather(&g, err);
    size_t *at = code ? NULL : lethe_alloc(g.count, sizeof *at);
    if (!code && !at)
        code = lethe_fail_memory(err, "samples", g.count, sizeof *at);
    size_t count = 0;
    for (size_t id = 0; id < g.n && !code; id++)
        if (g.mark[id])
            at[count++] = id;
    if (!code)
        *ids = (struct lethe_ids){at, count};
    lethe_free(g.mark);
    return code;
}

/* A path rather than a spec. */
static int is_file(const char *spec)
{
    return !strchr(spec, ':') && !strchr(spec, '[') && strpbrk(spec, "./");
}

enum lethe_err lethe_sample_spec_again(struct lethe_ids *ids, struct lethe_workbench *wb,
                                       const char *spec, int resume, struct lethe_error *err)
{
    const struct lethe_ids removed = wb->project.removed;
    struct lethe_text words = {0};
    size_t kept = 0;
    lethe_text_addf(&words, "%s%s", is_file(spec) ? "file:" : "", spec);
    wb->project.removed = (struct lethe_ids){0};
    enum lethe_err code = lethe_sample_spec_read(ids, wb, lethe_text_get(&words), err);
    wb->project.removed = removed;
    lethe_text_release(&words);
    for (size_t i = 0; !code && i < ids->count; i++) {
        if (!lethe_ids_has(&removed, ids->at[i]))
            ids->at[kept++] = ids->at[i];
        else if (!resume)
            code = lethe_fail(err, LETHE_EARG,
                              "sample %zu was forgotten before: 'remove-each %s resume' goes on",
                              ids->at[i], spec);
    }
    if (!code)
        ids->count = kept;
    return code;
}
