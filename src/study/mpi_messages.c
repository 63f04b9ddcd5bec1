/* SPDX-License-Identifier: MIT
 * Numbers are little-endian, doubles travel as their bits, so what is computed elsewhere is
 * computed from the same bits. The data go as the doubles that a batch would show. */
#include "study/mpi_messages.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/onnx.h"

/* ---- reading --------------------------------------------------------------------------------- */

/* What is left of the bytes; reading past the end is remembered. */
struct reader {
    const unsigned char *at;
    size_t left;
    int short_;
};

static const unsigned char *take(struct reader *r, size_t count)
{
    static const unsigned char none[8];
    if (count > r->left) {
        r->short_ = 1;
        r->left = 0;
        return count <= sizeof none ? none : NULL;
    }
    const unsigned char *at = r->at;
    r->at += count;
    r->left -= count;
    return at;
}

static uint64_t number(struct reader *r)
{
    return lethe_pack_get_u64(take(r, 8));
}

static double real(struct reader *r)
{
    return lethe_pack_get_f64(take(r, 8));
}

static void reals(struct reader *r, double *to, size_t count)
{
    const unsigned char *at = count <= r->left / 8 ? take(r, 8 * count) : NULL;
    r->short_ |= !at;
    for (size_t i = 0; at && i < count; i++)
        to[i] = lethe_pack_get_f64(at + 8 * i);
}

static void text(struct reader *r, char *to, size_t room)
{
    const size_t count = number(r);
    const unsigned char *at = take(r, count);
    snprintf(to, room, "%.*s", at ? (int)count : 0, at ? (const char *)at : "");
}

static enum lethe_err whole(const struct reader *r, struct lethe_error *err)
{
    return r->short_ ? lethe_fail(err, LETHE_EBUG, "a message between ranks is cut short")
                     : LETHE_OK;
}

/* ---- ensemble -------------------------------------------------------------------------------- */

static void put_real(struct lethe_pack *bytes, double value)
{
    lethe_pack_f64(bytes, &value, 1);
}

static void put_ids(struct lethe_pack *bytes, const struct lethe_ids *ids)
{
    lethe_pack_u64(bytes, ids->count);
    for (size_t i = 0; i < ids->count; i++)
        lethe_pack_u64(bytes, ids->at[i]);
}

static enum lethe_err put_data(struct lethe_pack *bytes, const struct lethe_dataset *data,
                               struct lethe_error *err)
{
    const size_t n = lethe_dataset_count(data), width = lethe_dataset_width(data);
    double *x = lethe_alloc(width, sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "a sample", width, sizeof *x);
    lethe_pack_u64(bytes, n);
    lethe_pack_u64(bytes, lethe_dataset_classes(data));
    lethe_pack_u64(bytes, lethe_dataset_ndim(data));
    for (size_t axis = 0; axis < lethe_dataset_ndim(data); axis++)
        lethe_pack_u64(bytes, lethe_dataset_dim(data, axis));
    lethe_pack_u64(bytes, width);
    for (size_t id = 0; id < n; id++) {
        lethe_dataset_batch(data, x, NULL, &id, 1);
        lethe_pack_u64(bytes, (uint64_t)lethe_dataset_label(data, id));
        lethe_pack_f64(bytes, x, width);
    }
    lethe_free(x);
    return LETHE_OK;
}

static void put_recipe(struct lethe_pack *bytes, const struct lethe_train_options *r)
{
    const double values[] = {r->tolerance, r->rate, r->momentum, r->drop, r->dropout};
    const uint64_t numbers[] = {
        (uint64_t)r->method,   r->iterations, r->memory, r->metric,         r->batch,
        (uint64_t)r->schedule, r->drop_every, r->seed,   (uint64_t)r->flip, r->crop};
    lethe_pack_f64(bytes, values, sizeof values / sizeof *values);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        lethe_pack_u64(bytes, numbers[i]);
}

static void take_recipe(struct reader *r, struct lethe_train_options *to)
{
    to->tolerance = real(r);
    to->rate = real(r);
    to->momentum = real(r);
    to->drop = real(r);
    to->dropout = real(r);
    to->method = (enum lethe_train_method)number(r);
    to->iterations = number(r);
    to->memory = number(r);
    to->metric = number(r);
    to->batch = number(r);
    to->schedule = (enum lethe_train_schedule)number(r);
    to->drop_every = number(r);
    to->seed = number(r);
    to->flip = (int)number(r);
    to->crop = number(r);
}

enum lethe_err lethe_mpi_encode_ensemble(struct lethe_pack *bytes,
                                         const struct lethe_ensemble *ensemble,
                                         struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = ensemble->snapshot;
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    unsigned char *model = NULL;
    size_t count = 0;
    enum lethe_err code = lethe_onnx_encode(&model, &count, snapshot->graph, snapshot->w,
                                            lethe_graph_dtype(snapshot->graph), err);
    if (code)
        return code;
    lethe_pack_u64(bytes, count);
    lethe_pack_bytes(bytes, model, count);
    lethe_free(model);
    lethe_pack_u64(bytes, size);
    lethe_pack_f64(bytes, snapshot->w, size);
    put_real(bytes, snapshot->decay);
    put_real(bytes, ensemble->share);
    lethe_pack_u64(bytes, snapshot->trained_on);
    lethe_pack_u64(bytes, snapshot->seed);
    lethe_pack_u64(bytes, (uint64_t)snapshot->dtype);
    put_ids(bytes, &snapshot->forget);
    put_ids(bytes, &snapshot->retain);
    put_ids(bytes, &snapshot->tune);
    put_recipe(bytes, &ensemble->training->recipe);
    for (int key = 0; key < LETHE_SET_COUNT; key++)
        lethe_pack_text(bytes, ensemble->settings.text[key]);
    code = put_data(bytes, snapshot->train, err);
    lethe_pack_u64(bytes, snapshot->heldout != NULL);
    if (!code && snapshot->heldout)
        code = put_data(bytes, snapshot->heldout, err);
    if (!code && bytes->failed)
        code = lethe_fail_memory(err, "a message between ranks", bytes->count, 1);
    return code;
}

static enum lethe_err take_ids(struct reader *r, struct lethe_ids *ids, struct lethe_error *err)
{
    const size_t count = number(r);
    if (count > r->left / 8)
        return lethe_fail(err, LETHE_EBUG, "a message between ranks is cut short");
    ids->at = lethe_alloc(count, sizeof *ids->at);
    if (!ids->at)
        return lethe_fail_memory(err, "sample ids", count, sizeof *ids->at);
    for (ids->count = 0; ids->count < count; ids->count++)
        ids->at[ids->count] = number(r);
    return LETHE_OK;
}

static enum lethe_err take_data(struct reader *r, struct lethe_dataset **data,
                                struct lethe_error *err)
{
    struct lethe_dataset_parts parts = {.source = "the samples"};
    const size_t n = number(r);
    parts.classes = number(r);
    parts.normalize.ndim = number(r);
    for (size_t axis = 0; axis < parts.normalize.ndim && axis < LETHE_ARRAY_DIMS; axis++)
        parts.normalize.dims[axis] = number(r);
    const size_t width = number(r);
    if (r->short_ || n > r->left / 8 / (width + 1))
        return lethe_fail(err, LETHE_EBUG, "a message between ranks is cut short");
    parts.x = (struct lethe_array){
        .type = LETHE_DOUBLE, .ndim = 2, .dims = {n, width}, .count = n * width};
    parts.labels = (struct lethe_array){.type = LETHE_I32, .ndim = 1, .dims = {n}, .count = n};
    double *x = parts.x.data = lethe_alloc(n * width, sizeof *x);
    int32_t *labels = parts.labels.data = lethe_alloc(n, sizeof *labels);
    if (!x || !labels) {
        lethe_array_release(&parts.x);
        lethe_array_release(&parts.labels);
        return lethe_fail_memory(err, "samples", n * width, sizeof *x);
    }
    for (size_t i = 0; i < n; i++) {
        labels[i] = (int32_t)number(r);
        reals(r, x + i * width, width);
    }
    return lethe_dataset_make(data, &parts, err);
}

/* Everything but the snapshot's own struct: what lethe_snapshot_new copies. */
static enum lethe_err take_scene(struct reader *r, struct lethe_ensemble_copy *copy,
                                 struct lethe_snapshot *from, double **model_w,
                                 struct lethe_error *err)
{
    const size_t count = number(r);
    const unsigned char *model = take(r, count);
    if (r->short_)
        return whole(r, err);
    enum lethe_err code = lethe_onnx_decode(&from->graph, model_w, model, count, err);
    if (code)
        return code;
    const size_t size = number(r);
    if (size != lethe_graph_size(from->graph) + lethe_graph_buffers(from->graph))
        return lethe_fail(err, LETHE_EBUG, "a model between ranks has changed its size");
    double *w = lethe_alloc(size, sizeof *w);
    from->w = w;
    from->weights = w ? lethe_shared_new(w) : NULL;
    if (!from->weights) {
        lethe_free(w);
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    }
    reals(r, w, size);
    from->decay = real(r);
    copy->ensemble.share = real(r);
    from->trained_on = number(r);
    from->seed = number(r);
    from->dtype = (enum lethe_dtype)number(r);
    from->whole = 1;
    code = take_ids(r, &from->forget, err);
    if (!code)
        code = take_ids(r, &from->retain, err);
    if (!code)
        code = take_ids(r, &from->tune, err);
    take_recipe(r, &copy->training.recipe);
    for (int key = 0; key < LETHE_SET_COUNT; key++)
        text(r, copy->ensemble.settings.text[key], LETHE_SETTING_TEXT);
    if (!code)
        code = take_data(r, &from->train, err);
    return code || !number(r) ? code : take_data(r, &from->heldout, err);
}

enum lethe_err lethe_mpi_decode_ensemble(struct lethe_ensemble_copy *copy,
                                         const unsigned char *bytes, size_t size,
                                         struct lethe_error *err)
{
    struct reader r = {bytes, size, 0};
    struct lethe_snapshot from = {.warm = lethe_retrain_defaults()};
    double *model_w = NULL;
    *copy = (struct lethe_ensemble_copy){.training.threads = 1};
    copy->ensemble.training = &copy->training;
    enum lethe_err code = take_scene(&r, copy, &from, &model_w, err);
    if (!code)
        code = whole(&r, err);
    if (!code)
        code = lethe_snapshot_new(&copy->ensemble.snapshot, &from, err);
    lethe_graph_unref(from.graph);
    lethe_dataset_unref(from.train);
    lethe_dataset_unref(from.heldout);
    lethe_shared_unref(from.weights);
    lethe_free(from.forget.at);
    lethe_free(from.retain.at);
    lethe_free(from.tune.at);
    lethe_free(model_w);
    return code;
}

void lethe_ensemble_copy_release(struct lethe_ensemble_copy *copy)
{
    lethe_snapshot_unref(copy->ensemble.snapshot);
    *copy = (struct lethe_ensemble_copy){0};
}

/* ---- members --------------------------------------------------------------------------------- */

void lethe_mpi_encode_member(struct lethe_pack *bytes, size_t item,
                             const struct lethe_member *member)
{
    lethe_pack_u64(bytes, item);
    lethe_pack_u64(bytes, (uint64_t)member->kind);
    lethe_pack_u64(bytes, member->draw);
    lethe_pack_u64(bytes, member->kept.seed);
    if (member->kind == LETHE_MEMBER_REMOVAL)
        lethe_pack_f64(bytes, member->from, member->kept.size);
    for (int key = 0; member->kind == LETHE_MEMBER_HEAD && key < LETHE_SET_COUNT; key++)
        lethe_pack_text(bytes, member->settings->text[key]);
}

enum lethe_err lethe_mpi_decode_member(size_t *item, struct lethe_member *member, double *from,
                                       struct lethe_settings *settings,
                                       const struct lethe_ensemble *ensemble,
                                       const unsigned char *bytes, size_t size,
                                       struct lethe_error *err)
{
    struct reader r = {bytes, size, 0};
    *item = number(&r);
    const enum lethe_member_kind kind = (enum lethe_member_kind)number(&r);
    const uint64_t draw = number(&r), seed = number(&r);
    enum lethe_err code = lethe_member_init(member, ensemble, kind, draw, seed, err);
    if (!code && kind == LETHE_MEMBER_REMOVAL) {
        reals(&r, from, member->kept.size);
        member->from = from;
    }
    for (int key = 0; !code && kind == LETHE_MEMBER_HEAD && key < LETHE_SET_COUNT; key++)
        text(&r, settings->text[key], LETHE_SETTING_TEXT);
    member->settings = settings;
    return code ? code : whole(&r, err);
}

void lethe_mpi_encode_answer(struct lethe_pack *bytes, size_t item,
                             const struct lethe_member *member, enum lethe_err code,
                             const struct lethe_error *err)
{
    const struct lethe_train_report *report = &member->kept.report;
    const double values[] = {report->value, report->gradient, report->seconds};
    lethe_pack_u64(bytes, item);
    lethe_pack_u64(bytes, (uint64_t)code);
    lethe_pack_text(bytes, code && err ? err->message : "");
    lethe_pack_text(bytes, code && err ? err->where : "");
    if (code)
        return;
    lethe_pack_f64(bytes, values, sizeof values / sizeof *values);
    lethe_pack_u64(bytes, report->iterations);
    lethe_pack_u64(bytes, report->evaluations);
    lethe_pack_u64(bytes, (uint64_t)report->converged);
    lethe_pack_f64(bytes, member->kept.w, member->kept.size);
}

size_t lethe_mpi_decode_item(const unsigned char *bytes)
{
    return lethe_pack_get_u64(bytes);
}

enum lethe_err lethe_mpi_decode_answer(struct lethe_member *member, const unsigned char *bytes,
                                       size_t size, struct lethe_error *err)
{
    struct reader r = {bytes, size, 0};
    struct lethe_train_report *report = &member->kept.report;
    char message[480], where[128];
    number(&r);
    const enum lethe_err code = (enum lethe_err)number(&r);
    text(&r, message, sizeof message);
    text(&r, where, sizeof where);
    if (code) {
        lethe_fail(err, code, "%s", message);
        lethe_error_at(err, "%s", where);
        return code;
    }
    *report = (struct lethe_train_report){0};
    report->value = real(&r);
    report->gradient = real(&r);
    report->seconds = real(&r);
    report->iterations = number(&r);
    report->evaluations = number(&r);
    report->converged = (int)number(&r);
    reals(&r, member->kept.w, member->kept.size);
    member->made = !r.short_;
    return whole(&r, err);
}
